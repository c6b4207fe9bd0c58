"""Layers for the kernels of Helium."""

from __future__ import annotations

from firmware_export.ir import Conv2D, DepthwiseConv2D, Op
from firmware_export.kernels import vectors
from firmware_export.lower import rows, tiles
from firmware_export.lower.context import Context, Lowered, whole_input_call
from firmware_export.lower.one_row import pixel_fields, walk_of
from firmware_export.program import Address, Fields


def conv2d(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    """A row loop of pairs of pixels, or one row."""
    x, _, *_, output = context.tensors(op)
    filters = vectors.filters_of(op, context.graph)
    count = filters.weights.shape[1]
    consts = (
        context.weights(op, "filter", vectors.packed_weights(filters.weights), "int8_t"),
        context.weights(op, "channels", vectors.quads(vectors.channel_numbers(filters)), "int32_t"),
    )
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    walk, height = walk_of(op, context, outside)
    fields: Fields = (
        *pixel_fields(x, output, height),
        *rows.column_fields(attrs.window),
        ("input_zero_point", x.zero_point),
        *output_fields(filters),
        ("first", vectors.first_values(count)),
        ("blocks", (count - 1) // vectors.LANES),
        *tiles.pointers(consts),
    )
    return rows.lowered(walk, op, context, fields, consts)


def depthwise_conv2d(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop of blocks of sixteen channels."""
    x, _, *_, output = context.tensors(op)
    filters = vectors.filters_of(op, context.graph)
    consts = (
        context.weights(op, "filter", vectors.depthwise_weights(filters.weights), "int8_t"),
        context.weights(op, "numbers", vectors.depthwise_numbers(filters), "int32_t"),
    )
    outside = rows.outside_pixel(op, context, attrs.window, x.zero_point)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        *rows.column_fields(attrs.window),
        *output_fields(filters),
        ("outside", Address(outside[0].symbol) if outside else rows.NOTHING),
        ("weights", Address(consts[0].symbol)),
        ("numbers", Address(consts[1].symbol)),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, consts)


def fully_connected(op: Op, context: Context) -> Lowered:
    """One call for all rows."""
    x, weights, *_ = context.tensors(op)
    units, depth = weights.shape
    filters = vectors.filters_of(op, context.graph)
    consts = (
        context.weights(op, "filter", vectors.packed_weights(filters.weights), "int8_t"),
        context.weights(op, "channels", vectors.quads(vectors.unit_numbers(filters)), "int32_t"),
    )
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("units", units),
        *output_fields(filters),
        ("first", vectors.first_values(depth)),
        ("blocks", (depth - 1) // vectors.LANES),
        *tiles.pointers(consts),
    )
    return whole_input_call(op, context, fields, *consts)


def output_fields(filters: vectors.Filters) -> Fields:
    """The struct's zero point of the output, and clamp."""
    parameters = filters.parameters
    clamp = parameters.clamp
    return (("output_offset", parameters.output_zero_point), ("low", clamp.low), ("high", clamp.high))
