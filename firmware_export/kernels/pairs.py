"""Depthwise convolutions of the DSP extension: which layers they can compute, and their numbers as they read them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir, op_parameters
from firmware_export.kernels.tiles import (
    FARTHEST_RIGHT,
    QUAD,
    TWICE,
    Filters,
    Numbers,
    bounds,
    channel_numbers,
    multipliers_of,
    rights_of,
)
from firmware_export.quantised_math import ChannelParameters, convolution_output, wrap_int32

ROWS = 4  # of the output that one call computes
PLANES = 3  # pairs of rows under them
PAIR_BYTES = 4
RECTIFIED_RIGHT = 12  # the shift of all channels
LEAST_LEFT = 2  # by how much rectified weights are shifted to the left
HALF_WORD = 1 << 15
MOST_SUMS = 1 << 22  # of a channel, that are all tried


def filters_of(op: ir.Op, graph: ir.Graph) -> Filters:
    """The weights of a DEPTHWISE_CONV_2D, [channels, height, width], and its numbers."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    x, weights, *bias, _ = tensors = graph.of((*op.inputs, *op.outputs))
    assert weights.data is not None
    parameters = op_parameters.convolution(tensors, op.attrs.clamp)
    values = np.moveaxis(weights.data[0], -1, 0).astype(np.int8)
    known = np.zeros(len(values)) if not bias or bias[0].data is None else np.ravel(bias[0].data)
    return Filters(values, known.astype(np.int64) - x.zero_point * values.astype(np.int64).sum(axis=(1, 2)), parameters)


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer's windows are 3x3 and side by side, and its numbers leave no register."""
    return is_three_wide(op, graph, stride=1) and fits(filters_of(op, graph))


def rectified_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether, moreover, negative sums give the lowest output, and one shift serves all channels."""
    return suits(op, graph) and fits_rectified(filters_of(op, graph))


def apart_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer's windows are 3x3 and two columns apart, and its numbers leave no register."""
    return is_three_wide(op, graph, stride=2) and fits(filters_of(op, graph))


def apart_rectified_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """The same, and rectified."""
    return apart_suits(op, graph) and fits_rectified(filters_of(op, graph))


def is_three_wide(op: ir.Op, graph: ir.Graph, *, stride: int) -> bool:
    """Whether a layer filters each of at least four int8 channels by 3x3 weights."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    x, weights, *_ = graph.of(op.inputs)
    if x.dtype is ir.DType.INT16 or weights.data is None or x.shape[3] < QUAD or op.attrs.multiplier != 1:
        return False
    window = op.attrs.window
    return window.kernel == (3, 3) and window.dilation[1] == 1 and window.stride[1] == stride


def fits(filters: Filters) -> bool:
    """Whether doubled sums and what is rounded fit int32."""
    live, rights = bounds(filters) > 0, rights_of(filters, TWICE)
    doubled = TWICE.scaled * largest_sums(filters)
    fits = (doubled < op_parameters.LARGEST_SUM) & (rights >= 1) & (rights <= FARTHEST_RIGHT)
    return bool(np.all(fits[live]))


def fits_rectified(filters: Filters) -> bool:
    """Whether negative sums give the lowest output, and one shift serves all channels."""
    live, lefts = bounds(filters) > 0, lefts_of(filters)
    weights = filters.weights.astype(np.int64)
    heaviest = np.maximum(weights, -weights - 1).max(axis=(1, 2))
    fits = (heaviest << lefts < HALF_WORD) & (largest_sums(filters) << lefts < op_parameters.LARGEST_SUM)
    return (
        filters.parameters.clamp.low >= filters.parameters.output_zero_point
        and bool(np.all(fits[live]))
        and faint_channels_are_exact(filters)
    )


def faint_channels_are_exact(filters: Filters) -> bool:
    """Whether no sum that a channel can have shows that bits of its multiplier are missing."""
    faint = np.flatnonzero((bounds(filters) > 0) & (missing_bits(filters) > 0))
    if len(faint) and largest_sums(filters)[faint].max() > MOST_SUMS:
        return False
    scaled = rectified(filters)
    return all(is_exact(filters, scaled, channel) for channel in faint.tolist())


def is_exact(filters: Filters, scaled: Scaled, channel: int) -> bool:
    """Whether each sum of a faint channel gives what the reference makes of it."""
    bound, clamp = bounds(filters)[channel], filters.parameters.clamp
    sums = np.arange(-bound, bound + 1)
    multiplier, addend = scaled.rounding[channel]
    products = ((sums << LEAST_LEFT) + scaled.biases[channel]) * multiplier
    ours = np.clip(((products >> 32) + addend) >> RECTIFIED_RIGHT, clamp.low, clamp.high)
    whole = wrap_int32((sums + filters.bias[channel])[:, None])
    return bool(np.array_equal(ours, convolution_output(whole, channel_of(filters.parameters, channel))[:, 0]))


def channel_of(parameters: ChannelParameters, channel: int) -> ChannelParameters:
    """The parameters of one channel alone."""
    if len(parameters.multipliers) == 1:
        return parameters
    return replace(parameters, multipliers=(parameters.multipliers[channel],), shifts=(parameters.shifts[channel],))


def largest_sums(filters: Filters) -> Numbers:
    """The largest magnitude of each channel's sum."""
    return np.asarray(bounds(filters) + np.abs(filters.bias))


