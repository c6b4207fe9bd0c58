"""Depthwise convolutions of plain cores: which layers they can compute, and their numbers as they read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir
from firmware_export.kernels.blocks import WIDEST, channel_numbers
from firmware_export.kernels.pairs import filters_of, in_quads, is_wide
from firmware_export.kernels.tiles import QUAD, TWICE, Filters, are_rounded

SIZE = 3  # of a window
COLUMN_BYTES = SIZE * QUAD


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a layer's windows are 3x3, their columns side by side, and its numbers leave no register."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    window = op.attrs.window
    if not is_wide(op, graph) or window.kernel != (SIZE, SIZE) or window.dilation[1] != 1:
        return False
    return are_rounded(filters_of(op, graph), TWICE, WIDEST)


def quads(filters: Filters) -> NDArray[np.uint32]:
    """uint32 [quad][words]: the 9 weights of each of four channels, their shifts, and their numbers."""
    of_quads = in_quads(len(filters.weights))
    numbers, rights = channel_numbers(filters, TWICE, filters.bias)
    tables = (
        filters.weights[of_quads].reshape(len(of_quads), -1).view("<u4"),
        rights[of_quads].astype(np.uint8).view("<u4"),
        numbers[of_quads].astype(np.int32).reshape(len(of_quads), -1).view(np.uint32),
    )
    return np.concatenate(tables, axis=1)


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """What lies under the windows of one row, of four channels."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    width = graph.tensors[op.outputs[0]].shape[2]
    return COLUMN_BYTES * ((width - 1) * op.attrs.window.stride[1] + SIZE)
