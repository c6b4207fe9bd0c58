"""Squeezes and excitations as integers: the part in the host's row loop, and what is left when the loop is done."""

from __future__ import annotations

from firmware_export import op_parameters
from firmware_export.ir import ANY_INT8, Excite, Op, SqueezeAverage, SqueezeMax, SqueezeMean, Tensor
from firmware_export.lower.broadcast import padded
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.lower.guests import row_function
from firmware_export.program import Call, Fields, Params
from firmware_export.quantised_math import wrap_int32
from firmware_export.targets import Isa

SOURCES = {Isa.C: "support/ea_squeeze.h", Isa.MVE: "support/ea_squeeze_vectors.h"}


def squeeze(op: Op, context: Context, fields: Fields) -> Lowered:
    """A row joins the sums or maxima in the host's loop; a call of the op's kernel makes the output of them."""
    x, output = context.tensors(op)
    scratch = context.scratch(op)
    assert scratch is not None
    symbol = context.symbol(op)
    row: Fields = (("width", x.shape[2]), ("channels", x.shape[3]))
    kernel = kernel_of(op)
    return Lowered(
        steps=(Call(op.kernel, symbol, (scratch,), context.place(output.name)),),
        params=(
            Params("ea_squeeze", context.symbol(op, "squeeze"), row),
            Params(f"ea_{kernel.name}", symbol, (("channels", x.shape[3]), *fields)),
        ),
        sources=(SOURCES[kernel.isa], kernel.source),
        row=row_function(op, context),
    )


@lower_op.register
def _(attrs: SqueezeMean, op: Op, context: Context) -> Lowered:
    parameters = op_parameters.mean(context.tensors(op), op_parameters.POSITIONS)
    fields: Fields = (
        ("input_offset", int(wrap_int32(-parameters.input_zero_sum))),
        ("multiplier", parameters.multiplier),
        ("shift", parameters.shift),
        ("output_offset", parameters.output_zero_point),
    )
    return squeeze(op, context, fields)


@lower_op.register
def _(attrs: SqueezeAverage, op: Op, context: Context) -> Lowered:
    _, height, width, _ = context.tensors(op)[0].shape
    return squeeze(op, context, (("count", height * width), ("low", attrs.clamp.low), ("high", attrs.clamp.high)))


@lower_op.register
def _(attrs: SqueezeMax, op: Op, context: Context) -> Lowered:
    return squeeze(op, context, (("low", attrs.clamp.low), ("high", attrs.clamp.high)))


def row_of_gates(x: Tensor, gate: Tensor) -> tuple[int, int, int, int]:
    """How many gates a row has, how far apart they begin, for how many values each is, and how far apart those lie."""
    _, _, columns, channels = padded(gate.shape, 4)
    _, _, width, depth = x.shape
    if columns == 1 and channels == depth:
        return depth, 1, width, depth
    if channels == 1 and columns == width:
        return width, depth, depth, 1
    return (width * depth, 1, 1, 1) if columns * channels > 1 else (1, 1, width * depth, 1)


@lower_op.register
def _(attrs: Excite, op: Op, context: Context) -> Lowered:
    x, gate, _ = context.tensors(op)
    p = op_parameters.multiplication(context.tensors(op), ANY_INT8)
    fields: Fields = (
        *zip(("gates", "gate_step", "values", "value_step"), row_of_gates(x, gate), strict=True),
        ("x_offset", -p.a_zero_point),
        ("gate_offset", -p.b_zero_point),
        ("multiplier", p.multiplier),
        ("right_shift", -p.shift),
        ("output_offset", p.output_zero_point),
    )
    return Lowered(
        steps=(),
        params=(Params("ea_excite_s8", context.symbol(op), fields),),
        sources=(kernel_of(op).source,),
        row=row_function(op, context),
    )
