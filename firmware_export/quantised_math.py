"""The integer arithmetic of int8 networks, as the LiteRT reference kernels do it, in NumPy.

Two steps for each op: `*_parameters` turns scales and zero points into integers, once, in the float precision the
reference uses; the formula of the same name works on integers only. A C kernel is the twin of the formula, and its
struct holds the fields of the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from firmware_export.exact_multiplier import exact_multiplier

Activation = Literal["NONE", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"]
Integers = NDArray[np.int64]
Int8 = NDArray[np.int8]

ADD_LEFT_SHIFT = 20  # bits of headroom for the inputs of ADD and SUB


class Affine(NamedTuple):
    """real = scale * (quantised - zero_point), with the scale a float32."""

    scale: float
    zero_point: int


class Range(NamedTuple):
    """Inclusive range of quantised values."""

    low: int
    high: int


INT8 = Range(-128, 127)
RANGES = {"int8": INT8, "uint8": Range(0, 255), "int16": Range(-32768, 32767)}

_REAL_RANGE: dict[Activation, tuple[float, float]] = {
    "NONE": (-math.inf, math.inf),
    "RELU": (0.0, math.inf),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
    "RELU_0_TO_1": (0.0, 1.0),
}


def quantise_multiplier(real: float) -> tuple[int, int]:
    """The (multiplier, shift) with real = multiplier * 2**(shift - 31): multiplier 0, or in [2**30, 2**31).

    Below 2**-32 the multiplier is 0. real: not negative.
    """
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2.0**31 + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = 1 << 30, shift + 1
    return (multiplier, shift) if shift >= -31 and multiplier else (0, 0)


def wrap_int32(values: ArrayLike) -> Integers:
    """The int32 two's complement reading of the low 32 bits, held in int64."""
    return np.asarray(values, np.int64).astype(np.int32).astype(np.int64)


def multiply_high(values: ArrayLike, multiplier: ArrayLike) -> Integers:
    """round(values * multiplier / 2**31), halves up; int32 operands, of which the multiplier is never -2**31."""
    return (np.asarray(values, np.int64) * np.asarray(multiplier, np.int64) + (1 << 30)) >> 31


def divide_by_power_of_two(values: ArrayLike, exponent: ArrayLike) -> Integers:
    """round(values / 2**exponent), halves away from zero. exponent: 0 to 31."""
    x, shift = np.asarray(values, np.int64), np.asarray(exponent, np.int64)
    mask = (np.int64(1) << shift) - 1
    return (x >> shift) + ((x & mask) > (mask >> 1) + (x < 0))


