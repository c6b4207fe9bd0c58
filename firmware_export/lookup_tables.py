"""Elementwise int8 ops as 256-entry tables: entry x + 128 is the output for x.

The reference takes expf and tanhf from the C library of the machine it runs on, whose last bit is that library's own.
So do the tables here: on one machine they are the same. (Seen: a float64 tanh changes one table in ten thousand.)
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from firmware_export.quantised_math import (
    INT8,
    Activation,
    Affine,
    Int8,
    Integers,
    dequantise,
    divide_by_power_of_two,
    quantise_multiplier,
    quantize_parameters,
    relu_parameters,
    rescale,
    round_half_away,
)

Floats = NDArray[np.float32]

ALL_INT8 = np.arange(-128, 128, dtype=np.int64)


def look_up(x: Int8, table: NDArray[np.int8]) -> Int8:
    """table[x + 128]."""
    return np.asarray(table[x.astype(np.int64) + 128])


def logistic_table(x: Affine, output: Affine) -> Int8:
    """Of LOGISTIC. Computed in float32 and rounded once; the reference refuses an output scale other than 1/256."""
    return float_table(_logistic, x, output)


def tanh_table(x: Affine, output: Affine) -> Int8:
    """Of TANH. Computed in float32 and rounded once, for any output scale."""
    return float_table(_tanh, x, output)


def relu_table(x: Affine, output: Affine, activation: Activation) -> Int8:
    """Of RELU, RELU6, RELU_N1_TO_1. Rounds twice."""
    return rescale(ALL_INT8, relu_parameters(x, output, activation))


def quantize_table(x: Affine, output: Affine) -> Int8:
    """Of QUANTIZE int8 to int8. Rounds twice."""
    return rescale(ALL_INT8, quantize_parameters(x, output))


def dequantize_table(x: Affine) -> NDArray[np.float32]:
    """Of DEQUANTIZE to float32."""
    return dequantise(ALL_INT8, x)


@cache
def c_function(name: str) -> Callable[[float], float]:
    """A function of the C library, from float to float."""
    library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)  # None: what the interpreter itself is linked with
    function = library[name]
    function.argtypes, function.restype = (ctypes.c_float,), ctypes.c_float
    return function


def of_each(name: str, x: Floats) -> Floats:
    """A function of the C library of each value."""
    function = c_function(name)
    return np.array([function(value) for value in x.tolist()], np.float32)


def _tanh(x: Floats) -> Floats:
    return of_each("tanhf", x)


def _logistic(x: Floats) -> Floats:
    one = np.float32(1)
    return np.asarray(one / (one + of_each("expf", -x)))


def float_table(function: Callable[[Floats], Floats], x: Affine, output: Affine) -> Int8:
    """Of a function computed in float32: rounded once, halves away from zero, clipped."""
    with np.errstate(over="ignore"):
        values = function(dequantise(ALL_INT8, x)) * (np.float32(1) / np.float32(output.scale))
    shifted = round_half_away(values) + np.float32(output.zero_point)
    return np.clip(shifted, INT8.low, INT8.high).astype(np.int8)


@dataclass(frozen=True)
class HardSwishParameters:
    """Of HARD_SWISH: int16 multipliers with their exponents."""

    input_zero_point: int
    output_multiplier: int
    output_exponent: int
    gate_multiplier: int
    gate_exponent: int
    output_zero_point: int


def hard_swish_parameters(x: Affine, output: Affine) -> HardSwishParameters:
    """Quotients are taken in float32. The reference refuses a positive output exponent."""
    fine_scale = np.float32(1 / 128) * np.float32(x.scale)
    output_pair = _int16_multiplier(float(fine_scale / np.float32(output.scale)))
    gate_pair = _int16_multiplier(float(fine_scale / (np.float32(3) / np.float32(32768))))
    return HardSwishParameters(x.zero_point, *output_pair, *gate_pair, output.zero_point)


def hard_swish(x: ArrayLike, parameters: HardSwishParameters) -> Int8:
    """x * relu6(x + 3) / 6 in 16-bit fixed point; rounds at every product but the last, which truncates."""
    p = parameters
    fine = (np.asarray(x, np.int64) - p.input_zero_point) * 128
    unshifted = _multiply_high_int16(_wrap_int16(fine), p.output_multiplier)
    gate = (_gate(_wrap_int16(fine), p) + (1 << 15)) >> 1  # from [-1, 1] to [0, 1]
    product = gate * unshifted
    truncated = np.sign(product) * (np.abs(product) >> 15)
    scaled = _divide_by_power_of_two_int16(truncated, -p.output_exponent)
    return np.clip(scaled + p.output_zero_point, INT8.low, INT8.high).astype(np.int8)


def hard_swish_table(x: Affine, output: Affine) -> Int8:
    """Of HARD_SWISH."""
    return hard_swish(ALL_INT8, hard_swish_parameters(x, output))


def _gate(fine: Integers, p: HardSwishParameters) -> Integers:
    """x / 3 clipped to [-1, 1], as int16 with 15 fractional bits."""
    if p.gate_exponent <= 0:
        return _divide_by_power_of_two_int16(_multiply_high_int16(fine, p.gate_multiplier), -p.gate_exponent)
    shifted = _saturate_int16(fine << min(p.gate_exponent - 1, 31))  # all but the last bit, so that saturation is kept
    return _saturate_int16(_multiply_high_int16(shifted, p.gate_multiplier) * 2)


def _int16_multiplier(real: float) -> tuple[int, int]:
    multiplier, exponent = quantise_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, 32767), exponent


def _wrap_int16(values: Integers) -> Integers:
    return values.astype(np.int16).astype(np.int64)


def _saturate_int16(values: Integers) -> Integers:
    return np.clip(values, -32768, 32767)


def _multiply_high_int16(values: Integers, multiplier: int) -> Integers:
    return (values * multiplier + (1 << 14)) >> 15


def _divide_by_power_of_two_int16(values: Integers, exponent: int) -> Integers:
    if exponent <= 15:
        return divide_by_power_of_two(values, exponent)
    return np.where(values < 0, -1, 1)  # the reference's int16 mask overflows: it never rounds to 0
