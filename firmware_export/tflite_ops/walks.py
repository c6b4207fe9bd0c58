"""Where each byte of an output comes from, as a walk over the input: attrs of the ops that only move bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Offsets, Rearrange, Reshape, Steps
from firmware_export.tflite_node import Node, require_activations
from firmware_export.tflite_ops.reader import Read
from firmware_export.tflite_shapes import require_shape

Axis = Steps | Offsets
Bytes = NDArray[np.int8]
Indices = NDArray[np.int64]
MOST_INDICES = 1 << 16  # along one axis


def viewed(node: Node, view: Callable[[Bytes], Bytes]) -> Rearrange | Reshape:
    """What NumPy's view of the first input says, in the order of the output's bytes.

    view: gives a view and never a copy, in any shape of the output's size.
    """
    require_activations(node, node.inputs[0], node.output)
    x = np.empty(node.inputs[0].shape, np.int8)  # never read: only addresses matter
    y = view(x)
    assert y.size == 0 or np.may_share_memory(x, y)
    first = address(y) - address(x)
    return walk(node, first, (Steps(*pair) for pair in zip(y.shape, y.strides, strict=True)))


def address(array: Bytes) -> int:
    """Where the first element lies."""
    return int(array.__array_interface__["data"][0])


def require_few(node: Node, count: int) -> None:
    """Refuse to list very many indices."""
    if count > MOST_INDICES:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} takes {count} elements along one axis; "
            f"{MOST_INDICES} is the limit, so take them in several steps"
        )


def taken(node: Node, shape: tuple[int, ...], indices: Mapping[int, Any]) -> Rearrange | Reshape:
    """The first input seen in a shape, and along some axes at certain indices only."""
    require_activations(node, node.inputs[0], node.output)
    first = 0
    axes: list[Axis] = []
    for axis, size in enumerate(shape):
        step = math.prod(shape[axis + 1 :])
        if axis not in indices:
            axes.append(Steps(size, step))
            continue
        offsets = np.ravel(np.asarray(indices[axis], np.int64)) * step
        first += int(offsets[0])
        axes += factored(offsets - offsets[0])
    return walk(node, first, axes)


def walk(node: Node, first: int, axes: Iterable[Axis]) -> Rearrange | Reshape:
    """The attrs of a walk; nothing to do where it visits every byte in order."""
    merged = joined(axes)
    if (first, merged) == (0, (Steps(node.inputs[0].elements, 1),)):
        return Reshape()
    return Rearrange(node.kind.title().replace("_", ""), first, merged)


def joined(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """As few axes as there can be: none of size 1 beside others, neighbours that go on joined."""
    merged: list[Axis] = []
    for axis in axes:
        last = merged[-1] if merged else None
        if axis in (Steps(1, step_of(axis)), Offsets((0,))):
            continue
        if isinstance(axis, Steps) and isinstance(last, Steps) and last.step == axis.step * axis.size:
            merged[-1] = Steps(last.size * axis.size, axis.step)
        else:
            merged.append(axis)
    return tuple(merged) or (Steps(1, 1),)


def step_of(axis: Axis) -> int:
    """The step; 0 where there are offsets."""
    return axis.step if isinstance(axis, Steps) else 0


def factored(offsets: Indices) -> tuple[Axis, ...]:
    """Offsets from the first as even steps along one axis or two, where they are that; else as a table."""
    step = int(offsets[1]) if len(offsets) > 1 else 1
    turns = np.flatnonzero(np.diff(offsets) != step)
    if not len(turns):
        return (Steps(len(offsets), step),)
    run = int(turns[0]) + 1
    if len(offsets) % run == 0:
        rows = offsets.reshape(-1, run)
        outer = int(rows[1, 0])
        if np.array_equal(rows, np.add.outer(np.arange(len(rows)) * outer, rows[0])):
            return Steps(len(rows), outer), Steps(run, step)
    return (Offsets(tuple(offsets.tolist())),)


def moved(node: Node, attrs: Rearrange | Reshape, shape: tuple[int, ...]) -> Read:
    """The attrs and the one input that stays, where the file states the shape that the op gives."""
    require_shape(node, shape)
    return attrs, node.inputs[:1]
