"""SOFTMAX."""

from __future__ import annotations

from firmware_export import op_parameters, quantised_s16, quantised_softmax
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import DType, Softmax, Tensor


@evaluate.register
def _(attrs: Softmax, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    if tensors[0].dtype is DType.INT16:
        return quantised_s16.softmax(arrays[0], op_parameters.softmax_s16(tensors, attrs.beta))
    return quantised_softmax.softmax(arrays[0], op_parameters.softmax(tensors, attrs.beta))
