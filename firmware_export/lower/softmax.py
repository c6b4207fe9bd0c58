"""SOFTMAX as a table of exponentials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export import op_parameters, quantised_s16
from firmware_export.ir import DType, Op, Softmax
from firmware_export.lower.context import Context, Lowered, lower_op, struct_of, whole_call
from firmware_export.program import Address, Const, Fields, Section
from firmware_export.quantised_softmax import SUM_INTEGER_BITS, SoftmaxParameters, exponential_table


@lower_op.register
def _(attrs: Softmax, op: Op, context: Context) -> Lowered:
    x, output = context.tensors(op)
    if x.dtype is DType.INT16:
        return softmax_s16(attrs, op, context)
    table = exponentials(op_parameters.softmax((x, output), attrs.beta), context)
    depth = x.shape[-1]
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("differences", len(table.values)),
        ("exponentials", Address(table.symbol)),
    )
    return whole_call(op, context, "ea_softmax_s8", fields, table)


def softmax_s16(attrs: Softmax, op: Op, context: Context) -> Lowered:
    """SOFTMAX of int16: two tables, the same for every scale."""
    x, output = context.tensors(op)
    parameters = op_parameters.softmax_s16((x, output), attrs.beta)
    tables = (
        context.table("exponential_s16", quantised_s16.exponential_table(), "int16_t"),
        context.table("reciprocal_s16", quantised_s16.reciprocal_table(), "int16_t"),
    )
    fields: Fields = (
        ("rows", x.elements // x.shape[-1]),
        ("depth", x.shape[-1]),
        ("multiplier", parameters.multiplier),
        ("shift", parameters.shift),
        ("exponential", Address(tables[0].symbol)),
        ("reciprocal", Address(tables[1].symbol)),
    )
    return whole_call(op, context, struct_of(op), fields, *tables)


def exponentials(parameters: SoftmaxParameters, context: Context) -> Const:
    """The exponential of every difference that matters, shared by layers of one scale.

    Differences are at most 255, so that a table replaces the fixed-point exponential: one load where the reference has
    a dozen 64-bit products, twice an element. It takes 280 bytes at a scale of 0.2, as the code would, and never more
    than 1024.
    """
    symbol = f"{context.graph.name}_exponentials_{parameters.multiplier}_{parameters.shift}"
    return Const(symbol, "int32_t", significant(exponential_table(parameters)), Section.TABLE)


def significant(table: NDArray[np.int64]) -> NDArray[np.int32]:
    """The table without its tail of values that round to nothing in the sum.

    They give no output either: the sum is at least 1, so an output shifts its exponential by 23 bits or more.
    """
    counts = np.flatnonzero(table >> (SUM_INTEGER_BITS - 1))
    return table[: counts[-1] + 1].astype(np.int32)
