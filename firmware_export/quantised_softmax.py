"""SOFTMAX of int8 in fixed point. Qm.n: a signed int32 with n fractional bits, held in int64."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from firmware_export.quantised_math import (
    Int8,
    Integers,
    divide_by_power_of_two,
    multiply_high,
    quantise_multiplier,
    wrap_int32,
)

DIFFERENCE_BITS = 26  # differences from the maximum are Q5.26
SUM_INTEGER_BITS = 12  # sums of exponentials are Q12.19
SUM_LIMIT = 512 << (31 - SUM_INTEGER_BITS)  # from here on every output is -128
INT32_MAX = (1 << 31) - 1


def _q31(real: float) -> int:
    return min(math.floor(real * 2.0**31 + 0.5), INT32_MAX)


EXP_MINUS_EIGHTH = _q31(math.exp(-1 / 8))
ONE_THIRD = _q31(1 / 3)
EXP_OF_POWERS = tuple(_q31(math.exp(-(2.0**power))) for power in range(-2, 5))  # of -1/4, -1/2, ... -16


@dataclass(frozen=True)
class SoftmaxParameters:
    """Of SOFTMAX; an input `smallest_difference` or less below the maximum still counts."""

    multiplier: int
    shift: int
    smallest_difference: int


def softmax_parameters(input_scale: float, beta: float) -> SoftmaxParameters:
    """The product is taken in float64.

    Raises ValueError where beta * input_scale is 2**-26 or less: there the reference ends the process.
    """
    real = min(float(np.float32(beta)) * float(input_scale) * 2.0**DIFFERENCE_BITS, float(INT32_MAX))
    if real <= 1:
        raise ValueError(f"softmax cannot resolve beta * scale = {beta * input_scale!r}")
    multiplier, shift = quantise_multiplier(real)
    return SoftmaxParameters(multiplier, shift, -math.floor(31 * 2.0**DIFFERENCE_BITS / 2.0**shift))


def exponential_table(parameters: SoftmaxParameters) -> Integers:
    """exp of beta * scale * -d as Q0.31, for d = 0 to 255; 0 where the difference no longer counts."""
    differences = -np.arange(256, dtype=np.int64)
    scaled = multiply_high(wrap_int32(differences << parameters.shift), parameters.multiplier)
    counts = differences >= parameters.smallest_difference
    return np.where(counts, exp_of_negative(np.where(counts, scaled, 0)), 0)


def softmax(x: Int8, parameters: SoftmaxParameters) -> Int8:
    """Softmax over the last axis; output scale 1/256, zero point -128. Rounds at every step.

    The reference ends the process where the exponentials sum to 512 or more: here the outputs are then all -128.
    """
    wide = x.astype(np.int64)
    exponentials = exponential_table(parameters)[wide.max(axis=-1, keepdims=True) - wide]
    sums = divide_by_power_of_two(exponentials, SUM_INTEGER_BITS).sum(axis=-1, keepdims=True)
    reciprocal, exponent = _reciprocal(np.minimum(sums, SUM_LIMIT))
    outputs = divide_by_power_of_two(multiply_high(exponentials, reciprocal), exponent) - 128
    return np.clip(outputs, -128, 127).astype(np.int8)


def exp_of_negative(x: Integers) -> Integers:
    """exp(x) as Q0.31 of x <= 0 as Q5.26: a polynomial on [-1/4, 0), then one product for each bit above."""
    quarter = 1 << (DIFFERENCE_BITS - 2)
    fraction = (x & (quarter - 1)) - quarter
    remainder = fraction - x
    result = _exp_near_minus_eighth(fraction << 5)
    for bit, factor in enumerate(EXP_OF_POWERS, start=DIFFERENCE_BITS - 2):
        result = np.where(remainder & (1 << bit), multiply_high(result, factor), result)
    return np.where(x == 0, INT32_MAX, result)


def _exp_near_minus_eighth(x: Integers) -> Integers:
    """exp(x) for x in [-1/4, 0), Q0.31, by Taylor's series about -1/8."""
    y = x + (1 << 28)
    y2 = multiply_high(y, y)
    y3 = multiply_high(y2, y)
    y4 = multiply_high(y2, y2)
    tail = multiply_high(divide_by_power_of_two(y4, 2) + y3, ONE_THIRD) + y2
    return EXP_MINUS_EIGHTH + multiply_high(EXP_MINUS_EIGHTH, y + divide_by_power_of_two(tail, 1))


def _reciprocal(sums: Integers) -> tuple[Integers, Integers]:
    """1 / sums as Q0.31, with the right shift that brings its products with Q0.31 to int8."""
    headroom = 32 - np.frexp(sums.astype(np.float64))[1].astype(np.int64)  # leading zeros
    excess = (sums << headroom) - (1 << 31)  # sums = (1 + excess) * 2**k
    return one_over_one_plus(excess), SUM_INTEGER_BITS - headroom + 31 - 8


def one_over_one_plus(x: Integers) -> Integers:
    """1 / (1 + x) for x in [0, 1), Q0.31, by three steps of Newton and Raphson in Q2.29."""
    half_denominator = (x + INT32_MAX + 1) >> 1
    guess = (48 << 29) // 17 + multiply_high(half_denominator, -((32 << 29) // 17))
    for _ in range(3):
        correction = (1 << 29) - multiply_high(half_denominator, guess)
        guess = guess + _saturate(multiply_high(guess, correction) << 2)
    return _saturate(guess << 1)


def _saturate(values: Integers) -> Integers:
    return np.clip(values, -INT32_MAX - 1, INT32_MAX)
