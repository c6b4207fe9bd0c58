"""CONV_2D for Winograd's products."""

from __future__ import annotations

from firmware_export.ir import Conv2D, Op
from firmware_export.kernels import tiles, winograd
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered
from firmware_export.program import Address, Fields


def conv2d(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    """A row loop."""
    x, _, *_, output = context.tensors(op)
    quads = winograd.quads(tiles.filters_of(op, context.graph))
    weights = context.weights(op, "filter", quads, "int16_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("output_channels", output.shape[3]),
        ("kernel_height", attrs.window.kernel[0]),
        ("padding", attrs.window.before[1]),
        ("input_zero_point", x.zero_point),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("blocks", winograd.blocks_of(op, context.graph)),
        ("weights", Address(weights.symbol)),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, (weights,))
