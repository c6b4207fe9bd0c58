"""Pointwise convolutions that take their whole image for one long row."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Conv2D, Excite, Op, Tensor
from firmware_export.lower import rows
from firmware_export.lower.broadcast import padded
from firmware_export.lower.context import Context
from firmware_export.lower.rows import Walk
from firmware_export.program import Const, Fields


def is_one_row(op: Op, context: Context) -> bool:
    """Whether a layer is pointwise, and nobody runs in its loop but what can take all rows as one, too."""
    if context.rows_a_turn.get(op.name, 0) or not isinstance(op.attrs, Conv2D) or op.together == 1:
        return False
    return all(is_whole(guest, context) for guest in context.graph.guests(op))


def is_whole(guest: Op, context: Context) -> bool:
    """Whether a guest's gates are the channels', so that no row differs from others, and it writes where it reads."""
    if not isinstance(guest.attrs, Excite):
        return False
    _, gate, output = context.tensors(guest)
    _, height, columns, _ = padded(gate.shape, 4)
    has_own_row = context.plan.storage.get(output.name, output.name) in context.graph.excited
    return height == columns == 1 and not has_own_row


def walk_of(op: Op, context: Context, outside: tuple[Const, ...]) -> tuple[Walk, int]:
    """A convolution's walk over its rows, and how many of them it takes for one."""
    assert isinstance(op.attrs, Conv2D)
    walk = rows.walk(op, context, op.attrs.window, outside)
    if context.turn_rows(op) > 1:
        return walk, context.turn_rows(op)
    if not is_one_row(op, context):
        return walk, 1
    return replace(walk, loop=replace(walk.loop, output_height=1)), walk.loop.output_height


def pixel_fields(x: Tensor, output: Tensor, height: int) -> Fields:
    """The struct's first numbers, of so many rows that are taken for one."""
    return (
        ("input_width", height * x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", height * output.shape[2]),
        ("output_channels", output.shape[3]),
    )
