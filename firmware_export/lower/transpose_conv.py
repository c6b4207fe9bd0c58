"""TRANSPOSE_CONV as integers."""

from __future__ import annotations

from dataclasses import replace

from firmware_export import op_parameters
from firmware_export.ir import Op, Tensor, TransposeConv, Window
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.lower.convolution import addresses, offset_fields, twice_consts, weight_consts
from firmware_export.program import Const, Fields, Params, Rows

SOURCE = "support/ea_window_transposed.h"


def outside(attrs: TransposeConv, op: Op, context: Context) -> tuple[Const, ...]:
    """The row outside the image, where some output row meets one."""
    x, *_, output = context.tensors(op)
    first, last = ((row + attrs.window.before[0]) // attrs.window.stride[0] for row in (0, output.shape[1] - 1))
    meets = met_rows(attrs.window).kernel[0]
    return () if first - meets + 1 >= 0 and last < x.shape[1] else rows.constant_row(op, context, x.zero_point)


def met_rows(window: Window) -> Window:
    """The window with as many kernel rows as meet one output row at most."""
    return replace(window, kernel=(-(-window.kernel[0] // window.stride[0]), window.kernel[1]))


def shape_fields(x: Tensor, output: Tensor, window: Window) -> Fields:
    """The struct's sizes."""
    return (
        ("input_width", x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("output_channels", output.shape[3]),
        ("kernel_height", window.kernel[0]),
        ("kernel_width", window.kernel[1]),
        ("row_stride", window.stride[0]),
        ("stride", window.stride[1]),
        ("padding", window.before[1]),
    )


@lower_op.register
def _(attrs: TransposeConv, op: Op, context: Context) -> Lowered:
    x, *_, output = context.tensors(op)
    parameters = op_parameters.convolution(context.tensors(op), attrs.clamp)
    consts = (*weight_consts(op, context, output.shape[3]), *twice_consts(op, context, parameters))
    fields: Fields = (
        *shape_fields(x, output, attrs.window),
        *offset_fields(parameters),
        *addresses(("weights", "bias", "multiplier", "shift"), consts),
    )
    row, met = outside(attrs, op, context), met_rows(attrs.window)
    return Lowered(
        steps=(rows.row_loop(op, context, met, Rows.TRANSPOSED),),
        params=(rows.row_window(op, context, met, row), Params("ea_transpose_conv_s8", context.symbol(op), fields)),
        consts=(*row, *consts),
        sources=(SOURCE, kernel_of(op).source),
    )
