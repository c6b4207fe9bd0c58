"""The integer arithmetic of networks with int16 activations and int8 weights, as the LiteRT reference kernels do it.

What differs from int8: int16 has no zero points; sums of convolutions have 64 bits and multipliers 16, unless the bias
is int32; FULLY_CONNECTED rounds as float64 does; LOGISTIC, TANH and SOFTMAX interpolate in tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from firmware_export.quantised_math import (
    AddParameters,
    Affine,
    ChannelParameters,
    Integers,
    MeanParameters,
    MulParameters,
    Range,
    common_scale,
    quantise_multiplier,
    requantise_twice,
    round_half_away,
    wrap_int32,
)

Int16 = NDArray[np.int16]

INT16 = Range(-32768, 32767)
ADD_LEFT_SHIFT = 15  # bits of headroom for the inputs of ADD and SUB
WIDEST_SUM = 1 << 47  # beyond it the reference's product with a multiplier leaves 64 bits
WIDEST_UNIT_SUM = 1 << 42  # what the kernel of FULLY_CONNECTED takes
MANTISSA_BITS = 53  # of float64
SIGMOID_STEPS = 24  # entries of the table for one unit of x
SIGMOID_LAST = 255
# The reference's table is round(2**16 * logistic(i / 24)), but one more at these places.
SIGMOID_RAISED = (
    *(4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49),
    *(50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255),
)
EXP_RANGE = 10.0  # of SOFTMAX: below -10 the exponential is 0


def clamped(values: ArrayLike, clamp: Range) -> Int16:
    """Clip to a range of int16 values."""
    return np.clip(np.asarray(values, np.int64), clamp.low, clamp.high).astype(np.int16)


def reduced_multiplier(multiplier: int) -> int:
    """The upper 16 bits of a 31-bit multiplier, rounded, saturated."""
    return min((multiplier + (1 << 15)) >> 16, 32767)


def requantise_wide(sums: ArrayLike, multiplier: ArrayLike, right: ArrayLike) -> Integers:
    """sums * multiplier / 2**right, rounded once, halves up. multiplier: int16, right: 8 to 46; sums: below 2**47."""
    rights = np.asarray(right, np.int64)
    products = np.asarray(sums, np.int64) * np.asarray(multiplier, np.int64)
    return np.asarray((products + (np.int64(1) << (rights - 1))) >> rights)


def wide_numbers(parameters: ChannelParameters) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Multiplier and shift to the right of each channel, for `requantise_wide`."""
    multipliers = tuple(reduced_multiplier(multiplier) for multiplier in parameters.multipliers)
    return multipliers, tuple(15 - shift for shift in parameters.shifts)


def wide_convolution_output(sums: ArrayLike, parameters: ChannelParameters) -> Int16:
    """int16 outputs of 64-bit sums (last axis: output channels, bias included): where the bias is int64."""
    return clamped(requantise_wide(sums, *wide_numbers(parameters)), parameters.clamp)


def narrow_convolution_output(sums: ArrayLike, parameters: ChannelParameters) -> Int16:
    """int16 outputs of sums that wrap in 32 bits: where the bias of a CONV_2D is int32. Rounds twice."""
    return clamped(requantise_twice(wrap_int32(sums), parameters.multipliers, parameters.shifts), parameters.clamp)


@dataclass(frozen=True)
class UnitParameters:
    """Of FULLY_CONNECTED: scales as mantissa / 2**right, exactly what float64 holds; one a unit, or one for all."""

    mantissas: tuple[int, ...]
    rights: tuple[int, ...]
    clamp: Range


def unit_parameters(x: Affine, weight_scales: Sequence[float], output: Affine, clamp: Range) -> UnitParameters:
    """Of FULLY_CONNECTED. Products are taken in float64. Raises ValueError for a scale that no sum needs."""
    pairs = [float64_pair(float(x.scale) * float(scale) / float(output.scale)) for scale in weight_scales]
    mantissas, rights = zip(*pairs, strict=True)
    return UnitParameters(mantissas, rights, clamp)


