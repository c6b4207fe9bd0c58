"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int16 as integers."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters, quantised_s16
from firmware_export.ir import Conv2D, DepthwiseConv2D, FullyConnected, Op
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, whole_input_call
from firmware_export.program import Address, Const, Fields, Params, Rows
from firmware_export.quantised_math import ChannelParameters


def filter_const(op: Op, context: Context) -> Const:
    """The weights."""
    data = context.tensors(op)[1].data
    assert data is not None
    return context.weights(op, "filter", data, "int8_t")


def bias_const(op: Op, context: Context, channels: int, ctype: str = "int64_t") -> Const:
    """The bias; zeros where the layer has none."""
    _, _, *bias, _ = context.tensors(op)
    data = bias[0].data if bias and bias[0].data is not None else np.zeros(channels)
    return context.weights(op, "bias", data, ctype)


def wide_consts(op: Op, context: Context, parameters: ChannelParameters) -> tuple[Const, ...]:
    """Bias, multiplier and shift to the right of each channel, where sums have 64 bits."""
    multipliers, rights = quantised_s16.wide_numbers(parameters)
    return (
        bias_const(op, context, len(multipliers)),
        context.weights(op, "multiplier", multipliers, "int16_t"),
        context.weights(op, "right", rights, "int8_t"),
    )


def narrow_consts(op: Op, context: Context, parameters: ChannelParameters) -> tuple[Const, ...]:
    """Bias, multiplier and shift of each channel, where sums have 32 bits."""
    return (
        bias_const(op, context, len(parameters.multipliers), "int32_t"),
        context.weights(op, "multiplier", parameters.multipliers, "int32_t"),
        context.weights(op, "shift", parameters.shifts, "int8_t"),
    )


def addresses(*named: tuple[str, Const]) -> Fields:
    """The struct's pointers."""
    return tuple((name, Address(const.symbol)) for name, const in named)


def conv2d(attrs: Conv2D, op: Op, context: Context, shapes: Fields) -> Lowered:
    """A row loop; its kernel takes what depends on the type of the sums in a struct of its own."""
    parameters = op_parameters.convolution(context.tensors(op), attrs.clamp)
    is_wide = op_parameters.adds_wide(context.tensors(op))
    weights = filter_const(op, context)
    consts = wide_consts(op, context, parameters) if is_wide else narrow_consts(op, context, parameters)
    struct, names = ("s16", "right") if is_wide else ("narrow_s16", "shift")
    symbol, shape = context.symbol(op), context.symbol(op, "shape")
    fields = (*shapes, *clamp_fields(parameters), *addresses(("weights", weights)))
    pointers = addresses(*zip(("bias", "multiplier", names), consts, strict=True))
    params = (
        Params("ea_conv2d_shape_s16", shape, fields),
        Params(f"ea_conv2d_{struct}", symbol, (("shape", Address(f"&{shape}")), *pointers)),
    )
    return row_loop(attrs, op, context, params=params, consts=(weights, *consts))


def depthwise_conv2d(attrs: DepthwiseConv2D, op: Op, context: Context, shapes: Fields) -> Lowered:
    """A row loop."""
    parameters = op_parameters.convolution(context.tensors(op), attrs.clamp)
    consts = (filter_const(op, context), *wide_consts(op, context, parameters))
    pointers = addresses(*zip(("weights", "bias", "multiplier", "right"), consts, strict=True))
    params = Params("ea_depthwise_conv2d_s16", context.symbol(op), (*shapes, *clamp_fields(parameters), *pointers))
    return row_loop(attrs, op, context, params=(params,), consts=consts)


def row_loop(
    attrs: Conv2D | DepthwiseConv2D,
    op: Op,
    context: Context,
    *,
    params: tuple[Params, ...],
    consts: tuple[Const, ...],
) -> Lowered:
    """A call a row, rows outside the image being zeros."""
    outside = rows.outside_row(op, context, attrs.window, 0)
    return Lowered(
        steps=(rows.row_loop(op, context, attrs.window, Rows.ALL),),
        params=(rows.row_window(op, context, attrs.window, outside), *params),
        consts=(*outside, *consts),
        sources=(rows.source_of(op, context), kernel_of(op).source),
    )


def fully_connected(attrs: FullyConnected, op: Op, context: Context) -> Lowered:
    """One call; scales as float64 holds them."""
    x, weights, *_ = context.tensors(op)
    units, depth = weights.shape
    parameters = op_parameters.fully_connected_s16(context.tensors(op), attrs.clamp)
    consts = (
        filter_const(op, context),
        bias_const(op, context, units),
        context.weights(op, "mantissa", parameters.mantissas, "int64_t"),
        context.weights(op, "right", parameters.rights, "int8_t"),
    )
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("units", units),
        ("scale_step", 0 if len(parameters.mantissas) == 1 else 1),
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
        *addresses(*zip(("weights", "bias", "mantissa", "right"), consts, strict=True)),
    )
    return whole_input_call(op, context, fields, *consts)


def clamp_fields(parameters: ChannelParameters) -> Fields:
    """The struct's clamp."""
    return (("low", parameters.clamp.low), ("high", parameters.clamp.high))
