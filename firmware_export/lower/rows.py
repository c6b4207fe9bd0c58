"""What kernels that compute one output row have in common: their loop, the rows they are given, their columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import DType, Op, Window
from firmware_export.lower.context import Context, Lowered, kernel_of, struct_of
from firmware_export.lower.guests import cleared, excitations, row_function, rows_given, squeezes
from firmware_export.program import Address, Call, Const, Fields, Params, RowLoop, Rows

LONGEST_ROW = 1 << 20
NOTHING = Address("NULL")  # the row outside, where no row is
SOURCE = "support/ea_window.h"
SOURCE_S16 = "support/ea_window_s16.h"
ROWS_S16 = {Rows.ALL: Rows.ALL_S16, Rows.INSIDE: Rows.INSIDE_S16}


@dataclass(frozen=True)
class Walk:
    """How an op comes to its rows: the loop, the window that finds them, and the row that stands for those outside."""

    loop: RowLoop
    window: Params
    outside: tuple[Const, ...] = ()


def walk(op: Op, context: Context, window: Window, outside: tuple[Const, ...] = (), kind: Rows = Rows.ALL) -> Walk:
    """A call a row; `outside` as outside_row gives it."""
    return Walk(row_loop(op, context, window, kind), row_window(op, context, window, outside), outside)


def lowered(walk: Walk, op: Op, context: Context, fields: Fields, consts: tuple[Const, ...] = ()) -> Lowered:
    """An op as a walk over its rows; fields: of its kernel's struct."""
    return Lowered(
        steps=(walk.loop,),
        params=(walk.window, Params(struct_of(op), context.symbol(op), fields)),
        consts=(*walk.outside, *consts),
        sources=(source_of(op, context), kernel_of(op).source),
    )


def column_fields(window: Window) -> Fields:
    """The struct's numbers along a row."""
    return (
        ("kernel_height", window.kernel[0]),
        ("kernel_width", window.kernel[1]),
        ("stride", window.stride[1]),
        ("dilation", window.dilation[1]),
        ("padding", window.before[1]),
    )


def row_loop(op: Op, context: Context, window: Window, rows: Rows) -> RowLoop:
    """A call a row of the op's output."""
    x, *_, output = context.tensors(op)
    most = window.kernel[0] if rows is not Rows.INSIDE else min(window.kernel[0], x.shape[1])
    excited, squeezed = excitations(op, context), squeezes(op, context)
    call = Call(
        op.kernel,
        context.symbol(op),
        (context.place(excited[0].inputs[0] if excited else op.inputs[0]),),
        context.row_place(op.outputs[0]),
        context.scratch(op),
    )
    return RowLoop(
        call=call,
        window=context.symbol(op, "window"),
        rows=ROWS_S16.get(rows, rows) if x.dtype is DType.INT16 else rows,
        kernel_height=most,
        output_height=output.shape[1],
        fills=tuple(cleared(guest, context) for guest in squeezed),
        before=tuple(row_function(guest, context) for guest in excited),
        after=tuple(row_function(guest, context) for guest in squeezed),
        given=rows_given(op, context),
    )


def row_window(op: Op, context: Context, window: Window, outside: tuple[Const, ...] = ()) -> Params:
    """The rows that each output row reads; `outside` as outside_row gives it."""
    x = context.tensors(op)[0]
    struct, length = ("ea_window_s16", "length") if x.dtype is DType.INT16 else ("ea_window", "bytes")
    fields: Fields = (
        ("input_height", x.shape[1]),
        (f"input_row_{length}", x.shape[2] * x.shape[3]),
        ("kept", context.kept_rows(op.inputs[0])),
        ("kernel_height", window.kernel[0]),
        ("stride", window.stride[0]),
        ("dilation", window.dilation[0]),
        ("padding", window.before[0]),
        ("outside", Address(outside[0].symbol) if outside else NOTHING),
    )
    return Params(struct, context.symbol(op, "window"), fields)


def outside_row(op: Op, context: Context, window: Window, value: int) -> tuple[Const, ...]:
    """A row of zero points as long as the op's input row, shared by all layers with this zero point.

    Nothing where every row that the op reads lies inside the image.
    """
    x, *_, output = context.tensors(op)
    below = (output.shape[1] - 1) * window.stride[0] - window.before[0] + (window.kernel[0] - 1) * window.dilation[0]
    if window.before[0] == 0 and below < x.shape[1]:
        return ()
    return constant_row(op, context, value)


def outside_pixel(op: Op, context: Context, window: Window, value: int, least: int = 1) -> tuple[Const, ...]:
    """The same row where columns lie outside too: its first values are a pixel. Nothing where nothing is outside.

    least: how many outputs the kernel computes of a row that has fewer.
    """
    x, *_, output = context.tensors(op)
    last = max(output.shape[2], least) - 1
    right = last * window.stride[1] - window.before[1] + (window.kernel[1] - 1) * window.dilation[1]
    if window.before[1] == 0 and right < x.shape[2]:
        return outside_row(op, context, window, value)
    return constant_row(op, context, value)


def constant_row(op: Op, context: Context, value: int) -> tuple[Const, ...]:
    """A row of one value as long as the op's input row."""
    x = context.tensors(op)[0]
    if x.shape[2] * x.shape[3] > LONGEST_ROW:
        raise UnsupportedOp(
            f"layer {op.name!r}: {op.kind} has rows of {x.shape[2] * x.shape[3]} values, and one is kept in flash; "
            f"{LONGEST_ROW} is the limit"
        )
    row = np.full(x.shape[2] * x.shape[3], value)
    if x.dtype is DType.INT16:
        return (context.table("row_of_int16", row, "int16_t"),)
    sign = "minus_" if value < 0 else ""
    return (context.table(f"row_of_{sign}{abs(value)}", row),)


def source_of(op: Op, context: Context) -> str:
    """The file that finds an op's rows."""
    return SOURCE_S16 if context.tensors(op)[0].dtype is DType.INT16 else SOURCE
