"""Functions of one value of int16, and QUANTIZE from and to it, as integers. Those of bytes are tables."""

from __future__ import annotations

from firmware_export import op_parameters, quantised_s16
from firmware_export.ir import Logistic, Op, Quantize, Relu, Tanh
from firmware_export.lower.context import Context, Lowered, lower_op, struct_of, whole_call
from firmware_export.program import Address, Fields


@lower_op.register
def _(attrs: Logistic | Tanh, op: Op, context: Context) -> Lowered:
    parameters = op_parameters.sigmoid_s16(context.tensors(op), attrs)
    table = context.table("sigmoid_s16", quantised_s16.sigmoid_table(), "uint16_t")
    fields: Fields = (
        ("count", context.tensors(op)[0].elements),
        ("multiplier", parameters.multiplier),
        ("shift", parameters.shift),
        ("sigmoid", Address(table.symbol)),
    )
    return whole_call(op, context, struct_of(op), fields, table)


@lower_op.register
def _(attrs: Relu | Quantize, op: Op, context: Context) -> Lowered:
    tensors = context.tensors(op)
    p = op_parameters.relu(tensors, attrs) if isinstance(attrs, Relu) else op_parameters.quantize(tensors)
    fields: Fields = (
        ("count", tensors[0].elements),
        ("input_offset", -p.input_zero_point),
        ("multiplier", p.multiplier),
        ("shift", p.shift),
        ("output_offset", p.output_zero_point),
        ("low", p.clamp.low),
        ("high", p.clamp.high),
    )
    return whole_call(op, context, struct_of(op), fields)
