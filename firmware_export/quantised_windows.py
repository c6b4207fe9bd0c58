"""Kernels that slide over rows and columns, and matrix products: their sums, before requantisation.

Sums are exact: products of int8 values in float64 stay far below 2**53, and BLAS is fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from firmware_export.quantised_math import INT8, Int8, Integers, Range, wrap_int32


@dataclass(frozen=True)
class Geometry:
    """Where windows lie; pairs are (height, width). `before` pads above and left, `output` is the result's size."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]
    output: tuple[int, int]


def geometry(
    padding: Literal["SAME", "VALID"],
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
) -> Geometry:
    """The windows over an input of `size`, as TensorFlow lays them."""
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if padding == "VALID":
        rows, columns = ((n - r + t) // t for n, r, t in zip(size, reach, stride, strict=True))
    else:
        rows, columns = (-(-n // t) for n, t in zip(size, stride, strict=True))
    missing = [(o - 1) * t + r - n for o, t, r, n in zip((rows, columns), stride, reach, size, strict=True)]
    before = (max(missing[0], 0) // 2, max(missing[1], 0) // 2)
    return Geometry(kernel, stride, dilation, before, (rows, columns))


def _indices(axis: int, size: int, g: Geometry) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    starts = np.arange(g.output[axis]) * g.stride[axis] - g.before[axis]
    positions = starts[:, None] + np.arange(g.kernel[axis]) * g.dilation[axis]
    return np.clip(positions, 0, size - 1), (positions >= 0) & (positions < size)


def patches(x: NDArray[Any], windows: Geometry) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values under each window, [N, rows, columns, height, width, C], and which of them lie inside the image.

    x: [N, H, W, C]. Values outside are 0.
    """
    rows, rows_inside = _indices(0, x.shape[1], windows)
    columns, columns_inside = _indices(1, x.shape[2], windows)
    inside = rows_inside[:, None, :, None] & columns_inside[None, :, None, :]
    values = x[:, rows[:, None, :, None], columns[None, :, None, :]]
    return values * inside[None, ..., None], inside


def _with_bias(sums: NDArray[np.float64], bias: NDArray[np.int32] | Integers | None) -> Integers:
    total = sums.astype(np.int64)
    if bias is not None and bias.dtype == np.int64:  # then sums have 64 bits, too
        return total + bias
    return wrap_int32(total if bias is None else total + bias)


def conv_accumulate(
    x: Int8, weights: Int8, bias: NDArray[np.int32] | Integers | None, *, input_zero_point: int, windows: Geometry
) -> Integers:
    """int32 accumulators [N, H', W', O] of x [N, H, W, I] and weights [O, kh, kw, I / groups]."""
    centred = x.astype(np.float64) - input_zero_point
    groups = x.shape[3] // weights.shape[3]
    values, _ = patches(centred, windows)
    parts = np.split(values, groups, axis=-1)
    filters = np.split(weights.astype(np.float64), groups)
    sums = [np.tensordot(part, w, axes=((3, 4, 5), (1, 2, 3))) for part, w in zip(parts, filters, strict=True)]
    return _with_bias(np.concatenate(sums, axis=-1), bias)


def depthwise_accumulate(
    x: Int8, weights: Int8, bias: NDArray[np.int32] | Integers | None, *, input_zero_point: int, windows: Geometry
) -> Integers:
    """int32 accumulators [N, H', W', I * multiplier] of x [N, H, W, I] and weights [1, kh, kw, I * multiplier]."""
    values, _ = patches(x.astype(np.float64) - input_zero_point, windows)
    repeated = np.repeat(values, weights.shape[3] // x.shape[3], axis=-1)
    return _with_bias(np.einsum("nrchwi,hwi->nrci", repeated, weights[0].astype(np.float64)), bias)


def transpose_conv_accumulate(
    x: Int8, weights: Int8, bias: NDArray[np.int32] | Integers | None, *, input_zero_point: int, windows: Geometry
) -> Integers:
    """int32 accumulators [1, H', W', O] of x [1, H, W, I] and weights [O, kh, kw, I]: each value is spread."""
    products = np.tensordot(x[0].astype(np.float64) - input_zero_point, weights.astype(np.float64), axes=(2, 3))
    places = [
        (np.arange(size)[:, None] * stride + np.arange(kernel) - before).ravel()
        for size, stride, kernel, before in zip(
            x.shape[1:3], windows.stride, windows.kernel, windows.before, strict=True
        )
    ]
    rows, columns = ((place >= 0) & (place < size) for place, size in zip(places, windows.output, strict=True))
    spread = products.transpose(0, 3, 1, 4, 2).reshape(len(rows), len(columns), len(weights))
    sums = np.zeros((*windows.output, len(weights)))
    np.add.at(sums, (places[0][rows][:, None], places[1][columns]), spread[rows][:, columns])
    return _with_bias(sums[None], bias)


def fully_connected_accumulate(
    x: Int8,
    weights: Int8,
    bias: NDArray[np.int32] | Integers | None,
    *,
    input_zero_point: int,
    weight_zero_point: int = 0,
) -> Integers:
    """int32 accumulators [rows, units] of x read as [rows, depth] and weights [units, depth].

    weight_zero_point: 0 for per-channel weights, whose zero points the reference ignores.
    """
    rows = x.reshape(-1, weights.shape[1]).astype(np.float64) - input_zero_point
    return _with_bias(rows @ (weights.astype(np.float64) - weight_zero_point).T, bias)


def accumulator_bounds(
    weights: Int8,
    bias: NDArray[np.int32] | Integers | None,
    *,
    input_zero_point: int,
    weight_zero_point: int = 0,
    limits: Range = INT8,
) -> Integers:
    """The largest magnitude the accumulator of each unit can have. weights: [units, ...]; limits: of the input."""
    farthest = max(limits.high - input_zero_point, input_zero_point - limits.low)
    sums = np.abs(weights.astype(np.int64) - weight_zero_point).reshape(len(weights), -1).sum(axis=1) * farthest
    return np.asarray(sums if bias is None else sums + np.abs(bias.astype(np.int64)))


def average_pool(x: Int8, windows: Geometry, clamp: Range) -> Int8:
    """Average of the values inside the image. Rounds once, halves away from zero; never rescales."""
    values, inside = patches(x.astype(np.int64), windows)
    sums = values.sum(axis=(3, 4))
    counts = inside.sum(axis=(2, 3))[None, ..., None]
    means = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    return np.asarray(np.clip(means, clamp.low, clamp.high), x.dtype)


def max_pool(x: Int8, windows: Geometry, clamp: Range) -> Int8:
    """Maximum of the values inside the image; never rescales."""
    values, inside = patches(x.astype(np.int64), windows)
    highest = np.where(inside[None, ..., None], values, np.iinfo(x.dtype).min).max(axis=(3, 4))
    return np.asarray(np.clip(highest, clamp.low, clamp.high), x.dtype)
