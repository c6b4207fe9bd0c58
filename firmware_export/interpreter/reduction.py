"""MEAN, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters, quantised_math
from firmware_export.interpreter.elementwise import arithmetic
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import ArgMax, ArgMin, Mean, ReduceMax, ReduceMin, Tensor


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


@evaluate.register
def _(attrs: ArgMax | ArgMin, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    first = np.argmax if isinstance(attrs, ArgMax) else np.argmin
    return np.asarray(first(arrays[0], axis=attrs.axis), tensors[-1].dtype.numpy)