def float64_pair(real: float) -> tuple[int, int]:
    """The (mantissa, right) with real = mantissa / 2**right, right 33 to 95; 0 where every sum below 2**42 gives 0."""
    fraction, exponent = math.frexp(real)
    right = MANTISSA_BITS - exponent
    if right < 33:
        raise ValueError(f"the scale {real:g} of its products is too large")
    return (int(math.ldexp(fraction, MANTISSA_BITS)), right) if right <= 95 else (0, 95)


def fully_connected_output(sums: ArrayLike, parameters: UnitParameters) -> Int16:
    """int16 outputs of 64-bit sums (last axis: units): round(float64(sum) * scale), halves away from 0."""
    scales = [math.ldexp(m, -right) for m, right in zip(parameters.mantissas, parameters.rights, strict=True)]
    products = np.asarray(sums, np.float64) * np.asarray(scales, np.float64)
    return clamped(round_half_away(products), parameters.clamp)


def add(a: ArrayLike, b: ArrayLike, parameters: AddParameters) -> Int16:
    """a + b with broadcasting. Rounds twice at each of three rescalings."""
    wide_a, wide_b = common_scale(a, b, parameters)
    return _sum_output(wide_a + wide_b, parameters)


def sub(a: ArrayLike, b: ArrayLike, parameters: AddParameters) -> Int16:
    """a - b with broadcasting, parameters from `add_parameters`. Rounds twice at each of three rescalings."""
    wide_a, wide_b = common_scale(a, b, parameters)
    return _sum_output(wide_a - wide_b, parameters)


def _sum_output(wide: Integers, parameters: AddParameters) -> Int16:
    return clamped(requantise_twice(wide, parameters.output_multiplier, parameters.output_shift), parameters.clamp)


def mul(a: ArrayLike, b: ArrayLike, parameters: MulParameters) -> Int16:
    """a * b with broadcasting. Rounds twice."""
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    return clamped(requantise_twice(product, parameters.multiplier, parameters.shift), parameters.clamp)


def mean(x: Int16, axes: tuple[int, ...], parameters: MeanParameters) -> Int16:
    """Mean over axes. Rounds twice."""
    total = np.sum(x, axis=axes, dtype=np.int64)
    return clamped(requantise_twice(wrap_int32(total), parameters.multiplier, parameters.shift), INT16)


@dataclass(frozen=True)
class SigmoidParameters:
    """Of LOGISTIC and TANH: what brings x to steps of 1 / (3 * 4096)."""

    multiplier: int
    shift: int


def sigmoid_parameters(x: Affine, doubled: Callable[[int], bool]) -> SigmoidParameters:
    """Raises ValueError where the input's scale is too coarse. doubled: which shifts to the left need no rounding."""
    fraction, exponent = math.frexp(float(x.scale))
    if fraction == 0.5 and doubled(exponent - 1 + 12):
        return SigmoidParameters(3 << (exponent - 1 + 12), 0)
    real, shift = float(x.scale) * 4096.0 * 3.0, 0
    while real <= 32767 / 2 and shift <= 30:
        real, shift = real * 2, shift + 1
    if real >= 32768:
        raise ValueError(f"the input's scale {x.scale:g} is too coarse")
    return SigmoidParameters(int(real), shift)


def logistic_parameters(x: Affine) -> SigmoidParameters:
    """Of LOGISTIC."""
    return sigmoid_parameters(x, lambda left: left == 0)


def tanh_parameters(x: Affine) -> SigmoidParameters:
    """Of TANH."""
    return sigmoid_parameters(x, lambda left: left in (0, 1))


@cache
def sigmoid_table() -> Integers:
    """2**16 * logistic(i / 24), for LOGISTIC and TANH."""
    exact = 65536 / (1 + np.exp(-np.arange(SIGMOID_LAST + 1) / SIGMOID_STEPS))
    table = round_half_away(exact).astype(np.int64)
    table[list(SIGMOID_RAISED)] += 1
    return table


