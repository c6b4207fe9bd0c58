"""Kernels of Helium: which layers they can compute, and weights and numbers in the order in which they read them."""

from __future__ import annotations

import math
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

LANES = 16  # int8 in a vector: channels of a depthwise layer that are computed together
LANE_ORDER = (0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15)  # of their numbers
FEWEST_CHANNELS = 4  # fewer leave most lanes empty
MOST_TAPS = 25
NINE = 9  # taps of 3 x 3
QUAD = 4  # int32 in a vector
SUMMED = 8  # channels that are summed together
LARGEST_SUM = 1 << 30
FARTHEST = 128  # magnitude of an int8

Weights = NDArray[np.int8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Filters:
    """Weights, [channels, values], and the bias of each channel with the input's zero point in it."""

    weights: Weights
    bias: Numbers
    parameters: ChannelParameters

    @property
    def bounds(self) -> Numbers:
        """The largest magnitude of each channel's sum."""
        return np.asarray(np.abs(self.bias) + FARTHEST * np.abs(self.weights.astype(np.int64)).sum(axis=1))


def filters_of(op: ir.Op, graph: ir.Graph) -> Filters:
    """The weights and numbers of a layer. Raises UnsupportedOp as op_parameters does."""
    x, weights, *bias, output = tensors = graph.of((*op.inputs, *op.outputs))
    assert weights.data is not None
    match op.attrs:
        case ir.Conv2D(clamp=clamp):
            parameters = op_parameters.convolution(tensors, clamp)
            values = weights.data
        case ir.DepthwiseConv2D(clamp=clamp):
            parameters = op_parameters.convolution(tensors, clamp)
            values = np.moveaxis(weights.data, -1, 0)
        case ir.FullyConnected(clamp=clamp):
            parameters = op_parameters.fully_connected(tensors, clamp)
            values = weights.data
        case _:
            raise TypeError(f"{op.kind} of {output.name} has no filters")
    rows = values.astype(np.int8).reshape(len(values), -1)
    known = np.zeros(len(rows)) if not bias or bias[0].data is None else np.ravel(bias[0].data)
    folded = known.astype(np.int64) - x.zero_point * rows.astype(np.int64).sum(axis=1)
    return Filters(rows, folded, parameters)


def conv2d_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether vectors compute a CONV_2D to the byte: one group, and numbers that leave no lane."""
    x, weights, *_ = graph.of(op.inputs)
    return weights.shape[3] == x.shape[3] and rounds_twice(op, graph)


def pointwise_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """The same where each output pixel is of one input pixel."""
    assert isinstance(op.attrs, ir.Conv2D)
    window = op.attrs.window
    x, output = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    is_inside = window.before == (0, 0) and (output.shape[2] - 1) * window.stride[1] < x.shape[2]
    return window.kernel == (1, 1) and is_inside and conv2d_suits(op, graph)


def shallow_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """The same where a pixel fits one vector, and filters are whole quads."""
    channels, *_, depth = graph.tensors[op.inputs[1]].shape
    return depth <= LANES and channels % QUAD == 0 and pointwise_suits(op, graph)


def rounds_twice(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether each channel's sum fits its lane, and is shifted to the right after the multiplication."""
    x, weights, *_ = graph.of(op.inputs)
    if x.dtype is ir.DType.INT16 or weights.data is None:
        return False
    filters = filters_of(op, graph)
    live = lives(filters)
    shifts = np.array(filters.parameters.shifts)[live]
    return bool(filters.bounds[live].max(initial=0) < LARGEST_SUM and np.all((shifts >= -31) & (shifts <= -1)))


def depthwise_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether vectors compute a DEPTHWISE_CONV_2D to the byte: an output a channel, two products in 16 bits."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    weights = graph.tensors[op.inputs[1]].data
    if op.attrs.multiplier != 1 or weights is None or not rounds_twice(op, graph):
        return False
    channels = weights.shape[-1]
    fits = channels >= FEWEST_CHANNELS and weights.size <= MOST_TAPS * channels
    return fits and bool(weights.min() > -FARTHEST)


def nine_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """The same for a kernel of nine taps: each has a register of its own."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    return math.prod(op.attrs.window.kernel) == NINE and depthwise_suits(op, graph)


def fully_connected_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether vectors compute a FULLY_CONNECTED to the byte."""
    x, weights, *_ = graph.of(op.inputs)
    if x.dtype is ir.DType.INT16 or weights.data is None:
        return False
    filters = filters_of(op, graph)
    live = lives(filters)
    multipliers, shifts = of_each(filters.parameters.multipliers, live)[live], once_shifts(filters)[live]
    fits = filters.bounds[live].max(initial=0) < LARGEST_SUM and np.all(multipliers < 1 << 31)
    return bool(fits and np.all((shifts >= -31) & (shifts <= -1)))


def multiplication_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a MUL of int8 is shifted to the right after the multiplication."""
    assert isinstance(op.attrs, ir.Mul)
    tensors = graph.of((*op.inputs, *op.outputs))
    if tensors[0].dtype is ir.DType.INT16:
        return False
    return -31 <= op_parameters.multiplication(tensors, op.attrs.clamp).shift <= -1


def batch_matmul_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a BATCH_MATMUL of int8 is shifted to the right after the multiplication."""
    tensors = graph.of((*op.inputs, *op.outputs))
    if tensors[0].dtype is ir.DType.INT16:
        return False
    parameters = op_parameters.batch_matmul(tensors)
    clamp = parameters.clamp
    return -31 <= parameters.shift <= -1 and (clamp.low, clamp.high) == (-128, 127)


def mean_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a MEAN keeps its last axis, and is shifted to the right after the multiplication."""
    assert isinstance(op.attrs, ir.Mean)
    x, output = graph.of((*op.inputs, *op.outputs))
    if x.dtype is ir.DType.INT16 or channels_kept(op, graph) < FEWEST_CHANNELS:
        return False
    return -31 <= op_parameters.mean((x, output), op.attrs.axes).shift <= -1


def pool_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a pool has channels enough to fill lanes."""
    x = graph.tensors[op.inputs[0]]
    return x.dtype is not ir.DType.INT16 and x.shape[3] >= FEWEST_CHANNELS


def channels_kept(op: ir.Op, graph: ir.Graph) -> int:
    """How many of a MEAN's outputs have inputs that lie side by side."""
    assert isinstance(op.attrs, ir.Mean)
    shape = graph.tensors[op.inputs[0]].shape
    reduced = {axis % len(shape) for axis in op.attrs.axes if shape[axis] > 1}
    return math.prod(shape[max(reduced, default=-1) + 1 :])


def of_each(values: tuple[int, ...], channels: NDArray[np.generic]) -> Numbers:
    """A number of each channel, of which there may be one for all."""
    return np.broadcast_to(np.array(values, np.int64), channels.shape)


def once_shifts(filters: Filters) -> Numbers:
    """By how much each unit's product is shifted to the left after its lower half is gone."""
    return of_each(filters.parameters.shifts, filters.bias) + 1


def lives(filters: Filters) -> NDArray[np.bool_]:
    """Which channels have weights: others are a constant."""
    return np.asarray(filters.weights.any(axis=1))


def first_values(count: int) -> int:
    """How many of a filter's values are its first part; the rest are whole vectors."""
    return (count - 1) % LANES + 1


def packed_weights(weights: Weights) -> Weights:
    """int8 [quad][part][4][16]: the first part, filled up, then whole vectors."""
    channels, count = weights.shape
    first = first_values(count)
    parts = 1 + (count - first) // LANES
    whole = np.zeros((-(-channels // QUAD) * QUAD, parts * LANES), np.int8)
    whole[:channels, :first] = weights[:, :first]
    whole[:channels, LANES:] = weights[:, first:]
    return whole.reshape(-1, QUAD, parts, LANES).transpose(0, 2, 1, 3)


def channel_numbers(filters: Filters) -> NDArray[np.int32]:
    """int32 [channel]{bias, multiplier, shift}, where sums are rounded twice.

    A channel without weights is its constant: doubled, then halved twice, over 2^31 and by a shift of 1.
    """
    live = lives(filters)
    constant = convolution_output(wrap_int32(filters.bias), filters.parameters).astype(np.int64)
    scaled = constant - filters.parameters.output_zero_point
    columns = (
        np.where(live, filters.bias, scaled * 4),
        np.where(live, filters.parameters.multipliers, 1 << 30),
        np.where(live, filters.parameters.shifts, -1),
    )
    return np.stack(columns, axis=1).astype(np.int32)


def unit_numbers(filters: Filters) -> NDArray[np.int32]:
    """int32 [unit]{bias, multiplier, shift}, where sums are rounded once; see channel_numbers."""
    live = lives(filters)
    constant = fully_connected_output(wrap_int32(filters.bias), filters.parameters).astype(np.int64)
    scaled = constant - filters.parameters.output_zero_point
    columns = (
        np.where(live, filters.bias, scaled * 8),
        np.where(live, of_each(filters.parameters.multipliers, live), 1 << 30),
        np.where(live, once_shifts(filters), -1),
    )
    return np.stack(columns, axis=1).astype(np.int32)


def filled(values: NDArray[np.generic], *, count: int) -> NDArray[np.generic]:
    """The values, [channel][...], with zeros behind them: a multiple of `count` channels."""
    more = -len(values) % count
    return np.pad(values, ((0, more), *((0, 0) for _ in values.shape[1:])))


def depthwise_weights(weights: Weights) -> NDArray[np.generic]:
    """[block][tap][16], an odd number of taps."""
    odd = np.pad(weights, ((0, 0), (0, 1 - weights.shape[1] % 2)))
    return filled(odd, count=LANES).reshape(-1, LANES, odd.shape[1]).transpose(0, 2, 1)


def depthwise_numbers(filters: Filters) -> NDArray[np.generic]:
    """[block][number][16], in LANE_ORDER."""
    numbers = channel_numbers(filters)
    blocks = filled(numbers, count=LANES).reshape(-1, LANES, numbers.shape[1])
    return blocks[:, LANE_ORDER].transpose(0, 2, 1)


def quads(numbers: NDArray[np.int32]) -> NDArray[np.generic]:
    """[quad][number][4] of [channel][number]; zeros fill up the last quad."""
    return filled(numbers, count=QUAD).reshape(-1, QUAD, numbers.shape[1]).transpose(0, 2, 1)


def conv2d_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """Two pixels' values under a filter."""
    return 2 * graph.tensors[op.inputs[1]].elements // graph.tensors[op.inputs[1]].shape[0]


def channel_sums(op: ir.Op, graph: ir.Graph) -> int:
    """An int32 for each channel, eight at a time."""
    return sums_bytes(graph.tensors[op.outputs[0]].shape[-1])


def column_sums(op: ir.Op, graph: ir.Graph) -> int:
    """An int32 for each output of a row; one column becomes a row."""
    output = graph.tensors[op.outputs[0]]
    return 4 * (output.shape[-1] if output.shape[-1] > 1 else output.elements)


def mean_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """The same for outputs whose inputs lie side by side."""
    return sums_bytes(channels_kept(op, graph))


def sums_bytes(channels: int) -> int:
    """Of an int32 for each, eight at a time."""
    return 4 * -(-channels // SUMMED) * SUMMED
