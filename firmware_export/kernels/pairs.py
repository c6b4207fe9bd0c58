"""Depthwise convolutions of the DSP extension: which layers they can compute, and their numbers as they read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir, op_parameters
from firmware_export.kernels.tiles import (
    FARTHEST_RIGHT,
    QUAD,
    TWICE,
    Filters,
    bounds,
    channel_numbers,
    rights_of,
)

BLOCK_BYTES = 48  # two columns of four channels, three rows of int16


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
    """Whether a layer's windows are 3x3, side by side or two apart, and its numbers leave no register."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    x, weights, *_ = graph.of(op.inputs)
    window = op.attrs.window
    if x.dtype is ir.DType.INT16 or weights.data is None or x.shape[3] < QUAD or op.attrs.multiplier != 1:
        return False
    if window.kernel != (3, 3) or window.dilation[1] != 1 or window.stride[1] not in (1, 2):
        return False
    filters = filters_of(op, graph)
    live = bounds(filters) > 0
    sums, rights = (bounds(filters) + np.abs(filters.bias))[live], rights_of(filters, TWICE)[live]
    return bool(
        np.all(TWICE.scaled * sums < op_parameters.LARGEST_SUM) and np.all((rights >= 1) & (rights <= FARTHEST_RIGHT))
    )


def numbers_of(filters: Filters) -> NDArray[np.int32]:
    """int32 [channel]{five pairs of weights, bias, multiplier, addend, right}."""
    weights = 2 * filters.weights.astype(np.int64)
    firsts = (*(weights[:, 0, i] for i in range(3)), weights[:, 2, 0], weights[:, 2, 1])
    seconds = (*(weights[:, 1, i] for i in range(3)), weights[:, 2, 1], weights[:, 2, 2])
    packed = np.stack(seconds, axis=1) * 65536 + (np.stack(firsts, axis=1) & 0xFFFF)
    return np.concatenate((packed, channel_numbers(filters, TWICE)[: len(weights)]), axis=1).astype(np.int32)


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under the windows of one row, of four channels."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    width = graph.tensors[op.outputs[0]].shape[2]
    blocks = (width + 3) // 2 if op.attrs.window.stride[1] == 1 else width + 1
    return BLOCK_BYTES * (blocks + 1)
