"""Blocks of plain cores: which layers they can compute, and weights and numbers in the order they read them.

Weights are read without a sign, 128 larger than they are, and so are a convolution's values. What that adds to a sum is
known: 128 times the sum of what lies under the filter, and, of a convolution, a part of the bias.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir
from firmware_export.kernels.tiles import (
    FARTHEST,
    ONCE,
    QUAD,
    TWICE,
    Filters,
    Numbers,
    Rounding,
    are_rounded,
    bounds,
    filters_of,
    multipliers_of,
    rights_of,
)
from firmware_export.quantised_math import wrap_int32

PIXELS = 2
LARGEST = 255  # of a value without a sign
APART = 1 << 23  # sums below it can be told apart where four of them lie in three registers
WIDEST = 1 << 29  # what is multiplied, in halves of 16 bits, is below it
ORDER = (2, 3, 1, 0)  # in which the weights of a quad's channels lie in a word
EIGHTH = 1 << 30  # the multiplier of a channel without weights, with a shift to the right by one


def conv2d_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether blocks compute a CONV_2D to the byte: one group, and numbers that leave no register."""
    x, weights, *_ = graph.of(op.inputs)
    return weights.shape[3] == x.shape[3] and suits(op, graph, TWICE, farthest_sums)


def fully_connected_suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether blocks compute a FULLY_CONNECTED to the byte: numbers that leave no register."""
    return suits(op, graph, ONCE, bounds)


def suits(op: ir.Op, graph: ir.Graph, rounding: Rounding, farthest: Callable[[Filters], Numbers]) -> bool:
    """Whether four sums can be told apart in three registers, and each be rounded in 32 bits."""
    x, weights, *_ = graph.of(op.inputs)
    if x.dtype is ir.DType.INT16 or weights.data is None:
        return False
    filters = filters_of(op, graph)
    return bool(farthest(filters).max() < APART and are_rounded(filters, rounding, WIDEST))


def farthest_sums(filters: Filters) -> Numbers:
    """The largest magnitude of each channel's sum over values without a sign."""
    weights = filters.weights.astype(np.int64)
    over, under = (np.maximum(sign * weights, 0).sum(axis=(1, 2)) for sign in (1, -1))
    return np.asarray(LARGEST * np.maximum(over, under))


def channel_numbers(filters: Filters, rounding: Rounding, bias: Numbers) -> tuple[Numbers, Numbers]:
    """Of each channel {bias, multiplier}, and its shift to the right less one. bias: of a channel with weights.

    A channel without weights is its constant, multiplied and shifted back.
    """
    constant = rounding.output(wrap_int32(filters.bias), filters.parameters).astype(np.int64)
    live = bounds(filters) > 0
    beyond = constant - filters.parameters.output_zero_point
    columns = (np.where(live, rounding.scaled * bias, 8 * beyond), np.where(live, multipliers_of(filters), EIGHTH))
    return np.stack(columns, axis=1), np.where(live, rights_of(filters, rounding) - 1, 0)


def numbers_of(filters: Filters, rounding: Rounding, bias: Numbers) -> tuple[Numbers, Numbers]:
    """The same in whole quads."""
    numbers, rights = channel_numbers(filters, rounding, bias)
    missing = (0, -len(rights) % QUAD)
    return np.pad(numbers, (missing, (0, 0)), "edge"), np.pad(rights, missing, "edge")


def packed_weights(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][values]: the weights of four channels. Zeros fill the last quad up."""
    channels = len(filters.weights)
    weights = np.pad(filters.weights.reshape(channels, -1).astype(np.int64), ((0, -channels % QUAD), (0, 0))) + FARTHEST
    of_quads = weights.reshape(-1, QUAD, weights.shape[1])[:, ORDER].transpose(0, 2, 1).astype(np.uint8)
    return np.ascontiguousarray(of_quads).reshape(len(of_quads), -1).view("<u4")


def words(rights: Numbers) -> NDArray[np.uint32]:
    """uint32 [quad][1]: a byte a channel."""
    return rights.astype(np.uint8).reshape(-1, QUAD).view("<u4")


def quads(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][words]: weights of four channels of a convolution, then the channels' shifts and numbers."""
    bias = filters.bias - FARTHEST * filters.weights.astype(np.int64).sum(axis=(1, 2))  # of values without a sign
    weights, (numbers, rights) = packed_weights(filters), numbers_of(filters, TWICE, bias)
    own = numbers.astype(np.int32).reshape(len(weights), -1).view(np.uint32)
    return np.concatenate([weights, words(rights), own], axis=1)


def units_of(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][words]: weights of four units of a fully connected layer, then their biases."""
    weights, (numbers, _) = packed_weights(filters), numbers_of(filters, ONCE, filters.bias)
    return np.concatenate([weights, numbers[:, 0].astype(np.int32).reshape(-1, QUAD).view(np.uint32)], axis=1)


def unit_scales(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][5]: shifts and multipliers of four units; a single row where all units have the same."""
    numbers, rights = numbers_of(filters, ONCE, filters.bias)
    table = np.concatenate([words(rights), numbers[:, 1].astype(np.uint32).reshape(-1, QUAD)], axis=1)
    same = np.all(numbers[:, 1] == numbers[0, 1]) and np.all(rights == rights[0])
    return table[:1] if same else table


def conv2d_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under a filter, for two pixels, in words."""
    values = filters_of(op, graph).weights[0].size
    return int(PIXELS * -(-values // 4) * 4)