def _sigmoid(x: ArrayLike, parameters: SigmoidParameters, bits: int, last: int) -> tuple[Integers, NDArray[np.bool_]]:
    half = 1 << (parameters.shift - 1) if parameters.shift else 0
    steps = (np.asarray(x, np.int64) * parameters.multiplier + half) >> parameters.shift
    magnitudes, table = np.abs(steps), sigmoid_table()
    entries = np.minimum(magnitudes >> bits, SIGMOID_LAST - 1)
    here, between = table[entries], magnitudes & ((1 << bits) - 1)
    values = (here << bits) + between * (table[entries + 1] - here)
    return np.where(magnitudes >> bits >= SIGMOID_LAST, last, values), steps < 0


def logistic(x: ArrayLike, parameters: SigmoidParameters) -> Int16:
    """1 / (1 + exp(-x)) with scale 2**-15."""
    values, negative = _sigmoid(x, parameters, 9, 0x7FFF << 10)
    return clamped(np.where(negative, (1 << 25) - values + 511, values + 512) >> 10, INT16)


def tanh(x: ArrayLike, parameters: SigmoidParameters) -> Int16:
    """tanh(x) with scale 2**-15: twice the logistic of twice x, less 1."""
    values, negative = _sigmoid(x, parameters, 8, 0xFFFF << 8)
    values = values - (1 << 23)
    return clamped(np.where(negative, -values + 127, values + 128) >> 8, INT16)


@dataclass(frozen=True)
class SoftmaxParameters:
    """Of SOFTMAX: what brings a difference to 10 / 65535."""

    multiplier: int
    shift: int


def softmax_parameters(input_scale: float, beta: float) -> SoftmaxParameters:
    """Products are taken in float64."""
    real = float(np.float32(input_scale)) * float(np.float32(beta)) / (EXP_RANGE / 65535.0)
    return SoftmaxParameters(*quantise_multiplier(real))


def interpolation_table(function: Callable[[float], float], low: float, high: float) -> Integers:
    """513 values of a function over [low, high], Q0.15, moved so that the middle of its step is off by half less."""
    step = (high - low) / 512

    def stored(value: float) -> float:
        return float(round_half_away(np.array(value * 32768)))

    values = []
    for i in range(512):
        here, middle, after = (function(low + (i + part) * step) for part in (0, 0.5, 1))
        between = float(round_half_away(np.array((after * 32768 + stored(here)) / 2)))
        bias = float(round_half_away(np.array((between - stored(middle)) / 2)))
        values.append(stored(here) - bias)
    return np.clip([*values, stored(function(high))], INT16.low, INT16.high).astype(np.int64)


@cache
def exponential_table() -> Integers:
    """exp over [-10, 0]."""
    return interpolation_table(math.exp, -EXP_RANGE, 0.0)


@cache
def reciprocal_table() -> Integers:
    """1 / (1 + x) over [0, 1]."""
    return interpolation_table(lambda x: 1 / (1 + x), 0.0, 1.0)


def interpolate(x: ArrayLike, table: Integers) -> Integers:
    """A table's function at int16 values."""
    at = np.clip(np.asarray(x, np.int64), INT16.low, INT16.high)
    entries = 256 + (at >> 7)
    return np.asarray(table[entries] + (((table[entries + 1] - table[entries]) * (at & 127) + 64) >> 7))


def softmax(x: ArrayLike, parameters: SoftmaxParameters) -> Int16:
    """Softmax over the last axis, with scale 2**-15."""
    values = np.asarray(x, np.int64)
    differences = values - values.max(axis=-1, keepdims=True)
    scaled = requantise_twice(differences, parameters.multiplier, parameters.shift)
    exponentials = interpolate(wrap_int32(scaled + 32767), exponential_table())
    sums = exponentials.sum(axis=-1, keepdims=True)
    bits = np.frexp(sums.astype(np.float64))[1].astype(np.int64)
    mantissas = ((sums << (31 - bits)) + (1 << 13)) >> 14
    reciprocals = interpolate(mantissas - (1 << 15) - (1 << 16), reciprocal_table())
    half = np.int64(1) << (bits - 2)
    return clamped((exponentials * reciprocals + half) >> (bits - 1), Range(0, INT16.high))