def lefts_of(filters: Filters) -> Numbers:
    """By how much each channel's weights are shifted to the left, so that all products are by the same to the right."""
    return np.asarray(np.maximum(RECTIFIED_RIGHT + 1 - rights_of(filters, TWICE), LEAST_LEFT))


def missing_bits(filters: Filters) -> Numbers:
    """Of each channel's multiplier, where the weights would have to be shifted to the right."""
    return np.asarray(np.maximum(rights_of(filters, TWICE) - (RECTIFIED_RIGHT + 1 - LEAST_LEFT), 0))


@dataclass(frozen=True, eq=False)
class Scaled:
    """Weights, [channels, height, width], with their scale in them, and of each channel {bias, how to round a sum}."""

    weights: Numbers
    biases: Numbers
    rounding: Numbers


def doubled(filters: Filters) -> Scaled:
    """As the reference rounds: {multiplier, addend, right}."""
    numbers = channel_numbers(filters, TWICE)[: len(filters.weights)].astype(np.int64)
    return Scaled(TWICE.scaled * filters.weights.astype(np.int64), numbers[:, 0], numbers[:, 1:])


def rectified(filters: Filters) -> Scaled:
    """{multiplier, addend}, as one shift serves all channels. A channel without weights is its constant.

    The first rounding's half is in the addend, or in the bias where it would be less than 1.
    """
    live, missing = bounds(filters) > 0, missing_bits(filters)
    lefts = np.where(live, lefts_of(filters), LEAST_LEFT)
    exact = np.where(live, multipliers_of(filters), 0)
    multipliers = np.where(missing > 0, ((exact << 1 >> missing) + 1) >> 1, exact)
    halves = np.where(missing > 0, 0, 1 << (lefts - LEAST_LEFT)) + (1 << (RECTIFIED_RIGHT - 1))
    in_bias = np.where(missing > 0, np.rint((1 << 30 + LEAST_LEFT) / np.maximum(exact, 1)), 0).astype(np.int64)
    constants = doubled(filters).rounding[:, 1] // 2 << RECTIFIED_RIGHT
    addends = np.where(live, halves + (filters.parameters.output_zero_point << RECTIFIED_RIGHT), constants)
    return Scaled(
        filters.weights.astype(np.int64) << lefts[:, None, None],
        np.where(live, (filters.bias << lefts) + in_bias, 0),
        np.stack((multipliers, addends), axis=1),
    )


def pair(first: Numbers, second: Numbers) -> Numbers:
    """Two int16 as one int32, the first one lower."""
    return second * 65536 + (first & 0xFFFF)


def numbers_of(scaled: Scaled) -> NDArray[np.int32]:
    """int32 [channel]{pairs of rows 0 and 1, one a column; pairs of rows 1 and 2; bias; how to round a sum}."""
    rows = np.moveaxis(scaled.weights, 1, 0)
    pairs = (pair(rows[0], rows[1]), pair(rows[1], rows[2]))
    return np.column_stack((*pairs, scaled.biases, scaled.rounding)).astype(np.int32)


def apart_numbers(scaled: Scaled) -> NDArray[np.int32]:
    """int32 [four channels]{biases; [row][column 0, 2, 1]{channels 0 and 2, 1 and 3}; how to round each one's sum}."""
    channels = len(scaled.biases)
    firsts = np.minimum(np.arange(0, channels, QUAD), channels - QUAD)
    quads = firsts[:, None] + np.arange(QUAD)
    weights = scaled.weights[quads][..., (0, 2, 1)]  # quad, channel, row, column
    pairs = np.stack([pair(weights[:, k], weights[:, k + 2]) for k in (0, 1)], axis=-1)
    rounding = scaled.rounding[quads].reshape(len(quads), -1)
    return np.column_stack((scaled.biases[quads], pairs.reshape(len(quads), -1), rounding)).astype(np.int32)


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under up to four rows, of four channels."""
    return PAIR_BYTES * PLANES * QUAD * (graph.tensors[op.outputs[0]].shape[2] + 2)
