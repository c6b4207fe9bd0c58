"""Ops of two tensors, element by element."""

from __future__ import annotations

from typing import Any

from firmware_export import op_parameters, quantised_elementwise, quantised_math, quantised_s16
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Add, Div, DType, Maximum, Minimum, Mul, Prelu, SquaredDifference, Sub, Tensor


def arithmetic(tensors: tuple[Tensor, ...]) -> Any:
    """The formulas for the type of an op's tensors."""
    return quantised_s16 if tensors[0].dtype is DType.INT16 else quantised_math


@evaluate.register
def _(attrs: Add, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = arrays
    result: Array = arithmetic(tensors).add(a, b, op_parameters.addition(tensors, attrs.clamp))
    return result


@evaluate.register
def _(attrs: Sub, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = arrays
    result: Array = arithmetic(tensors).sub(a, b, op_parameters.addition(tensors, attrs.clamp))
    return result


@evaluate.register
def _(attrs: Mul, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = arrays
    result: Array = arithmetic(tensors).mul(a, b, op_parameters.multiplication(tensors, attrs.clamp))
    return result


@evaluate.register
def _(attrs: Div, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = arrays
    return quantised_elementwise.div(a, b, op_parameters.division(tensors, attrs.clamp, (a, b)))


@evaluate.register
def _(attrs: SquaredDifference, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = arrays
    return quantised_elementwise.squared_difference(a, b, op_parameters.squared_difference(tensors))


@evaluate.register
def _(attrs: Prelu, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    x, alpha = arrays
    return quantised_elementwise.prelu(x, alpha, op_parameters.prelu(tensors))


@evaluate.register
def _(attrs: Minimum, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_math.minimum(*arrays)


@evaluate.register
def _(attrs: Maximum, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return quantised_math.maximum(*arrays)
