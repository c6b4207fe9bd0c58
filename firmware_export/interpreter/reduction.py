"""MEAN, REDUCE_MAX and REDUCE_MIN."""

from __future__ import annotations

from firmware_export import op_parameters, quantised_math
from firmware_export.interpreter.elementwise import arithmetic
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Mean, ReduceMax, ReduceMin, Tensor


@evaluate.register
def _(attrs: Mean, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    result: Array = arithmetic(tensors).mean(arrays[0], attrs.axes, op_parameters.mean(tensors, attrs.axes))
    return result


@evaluate.register
def _(attrs: ReduceMax, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_math.reduce_max(arrays[0], attrs.axes)


@evaluate.register
def _(attrs: ReduceMin, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_math.reduce_min(arrays[0], attrs.axes)
