"""Tiles of the DSP extension: which layers they can compute, and weights and numbers in the order they read them.

One int16 holds the weights of two channels, second * 256 + first: one multiplication serves both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir, op_parameters
from firmware_export.quantised_math import (
    ChannelParameters,
    convolution_output,
    fully_connected_output,
    wrap_int32,
)

BLOCK = 4  # values that are widened together
QUAD = 4  # channels of a convolution's tile
OCTET = 8  # units of a fully connected layer's tile
PIXELS = 2
PAIR_BYTES = 2 * BLOCK * PIXELS  # of a block of two pixels, widened
TOGETHER = 1 << 23  # the second of two sums in one register is below it
FARTHEST = 128  # magnitude of an int8
FARTHEST_RIGHT = 22  # an output offset, scaled by it, and what is rounded fit int32

Weights = NDArray[np.int8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Filters:
    """A layer's weights, [channels, runs, values that lie together], and its bias with the input's zero point in it."""

    weights: Weights
    bias: Numbers
    parameters: ChannelParameters


def filters_of(op: ir.Op, graph: ir.Graph) -> Filters:
    """The weights and numbers of a CONV_2D or FULLY_CONNECTED. Raises UnsupportedOp as op_parameters does."""
    x, weights, *bias, output = tensors = graph.of((*op.inputs, *op.outputs))
    assert weights.data is not None
    channels = len(weights.data)
    match op.attrs:
        case ir.Conv2D(clamp=clamp):
            parameters = op_parameters.convolution(tensors, clamp)
            runs = weights.shape[1]
        case ir.FullyConnected(clamp=clamp):
            parameters = op_parameters.fully_connected(tensors, clamp)
            runs = 1
        case _:
            raise TypeError(f"{op.kind} of {output.name} has no filters")
    values = weights.data.astype(np.int8).reshape(channels, runs, -1)
    known = np.zeros(channels) if not bias or bias[0].data is None else np.ravel(bias[0].data)
    folded = known.astype(np.int64) - x.zero_point * values.astype(np.int64).sum(axis=(1, 2))
    return Filters(values, folded, parameters)


@dataclass(frozen=True)
class Rounding:
    """How a tile's sums become int8: scaled, multiplied, `dropped` bits away at once, and the rest by a shift."""

    scaled: int
    dropped: int
    output: Callable[[Numbers, ChannelParameters], NDArray[np.int8]]  # what the reference makes of sums
    tile: int  # channels that are computed together


TWICE = Rounding(2, 31, convolution_output, QUAD)
ONCE = Rounding(1, 32, fully_connected_output, OCTET)


def conv2d_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether tiles compute a CONV_2D to the byte: one group, and numbers that leave no register."""
    x, weights, *_ = graph.of(op.inputs)
    return weights.shape[3] == x.shape[3] and suits(op, graph, TWICE)


def fully_connected_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether tiles compute a FULLY_CONNECTED to the byte: numbers that leave no register."""
    return suits(op, graph, ONCE)


def suits(op: ir.Op, graph: ir.Graph, rounding: Rounding) -> bool:
    """Whether two sums of each pair of channels can be told apart, and each be rounded in 32 bits."""
    x, weights, *_ = graph.of(op.inputs)
    if x.dtype is ir.DType.INT16 or weights.data is None:
        return False
    filters = filters_of(op, graph)
    apart = filters.weights.min() > -FARTHEST and bounds(filters).max() < TOGETHER
    return bool(apart and are_rounded(filters, rounding, op_parameters.LARGEST_SUM))


def are_rounded(filters: Filters, rounding: Rounding, widest: int) -> bool:
    """Whether channels have sums that are below `widest` when they are scaled, and a multiplier and shift in reach."""
    live = bounds(filters) > 0
    rights, sums = rights_of(filters, rounding)[live], rounding.scaled * largest_sums(filters)[live]
    multipliers = multipliers_of(filters)[live]
    in_reach = (multipliers < op_parameters.LARGEST_SUM) & (rights >= 1) & (rights <= FARTHEST_RIGHT)
    return bool(np.all((sums < widest) & in_reach))


def largest_sums(filters: Filters) -> Numbers:
    """The largest magnitude of each channel's sum."""
    return np.asarray(bounds(filters) + np.abs(filters.bias))


def multipliers_of(filters: Filters) -> Numbers:
    """One of each channel."""
    return np.broadcast_to(np.array(filters.parameters.multipliers, np.int64), filters.bias.shape)


def rights_of(filters: Filters, rounding: Rounding) -> Numbers:
    """By how much each channel's product is shifted after the bits that are dropped at once."""
    rights = 31 - rounding.dropped - np.array(filters.parameters.shifts, np.int64)
    return np.broadcast_to(rights, filters.bias.shape)


def bounds(filters: Filters) -> Numbers:
    """The largest magnitude of each channel's sum before its bias."""
    return np.asarray(FARTHEST * np.abs(filters.weights.astype(np.int64)).sum(axis=(1, 2)))


