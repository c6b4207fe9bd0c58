"""Ops of two tensors, element by element, as integers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from firmware_export import op_parameters
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Add, Div, Maximum, Minimum, Mul, Op, Prelu, SquaredDifference, Sub
from firmware_export.kernels import alike, planes
from firmware_export.lower import squeeze_excite
from firmware_export.lower.broadcast import MOST_AXES, Axis, axes_of, broadcast_fields
from firmware_export.lower.context import Context, Lowered, fields_of, kernel_of, lower_op, struct_of, whole_call
from firmware_export.program import Address, Call, Fields, Params
from firmware_export.quantised_math import AddParameters, Range


@dataclass(frozen=True)
class Operands:
    """The inputs in the order in which the kernel takes them: the second one may repeat along a run."""

    first: int
    second: int
    axes: tuple[Axis, ...]


def operands(op: Op, context: Context) -> Operands:
    """Order the inputs of an op that may take them either way round."""
    a, b, _ = context.tensors(op)
    axes = axes_of(a.shape, b.shape)
    if len(axes) > MOST_AXES + 1:
        raise UnsupportedOp(
            f"layer {op.name!r}: {op.kind} of {list(a.shape)} and {list(b.shape)} repeats its inputs along too "
            "many axes; reshape them to fewer dimensions"
        )
    if axes[0].a_step == 0:
        return Operands(1, 0, tuple(axis.swapped for axis in axes))
    return Operands(0, 1, axes)


def call_pair(op: Op, context: Context, order: Operands, struct: str, fields: Fields) -> Lowered:
    """One call of a kernel on two tensors, with how their shapes meet."""
    symbol, shape = context.symbol(op), context.symbol(op, "shape")
    inputs = (context.place(op.inputs[order.first]), context.place(op.inputs[order.second]))
    return Lowered(
        steps=(Call(op.kernel, symbol, inputs, context.place(op.outputs[0])),),
        params=(
            Params("ea_broadcast", shape, broadcast_fields(order.axes)),
            Params(struct, symbol, (("shape", Address(f"&{shape}")), *fields)),
        ),
        sources=(kernel_of(op).source,),
    )


@lower_op.register
def _(attrs: Add | Sub, op: Op, context: Context) -> Lowered:
    p = op_parameters.addition(context.tensors(op), attrs.clamp)
    if kernel_of(op).folder == "add_plane_s8":
        return add_plane(p.clamp, op, context)
    if kernel_of(op).folder == "add_alike_s8":
        return add_alike(p, op, context)
    order = operands(op, context)
    inputs = (
        (1, -p.a_zero_point, p.a_multiplier, -p.a_shift),
        (-1 if isinstance(attrs, Sub) else 1, -p.b_zero_point, p.b_multiplier, -p.b_shift),
    )
    names = ("sign", "offset", "multiplier", "right_shift")
    fields: Fields = (
        *((f"a_{name}", value) for name, value in zip(names, inputs[order.first], strict=True)),
        *((f"b_{name}", value) for name, value in zip(names, inputs[order.second], strict=True)),
        ("output_multiplier", p.output_multiplier),
        ("output_right_shift", -p.output_shift),
        ("output_offset", p.output_zero_point),
        ("low", p.clamp.low),
        ("high", p.clamp.high),
    )
    return call_pair(op, context, order, struct_of(op), fields_of(op, fields))


def add_plane(clamp: Range, op: Op, context: Context) -> Lowered:
    """ADD or SUB of two inputs of one shape, rounded once."""
    tensors = context.tensors(op)
    plane = planes.plane_of(op, tensors)
    assert plane is not None
    fields: Fields = (
        ("count", tensors[0].elements),
        *asdict(plane).items(),
        ("low", clamp.low),
        ("high", clamp.high),
    )
    return whole_call(op, context, struct_of(op), fields)


def add_alike(p: AddParameters, op: Op, context: Context) -> Lowered:
    """ADD of two inputs of one shape, the one with the larger scale first."""
    inputs = ((p.a_zero_point, p.a_multiplier, -p.a_shift), (p.b_zero_point, p.b_multiplier, -p.b_shift))
    first = alike.larger(p) or 0
    (a_zero_point, *_), (b_zero_point, b_multiplier, b_right) = inputs[first], inputs[1 - first]
    right = -p.output_shift
    fields: Fields = (
        ("count", context.tensors(op)[0].elements),
        ("b_offset", -b_zero_point << 21),
        ("b_multiplier", b_multiplier),
        ("b_half", 1 << (b_right - 1)),
        ("b_right", b_right),
        ("a_offset", -a_zero_point << 20),
        ("output_multiplier", p.output_multiplier),
        ("output_addend", (1 << (right - 1)) + (p.output_zero_point << right)),
        ("output_right", right),
        ("low", p.clamp.low),
        ("high", p.clamp.high),
    )
    symbol = context.symbol(op)
    places = (context.place(op.inputs[first]), context.place(op.inputs[1 - first]))
    call = Call(op.kernel, symbol, places, context.place(op.outputs[0]))
    return Lowered((call,), (Params(struct_of(op), symbol, fields),), (), (kernel_of(op).source,))


@lower_op.register
def _(attrs: Mul, op: Op, context: Context) -> Lowered:
    if kernel_of(op).folder in ("excite_linear_s8", squeeze_excite.FOLDER):
        return squeeze_excite.multiply(op, context)
    p = op_parameters.multiplication(context.tensors(op), attrs.clamp)
    order = operands(op, context)
    offsets = (-p.a_zero_point, -p.b_zero_point)
    fields: Fields = (
        ("a_offset", offsets[order.first]),
        ("b_offset", offsets[order.second]),
        ("multiplier", p.multiplier),
        ("shift", p.shift),
        ("output_offset", p.output_zero_point),
        ("low", p.clamp.low),
        ("high", p.clamp.high),
    )
    return call_pair(op, context, order, struct_of(op), fields_of(op, fields))


@lower_op.register
def _(attrs: Div, op: Op, context: Context) -> Lowered:
    a, b, _ = tensors = context.tensors(op)
    values = (op_parameters.possible_values(a), op_parameters.possible_values(b))
    p = op_parameters.division(tensors, attrs.clamp, values)
    order = operands(op, context)
    offsets = (-p.a_zero_point, -p.b_zero_point)
    fields: Fields = (
        ("a_offset", offsets[order.first]),
        ("b_offset", offsets[order.second]),
        ("divides_by_a", order.first),
        ("multiplier", p.multiplier),
        ("shift", p.shift),
        ("output_offset", p.output_zero_point),
        ("low", p.clamp.low),
        ("high", p.clamp.high),
    )
    return call_pair(op, context, order, "ea_div_s8", fields)


@lower_op.register
def _(attrs: SquaredDifference, op: Op, context: Context) -> Lowered:
    p = op_parameters.squared_difference(context.tensors(op))
    order = operands(op, context)
    inputs = (
        (-p.a_zero_point, p.a_multiplier, -p.a_shift),
        (-p.b_zero_point, p.b_multiplier, -p.b_shift),
    )
    names = ("offset", "multiplier", "right_shift")
    fields: Fields = (
        *((f"a_{name}", value) for name, value in zip(names, inputs[order.first], strict=True)),
        *((f"b_{name}", value) for name, value in zip(names, inputs[order.second], strict=True)),
        ("output_multiplier", p.output_multiplier),
        ("output_right_shift", -p.output_shift),
        ("output_offset", p.output_zero_point),
    )
    return call_pair(op, context, order, "ea_squared_difference_s8", fields)


@lower_op.register
def _(attrs: Prelu, op: Op, context: Context) -> Lowered:
    p = op_parameters.prelu(context.tensors(op))
    fields: Fields = (
        ("x_offset", -p.x_zero_point),
        ("alpha_offset", -p.alpha_zero_point),
        ("multiplier", p.multiplier),
        ("shift", p.shift),
        ("alpha_multiplier", p.alpha_multiplier),
        ("alpha_shift", p.alpha_shift),
        ("output_offset", p.output_zero_point),
    )
    return call_pair(op, context, operands(op, context), "ea_prelu_s8", fields)


@lower_op.register
def _(attrs: Minimum | Maximum, op: Op, context: Context) -> Lowered:
    return call_pair(op, context, operands(op, context), struct_of(op), ())
