"""DEPTHWISE_CONV_2D for the pairs of the DSP extension."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import DepthwiseConv2D, Op
from firmware_export.kernels import pairs
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of
from firmware_export.program import Address, Fields

OUTPUTS = 2  # that are computed together where windows are apart


def side_by_side(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A loop over rows, four at a time where they lie one below the other."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.numbers_of(scaled(op, context)), "int32_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    together = context.turn_rows(op) or op.together
    height, width = attrs.window.kernel
    taller = replace(attrs.window, kernel=(height + (together - 1) * attrs.window.stride[0], width))
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("padding", attrs.window.before[1]),
        ("rows", together),
        ("row_stride", attrs.window.stride[0]),
        ("input_zero_point", x.zero_point),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("numbers", Address(numbers.symbol)),
    )
    walk = rows.walk(op, context, taller, outside)
    walk = replace(walk, loop=replace(walk.loop, together=together))
    return rows.lowered(walk, op, context, fields, (numbers,))


def apart(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.apart_numbers(scaled(op, context)), "int32_t")
    outside = rows.outside_pixel(op, context, attrs.window, x.zero_point, OUTPUTS)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("padding", attrs.window.before[1]),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("outside", Address(outside[0].symbol) if outside else rows.NOTHING),
        ("numbers", Address(numbers.symbol)),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, (numbers,))


def taps(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop for windows of any shape."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.taps_numbers(scaled(op, context)), "int32_t")
    outside = rows.outside_pixel(op, context, attrs.window, x.zero_point, OUTPUTS)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        *rows.column_fields(attrs.window),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("outside", Address(outside[0].symbol) if outside else rows.NOTHING),
        ("numbers", Address(numbers.symbol)),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, (numbers,))


def scaled(op: Op, context: Context) -> pairs.Scaled:
    """The layer's weights and numbers as its kernel rounds."""
    filters = pairs.filters_of(op, context.graph)
    if "rectified" in kernel_of(op).name:
        return pairs.rectified(filters, pairs.lefts_of(filters))
    return pairs.doubled(filters)
