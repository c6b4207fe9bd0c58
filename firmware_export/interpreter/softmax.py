"""SOFTMAX."""

from __future__ import annotations

from firmware_export import op_parameters, quantised_softmax
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Softmax, Tensor


@evaluate.register
def _(attrs: Softmax, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_softmax.softmax(arrays[0], op_parameters.softmax(tensors, attrs.beta))