def blocks_of(weights: Weights) -> int:
    """Blocks that one channel's weights take; each run is rounded up."""
    _, runs, values = weights.shape
    return int(runs * -(-values // BLOCK))


def packed_weights(weights: Weights, tile: int) -> NDArray[np.int16]:
    """int16 [tile of channels][block][pair][two channels][2 values]: values 0 and 2 of a block, then 1 and 3."""
    channels, runs, values = weights.shape
    filled = np.zeros((-(-channels // tile) * tile, runs, -(-values // BLOCK) * BLOCK), np.int16)
    filled[:channels, :, :values] = weights
    apart = filled.reshape(-1, tile // 2, 2, blocks_of(weights), 2, 2)  # ..., block, half, pair
    both = apart[:, :, 1] * np.int16(256) + apart[:, :, 0]
    return both.transpose(0, 2, 4, 1, 3)


def octets(weights: Weights) -> NDArray[np.int16]:
    """int16 [octet][block][pair][two units][2 values], of a fully connected layer.

    The first block is the last four values, that rows need not be filled up: weights of what another block holds too,
    or is not there, are zeros.
    """
    channels, runs, depth = weights.shape
    behind = (depth - 1) // BLOCK * BLOCK
    repeated = np.zeros((channels, runs, behind + BLOCK - depth), np.int8)
    return packed_weights(np.concatenate([repeated, weights[..., behind:], weights[..., :behind]], axis=2), OCTET)


def channel_numbers(filters: Filters, rounding: Rounding) -> NDArray[np.int32]:
    """Of each channel {bias, multiplier, addend, right}; the addend rounds, and holds the output's zero point.

    A channel without weights is its constant, doubled and shifted back. Zeros fill the last tile up.
    """
    constant = rounding.output(wrap_int32(filters.bias), filters.parameters).astype(np.int64)
    live = bounds(filters) > 0
    rights = np.where(live, rights_of(filters, rounding), 1)
    halves = (1 << (rights - 1)) + (filters.parameters.output_zero_point << rights)
    columns = (
        rounding.scaled * np.where(live, filters.bias, 0),
        np.where(live, multipliers_of(filters), 0),
        np.where(live, halves, 2 * constant),
        rights,
    )
    table = np.zeros((-(-len(constant) // rounding.tile) * rounding.tile, len(columns)), np.int32)
    table[: len(constant)] = np.stack(columns, axis=1)
    return table


def quads(filters: Filters) -> NDArray[np.int16]:
    """int16 [quad][halves]: the weights of four channels of a convolution, then their numbers."""
    weights = packed_weights(filters.weights, QUAD)
    numbers = channel_numbers(filters, TWICE).reshape(len(weights), -1).view(np.int16)
    return np.concatenate([weights.reshape(len(weights), -1), numbers], axis=1)


@dataclass(frozen=True)
class Columns:
    """How a convolution's windows lie in the rows: those of columns [first, end) are blocks of the rows themselves."""

    row_blocks: int
    dilation: int
    first: int
    end: int
    edge_bytes: int  # of the copy of one kernel row under two columns, where one of them is not of these
    edge_start: int  # of the copies in the scratch: what is read of them is widened over the rest


def columns_of(op: ir.Op, graph: ir.Graph, rows: int = 1) -> Columns:
    """Of a CONV_2D whose image's `rows` are taken for one."""
    x, *_, output = graph.of((*op.inputs, *op.outputs))
    assert isinstance(op.attrs, ir.Conv2D)
    window, depth = op.attrs.window, x.shape[3]
    width, stride, before = window.kernel[1], window.stride[1], window.before[1]
    dilation = window.dilation[1] if width > 1 else 1
    row_blocks = -(-width * depth // BLOCK)
    second = stride if dilation == 1 else width  # columns of the copy before the second window
    edge_bytes = max((second + width) * depth, second * depth + row_blocks * BLOCK)
    ahead = max(0, row_blocks * PAIR_BYTES - edge_bytes)  # bytes: by which widening a kernel row's copy comes nearer
    edge_start = (window.kernel[0] - 1) * ahead + (row_blocks - 1) * (PAIR_BYTES - BLOCK)
    last_start = rows * x.shape[2] * depth - row_blocks * BLOCK  # bytes: blocks from here on end in the row
    end = (last_start // depth + before) // stride + 1 if last_start >= 0 and dilation == 1 else 0
    end = min(end, rows * output.shape[2])
    return Columns(row_blocks, dilation, -(-before // stride), end, edge_bytes, edge_start)


def conv2d_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """Two pixels' values under a filter, widened to int16; copies of what lies under two columns at an edge."""
    *_, output = graph.of((*op.inputs, *op.outputs))
    columns, height = columns_of(op, graph), filters_of(op, graph).weights.shape[1]
    has_edges = columns.first > 0 or columns.end < output.shape[2]
    widened = int(height) * columns.row_blocks * PAIR_BYTES
    return max(widened, columns.edge_start + int(height) * columns.edge_bytes) if has_edges else widened
