"""SQUARED_DIFFERENCE, PRELU, DIV of int8: parameters in the float precision of the reference, formulas on integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from firmware_export.quantised_math import (
    INT8,
    Affine,
    Int8,
    Integers,
    MulParameters,
    Range,
    divide_by_power_of_two,
    multiply_high,
    offset_and_clamp,
    quantise_multiplier,
    requantise_twice,
)
from firmware_export.quantised_softmax import one_over_one_plus

SQUARED_LEFT_SHIFT = 7  # bits of headroom for the inputs of SQUARED_DIFFERENCE


@dataclass(frozen=True)
class SquaredDifferenceParameters:
    """Of SQUARED_DIFFERENCE: both inputs are brought to a common scale with 7 more bits, the square to the output's."""

    a_zero_point: int
    a_multiplier: int
    a_shift: int
    b_zero_point: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int
    output_zero_point: int


def squared_difference_parameters(a: Affine, b: Affine, output: Affine) -> SquaredDifferenceParameters:
    """Quotients are taken in float64.

    Raises ValueError where the output's scale is smaller than about 2**-12 of an input's squared: there the reference
    ends the process.
    """
    twice_larger = 2.0 * max(float(a.scale), float(b.scale))
    real_output = twice_larger * twice_larger / (2.0 ** (2 * SQUARED_LEFT_SHIFT) * float(output.scale))
    if real_output >= 1 or quantise_multiplier(real_output)[1] > 0:
        raise ValueError(f"the scale {output.scale!r} is too fine for squares of scales {a.scale!r} and {b.scale!r}")
    return SquaredDifferenceParameters(
        a.zero_point,
        *quantise_multiplier(float(a.scale) / twice_larger),
        b.zero_point,
        *quantise_multiplier(float(b.scale) / twice_larger),
        *quantise_multiplier(real_output),
        output.zero_point,
    )


def squared_difference(a: ArrayLike, b: ArrayLike, parameters: SquaredDifferenceParameters) -> Int8:
    """(a - b) squared with broadcasting. Rounds twice at each of three rescalings."""
    p = parameters
    wide_a = _widened(a, p.a_zero_point, (p.a_multiplier, p.a_shift))
    wide_b = _widened(b, p.b_zero_point, (p.b_multiplier, p.b_shift))
    scaled = requantise_twice((wide_a - wide_b) ** 2, p.output_multiplier, p.output_shift)
    return offset_and_clamp(scaled, p.output_zero_point, INT8)


def _widened(x: ArrayLike, zero_point: int, scaling: tuple[int, int]) -> Integers:
    return requantise_twice((np.asarray(x, np.int64) - zero_point) << SQUARED_LEFT_SHIFT, *scaling)


@dataclass(frozen=True)
class PreluParameters:
    """Of PRELU: one multiplier and shift above zero, one for products with alpha."""

    x_zero_point: int
    alpha_zero_point: int
    multiplier: int
    shift: int
    alpha_multiplier: int
    alpha_shift: int
    output_zero_point: int


def prelu_parameters(x: Affine, alpha: Affine, output: Affine) -> PreluParameters:
    """Products and quotients are taken in float32, then widened."""
    with np.errstate(over="ignore"):
        above = np.float32(x.scale) / np.float32(output.scale)
        below = np.float32(x.scale) * np.float32(alpha.scale) / np.float32(output.scale)
    pairs = (quantise_multiplier(min(float(real), 2.0**127)) for real in (above, below))
    (multiplier, shift), (alpha_multiplier, alpha_shift) = pairs
    return PreluParameters(
        x.zero_point, alpha.zero_point, multiplier, shift, alpha_multiplier, alpha_shift, output.zero_point
    )


def prelu(x: ArrayLike, alpha: ArrayLike, parameters: PreluParameters) -> Int8:
    """x, or alpha * x below zero, with broadcasting. Rounds twice."""
    p = parameters
    steps = np.asarray(x, np.int64) - p.x_zero_point
    above = requantise_twice(steps, p.multiplier, p.shift)
    below = requantise_twice(
        steps * (np.asarray(alpha, np.int64) - p.alpha_zero_point), p.alpha_multiplier, p.alpha_shift
    )
    return offset_and_clamp(np.where(steps >= 0, above, below), p.output_zero_point, INT8)


def div_parameters(a: Affine, b: Affine, output: Affine, clamp: Range) -> MulParameters:
    """Of DIV. Product and quotient are taken in float32, then widened."""
    with np.errstate(over="ignore", divide="ignore"):
        real = np.float32(a.scale) / (np.float32(b.scale) * np.float32(output.scale))
    pair = quantise_multiplier(min(float(real), 2.0**127))
    return MulParameters(a.zero_point, b.zero_point, *pair, output.zero_point, clamp)


def div(a: ArrayLike, b: ArrayLike, parameters: MulParameters) -> Int8:
    """a / b with broadcasting; by zero saturates, and 0 / 0 is 0: the reference ends the inference there.

    Rounds three times, the last time by a shift of `div_shifts`: defined where that is at most 31.
    """
    p = parameters
    dividend, divisor = np.broadcast_arrays(_steps(a, p.a_zero_point), _steps(b, p.b_zero_point))
    x, magnitude = np.where(divisor < 0, -dividend, dividend), np.maximum(np.abs(divisor), 1)
    reciprocal = one_over_one_plus((magnitude << (32 - _bits(magnitude))) - (1 << 31))
    quotient = multiply_high(multiply_high(x << _headroom(x), reciprocal), p.multiplier)
    scaled = divide_by_power_of_two(quotient, _headroom(x) + _bits(magnitude) - 1 - p.shift)
    return offset_and_clamp(np.where(divisor == 0, np.sign(x) << 16, scaled), p.output_zero_point, p.clamp)


def div_shifts(a: ArrayLike, b: ArrayLike, parameters: MulParameters) -> Range:
    """The least and the most bits by which DIV shifts a quotient of one of these values by another one to the right."""
    dividend = np.unique(_steps(a, parameters.a_zero_point))
    divisor = np.unique(_steps(b, parameters.b_zero_point))
    divisor = np.where(divisor == 0, 1, divisor)
    signed = np.concatenate([dividend] * bool(np.any(divisor >= 0)) + [-dividend] * bool(np.any(divisor < 0)))
    headroom, bits = _headroom(signed), _bits(np.abs(divisor)) - 1 - parameters.shift
    return Range(int(headroom.min() + bits.min()), int(headroom.max() + bits.max()))


def _steps(x: ArrayLike, zero_point: int) -> Integers:
    return np.asarray(x, np.int64) - zero_point


def _bits(x: Integers) -> Integers:
    return np.frexp(x.astype(np.float64))[1].astype(np.int64)


def _headroom(x: Integers) -> Integers:
    return 31 - _bits(np.where(x < 0, -x - 1, x))
