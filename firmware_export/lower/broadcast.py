"""Two shapes that meet in one output, as runs along a few axes: what the elementwise kernels walk."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from firmware_export.program import Fields

Shape = tuple[int, ...]
MOST_AXES = 5  # of runs, as in kernels/support/ea_broadcast.h


@dataclass(frozen=True)
class Axis:
    """An axis of the output, and how far the next element along it lies in each input: 0 where the input repeats."""

    size: int
    a_step: int
    b_step: int

    @property
    def swapped(self) -> Axis:
        """The same for the inputs in the other order."""
        return Axis(self.size, self.b_step, self.a_step)


def axes_of(a: Shape, b: Shape) -> tuple[Axis, ...]:
    """The output's axes, innermost first, as few as there can be: at least one, none of size 1 beside others."""
    output = broadcast(a, b)
    sizes = zip(reversed(output), reversed(steps(a, len(output))), reversed(steps(b, len(output))), strict=True)
    merged: list[Axis] = []
    for axis in (Axis(*numbers) for numbers in sizes):
        if axis.size == 1:
            continue
        if merged and continues(merged[-1], axis):
            merged[-1] = replace(merged[-1], size=merged[-1].size * axis.size)
        else:
            merged.append(axis)
    return tuple(merged) or (Axis(1, 1, 1),)


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape in which two shapes meet; they must."""
    rank = max(len(a), len(b))
    return tuple(x if y == 1 else y for x, y in zip(padded(a, rank), padded(b, rank), strict=True))


def padded(shape: Shape, rank: int) -> Shape:
    """The shape with ones in front."""
    return (1,) * (rank - len(shape)) + shape


def steps(shape: Shape, rank: int) -> tuple[int, ...]:
    """Elements from one index to the next along each axis; 0 along an axis of size 1."""
    sizes = padded(shape, rank)
    return tuple(math.prod(sizes[axis + 1 :]) if size > 1 else 0 for axis, size in enumerate(sizes))


def continues(inner: Axis, outer: Axis) -> bool:
    """Whether both inputs go on along `outer` where they end along `inner`."""
    return (outer.a_step, outer.b_step) == (inner.a_step * inner.size, inner.b_step * inner.size)


def broadcast_fields(axes: tuple[Axis, ...]) -> Fields:
    """The fields of struct ea_broadcast.

    axes: of `axes_of`, at most MOST_AXES + 1, with an `a` that does not repeat along the innermost.
    """
    run, *outer = axes
    missing = MOST_AXES - len(outer)
    return (
        ("runs", math.prod(axis.size for axis in outer)),
        ("length", run.size),
        ("b_step", run.b_step),
        ("sizes", (*(axis.size for axis in outer), *(1,) * missing)),
        ("a_jumps", (*jumps([(axis.size, axis.a_step) for axis in outer]), *(0,) * missing)),
        ("b_jumps", (*jumps([(axis.size, axis.b_step) for axis in outer]), *(0,) * missing)),
    )


def jumps(outer: list[tuple[int, int]]) -> tuple[int, ...]:
    """From the last run along all axes before one, given as (size, step), to the next along it."""
    ends = [(size - 1) * step for size, step in outer]
    return tuple(step - sum(ends[:index]) for index, (_, step) in enumerate(outer))
