"""BATCH_MATMUL, and FULLY_CONNECTED whose weights are computed, as integers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from firmware_export import op_parameters
from firmware_export.ir import BatchMatMul, Op, Tensor, VariableFullyConnected
from firmware_export.lower.broadcast import Axis, axes_of, broadcast_fields
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.program import Address, Call, Const, Fields, Params

Pair = tuple[int, int]
IN_ORDER, SWAPPED = (0, 1), (1, 0)
NO_BIAS = Address("NULL")


@dataclass(frozen=True)
class Matrices:
    """How the kernel walks: sizes of one product, steps of both inputs, and the batches, innermost first."""

    rows: int
    columns: int
    depth: int
    a_steps: tuple[int, int]  # to the next row, to the next element of the sum
    b_steps: tuple[int, int]  # to the next column, to the next element of the sum
    batches: tuple[Axis, ...]

    @property
    def swapped(self) -> Matrices:
        """The same result, one column of it, as one row: the inputs change places."""
        batches = tuple(axis.swapped for axis in self.batches)
        return Matrices(1, self.rows, self.depth, self.b_steps, self.a_steps, batches)


def matrices(a: Tensor, b: Tensor, attrs: BatchMatMul) -> Matrices:
    """The products of two tensors; batches that all meet one `b` become rows of one product where they lie together."""
    a_rows, a_columns = a.shape[-2:]
    b_rows, b_columns = b.shape[-2:]
    rows, depth, a_steps = (a_columns, a_rows, (1, a_columns)) if attrs.adj_x else (a_rows, a_columns, (a_columns, 1))
    columns, b_steps = (b_rows, (b_columns, 1)) if attrs.adj_y else (b_columns, (1, b_columns))
    inner, *outer = axes_of(a.shape[:-2], b.shape[:-2])
    if not attrs.adj_x and inner.size > 1 and (inner.a_step, inner.b_step) == (1, 0):
        rows, inner = rows * inner.size, replace(inner, size=1)
    batches = tuple(
        Axis(axis.size, axis.a_step * a_rows * a_columns, axis.b_step * b_rows * b_columns)
        for axis in (inner, *outer)
        if axis.size > 1
    )
    return Matrices(rows, columns, depth, a_steps, b_steps, batches)


def matrix_params(op: Op, context: Context, walked: Matrices, fields: Fields) -> tuple[Params, Params]:
    """The two structs of one call; `fields` follow the steps."""
    symbol, shape = context.symbol(op), context.symbol(op, "shape")
    one = Axis(walked.rows * walked.columns, 0, 0)
    sizes: Fields = (
        ("batches", Address(f"&{shape}")),
        ("rows", walked.rows),
        ("columns", walked.columns),
        ("depth", walked.depth),
        ("a_row_step", walked.a_steps[0]),
        ("a_depth_step", walked.a_steps[1]),
        ("b_column_step", walked.b_steps[0]),
        ("b_depth_step", walked.b_steps[1]),
    )
    return (
        Params("ea_broadcast", shape, broadcast_fields((one, *walked.batches))),
        Params("ea_matmul_s8", symbol, (*sizes, *fields)),
    )


def call_on_pair(op: Op, context: Context, pair: Pair, params: tuple[Params, ...], *consts: Const) -> Lowered:
    """One call on two of the op's inputs, given by number."""
    inputs = (context.place(op.inputs[pair[0]]), context.place(op.inputs[pair[1]]))
    call = Call(op.kernel, context.symbol(op), inputs, context.place(op.outputs[0]), context.scratch(op))
    return Lowered((call,), params, consts, (kernel_of(op).source,))


@lower_op.register
def _(attrs: BatchMatMul, op: Op, context: Context) -> Lowered:
    a, b, _ = tensors = context.tensors(op)
    parameters = op_parameters.batch_matmul(tensors)
    walked, pair = matrices(a, b, attrs), IN_ORDER
    if walked.columns == 1:  # four at a time are columns
        walked, pair = walked.swapped, SWAPPED
    fields: Fields = (
        ("a_offset", -tensors[pair[0]].zero_point),
        ("b_offset", -tensors[pair[1]].zero_point),
        ("output_offset", parameters.output_zero_point),
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
        ("bias", NO_BIAS),
        ("multiplier", parameters.multiplier),
        ("shift", parameters.shift),
    )
    return call_on_pair(op, context, pair, matrix_params(op, context, walked, fields))


@lower_op.register
def _(attrs: VariableFullyConnected, op: Op, context: Context) -> Lowered:
    x, weights, *bias, _ = tensors = context.tensors(op)
    units, depth = weights.shape
    parameters = op_parameters.variable_fully_connected(tensors, attrs.clamp)
    walked = Matrices(x.elements // depth, units, depth, (depth, 1), (depth, 1), ())
    consts = tuple(context.weights(op, "bias", tensor.data, "int32_t") for tensor in bias if tensor.data is not None)
    fields: Fields = (
        ("a_offset", -parameters.input_zero_point),
        ("b_offset", -weights.zero_point),
        ("output_offset", parameters.output_zero_point),
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
        ("bias", Address(consts[0].symbol) if consts else NO_BIAS),
        ("multiplier", parameters.multipliers[0]),
        ("shift", 31 - parameters.shifts[0]),
    )
    return call_on_pair(op, context, IN_ORDER, matrix_params(op, context, walked, fields), *consts)
