"""DEPTHWISE_CONV_2D for the strips of plain cores."""

from __future__ import annotations

from firmware_export.ir import DepthwiseConv2D, Op
from firmware_export.kernels import pairs, strips
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered
from firmware_export.program import Address, Fields


def depthwise_conv2d(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop."""
    x, *_, output = context.tensors(op)
    filters = pairs.filters_of(op, context.graph)
    weights = context.weights(op, "filter", strips.quads(filters), "uint32_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("stride", attrs.window.stride[1]),
        ("padding", attrs.window.before[1]),
        ("input_zero_point", x.zero_point),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("addend", 2 * filters.parameters.output_zero_point + 1),
        ("weights", Address(weights.symbol)),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, (weights,))
