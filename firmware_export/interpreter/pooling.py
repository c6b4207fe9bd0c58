"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from firmware_export.interpreter.convolution import geometry
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import AveragePool2D, MaxPool2D, Tensor
from firmware_export.op_parameters import clamp_range
from firmware_export.quantised_windows import average_pool, max_pool


@evaluate.register
def _(attrs: AveragePool2D, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return average_pool(arrays[0], geometry(attrs.window, tensors[-1]), clamp_range(attrs.clamp))


@evaluate.register
def _(attrs: MaxPool2D, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return max_pool(arrays[0], geometry(attrs.window, tensors[-1]), clamp_range(attrs.clamp))
