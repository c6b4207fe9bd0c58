"""RESIZE_BILINEAR as integers."""

from __future__ import annotations

from firmware_export.ir import Op, ResizeBilinear, Window
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.program import Params, Rows

SOURCE = "support/ea_window_between.h"


@lower_op.register
def _(attrs: ResizeBilinear, op: Op, context: Context) -> Lowered:
    x, output = context.tensors(op)
    window = Window((2, 2), attrs.steps, before=(-attrs.starts[0], -attrs.starts[1]))
    fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("step", attrs.steps[1]),
        ("start", attrs.starts[1]),
    )
    return Lowered(
        steps=(rows.row_loop(op, context, window, Rows.BETWEEN),),
        params=(
            rows.row_window(op, context, window),
            Params("ea_resize_bilinear_s8", context.symbol(op), fields),
        ),
        sources=(SOURCE, kernel_of(op).source),
    )
