"""Ops that move bytes or only rename them."""

from __future__ import annotations

from firmware_export.ir import Copy, Op, Reshape
from firmware_export.lower.context import Context, Lowered, lower_op
from firmware_export.program import Move


@lower_op.register
def _(attrs: Reshape, op: Op, context: Context) -> Lowered:
    return Lowered(steps=())


@lower_op.register
def _(attrs: Copy, op: Op, context: Context) -> Lowered:
    size = context.tensors(op)[-1].nbytes
    return Lowered(steps=(Move(context.place(op.inputs[0]), context.place(op.outputs[0]), size),))
