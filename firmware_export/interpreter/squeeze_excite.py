"""Squeezes and excitations: what MEAN, pools, REDUCE_MAX and MUL compute, wherever they run."""

from __future__ import annotations

from firmware_export import op_parameters, quantised_math
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import ANY_INT8, Excite, SqueezeAverage, SqueezeMax, SqueezeMean, Tensor
from firmware_export.op_parameters import POSITIONS, clamp_range
from firmware_export.quantised_windows import Geometry, average_pool, max_pool


def everywhere(x: Tensor) -> Geometry:
    """One window over all positions."""
    return Geometry((x.shape[1], x.shape[2]), (1, 1), (1, 1), (0, 0), (1, 1))


@evaluate.register
def _(attrs: SqueezeMean, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_math.mean(arrays[0], POSITIONS, op_parameters.mean(tensors, POSITIONS))


@evaluate.register
def _(attrs: SqueezeAverage, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return average_pool(arrays[0], everywhere(tensors[0]), clamp_range(attrs.clamp))


@evaluate.register
def _(attrs: SqueezeMax, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return max_pool(arrays[0], everywhere(tensors[0]), clamp_range(attrs.clamp))


@evaluate.register
def _(attrs: Excite, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    x, gate = arrays
    return quantised_math.mul(x, gate, op_parameters.multiplication(tensors, ANY_INT8))
