"""Ops that take elements of their input by index: GATHER, RESIZE_NEAREST_NEIGHBOR, MIRROR_PAD."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Tensor
from firmware_export.tflite_node import Node, integers, require, require_activations, require_unscaled
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_ops.walks import moved, require_few, taken
from firmware_export.tflite_shapes import existing_axis, require_shape

REFLECT = 0  # of MirrorPadMode: the edge itself is not repeated
Indices = NDArray[np.int64]


def read_gather(node: Node) -> Read:
    x, indices = node.inputs[0], constant_indices(node)
    require(node, node.options is not None, "has no options")
    axis = existing_axis(node, node.options.Axis(), x)
    shared = node.options.BatchDims()
    shared += len(indices.shape) if shared < 0 else 0
    require(node, 0 <= shared <= min(axis, indices.ndim), "shares axes that it does not have")
    require(node, indices.shape[:shared] == x.shape[:shared], "has indices of other shared axes than its input's")
    require_few(node, indices.size * math.prod(x.shape[shared:axis]) if shared else indices.size)
    require(node, indices.min() >= 0 and indices.max() < x.shape[axis], "takes elements that its input does not have")
    attrs = taken(node, *(rows(x, indices, axis, shared) if shared else (x.shape, {axis: indices})))
    return moved(node, attrs, (*x.shape[:axis], *indices.shape[shared:], *x.shape[axis + 1 :]))


def constant_indices(node: Node) -> Indices:
    """The indices, which must be constant integers."""
    data = node.inputs[1].data
    if data is None:
        raise UnsupportedOp(
            f"layer {node.where!r}: GATHER takes elements by indices that are computed at run time; "
            "look them up before the network (an embedding), or make the indices constant"
        )
    require(node, data.dtype.kind == "i", "has indices that are none")
    return data.astype(np.int64)


def rows(x: Tensor, indices: Indices, axis: int, shared: int) -> tuple[tuple[int, ...], dict[int, Indices]]:
    """Elements of some shared axes as rows of one axis: its shape, and which of its rows are taken."""
    batch, between, length = math.prod(x.shape[:shared]), math.prod(x.shape[shared:axis]), x.shape[axis]
    first = np.arange(batch * between).reshape(batch, between, 1) * length
    count = batch * between * length
    return (count, x.elements // count), {0: first + indices.reshape(batch, 1, -1)}


def read_resize_nearest(node: Node) -> Read:
    x, output = node.inputs[0], node.output
    require(node, node.options is not None, "has no options")
    require(node, len(x.shape) == 4 and len(integers(node, 1)) == 2, "needs a tensor [batch, height, width, channels]")
    require_shape(node, (x.shape[0], *integers(node, 1), x.shape[3]))
    chosen = {axis: nearest(node, x.shape[axis], output.shape[axis]) for axis in (1, 2)}
    return taken(node, x.shape, chosen), (x,)


def nearest(node: Node, size: int, count: int) -> Indices:
    """For each of `count` rows the nearest of `size`, in the reference's float32."""
    require_few(node, count)
    aligned, centred = node.options.AlignCorners(), node.options.HalfPixelCenters()
    scale = (
        np.float32(size - 1) / np.float32(count - 1) if aligned and count > 1 else np.float32(size) / np.float32(count)
    )
    places = (np.arange(count, dtype=np.float32) + np.float32(0.5 if centred else 0)) * scale
    floor = np.floor(places)
    rounds_up = (places - floor >= np.float32(0.5)) & aligned
    chosen: Indices = np.minimum(floor.astype(np.int64) + rounds_up, size - 1)
    return chosen


def read_mirror_pad(node: Node) -> Read:
    x, amounts = node.inputs[0], integers(node, 1)
    require(node, node.options is not None, "has no options")
    require_activations(node, x, node.output)
    require_unscaled(node, x)
    most = [size - (node.options.Mode() == REFLECT) for size in x.shape for _ in (0, 1)]
    fits = len(amounts) == len(most) and all(0 <= n <= limit for n, limit in zip(amounts, most, strict=True))
    require(node, fits, "has impossible padding")
    padding = tuple(zip(amounts[::2], amounts[1::2], strict=True))
    chosen = {axis: mirrored(node, axis, pair) for axis, pair in enumerate(padding) if pair != (0, 0)}
    sizes = tuple(low + size + high for size, (low, high) in zip(x.shape, padding, strict=True))
    return moved(node, taken(node, x.shape, chosen), sizes)


def mirrored(node: Node, axis: int, padding: tuple[int, int]) -> Indices:
    """Which elements stand along a padded axis."""
    size = node.inputs[0].shape[axis]
    require_few(node, size + sum(padding))
    return np.pad(np.arange(size), padding, mode="reflect" if node.options.Mode() == REFLECT else "symmetric")


READERS = {
    "GATHER": Reader(
        "GatherOptions", (2, 2), read_gather, "any axis, constant indices, batch_dims", types=INT8_OR_INT16
    ),
    "RESIZE_NEAREST_NEIGHBOR": Reader(
        "ResizeNearestNeighborOptions",
        (2, 2),
        read_resize_nearest,
        "align_corners, half_pixel_centers",
        types=INT8_OR_INT16,
    ),
    "MIRROR_PAD": Reader(
        "MirrorPadOptions", (2, 2), read_mirror_pad, "any axes, reflect or symmetric", types=INT8_OR_INT16
    ),
}
