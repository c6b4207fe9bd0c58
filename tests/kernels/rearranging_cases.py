"""Ops that only move bytes: TRANSPOSE, slices and splits, GATHER, TILE, RESIZE_NEAREST_NEIGHBOR, ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, constant, model, single_op

Shape = tuple[int, ...]
AFFINE = Affine(0.25, 3)
REFLECT, SYMMETRIC = schema.MirrorPadMode.REFLECT, schema.MirrorPadMode.SYMMETRIC


def value(*shape: int) -> TensorSpec:
    return tensor(shape, AFFINE)


def transpose(shape: Shape, permutation: Shape, output: Affine = AFFINE) -> bytes:
    turned = tuple(shape[axis] for axis in permutation)
    return single_op("TRANSPOSE", [value(*shape)], tensor(turned, output), permutation=permutation)


PERMUTATIONS: tuple[tuple[Shape, Shape], ...] = (
    ((3, 5), (1, 0)),
    ((1, 7, 16), (0, 2, 1)),
    ((1, 6, 2, 8), (0, 2, 1, 3)),  # heads of attention: runs of 8 bytes
    ((1, 2, 6, 8), (0, 1, 3, 2)),  # keys
    ((1, 4, 3, 5), (0, 3, 1, 2)),
    ((2, 3, 4, 5), (3, 2, 1, 0)),
    ((2, 3, 2, 3, 2), (4, 1, 3, 0, 2)),
    ((2, 3, 2, 2, 3, 2), (5, 3, 1, 0, 2, 4)),
    ((2,) * 8, (7, 6, 5, 4, 3, 2, 1, 0)),
    ((3, 1, 5), (1, 0, 2)),  # nothing moves
    ((4,), (0,)),
)


def split(shape: Shape, axis: int, count: int) -> bytes:
    part = tuple(size // count if place == axis % len(shape) else size for place, size in enumerate(shape))
    tensors = [constant(axis), value(*shape), *(value(*part) for _ in range(count))]
    return model(tensors, [OpSpec("SPLIT", (0, 1), tuple(range(2, 2 + count)), {"num_splits": count})])


def split_v(shape: Shape, axis: int, sizes: Shape, asked: Shape) -> bytes:
    parts = [tuple(n if place == axis % len(shape) else size for place, size in enumerate(shape)) for n in sizes]
    tensors = [value(*shape), *(value(*part) for part in parts)]
    options = {"num_splits": len(sizes), "sizes": asked, "axis": axis}
    return model(tensors, [OpSpec("SPLIT_V", (0,), tuple(range(1, 1 + len(sizes))), options)])


def unpack(shape: Shape, axis: int) -> bytes:
    part = tuple(size for place, size in enumerate(shape) if place != axis % len(shape))
    count = shape[axis]
    tensors = [value(*shape), *(value(*part) for _ in range(count))]
    return model(tensors, [OpSpec("UNPACK", (0,), tuple(range(1, 1 + count)), {"axis": axis, "num": count})])


def strided(shape: Shape, output: Shape, numbers: Sequence[tuple[int, int, int]], **masks: int) -> bytes:
    """numbers: (begin, end, stride) for each entry."""
    begin, end, strides = zip(*numbers, strict=True)
    return single_op("STRIDED_SLICE", [value(*shape)], value(*output), begin=begin, end=end, strides=strides, **masks)


STRIDED = {
    "x[1:3]": strided((5, 3), (2, 3), [(1, 3, 1)]),
    "x[:, -2:]": strided((2, 5), (2, 2), [(0, 0, 1), (-2, 0, 1)], begin_mask=1, end_mask=3),
    "x[:, ::2, 1:6:3]": strided((2, 5, 7), (2, 3, 2), [(0, 2, 1), (0, 5, 2), (1, 6, 3)]),
    "x[::-1, :, ::-2]": strided((3, 2, 5), (3, 2, 3), [(0, 0, -1), (0, 0, 1), (0, 0, -2)], begin_mask=7, end_mask=7),
    "x[..., 2]": strided((2, 3, 4), (2, 3), [(0, 0, 1), (2, 3, 1)], ellipsis_mask=1, shrink_axis_mask=2),
    "x[..., newaxis]": strided((2, 3), (2, 3, 1), [(0, 0, 1), (0, 0, 1)], ellipsis_mask=1, new_axis_mask=2),
    "x[newaxis, 1, :, newaxis, -1]": strided(
        (2, 3, 4),
        (1, 3, 1),
        [(0, 0, 1), (1, 2, 1), (0, 0, 1), (0, 0, 1), (-1, 0, 1)],
        new_axis_mask=9,
        shrink_axis_mask=18,
        begin_mask=4,
        end_mask=4,
    ),
    "one element": strided((2, 3), (), [(1, 2, 1), (2, 3, 1)], shrink_axis_mask=3),
    "x[1], which a begin mask makes x[0]": strided((2, 3), (3,), [(1, 2, 1)], shrink_axis_mask=1, begin_mask=1),
    "ends far outside": strided((2, 3), (2, 2), [(-9, 9, 1), (9, -3, -1)]),
    "six axes": strided(
        (3,) * 6, (2, 1, 2, 1, 2, 2), [(0, 2, 1), (1, 2, 1), (0, 3, 2), (2, 3, 1), (1, 3, 1), (2, 0, -1)]
    ),
    "everything": strided((2, 3), (2, 3), [(0, 2, 1), (0, 3, 1)]),
}


def sliced(shape: Shape, begin: Shape, size: Shape) -> bytes:
    pairs = zip(shape, begin, size, strict=True)
    output = tuple(length - low if count == -1 else count for length, low, count in pairs)
    return single_op("SLICE", [value(*shape)], value(*output), begin=begin, size=size)


SLICES: tuple[tuple[Shape, Shape, Shape], ...] = (
    ((1, 5, 4, 6), (0, 1, 0, 2), (1, 3, 4, 3)),
    ((1, 5, 4, 6), (0, 2, 0, 0), (1, -1, 4, 6)),  # one run of bytes
    ((7,), (3,), (2,)),
    ((2, 3, 2, 3, 2, 3), (1, 0, 1, 1, 0, 2), (1, 2, 1, 2, 2, 1)),
    ((2, 3), (0, 0), (-1, -1)),
)


def gather(shape: Shape, axis: int, indices: Any, batch_dims: int = 0) -> bytes:
    chosen = np.asarray(indices)
    place = axis % len(shape)
    output = (*shape[:place], *chosen.shape[batch_dims:], *shape[place + 1 :])
    return single_op("GATHER", [value(*shape)], value(*output), axis=axis, indices=indices, batch_dims=batch_dims)


GATHERS: tuple[tuple[Shape, int, Any, int], ...] = (
    ((5, 3), 0, [4, 0, 0, 3], 0),
    ((2, 5), 1, [4, 0, 0, 3], 0),
    ((2, 5), -1, [4, 3, 2, 1, 0], 0),  # even steps
    ((2, 6, 3), 1, [0, 0, 2, 2, 4, 4], 0),
    ((2, 6, 3), 1, [[5, 1, 1], [0, 5, 2]], 0),
    ((4, 3), 0, 2, 0),
    ((2, 3, 4, 2), 2, [3, 0, 1], 0),
    ((2, 3, 4), 1, [[2, 0], [1, 1]], 1),
    ((2, 3, 4), 2, [[2, 0, 3], [1, 1, 0]], 1),
    ((2, 2, 3, 2), 2, [[[0, 2], [1, 1]], [[2, 2], [0, 1]]], 2),
    ((2, 3, 2, 3, 2, 2), 3, [2, 0], 0),
)


def tile(shape: Shape, multiples: Shape) -> bytes:
    output = tuple(size * times for size, times in zip(shape, multiples, strict=True))
    return single_op("TILE", [value(*shape)], value(*output), multiples=multiples)


TILES: tuple[tuple[Shape, Shape], ...] = (
    ((5,), (3,)),
    ((2, 3), (1, 4)),
    ((2, 3), (4, 1)),
    ((1, 1, 4), (1, 5, 1)),
    ((2, 3, 2), (2, 2, 3)),
    ((2, 1, 3, 2), (2, 3, 2, 2)),
    ((2, 3), (1, 1)),
)
BROADCASTS: tuple[tuple[Shape, Shape], ...] = (
    ((1,), (7,)),
    ((3,), (2, 3)),
    ((2, 1, 3), (2, 4, 3)),
    ((2, 3, 1), (2, 3, 5)),
    ((2, 1, 3, 1), (4, 2, 2, 3, 3)),
    ((), (2, 3)),
    ((2, 3), (1, 1, 2, 3)),
)


def space_to_depth(shape: Shape, side: int) -> bytes:
    batch, height, width, channels = shape
    output = (batch, height // side, width // side, channels * side * side)
    return single_op("SPACE_TO_DEPTH", [value(*shape)], value(*output), block_size=side)


def depth_to_space(shape: Shape, side: int) -> bytes:
    batch, height, width, channels = shape
    output = (batch, height * side, width * side, channels // side // side)
    return single_op("DEPTH_TO_SPACE", [value(*shape)], value(*output), block_size=side)


def resize_nearest(shape: Shape, size: tuple[int, int], **flags: bool) -> bytes:
    output = (shape[0], *size, shape[3])
    return single_op("RESIZE_NEAREST_NEIGHBOR", [value(*shape)], value(*output), size=size, **flags)


FLAGS: tuple[dict[str, bool], ...] = (
    {},
    {"align_corners": True},
    {"half_pixel_centers": True},
    {"align_corners": True, "half_pixel_centers": True},
)
RESIZES: tuple[tuple[Shape, tuple[int, int]], ...] = (
    ((1, 3, 4, 5), (6, 8)),  # even repetition: no table
    ((1, 3, 4, 1), (7, 9)),
    ((2, 7, 5, 3), (4, 2)),
    ((1, 5, 1, 2), (1, 3)),
)


def mirror_pad(shape: Shape, paddings: Sequence[tuple[int, int]], mode: int) -> bytes:
    output = tuple(low + size + high for size, (low, high) in zip(shape, paddings, strict=True))
    return single_op("MIRROR_PAD", [value(*shape)], value(*output), paddings=paddings, mode=mode)


MIRRORS: tuple[tuple[Shape, tuple[tuple[int, int], ...]], ...] = (
    ((5,), ((2, 3),)),
    ((1, 4, 3, 2), ((0, 0), (1, 2), (2, 1), (0, 0))),
    ((2, 4, 3), ((0, 0), (0, 0), (1, 2))),
    ((2, 3, 2, 4), ((1, 1), (0, 2), (1, 0), (3, 3))),
    ((2, 2, 2, 2, 3), ((1, 0), (0, 1), (1, 1), (0, 0), (2, 1))),
)
REVERSALS: tuple[tuple[Shape, Shape], ...] = (
    ((5,), (0,)),
    ((2, 3, 4), (1,)),
    ((2, 3, 4), (-1,)),
    ((2, 3, 4), (0, 1)),
    ((1, 3), (0,)),
)


def reverse(shape: Shape, axes: Shape) -> bytes:
    return single_op("REVERSE_V2", [value(*shape)], value(*shape), axes=axes)


def pack(shape: Shape, axis: int, count: int) -> bytes:
    place = axis % (len(shape) + 1)
    output = value(*shape[:place], count, *shape[place:])
    return single_op("PACK", [value(*shape)] * count, output, axis=axis, count=count)


PACKS: tuple[tuple[Shape, int, int], ...] = (
    ((2, 3), 0, 2),
    ((2, 3), 1, 3),
    ((2, 3), -1, 2),
    ((), 0, 4),
    ((2, 1, 3, 2, 2), 2, 2),
    ((4,), 0, 1),
)


CASES = (
    *(Case(f"TRANSPOSE of {shape} by {order}", transpose(shape, order)) for shape, order in PERMUTATIONS),
    Case(
        "TRANSPOSE by negative axes", single_op("TRANSPOSE", [value(2, 3, 4)], value(4, 2, 3), permutation=(-1, 0, 1))
    ),
    Case("TRANSPOSE to another scale, which copies the bytes", transpose((2, 3), (1, 0), Affine(0.5, -7))),
    *(Case(f"STRIDED_SLICE: {name}", content) for name, content in STRIDED.items()),
    *(Case(f"SLICE of {shape} from {begin}, {size}", sliced(shape, begin, size)) for shape, begin, size in SLICES),
    Case("SPLIT of channels in 3", split((1, 2, 2, 6), 3, 3)),
    Case("SPLIT of rows in 2", split((1, 4, 3), -2, 2)),
    Case("SPLIT in 1", split((1, 4, 3), 1, 1)),
    Case("SPLIT_V of channels", split_v((1, 2, 7), -1, (2, 1, 4), (2, 1, 4))),
    Case("SPLIT_V with the rest", split_v((5, 3), 0, (1, 2, 2), (1, -1, 2))),
    Case("UNPACK of the last axis", unpack((2, 2, 3), -1)),
    Case("UNPACK of the first axis", unpack((3, 2, 2), 0)),
    *(
        Case(f"GATHER of {shape} along {axis}: {i}, {batch}", gather(shape, axis, i, batch))
        for shape, axis, i, batch in GATHERS
    ),
    *(Case(f"TILE of {shape} by {times}", tile(shape, times)) for shape, times in TILES),
    *(
        Case(f"BROADCAST_TO from {shape} to {output}", single_op("BROADCAST_TO", [value(*shape)], value(*output)))
        for shape, output in BROADCASTS
    ),
    Case("SPACE_TO_DEPTH by 2", space_to_depth((1, 4, 6, 3), 2)),
    Case("SPACE_TO_DEPTH of several images by 3", space_to_depth((2, 3, 6, 1), 3)),
    Case("DEPTH_TO_SPACE by 2", depth_to_space((1, 2, 3, 12), 2)),
    Case("DEPTH_TO_SPACE of several images by 3", depth_to_space((2, 1, 2, 9), 3)),
    *(
        Case(f"RESIZE_NEAREST_NEIGHBOR of {shape} to {size} {flags}", resize_nearest(shape, size, **flags))
        for shape, size in RESIZES
        for flags in FLAGS
    ),
    *(
        Case(f"MIRROR_PAD of {shape} by {paddings} in mode {mode}", mirror_pad(shape, paddings, mode))
        for shape, paddings in MIRRORS
        for mode in (REFLECT, SYMMETRIC)
        if mode == SYMMETRIC or all(max(pair) < size for size, pair in zip(shape, paddings, strict=True))
    ),
    *(Case(f"REVERSE_V2 of {shape} along {axes}", reverse(shape, axes)) for shape, axes in REVERSALS),
    *(Case(f"PACK of {count} {shape} along {axis}", pack(shape, axis, count)) for shape, axis, count in PACKS),
)
