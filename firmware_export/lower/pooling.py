"""AVERAGE_POOL_2D and MAX_POOL_2D as integers."""

from __future__ import annotations

from firmware_export.ir import AveragePool2D, MaxPool2D, Op
from firmware_export.lower import rows, squeeze_excite
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.program import Rows


@lower_op.register
def _(attrs: AveragePool2D | MaxPool2D, op: Op, context: Context) -> Lowered:
    if kernel_of(op).folder == squeeze_excite.FOLDER:
        squeeze = squeeze_excite.average if isinstance(attrs, AveragePool2D) else squeeze_excite.maximum
        return squeeze(attrs.clamp, op, context)
    x, output = context.tensors(op)
    fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("kernel_width", attrs.window.kernel[1]),
        ("stride", attrs.window.stride[1]),
        ("padding", attrs.window.before[1]),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, kind=Rows.INSIDE), op, context, fields)
