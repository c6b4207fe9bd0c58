"""Ops that take a part of their input: STRIDED_SLICE, SLICE, SPLIT, SPLIT_V, UNPACK."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from types import EllipsisType

import numpy as np

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.tflite_node import Node, integers, require
from firmware_export.tflite_ops.reader import INT8_OR_INT16, MANY, Read, Reader
from firmware_export.tflite_ops.walks import moved, viewed
from firmware_export.tflite_shapes import existing_axis

Index = tuple[int | slice | EllipsisType | None, ...]


def read_strided_slice(node: Node) -> Read:
    return part(node, strided_index(node))


def strided_index(node: Node) -> Index:
    """What STRIDED_SLICE takes, as NumPy writes it."""
    require(node, node.options is not None, "has no options")
    if node.options.Offset():
        raise UnsupportedOp(f"layer {node.where!r}: STRIDED_SLICE counts its end from its begin; slice by x[begin:end]")
    index = tuple(indices(node))
    consumed = sum(part is not None for part in index)
    stands = Ellipsis not in index or consumed <= len(node.inputs[0].shape)
    require(node, stands, "has an ellipsis that stands for no axis")  # the reference lets it stand for one
    return index


def indices(node: Node) -> Iterator[int | slice | EllipsisType | None]:
    """The slices as NumPy writes them."""
    begin, end, strides = (integers(node, index) for index in (1, 2, 3))
    require(node, len(begin) == len(end) == len(strides), "has begins, ends and strides of different number")
    require(node, 0 not in strides, "has a stride of 0")
    options = node.options
    for axis, numbers in enumerate(zip(begin, end, strides, strict=True)):
        low, high, step = numbers
        if options.EllipsisMask() >> axis & 1:
            yield Ellipsis
        elif options.NewAxisMask() >> axis & 1:
            yield None
        elif options.ShrinkAxisMask() >> axis & 1:
            require(node, step > 0, "goes backwards along an axis of which it takes one element")
            yield 0 if options.BeginMask() >> axis & 1 else low
        else:
            first = None if options.BeginMask() >> axis & 1 else low
            last = None if options.EndMask() >> axis & 1 else high
            yield slice(first, last, step)


def part(node: Node, index: Index) -> Read:
    """The part of the first input that NumPy takes by an index."""

    index = index if Ellipsis in index else (*index, Ellipsis)  # else NumPy gives a single element as a number
    try:
        shape = np.empty(node.inputs[0].shape, np.int8)[index].shape
    except IndexError as error:
        raise ModelError(f"layer {node.where!r}: {node.kind} takes what its input does not have: {error}") from error
    return moved(node, viewed(node, lambda x: x[index]), shape)


def read_slice(node: Node) -> Read:
    begin, sizes = integers(node, 1), integers(node, 2)
    x = node.inputs[0]
    require(node, len(begin) == len(sizes) == len(x.shape), "has begins or sizes for other axes than its input's")
    ends = [length if size == -1 else low + size for length, low, size in zip(x.shape, begin, sizes, strict=True)]
    inside = all(0 <= low < high <= length for low, high, length in zip(begin, ends, x.shape, strict=True))
    require(node, inside, "takes what its input does not have")
    return part(node, tuple(slice(low, high) for low, high in zip(begin, ends, strict=True)))


def read_split(node: Node) -> Read:
    require(node, len(integers(node, 0)) == 1, "splits along no single axis")
    x = node.inputs[1]
    axis = existing_axis(node, integers(node, 0)[0], x)
    count = len(node.outputs)
    require(node, x.shape[axis] % count == 0, "splits an axis into parts of different sizes")
    return one_of_parts(replace(node, inputs=(x,)), axis, [x.shape[axis] // count] * count)


def read_split_v(node: Node) -> Read:
    x, sizes = node.inputs[0], list(integers(node, 1))
    require(node, len(integers(node, 2)) == 1, "splits along no single axis")
    axis = existing_axis(node, integers(node, 2)[0], x)
    require(node, sizes.count(-1) <= 1 and len(sizes) == len(node.outputs), "has impossible sizes of its parts")
    rest = x.shape[axis] - sum(size for size in sizes if size != -1)
    sizes = [rest if size == -1 else size for size in sizes]
    require(node, min(sizes) > 0 and sum(sizes) == x.shape[axis], "has impossible sizes of its parts")
    return one_of_parts(node, axis, sizes)


def one_of_parts(node: Node, axis: int, sizes: list[int]) -> Read:
    """The part that the output being read is."""
    ends = list(accumulate(sizes))
    cut = slice(ends[node.position] - sizes[node.position], ends[node.position])
    return part(node, (*(slice(None),) * axis, cut))


def read_unpack(node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    x = node.inputs[0]
    axis = existing_axis(node, node.options.Axis(), x)
    require(node, len(node.outputs) == x.shape[axis], "takes apart an axis of another size")
    return part(node, (*(slice(None),) * axis, node.position))


READERS = {
    "STRIDED_SLICE": Reader(
        "StridedSliceOptions", (4, 4), read_strided_slice, "any strides, any mask", types=INT8_OR_INT16
    ),
    "SLICE": Reader(None, (3, 3), read_slice, "any axes", types=INT8_OR_INT16),
    "SPLIT": Reader("SplitOptions", (2, 2), read_split, "any axis", (1, MANY), types=INT8_OR_INT16),
    "SPLIT_V": Reader("SplitVOptions", (3, 3), read_split_v, "any axis", (1, MANY), types=INT8_OR_INT16),
    "UNPACK": Reader("UnpackOptions", (1, 1), read_unpack, "any axis", (1, MANY), types=INT8_OR_INT16),
}
