"""Walks over an input as integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Offsets, Op, Rearrange, Steps
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.program import Address, Call, Const, Fields, Move, Params, Place, Section

MOST_AXES = 8  # between planes, as in kernels/rearrange_s8/ea_rearrange_s8.h
Axis = Steps | Offsets
Jumps = tuple[int, ...]


@lower_op.register
def _(attrs: Rearrange, op: Op, context: Context) -> Lowered:
    x, output = context.bytes_of(op.inputs[0]), context.bytes_of(op.outputs[0])
    width = context.tensors(op)[-1].dtype.numpy.itemsize
    source = Place(x.base, x.offset + width * attrs.first)
    axes = byte_axes(attrs.axes, width)
    outer, rows, run = planes(axes)
    if axes == (Steps(context.tensors(op)[-1].nbytes, 1),):
        return Lowered((Move(source, output, size(run)),))
    if len(outer) > MOST_AXES:
        raise UnsupportedOp(
            f"layer {op.name!r}: {op.kind} moves bytes along {len(attrs.axes)} axes; "
            f"{MOST_AXES + 2} is the limit, so do it in two steps"
        )
    symbol = context.symbol(op)
    offsets, offsets_field = table(op, context, "offsets", run.offsets if isinstance(run, Offsets) else ())
    jumps = jumps_of(outer[::-1])
    jump_table, table_field = table(op, context, "jumps", [jump for each in jumps if len(each) > 1 for jump in each])
    fields: Fields = (
        ("planes", math.prod(map(size, outer))),
        ("rows", rows.size),
        ("row_step", rows.step),
        ("length", size(run)),
        ("step", run.step if isinstance(run, Steps) else 0),
        ("offsets", offsets_field),
        ("table", table_field),
        *axis_fields([size(axis) for axis in outer[::-1]], jumps),
    )
    return Lowered(
        steps=(Call(op.kernel, symbol, (source,), output),),
        params=(Params("ea_rearrange_s8", symbol, fields),),
        consts=(*offsets, *jump_table),
        sources=(kernel_of(op).source,),
    )


def planes(axes: tuple[Axis, ...]) -> tuple[tuple[Axis, ...], Steps, Axis]:
    """The axes between planes, outermost first, the rows of a plane, and the bytes of a row."""
    *outer, run = axes
    if outer and isinstance(outer[-1], Steps):
        return tuple(outer[:-1]), outer[-1], run
    return tuple(outer), Steps(1, 0), run


def byte_axes(axes: Sequence[Axis], width: int) -> tuple[Axis, ...]:
    """A walk over values of `width` bytes as one over bytes: those of a value lie together."""
    if width == 1:
        return tuple(axes)
    *outer, run = axes
    if isinstance(run, Steps) and run.step == 1:
        return (*(widened(axis, width) for axis in outer), Steps(run.size * width, 1))
    return (*(widened(axis, width) for axis in axes), Steps(width, 1))


def widened(axis: Axis, width: int) -> Axis:
    """An axis whose steps are counted in bytes."""
    if isinstance(axis, Steps):
        return Steps(axis.size, axis.step * width)
    return Offsets(tuple(offset * width for offset in axis.offsets))


def size(axis: Axis) -> int:
    """Elements along an axis."""
    return axis.size if isinstance(axis, Steps) else len(axis.offsets)


def jumps_of(outer: Sequence[Axis]) -> list[Jumps]:
    """For each axis, innermost first, how far it is from the last plane along all before it to the next along it.

    One number where that is the same everywhere, else one for each index but the last.
    """
    ends = [(axis.size - 1) * axis.step if isinstance(axis, Steps) else axis.offsets[-1] for axis in outer]
    inner = list(accumulate(ends, initial=0))
    return [
        (axis.step - end,) if isinstance(axis, Steps) else tuple(b - a - end for a, b in pairwise(axis.offsets))
        for axis, end in zip(outer, inner, strict=False)
    ]


def axis_fields(sizes: list[int], jumps: list[Jumps]) -> Fields:
    """The struct's last fields: which axes have a table, and where it begins."""
    missing = MOST_AXES - len(sizes)
    starts = accumulate((len(each) if len(each) > 1 else 0 for each in jumps), initial=0)
    numbers = [start if len(each) > 1 else each[0] for each, start in zip(jumps, starts, strict=False)]
    return (
        ("tabled", sum(1 << axis for axis, each in enumerate(jumps) if len(each) > 1)),
        ("sizes", (*sizes, *(1,) * missing)),
        ("jumps", (*numbers, *(0,) * missing)),
    )


def table(op: Op, context: Context, kind: str, values: Sequence[int]) -> tuple[tuple[Const, ...], Address]:
    """The constant that holds the values, and its address; none where there are none."""
    if not values:
        return (), Address("NULL")
    symbol = f"{context.graph.name}_table_{kind}_{op.name}"
    return (Const(symbol, "int32_t", np.array(values, np.int32), Section.TABLE),), Address(symbol)
