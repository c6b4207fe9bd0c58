"""Depthwise convolutions of plain cores: which layers they can compute, and their numbers as they read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir, op_parameters
from firmware_export.kernels.blocks import WIDEST, channel_numbers
from firmware_export.kernels.pairs import filters_of
from firmware_export.kernels.tiles import FARTHEST_RIGHT, QUAD, TWICE, Filters, bounds, multipliers_of, rights_of

SIZE = 3  # of a window
COLUMN_BYTES = SIZE * QUAD


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer's windows are 3x3, their columns side by side, and its numbers leave no register."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    x, weights, *_ = graph.of(op.inputs)
    window = op.attrs.window
    if x.dtype is ir.DType.INT16 or weights.data is None or x.shape[3] < QUAD or op.attrs.multiplier != 1:
        return False
    if window.kernel != (SIZE, SIZE) or window.dilation[1] != 1:
        return False
    filters = filters_of(op, graph)
    live = bounds(filters) > 0
    totals, rights = (bounds(filters) + np.abs(filters.bias))[live], rights_of(filters, TWICE)[live]
    return bool(
        np.all(TWICE.scaled * totals < WIDEST)
        and np.all(multipliers_of(filters)[live] < op_parameters.LARGEST_SUM)
        and np.all((rights >= 1) & (rights <= FARTHEST_RIGHT))
    )


def quads(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][words]: the 9 weights of each of four channels, their shifts, and their numbers.

    Where the channels make no whole quads the last ones are in two.
    """
    channels = len(filters.weights)
    firsts = np.minimum(np.arange(0, channels, QUAD), channels - QUAD)
    of_quads = firsts[:, None] + np.arange(QUAD)
    numbers, rights = channel_numbers(filters, TWICE, filters.bias)
    tables = (
        filters.weights[of_quads].reshape(len(firsts), -1).view("<u4"),
        rights[of_quads].astype(np.uint8).view("<u4"),
        numbers[of_quads].astype(np.int32).reshape(len(firsts), -1).view(np.uint32),
    )
    return np.concatenate(tables, axis=1)


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under the windows of one row, of four channels."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    width = graph.tensors[op.outputs[0]].shape[2]
    return COLUMN_BYTES * ((width - 1) * op.attrs.window.stride[1] + SIZE)
