"""Functions of one value as tables."""

from __future__ import annotations

import hashlib

import numpy as np

from firmware_export.ir import Lookup, Op
from firmware_export.lower.context import Context, Lowered, lower_op, whole_call
from firmware_export.program import Address, Const, Fields


def table_of(attrs: Lookup, context: Context) -> Const:
    """The table, named after its content: equal ones are printed once."""
    values = np.array(attrs.table, np.int8)
    return context.table(f"table_{hashlib.sha256(values.tobytes()).hexdigest()[:16]}", values)


@lower_op.register
def _(attrs: Lookup, op: Op, context: Context) -> Lowered:
    table = table_of(attrs, context)
    fields: Fields = (("count", context.tensors(op)[0].elements), ("table", Address(table.symbol)))
    return whole_call(op, context, "ea_lookup_s8", fields, table)
