"""Ops that move bytes or only rename them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import accumulate

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Concatenation, Copy, Op, Pack, Pad, Reshape
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op, whole_call
from firmware_export.program import Call, Fields, Move, Params

WALKED = 3  # axes of x that the padding kernel walks around a row of bytes


@lower_op.register
def _(attrs: Reshape, op: Op, context: Context) -> Lowered:
    return Lowered(steps=())


@lower_op.register
def _(attrs: Copy, op: Op, context: Context) -> Lowered:
    size = context.tensors(op)[-1].nbytes
    return Lowered(steps=(Move(context.place(op.inputs[0]), context.place(op.outputs[0]), size),))


@lower_op.register
def _(attrs: Concatenation | Pack, op: Op, context: Context) -> Lowered:
    *parts, output = context.tensors(op)
    place = context.bytes_of(output.name)
    width = output.dtype.numpy.itemsize
    row_bytes = [width * math.prod(part.shape[attrs.axis :]) for part in parts]
    starts = accumulate(row_bytes, initial=0)
    output_step = sum(row_bytes)
    calls, params = [], []
    for index, (part, size, start) in enumerate(zip(parts, row_bytes, starts, strict=False)):
        if is_there(part.name, output.name, start, context):
            continue
        symbol = context.symbol(op, f"part_{index}")
        fields: Fields = (
            ("rows", math.prod(output.shape[: attrs.axis])),
            ("row_bytes", size),
            ("output_step", output_step),
        )
        target = replace(place, offset=place.offset + start)
        params.append(Params("ea_copy_s8", symbol, fields))
        calls.append(Call(op.kernel, symbol, (context.bytes_of(part.name),), target))
    return Lowered(steps=tuple(calls), params=tuple(params), sources=(kernel_of(op).source,) if calls else ())


def is_there(part: str, whole: str, start: int, context: Context) -> bool:
    """Whether a part was made where it belongs."""
    storage, inside = context.plan.storage, context.plan.inside
    return inside.get(part) == start and storage.get(part) == storage.get(whole)


@lower_op.register
def _(attrs: Pad, op: Op, context: Context) -> Lowered:
    x, output = context.tensors(op)
    width = output.dtype.numpy.itemsize  # padded by values of equal bytes
    sizes, padding = joined((*x.shape, width), (*attrs.padding, (0, 0)))
    if len(sizes) > WALKED + 1:
        raise UnsupportedOp(
            f"layer {op.name!r}: PAD of {len(sizes)} axes has no kernel; pad at most four, or in two steps"
        )
    lengths = [low + size + high for size, (low, high) in zip(sizes, padding, strict=True)]
    steps = [math.prod(lengths[axis + 1 :]) for axis in range(len(sizes))]
    missing = WALKED + 1 - len(sizes)
    fields: Fields = (
        ("value", attrs.value),
        ("output_bytes", output.nbytes),
        ("first", sum(low * step for (low, _), step in zip(padding, steps, strict=True))),
        ("sizes", (1,) * missing + sizes[:-1]),
        ("steps", (0,) * missing + tuple(steps[:-1])),
        ("row_bytes", sizes[-1]),
    )
    return whole_call(op, context, "ea_pad_s8", fields)


Padding = tuple[tuple[int, int], ...]


def joined(shape: tuple[int, ...], padding: Padding) -> tuple[tuple[int, ...], Padding]:
    """The shape and padding of the same bytes with few axes: one that is not padded is part of the axis before it."""
    sizes: list[int] = []
    pads: list[tuple[int, int]] = []
    for size, (low, high) in zip(shape, padding, strict=True):
        if sizes and (low, high) == (0, 0):
            sizes[-1] *= size
            pads[-1] = (pads[-1][0] * size, pads[-1][1] * size)
        else:
            sizes.append(size)
            pads.append((low, high))
    return tuple(sizes), tuple(pads)
