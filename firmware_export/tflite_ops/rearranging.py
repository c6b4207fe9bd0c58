"""Ops that give their input's bytes in another order: TRANSPOSE, REVERSE_V2, TILE, BROADCAST_TO, SPACE_TO_DEPTH, ..."""

from __future__ import annotations

import numpy as np

from firmware_export.tflite_node import Node, integers, require, require_int8
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_ops.walks import moved, viewed
from firmware_export.tflite_shapes import existing_axis, require_shape


def read_transpose(node: Node) -> Read:
    x = node.inputs[0]
    order = tuple(existing_axis(node, axis, x) for axis in integers(node, 1))
    require(node, sorted(order) == list(range(len(x.shape))), "has an order that is no permutation of its axes")
    attrs = viewed(node, lambda array: array.transpose(order))
    return moved(node, attrs, tuple(x.shape[axis] for axis in order))


def read_reverse(node: Node) -> Read:
    x = node.inputs[0]
    axes = tuple(existing_axis(node, axis, x) for axis in integers(node, 1))
    require(node, len(set(axes)) == len(axes), "names an axis twice")
    return moved(node, viewed(node, lambda array: np.flip(array, axes)), x.shape)


def read_tile(node: Node) -> Read:
    x, times = node.inputs[0], integers(node, 1)
    require(node, len(times) == len(x.shape) and min(times, default=1) > 0, "repeats in an impossible way")
    shape = tuple(n * size for n, size in zip(times, x.shape, strict=True))
    require_shape(node, shape)
    pairs = [size for pair in zip(times, x.shape, strict=True) for size in pair]
    single = tuple(1 if place % 2 == 0 else size for place, size in enumerate(pairs))
    attrs = viewed(node, lambda array: np.broadcast_to(array.reshape(single), pairs))
    return moved(node, attrs, shape)


def read_broadcast(node: Node) -> Read:
    x, shape = node.inputs[0], integers(node, 1)
    lengths = zip(x.shape[::-1], shape[::-1], strict=False)
    require(
        node, len(x.shape) <= len(shape) and all(a in (1, b) for a, b in lengths), "has shapes that do not broadcast"
    )
    require_shape(node, shape)
    return moved(node, viewed(node, lambda array: np.broadcast_to(array, shape)), shape)


def side_of(node: Node) -> int:
    """The side of the block; refuses what is no image."""
    require(node, node.options is not None and node.options.BlockSize() > 0, "has no block size")
    require(node, len(node.inputs[0].shape) == 4, "needs a tensor [batch, height, width, channels]")
    return int(node.options.BlockSize())


def read_space_to_depth(node: Node) -> Read:
    require_int8(node, node.inputs[0], node.output)  # the reference moves no int16 here
    side, (batch, height, width, channels) = side_of(node), node.inputs[0].shape
    require(node, height % side == 0 and width % side == 0, "has a size that its blocks do not fit")
    split = (batch, height // side, side, width // side, side, channels)
    attrs = viewed(node, lambda array: array.reshape(split).transpose(0, 1, 3, 2, 4, 5))
    return moved(node, attrs, (batch, height // side, width // side, channels * side * side))


def read_depth_to_space(node: Node) -> Read:
    require_int8(node, node.inputs[0], node.output)  # the reference moves no int16 here
    side, (batch, height, width, depth) = side_of(node), node.inputs[0].shape
    require(node, depth % (side * side) == 0, "has channels that its blocks do not fit")
    split = (batch, height, width, side, side, depth // side // side)
    attrs = viewed(node, lambda array: array.reshape(split).transpose(0, 1, 3, 2, 4, 5))
    return moved(node, attrs, (batch, height * side, width * side, depth // side // side))


READERS = {
    "TRANSPOSE": Reader(None, (2, 2), read_transpose, "any permutation", types=INT8_OR_INT16),
    "REVERSE_V2": Reader(None, (2, 2), read_reverse, "any axes", types=INT8_OR_INT16),
    "TILE": Reader(None, (2, 2), read_tile, "any axes", types=INT8_OR_INT16),
    "BROADCAST_TO": Reader(None, (2, 2), read_broadcast, "any axes", types=INT8_OR_INT16),
    "SPACE_TO_DEPTH": Reader("SpaceToDepthOptions", (1, 1), read_space_to_depth, "any block"),
    "DEPTH_TO_SPACE": Reader("DepthToSpaceOptions", (1, 1), read_depth_to_space, "any block"),
}
