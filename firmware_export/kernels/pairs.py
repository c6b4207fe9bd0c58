"""Depthwise convolutions of the DSP extension: which layers they can compute, and their numbers as they read them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir, op_parameters
from firmware_export.kernels.tiles import (
    QUAD,
    TWICE,
    Filters,
    Numbers,
    are_rounded,
    bounds,
    channel_numbers,
    largest_sums,
    multipliers_of,
    rights_of,
)
from firmware_export.quantised_math import ChannelParameters, convolution_output, wrap_int32

PLANES = 3  # pairs of rows under them
PAIR_BYTES = 4
RECTIFIED_RIGHT = 12  # the shift of all channels
LEAST_LEFT = 2  # by how much rectified weights are shifted to the left
FAINT_LEFTS = range(LEAST_LEFT, 8)
UNFIT = 16
HALF_WORD = 1 << 15
MOST_TAPS = 256
POINTER_BYTES = 8  # of a PC, which computes what a microcontroller does
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


def taps_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer filters at least four channels by few weights each, and its numbers leave no register."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    height, width = op.attrs.window.kernel
    return is_wide(op, graph) and height * width <= MOST_TAPS and fits(filters_of(op, graph))


def is_three_wide(op: ir.Op, graph: ir.Graph, *, stride: int) -> bool:
    """Whether a layer filters each of at least four int8 channels by 3x3 weights."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    window = op.attrs.window
    return is_wide(op, graph) and window.kernel == (3, 3) and window.dilation[1] == 1 and window.stride[1] == stride


def is_wide(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer filters each of at least four int8 channels once."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    x, weights, *_ = graph.of(op.inputs)
    return (
        x.dtype is not ir.DType.INT16 and weights.data is not None and x.shape[3] >= QUAD and op.attrs.multiplier == 1
    )


def fits(filters: Filters) -> bool:
    """Whether doubled sums and what is rounded fit int32."""
    return are_rounded(filters, TWICE, op_parameters.LARGEST_SUM)


def fits_rectified(filters: Filters) -> bool:
    """Whether negative sums give the lowest output, and one shift serves all channels."""
    if filters.parameters.clamp.low < filters.parameters.output_zero_point:
        return False
    live, lefts = bounds(filters) > 0, lefts_of(filters)
    weights = filters.weights.astype(np.int64)
    heaviest = np.maximum(weights, -weights - 1).max(axis=(1, 2))
    fits = (heaviest << lefts < HALF_WORD) & (largest_sums(filters) << lefts < op_parameters.LARGEST_SUM)
    return bool(np.all((fits & (lefts < UNFIT))[live]))


def lefts_of(filters: Filters) -> Numbers:
    """By how much each channel's weights are shifted to the left, so that all products are by the same to the right."""
    lefts = exact_lefts(filters)
    for channel in np.flatnonzero((bounds(filters) > 0) & (lefts < LEAST_LEFT)).tolist():
        lefts[channel] = faint_left(filters, channel)
    return lefts


def exact_lefts(filters: Filters) -> Numbers:
    """The same, if multipliers keep all their bits."""
    return np.array(RECTIFIED_RIGHT + 1 - rights_of(filters, TWICE))


def faint_left(filters: Filters, channel: int) -> int:
    """By how much a channel's weights may be shifted so that no sum shows which bits its multiplier has lost."""
    if largest_sums(filters)[channel] > MOST_SUMS:
        return UNFIT
    return next((left for left in FAINT_LEFTS if is_exact(filters, channel, left)), UNFIT)


def is_exact(filters: Filters, channel: int, left: int) -> bool:
    """Whether each sum of a channel gives what the reference makes of it."""
    bound, clamp = bounds(filters)[channel], filters.parameters.clamp
    sums = np.arange(-bound, bound + 1) + filters.bias[channel]
    scaled = rectified(filters, np.full(len(filters.bias), left))
    shifted = (sums << left) + (scaled.biases[channel] - (filters.bias[channel] << left))
    multiplier, addend = scaled.rounding[channel]
    ours = np.clip(((shifted * multiplier >> 32) + addend) >> RECTIFIED_RIGHT, clamp.low, clamp.high)
    theirs = convolution_output(wrap_int32(sums[:, None]), channel_of(filters.parameters, channel))
    return bool(np.array_equal(ours, theirs[:, 0]))


def channel_of(parameters: ChannelParameters, channel: int) -> ChannelParameters:
    """The parameters of one channel alone."""
    if len(parameters.multipliers) == 1:
        return parameters
    return replace(parameters, multipliers=(parameters.multipliers[channel],), shifts=(parameters.shifts[channel],))


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


def rectified(filters: Filters, lefts: Numbers) -> Scaled:
    """{multiplier, addend}, as one shift serves all channels. A channel without weights is its constant.

    lefts: as lefts_of gives them. The first rounding's half is in the addend, or in the bias of a faint channel.
    """
    live = bounds(filters) > 0
    lefts = np.where(live, lefts, LEAST_LEFT)
    missing = np.where(live, np.maximum(lefts - exact_lefts(filters), 0), 0)
    exact = np.where(live, multipliers_of(filters), 0)
    multipliers = ((exact << 1 >> missing) + 1) >> 1
    halves = np.where(missing > 0, 0, 1 << (lefts - LEAST_LEFT)) + (1 << (RECTIFIED_RIGHT - 1))
    in_bias = np.where(missing > 0, np.rint((1 << (30 + lefts)) / np.maximum(exact, 1)), 0).astype(np.int64)
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
    """As taps_numbers, in the order of columns 0, 2, 1."""
    return taps_numbers(replace(scaled, weights=scaled.weights[..., (0, 2, 1)]))


def in_quads(channels: int) -> NDArray[np.int64]:
    """[quad][4]: the channels of each. Where they make no whole quads the last ones are in two."""
    firsts = np.minimum(np.arange(0, channels, QUAD), channels - QUAD)
    return firsts[:, None] + np.arange(QUAD)


def taps_numbers(scaled: Scaled) -> NDArray[np.int32]:
    """int32 [four channels]{biases; [row][column]{channels 0 and 2, 1 and 3}; how to round each one's sum}."""
    quads = in_quads(len(scaled.biases))
    weights = scaled.weights[quads]  # quad, channel, row, column
    pairs = np.stack([pair(weights[:, k], weights[:, k + 2]) for k in (0, 1)], axis=-1)
    rounding = scaled.rounding[quads].reshape(len(quads), -1)
    return np.column_stack((scaled.biases[quads], pairs.reshape(len(quads), -1), rounding)).astype(np.int32)


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under up to four rows, of four channels."""
    return PAIR_BYTES * PLANES * QUAD * (graph.tensors[op.outputs[0]].shape[2] + 2)


def taps_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """Two pointers for each weight of a channel."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    height, width = op.attrs.window.kernel
    return 2 * POINTER_BYTES * height * width


def rows_together(window: ir.Window) -> int:
    """How many rows of the output one call computes."""
    return {(1, 1): 4, (2, 1): 2}.get((window.stride[0], window.dilation[0]), 1)
