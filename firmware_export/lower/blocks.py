"""CONV_2D and FULLY_CONNECTED for the blocks of plain cores."""

from __future__ import annotations

from firmware_export.ir import Conv2D, Op
from firmware_export.kernels import blocks
from firmware_export.kernels.tiles import Filters, filters_of
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, struct_of
from firmware_export.lower.one_row import pixel_fields, walk_of
from firmware_export.program import Address, Call, Fields, Params


def rounding_fields(filters: Filters) -> Fields:
    """The struct's numbers behind its shapes."""
    parameters = filters.parameters
    return (
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
        ("addend", 2 * parameters.output_zero_point + 1),
    )


def conv2d(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    """A row loop of blocks, or one row."""
    x, _, *_, output = context.tensors(op)
    filters = filters_of(op, context.graph)
    quads = blocks.quads(filters)
    weights = context.weights(op, "filter", quads, "uint32_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    walk, height = walk_of(op, context, outside)
    fields: Fields = (
        *pixel_fields(x, output, height),
        *rows.column_fields(attrs.window),
        ("input_zero_point", x.zero_point),
        *rounding_fields(filters),
        ("quad_words", quads.shape[1]),
        ("weights", Address(weights.symbol)),
    )
    return rows.lowered(walk, op, context, fields, (weights,))


def fully_connected(op: Op, context: Context) -> Lowered:
    """One call for all rows."""
    x, weights, *_ = context.tensors(op)
    units, depth = weights.shape
    filters = filters_of(op, context.graph)
    quads, scales = blocks.units_of(filters), blocks.unit_scales(filters)
    consts = (context.weights(op, "filter", quads, "uint32_t"), context.weights(op, "scales", scales, "uint32_t"))
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("units", units),
        *rounding_fields(filters),
        ("quad_words", quads.shape[1]),
        ("scale_words", scales.shape[1] if len(scales) > 1 else 0),
        ("weights", Address(consts[0].symbol)),
        ("scales", Address(consts[1].symbol)),
    )
    symbol = context.symbol(op)
    call = Call(op.kernel, symbol, (context.place(op.inputs[0]),), context.place(op.outputs[0]))
    return Lowered((call,), (Params(struct_of(op), symbol, fields),), consts, (kernel_of(op).source,))