def requantise_twice(accumulators: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Integers:
    """Scale int32 values by multiplier * 2**(shift - 31), rounding twice.

    A positive shift is applied first and wraps in int32. multiplier, shift: numbers, or one a channel (last axis).
    Source: Jacob et al. 2018, section 2.2.
    """
    left, right = np.maximum(shift, 0), np.maximum(np.negative(shift), 0)
    shifted = wrap_int32(np.asarray(accumulators, np.int64) << left)
    return divide_by_power_of_two(multiply_high(shifted, multiplier), right)


def requantise_once(accumulators: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Integers:
    """Scale values by multiplier * 2**(shift - 31), rounding once, halves away from zero.

    The product of a value and its multiplier has to fit in 62 bits, and shift is at most 30. With right = 31 - shift,
    C may write (product + (1 << (right - 1)) - (accumulator < 0)) >> right.
    """
    values = np.asarray(accumulators, np.int64)
    right = 31 - np.asarray(shift, np.int64)
    magnitudes = (np.abs(values) * np.asarray(multiplier, np.int64) + (np.int64(1) << (right - 1))) >> right
    return np.asarray(np.sign(values) * magnitudes)


def round_half_away(values: NDArray[Any]) -> NDArray[Any]:
    """Nearest integers, halves away from zero, in the float type given; infinities stay."""
    whole = np.trunc(values)
    with np.errstate(invalid="ignore"):  # infinity less infinity is no number, and no half
        halves = np.abs(values - whole) >= 0.5
    return np.asarray(whole + np.where(halves, np.sign(values), 0), values.dtype)


def offset_and_clamp(scaled: ArrayLike, zero_point: int, clamp: Range) -> Int8:
    """Add the output's zero point, in int32, and clip."""
    return np.clip(wrap_int32(np.asarray(scaled) + zero_point), clamp.low, clamp.high).astype(np.int8)


def activation_clamp(activation: Activation, output: Affine, limits: Range = INT8) -> Range:
    """The quantised range a fused activation leaves; the division is done in float32."""
    reals = np.array(_REAL_RANGE[activation], np.float32)
    low, high = round_half_away(reals / np.float32(output.scale)) + np.float64(output.zero_point)
    return Range(int(max(low, limits.low)), int(min(high, limits.high)))


@dataclass(frozen=True)
class ChannelParameters:
    """Of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED; one multiplier and shift an output channel, or one for all."""

    input_zero_point: int
    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]
    output_zero_point: int
    clamp: Range


def _channel_scales(x: Affine, weight_scales: Sequence[float], output: Affine) -> list[float]:
    return [float(x.scale) * float(scale) / float(output.scale) for scale in weight_scales]


def convolution_parameters(
    x: Affine, weight_scales: Sequence[float], output: Affine, clamp: Range
) -> ChannelParameters:
    """Of CONV_2D and DEPTHWISE_CONV_2D. Products are taken in float64."""
    pairs = [quantise_multiplier(real) for real in _channel_scales(x, weight_scales, output)]
    multipliers, shifts = zip(*pairs, strict=True)
    return ChannelParameters(x.zero_point, multipliers, shifts, output.zero_point, clamp)


def convolution_output(accumulators: ArrayLike, parameters: ChannelParameters) -> Int8:
    """int8 outputs of int32 accumulators (last axis: output channels, bias included). Rounds twice."""
    scaled = requantise_twice(accumulators, parameters.multipliers, parameters.shifts)
    return offset_and_clamp(scaled, parameters.output_zero_point, parameters.clamp)


def fully_connected_parameters(
    x: Affine, weight_scales: Sequence[float], output: Affine, *, bounds: ArrayLike, clamp: Range
) -> ChannelParameters:
    """Of FULLY_CONNECTED. Products are taken in float64; a multiplier may, seldom, have more than 31 bits.

    bounds: the largest magnitude each unit's accumulator can have, see `quantised_windows.accumulator_bounds`.
    Raises ValueError where a scaled accumulator could leave int32: the reference is undefined there.
    """
    scales = _channel_scales(x, weight_scales, output)
    if max(scales) * float(np.max(bounds)) >= 2.0**31 - 256:
        raise ValueError(
            f"the scale {output.scale!r} is too fine for products of scale {x.scale * max(weight_scales)!r}"
        )
    reach = max(clamp.high - output.zero_point, output.zero_point - clamp.low, 0)
    limits = np.asarray(bounds, np.int64).tolist()
    limits = limits if len(weight_scales) > 1 else [max(limits)]
    pairs = [
        exact_multiplier(real, accumulator_bound=limit, output_bound=reach)
        for real, limit in zip(scales, limits, strict=True)
    ]
    multipliers, shifts = zip(*pairs, strict=True)
    return ChannelParameters(x.zero_point, multipliers, shifts, output.zero_point, clamp)


def fully_connected_output(accumulators: ArrayLike, parameters: ChannelParameters) -> Int8:
    """int8 outputs of int32 accumulators (last axis: units, bias included). Rounds once, halves away from zero.

    The reference multiplies in float64 here; the multipliers are chosen so that no accumulator tells the difference.
    """
    scaled = requantise_once(accumulators, parameters.multipliers, parameters.shifts)
    return np.clip(scaled + parameters.output_zero_point, *parameters.clamp).astype(np.int8)


@dataclass(frozen=True)
class AddParameters:
    """Of ADD and SUB: both inputs are brought to a common scale with 20 more bits, the result to the output's."""

    a_zero_point: int
    a_multiplier: int
    a_shift: int
    b_zero_point: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int
    output_zero_point: int
    clamp: Range
    left_shift: int = ADD_LEFT_SHIFT


def add_parameters(
    a: Affine, b: Affine, output: Affine, clamp: Range, left_shift: int = ADD_LEFT_SHIFT
) -> AddParameters:
    """Quotients are taken in float64.

    Raises ValueError where the output's scale is smaller than about 2**-19 of an input's: there the reference ends the
    process (ADD) or is undefined (SUB).
    """
    twice_larger = 2.0 * max(float(a.scale), float(b.scale))
    real_output = twice_larger / (2.0**left_shift * float(output.scale))
    if real_output >= 1 or quantise_multiplier(real_output)[1] > 0:
        raise ValueError(f"the scale {output.scale!r} is too fine for a sum of scales {a.scale!r} and {b.scale!r}")
    return AddParameters(
        a.zero_point,
        *quantise_multiplier(float(a.scale) / twice_larger),
        b.zero_point,
        *quantise_multiplier(float(b.scale) / twice_larger),
        *quantise_multiplier(real_output),
        output.zero_point,
        clamp,
        left_shift,
    )


def common_scale(a: ArrayLike, b: ArrayLike, p: AddParameters) -> tuple[Integers, Integers]:
    """The inputs of ADD and SUB, ready to be added."""
    wide_a = (np.asarray(a, np.int64) - p.a_zero_point) << p.left_shift
    wide_b = (np.asarray(b, np.int64) - p.b_zero_point) << p.left_shift
    return requantise_twice(wide_a, p.a_multiplier, p.a_shift), requantise_twice(wide_b, p.b_multiplier, p.b_shift)


def add(a: ArrayLike, b: ArrayLike, parameters: AddParameters) -> Int8:
    """a + b with broadcasting. Rounds twice at each of three rescalings."""
    wide_a, wide_b = common_scale(a, b, parameters)
    scaled = requantise_twice(wide_a + wide_b, parameters.output_multiplier, parameters.output_shift)
    return offset_and_clamp(scaled, parameters.output_zero_point, parameters.clamp)


def sub(a: ArrayLike, b: ArrayLike, parameters: AddParameters) -> Int8:
    """a - b with broadcasting, parameters from `add_parameters`. Rounds twice at each of three rescalings."""
    wide_a, wide_b = common_scale(a, b, parameters)
    scaled = requantise_twice(wide_a - wide_b, parameters.output_multiplier, parameters.output_shift)
    return offset_and_clamp(scaled, parameters.output_zero_point, parameters.clamp)


@dataclass(frozen=True)
class MulParameters:
    """Of MUL."""

    a_zero_point: int
    b_zero_point: int
    multiplier: int
    shift: int
    output_zero_point: int
    clamp: Range


def mul_parameters(a: Affine, b: Affine, output: Affine, clamp: Range) -> MulParameters:
    """Product and quotient are taken in float32, then widened."""
    with np.errstate(over="ignore"):
        real = np.float32(a.scale) * np.float32(b.scale) / np.float32(output.scale)
    pair = quantise_multiplier(min(float(real), 2.0**127))  # infinity has no exponent; both are refused as too far
    return MulParameters(a.zero_point, b.zero_point, *pair, output.zero_point, clamp)


def mul(a: ArrayLike, b: ArrayLike, parameters: MulParameters) -> Int8:
    """a * b with broadcasting. Rounds twice."""
    p = parameters
    product = (np.asarray(a, np.int64) - p.a_zero_point) * (np.asarray(b, np.int64) - p.b_zero_point)
    return offset_and_clamp(requantise_twice(product, p.multiplier, p.shift), p.output_zero_point, p.clamp)


def batch_matmul_parameters(a: Affine, b: Affine, output: Affine) -> MulParameters:
    """Of BATCH_MATMUL. The product is taken in float32, the quotient in float64."""
    with np.errstate(over="ignore"):
        product = float(np.float32(a.scale) * np.float32(b.scale))
    pair = quantise_multiplier(min(product / float(output.scale), 2.0**127))
    return MulParameters(a.zero_point, b.zero_point, *pair, output.zero_point, INT8)


def batch_matmul(a: ArrayLike, b: ArrayLike, parameters: MulParameters) -> Int8:
    """a @ b, batches broadcast. Rounds twice.

    Sums are exact: products of int8 values in float64 stay far below 2**53, and BLAS is fast.
    """
    p = parameters
    sums = (np.asarray(a, np.float64) - p.a_zero_point) @ (np.asarray(b, np.float64) - p.b_zero_point)
    scaled = requantise_twice(wrap_int32(sums.astype(np.int64)), p.multiplier, p.shift)
    return offset_and_clamp(scaled, p.output_zero_point, p.clamp)


@dataclass(frozen=True)
class MeanParameters:
    """Of MEAN; `input_zero_sum` is the input's zero point as often as elements are summed."""

    input_zero_sum: int
    multiplier: int
    shift: int
    output_zero_point: int


def mean_parameters(x: Affine, output: Affine, count: int) -> MeanParameters:
    """count: input elements averaged into one output. The quotient of scales is taken in float64.

    1 / count is folded into the multiplier: shifted up first, then divided, rounded down.
    """
    multiplier, shift = quantise_multiplier(float(x.scale) / float(output.scale))
    up = min(count.bit_length() - 1, 32, 31 + shift)
    return MeanParameters(x.zero_point * count, (multiplier << up) // count, shift - up, output.zero_point)


def mean(x: Int8, axes: tuple[int, ...], parameters: MeanParameters, *, keep_dims: bool = False) -> Int8:
    """Mean over axes; all combinations of axes are computed alike, and equal scales too. Rounds twice."""
    total = np.sum(x, axis=axes, dtype=np.int64, keepdims=keep_dims) - parameters.input_zero_sum
    scaled = requantise_twice(wrap_int32(total), parameters.multiplier, parameters.shift)
    return offset_and_clamp(scaled, parameters.output_zero_point, INT8)


def reduce_max(x: Int8, axes: tuple[int, ...], *, keep_dims: bool = False) -> Int8:
    """Maximum over axes; never rescales."""
    return np.asarray(np.max(x, axis=axes, keepdims=keep_dims))


def reduce_min(x: Int8, axes: tuple[int, ...], *, keep_dims: bool = False) -> Int8:
    """Minimum over axes; never rescales."""
    return np.asarray(np.min(x, axis=axes, keepdims=keep_dims))


def minimum(a: Int8, b: Int8) -> Int8:
    """min(a, b) of the quantised values with broadcasting; never rescales."""
    return np.minimum(a, b)


def maximum(a: Int8, b: Int8) -> Int8:
    """max(a, b) of the quantised values with broadcasting; never rescales."""
    return np.maximum(a, b)


@dataclass(frozen=True)
class RescaleParameters:
    """Of QUANTIZE between integers, and of RELU and its kin as ops of their own."""

    input_zero_point: int
    multiplier: int
    shift: int
    output_zero_point: int
    clamp: Range


def quantize_parameters(x: Affine, output: Affine, limits: Range = INT8) -> RescaleParameters:
    """Of QUANTIZE to a type of these limits. The quotient is taken in float64."""
    pair = quantise_multiplier(float(x.scale) / float(output.scale))
    return RescaleParameters(x.zero_point, *pair, output.zero_point, limits)


def relu_parameters(x: Affine, output: Affine, activation: Activation, limits: Range = INT8) -> RescaleParameters:
    """Of RELU and its kin. The quotient is taken in float32, then widened."""
    pair = quantise_multiplier(float(np.float32(x.scale) / np.float32(output.scale)))
    return RescaleParameters(x.zero_point, *pair, output.zero_point, activation_clamp(activation, output, limits))


def rescale(x: ArrayLike, parameters: RescaleParameters) -> Int8:
    """Integers under one scale to int8 under another, clipped. Rounds twice."""
    return requantise(x, parameters).astype(np.int8)


def requantise(x: ArrayLike, parameters: RescaleParameters) -> Integers:
    """Integers of one type and scale as those of another, clipped. Rounds twice, whatever the types."""
    p = parameters
    scaled = requantise_twice(np.asarray(x, np.int64) - p.input_zero_point, p.multiplier, p.shift)
    return np.clip(wrap_int32(scaled + p.output_zero_point), p.clamp.low, p.clamp.high)


def quantise_floats(x: NDArray[np.float32], output: Affine, limits: Range = INT8) -> Integers:
    """QUANTIZE of float32: divides in float32, rounds once, halves away from zero, clips.

    The reference is undefined where x / scale leaves int32; here that saturates. x: numbers, not NaN.
    """
    with np.errstate(over="ignore"):
        steps = np.asarray(x, np.float32) / np.float32(output.scale)
    rounded = round_half_away(steps).astype(np.float64)
    return np.clip(rounded + output.zero_point, limits.low, limits.high).astype(np.int64)


def dequantise(x: ArrayLike, affine: Affine) -> NDArray[np.float32]:
    """DEQUANTIZE to float32."""
    return (np.float32(affine.scale) * (np.asarray(x, np.int64) - affine.zero_point)).astype(np.float32)
