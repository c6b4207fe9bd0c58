"""More functions of one int8 value as 256-entry tables: exponentials, roots, logarithms, GELU, leaky relu."""

from __future__ import annotations

import math

import numpy as np

from firmware_export.lookup_tables import ALL_INT8, Floats, float_table, of_each
from firmware_export.quantised_math import (
    INT8,
    Affine,
    Int8,
    Integers,
    dequantise,
    divide_by_power_of_two,
    multiply_high,
    offset_and_clamp,
    quantise_multiplier,
    requantise_twice,
    wrap_int32,
)

HALF_SQUARE_ROOT_OF_TWO = 1518500250  # Q0.31
ROOT_BITS = 28  # fractional bits of Newton's iteration: Q3.28
FINER = 20  # bits by which a reciprocal root is shifted up, so that it is an integer
INT32_MAX = (1 << 31) - 1


def exp_table(x: Affine, output: Affine) -> Int8:
    """Of EXP. Computed in float32 and rounded once."""
    return float_table(lambda values: of_each("expf", values), x, output)


def log_table(x: Affine, output: Affine) -> Int8:
    """Of LOG. Computed in float32 and rounded once; the lowest output where there is no logarithm."""
    lowest = np.float32(output.scale) * np.float32(INT8.low - output.zero_point)

    def log(values: Floats) -> Floats:
        positive = values > 0
        return np.where(positive, of_each("logf", np.where(positive, values, np.float32(1))), lowest)

    return float_table(log, x, output)


def gelu_table(x: Affine, output: Affine) -> Int8:
    """Of GELU: x times the normal distribution's share below x. Computed in float32 and rounded once."""

    def gelu(values: Floats) -> Floats:
        return np.float32(0.5) * values * of_each("erfcf", values * np.float32(-math.sqrt(0.5)))

    return float_table(gelu, x, output)


def approximate_gelu_table(x: Affine, output: Affine) -> Int8:
    """Of GELU by its approximation with tanh. Computed in float32 and rounded once."""
    half, one, cubic = np.float32(0.5), np.float32(1), np.float32(0.044715)
    factor = np.float32(math.sqrt(2 / math.pi))

    def gelu(values: Floats) -> Floats:
        inner = factor * (values + cubic * values * values * values)
        return half * values * (one + of_each("tanhf", inner))

    with np.errstate(over="ignore", invalid="ignore"):
        return float_table(gelu, x, output)


def sqrt_table(x: Affine, output: Affine) -> Int8:
    """Of SQRT. Computed in float32 and truncated. The reference stops at a negative value: here its root is 0."""
    roots = np.sqrt(np.maximum(dequantise(ALL_INT8, x), np.float32(0)))
    return offset_and_clamp(np.trunc(roots / np.float32(output.scale)).astype(np.int64), output.zero_point, INT8)


def rsqrt_scaling(x: Affine, output: Affine) -> tuple[int, int]:
    """The multiplier and shift of RSQRT's last rescaling. The product is taken in float32, its inverse in float64."""
    return quantise_multiplier(1.0 / float(np.sqrt(np.float32(x.scale)) * np.float32(output.scale)))


def rsqrt_table(x: Affine, output: Affine) -> Int8:
    """Of RSQRT, in fixed point. The largest output for 0, and below, where the reference stops."""
    multiplier, shift = rsqrt_scaling(x, output)
    steps = ALL_INT8 - x.zero_point
    roots = np.array([_reciprocal_root(max(int(step), 1)) for step in steps])
    scaled = requantise_twice(roots, multiplier, shift - FINER)
    return np.where(steps > 0, offset_and_clamp(scaled, output.zero_point, INT8), INT8.high).astype(np.int8)


def abs_table(x: Affine, output: Affine) -> Int8:
    """Of ABS. The quotient is taken in float32; nothing is rescaled where the scales are one, else rounds twice."""
    magnitudes = np.abs(ALL_INT8 - x.zero_point)
    if np.float32(x.scale) == np.float32(output.scale):
        return offset_and_clamp(magnitudes, output.zero_point, INT8)
    return offset_and_clamp(requantise_twice(magnitudes, *abs_scaling(x, output)), output.zero_point, INT8)


def abs_scaling(x: Affine, output: Affine) -> tuple[int, int]:
    """The multiplier and shift of ABS."""
    return quantise_multiplier(float(np.float32(x.scale) / np.float32(output.scale)))


def leaky_relu_table(x: Affine, output: Affine, alpha: float) -> Int8:
    """Of LEAKY_RELU: alpha * x below zero. Rounds twice."""
    above, below = leaky_relu_scaling(x, output, alpha)
    steps = ALL_INT8 - x.zero_point
    scaled = np.where(steps >= 0, requantise_twice(steps, *above), requantise_twice(steps, *below))
    return offset_and_clamp(scaled, output.zero_point, INT8)


def leaky_relu_scaling(x: Affine, output: Affine, alpha: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """The multiplier and shift of LEAKY_RELU above zero, and below. Products are taken in float32."""
    scale = np.float32(x.scale)
    sloped = float(scale * np.float32(alpha) / np.float32(output.scale))
    multiplier, shift = quantise_multiplier(abs(sloped))
    return abs_scaling(x, output), (-multiplier if sloped < 0 else multiplier, shift)


def neg_table() -> Int8:
    """Of NEG: the reference negates the quantised value, whatever scales say, and leaves -128."""
    return (-ALL_INT8).astype(np.int8)


def _reciprocal_root(value: int) -> int:
    """2**20 / sqrt(value), value at least 1: five steps of Newton from 1, of value as a number between 1/2 and 2."""
    if value == 1:
        return int(requantise_twice(1, INT32_MAX, FINER))
    pairs = (31 - value.bit_length()) // 2 - 1
    normalised = np.int64((value << 2 * pairs) >> 1)
    half = divide_by_power_of_two(normalised, 1)
    root: Integers = np.asarray(1 << ROOT_BITS, np.int64)
    for _ in range(5):
        cube = _saturate(multiply_high(multiply_high(root, root), root) << 6)
        step = multiply_high(3 << (ROOT_BITS - 1), root) - multiply_high(half, cube)
        root = _saturate(wrap_int32(step) << 3)
    root = multiply_high(root, HALF_SQUARE_ROOT_OF_TWO)
    shift = pairs - 11
    return int(requantise_twice(1, wrap_int32(root << max(shift, 0)), min(shift, 0) + FINER))


def _saturate(values: Integers) -> Integers:
    return np.clip(values, -INT32_MAX - 1, INT32_MAX)
