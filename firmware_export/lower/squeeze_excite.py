"""Squeezes and excitations as integers: the part in the host's row loop, and what is left when the loop is done."""

from __future__ import annotations

from dataclasses import asdict, replace

from firmware_export import op_parameters
from firmware_export.ir import Clamp, Excite, Op, SqueezeAverage, SqueezeMax, SqueezeMean, Tensor
from firmware_export.kernels import gates, linear
from firmware_export.lower.broadcast import padded
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.lower.guests import cleared, joining, row_function, rows_given
from firmware_export.lower.one_row import is_one_row
from firmware_export.program import Call, Fields, Once, Params
from firmware_export.quantised_math import MulParameters
from firmware_export.targets import Isa

SOURCES = {Isa.C: "support/ea_squeeze.h", Isa.MVE: "support/ea_squeeze_vectors.h"}
RING = "support/ea_ring.h"
FOLDER = "squeeze_excite_s8"  # of the kernels without a host, too


def squeeze(op: Op, context: Context, fields: Fields) -> Lowered:
    """A row joins the sums or maxima in the host's loop; a call of the op's kernel makes the output of them.

    Without a host, all rows join at once, as one.
    """
    x, output = context.tensors(op)
    scratch = context.scratch(op)
    assert scratch is not None
    symbol, joined = context.symbol(op), context.symbol(op, "squeeze")
    kernel = kernel_of(op)
    _, height, width, channels = x.shape
    if context.turn_rows(op):
        return summed(op, context, (("channels", channels), *fields))
    together = rows_given(context.graph.host_of(op), context) if op.host else height
    row: Fields = (("width", together * width), ("channels", channels))
    join = Call(joining(op), joined, (context.place(op.inputs[0]),), scratch)
    return Lowered(
        steps=(
            *(() if op.host else (cleared(op, context), join)),
            Call(op.kernel, symbol, (scratch,), context.place(output.name)),
        ),
        params=(
            Params("ea_squeeze", joined, row),
            Params(f"ea_{kernel.name}", symbol, (("channels", channels), *fields)),
        ),
        sources=(SOURCES[kernel.isa], kernel.source),
        row=row_function(op, context) if op.host else None,
    )


def summed(op: Op, context: Context, fields: Fields) -> Lowered:
    """A row joins the sums or maxima in each turn; the last turn makes the output of them."""
    x, output = context.tensors(op)
    scratch, kernel = context.scratch(op), kernel_of(op)
    assert scratch is not None
    _, height, width, channels = x.shape
    symbol, joined = context.symbol(op), context.symbol(op, "squeeze")
    return Lowered(
        steps=(
            Once(0, cleared(op, context)),
            Call(joining(op), joined, (context.row_place(x.name),), scratch),
            Once(height - 1, Call(op.kernel, symbol, (scratch,), context.place(output.name))),
        ),
        params=(
            Params("ea_squeeze", joined, (("width", width), ("channels", channels))),
            Params(f"ea_{kernel.name}", symbol, fields),
        ),
        sources=(SOURCES[kernel.isa], RING, kernel.source),
    )


@lower_op.register
def _(attrs: SqueezeMean, op: Op, context: Context) -> Lowered:
    return mean(op, context)


@lower_op.register
def _(attrs: SqueezeAverage, op: Op, context: Context) -> Lowered:
    return average(attrs.clamp, op, context)


def mean(op: Op, context: Context) -> Lowered:
    """MEAN over all positions."""
    parameters = op_parameters.mean(context.tensors(op), op_parameters.POSITIONS)
    right = 1 - parameters.shift
    fields: Fields = (
        ("input_offset", -parameters.input_zero_sum),
        ("multiplier", parameters.multiplier),
        ("addend", 1 + (1 << (right - 1)) + (parameters.output_zero_point << right)),
        ("right", right),
    )
    return squeeze(op, context, fields)


def average(clamp: Clamp, op: Op, context: Context) -> Lowered:
    """AVERAGE_POOL_2D over all positions."""
    _, height, width, _ = context.tensors(op)[0].shape
    return squeeze(op, context, (("count", height * width), ("low", clamp.low), ("high", clamp.high)))


@lower_op.register
def _(attrs: SqueezeMax, op: Op, context: Context) -> Lowered:
    return maximum(attrs.clamp, op, context)


def maximum(clamp: Clamp, op: Op, context: Context) -> Lowered:
    """MAX_POOL_2D or REDUCE_MAX over all positions."""
    return squeeze(op, context, (("low", clamp.low), ("high", clamp.high)))


def row_of(x: Tensor, op: Op, context: Context) -> Tensor:
    """x, its rows as one where the host takes them so."""
    if not is_one_row(context.graph.host_of(op), context):
        return x
    batch, height, width, channels = x.shape
    return replace(x, shape=(batch, 1, height * width, channels))


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
    p = gates.parameters_of(op, context.tensors(op), 0)
    return Lowered(
        steps=(),
        params=(gate_params(p, op, context, row_of_gates(row_of(x, op, context), gate)),),
        sources=(kernel_of(op).source,),
        row=row_function(op, context),
    )


def multiply(op: Op, context: Context) -> Lowered:
    """MUL by a gate: an excitation of all rows at once, as one."""
    gate = gates.gated(op, context.graph)
    assert gate is not None
    p = gates.parameters_of(op, context.tensors(op), gate.x)
    walk = (gate.gates, gate.gate_step, gate.values, gate.value_step)
    inputs = (context.place(op.inputs[gate.x]), context.place(op.inputs[1 - gate.x]))
    return Lowered(
        steps=(Call(op.kernel, context.symbol(op), inputs, context.place(op.outputs[0])),),
        params=(gate_params(p, op, context, walk),),
        sources=(kernel_of(op).source,),
    )


def gate_params(p: MulParameters, op: Op, context: Context, walk: tuple[int, int, int, int]) -> Params:
    """The kernel's struct: a gate for each channel along a line, or gates of any shape."""
    if kernel_of(op).folder == "excite_linear_s8":
        line = linear.line_of(p)
        assert line is not None
        fields: Fields = (*asdict(line).items(), ("width", walk[2]), ("channels", walk[0]))
        return Params("ea_excite_linear_s8", context.symbol(op), fields)
    fields = (
        *zip(("gates", "gate_step", "values", "value_step"), walk, strict=True),
        ("x_offset", -p.a_zero_point),
        ("gate_offset", -p.b_zero_point),
        ("multiplier", p.multiplier),
        ("right_shift", -p.shift),
        ("output_offset", p.output_zero_point),
    )
    return Params("ea_excite_s8", context.symbol(op), fields)
