"""CONV_2D and FULLY_CONNECTED for the tiles of the DSP extension."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Conv2D, Op
from firmware_export.kernels import tiles
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, struct_of
from firmware_export.lower.one_row import pixel_fields, walk_of
from firmware_export.program import Address, Call, Const, Fields, Params


def conv2d(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    """A row loop of tiles, or one row."""
    x, _, *_, output = context.tensors(op)
    filters = tiles.filters_of(op, context.graph)
    quads = tiles.quads(filters)
    weights = context.weights(op, "filter", quads, "int16_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    walk, height = walk_of(op, context, outside)
    columns = tiles.columns_of(op, context.graph, height)
    fields: Fields = (
        *pixel_fields(x, output, height),
        *rows.column_fields(replace(attrs.window, dilation=(1, columns.dilation))),
        ("input_zero_point", x.zero_point),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("row_blocks", columns.row_blocks),
        ("inside_first", columns.first),
        ("inside_end", columns.end),
        ("edge_bytes", columns.edge_bytes),
        ("edge_start", columns.edge_start),
        ("weights", Address(weights.symbol)),
    )
    return rows.lowered(walk, op, context, fields, (weights,))


def fully_connected(op: Op, context: Context) -> Lowered:
    """One call for all rows."""
    x, weights, *_ = context.tensors(op)
    units, depth = weights.shape
    filters = tiles.filters_of(op, context.graph)
    consts = (
        context.weights(op, "filter", tiles.octets(filters.weights), "int16_t"),
        context.weights(op, "channels", tiles.channel_numbers(filters, tiles.ONCE), "int32_t"),
    )
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("units", units),
        ("low", filters.parameters.clamp.low),
        ("high", filters.parameters.clamp.high),
        *pointers(consts),
    )
    symbol = context.symbol(op)
    call = Call(op.kernel, symbol, (context.place(op.inputs[0]),), context.place(op.outputs[0]))
    return Lowered((call,), (Params(struct_of(op), symbol, fields),), consts, (kernel_of(op).source,))


def pointers(consts: tuple[Const, Const]) -> Fields:
    """The struct's last fields."""
    weights, channels = consts
    return (("weights", Address(weights.symbol)), ("channels", Address(channels.symbol)))
