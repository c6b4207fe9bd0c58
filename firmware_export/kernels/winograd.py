"""Winograd's F(4, 3) along a row: which layers it computes, and weights in the order it reads them.

Six products make four outputs of a kernel three columns wide; tiles take twelve.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export import ir
from firmware_export.kernels import tiles

TAPS = 3  # columns of a kernel
WINDOW, OUTPUTS = 4, 8  # columns of outputs of one window, and those that are computed together
PARKED = 224  # bytes: sums of four channels, and their outputs
POSITIONS = np.array(((6, 0, 0), (-4, -4, -4), (-4, 4, -4), (1, 2, 4), (1, -2, 4), (0, 0, 24)))  # of weights

WORTH = 0.95  # of the cycles of tiles, for four times the weights in flash

# Cycles, measured on a Cortex-M4.
TILE_ROW, TILE_PRODUCT, TILE_VALUE, TILE_OUTPUT = 250, 0.94, 1.5, 25
ROW, STEP, POSITION, QUAD, BLOCK, COPIED = 550, 16.3, 38, 480, 90, 50


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a CONV_2D is three columns wide, side by side, and takes clearly fewer cycles than tiles."""
    assert isinstance(op.attrs, ir.Conv2D)
    window = op.attrs.window
    side_by_side = (window.kernel[1], window.stride[1], window.dilation[1]) == (TAPS, 1, 1)
    return side_by_side and tiles.conv2d_suits(op, graph) and cycles(op, graph) < WORTH * tile_cycles(op, graph)


def cycles(op: ir.Op, graph: ir.Graph) -> float:
    """Of an output row, roughly."""
    *_, width, channels = graph.tensors[op.outputs[0]].shape
    column_blocks = blocks_of(op, graph) * height_of(op, graph)
    quads = -(-channels // tiles.QUAD)
    of_products = quads * (len(POSITIONS) * (STEP * 2 * column_blocks + POSITION) + QUAD)
    of_windows = column_blocks * (-(-width // WINDOW) * BLOCK + 2 * COPIED)
    return ROW + -(-width // OUTPUTS) * of_products + of_windows


def tile_cycles(op: ir.Op, graph: ir.Graph) -> float:
    """Of an output row with tiles, roughly."""
    *_, width, channels = graph.tensors[op.outputs[0]].shape
    values = tiles.columns_of(op, graph).row_blocks * tiles.BLOCK * height_of(op, graph)
    filled = -(-channels // tiles.QUAD) * tiles.QUAD
    pixels = -(-width // tiles.PIXELS) * tiles.PIXELS
    return float(TILE_ROW + pixels * (values * (TILE_PRODUCT * filled + TILE_VALUE) + filled * TILE_OUTPUT))


def blocks_of(op: ir.Op, graph: ir.Graph) -> int:
    """Of four input channels."""
    return int(-(-graph.tensors[op.inputs[0]].shape[3] // tiles.BLOCK))


def height_of(op: ir.Op, graph: ir.Graph) -> int:
    """Rows of the kernel."""
    assert isinstance(op.attrs, ir.Conv2D)
    return op.attrs.window.kernel[0]


def scratch(op: ir.Op, graph: ir.Graph) -> int:
    """Two windows' values at each position; parked sums; a copy of one window at an edge."""
    return (
        4 * tiles.BLOCK * len(POSITIONS) * blocks_of(op, graph) * height_of(op, graph)
        + PARKED
        + (2 * TAPS * tiles.BLOCK * blocks_of(op, graph) * height_of(op, graph))
    )


def packed_weights(filters: tiles.Filters) -> NDArray[np.int16]:
    """int16 [quad][position][kernel row][block][pair][channel][2]: values 0 and 2 of a block, then 1 and 3."""
    channels, height, values = filters.weights.shape
    depth = values // TAPS
    filled = np.zeros((-(-channels // tiles.QUAD) * tiles.QUAD, height, TAPS, -(-depth // tiles.BLOCK) * tiles.BLOCK))
    filled[:channels, :, :, :depth] = filters.weights.reshape(channels, height, TAPS, depth)
    at_positions: NDArray[np.int16] = np.einsum("jt,chtd->cjhd", POSITIONS, filled).astype(np.int16)
    apart = at_positions.reshape(-1, tiles.QUAD, len(POSITIONS), height, filled.shape[3] // tiles.BLOCK, 2, 2)
    return apart.transpose(0, 2, 3, 4, 6, 1, 5)  # ..., block, value of a pair, pair -> ..., block, pair, channel, value


def quads(filters: tiles.Filters) -> NDArray[np.int16]:
    """int16 [quad][halves]: the weights of four channels, then their numbers."""
    weights = packed_weights(filters)
    numbers = tiles.channel_numbers(filters, tiles.TWICE).reshape(len(weights), -1).view(np.int16)
    return np.concatenate([weights.reshape(len(weights), -1), numbers], axis=1)
