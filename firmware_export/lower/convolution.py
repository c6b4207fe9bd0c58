"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED as integers."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters
from firmware_export.ir import Conv2D, DepthwiseConv2D, DType, FullyConnected, Op
from firmware_export.lower import blocks, convolution_s16, pairs, rows, strips, tiles, vectors, winograd
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op, whole_input_call
from firmware_export.program import Address, Const, Fields
from firmware_export.quantised_math import ChannelParameters

# By the folder of the kernel; those in plain C are below.
CONV_2D = {
    "conv2d_blocks_s8": blocks.conv2d,
    "conv2d_tiles_s8": tiles.conv2d,
    "conv2d_vectors_s8": vectors.conv2d,
    "conv2d_winograd_s8": winograd.conv2d,
}
DEPTHWISE_CONV_2D = {
    "depthwise_conv2d_apart_s8": pairs.apart,
    "depthwise_conv2d_pairs_s8": pairs.side_by_side,
    "depthwise_conv2d_taps_s8": pairs.taps,
    "depthwise_strips_s8": strips.depthwise_conv2d,
    "depthwise_vectors_s8": vectors.depthwise_conv2d,
}
FULLY_CONNECTED = {
    "fully_connected_blocks_s8": blocks.fully_connected,
    "fully_connected_tiles_s8": tiles.fully_connected,
    "fully_connected_vectors_s8": vectors.fully_connected,
}


def weight_consts(op: Op, context: Context, channels: int) -> tuple[Const, ...]:
    """Weights and bias; zeros where the layer has no bias."""
    _, weights, *bias, _ = context.tensors(op)
    data = bias[0].data if bias else np.zeros(channels, np.int32)
    assert weights.data is not None
    assert data is not None
    return context.weights(op, "filter", weights.data, "int8_t"), context.weights(op, "bias", data, "int32_t")


def twice_consts(op: Op, context: Context, parameters: ChannelParameters) -> tuple[Const, ...]:
    """Multiplier and shift of each channel, where the op rounds twice."""
    return (
        context.weights(op, "multiplier", parameters.multipliers, "int32_t"),
        context.weights(op, "shift", parameters.shifts, "int8_t"),
    )


def once_consts(op: Op, context: Context, parameters: ChannelParameters) -> tuple[Const, ...]:
    """Multiplier and shift to the right of each channel, or of all, where the op rounds once."""
    right = [31 - shift for shift in parameters.shifts]
    return (
        context.weights(op, "multiplier", parameters.multipliers, "int64_t"),
        context.weights(op, "right", right, "int8_t"),
    )


def addresses(names: tuple[str, ...], consts: tuple[Const, ...]) -> Fields:
    """The struct's pointers."""
    return tuple((name, Address(const.symbol)) for name, const in zip(names, consts, strict=True))


def offset_fields(parameters: ChannelParameters) -> Fields:
    """The struct's zero points and clamp."""
    return (
        ("input_offset", -parameters.input_zero_point),
        ("output_offset", parameters.output_zero_point),
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
    )


def convolution_rows(attrs: Conv2D | DepthwiseConv2D, op: Op, context: Context, shapes: Fields) -> Lowered:
    """A convolution as a row loop; `shapes` are the first fields of its struct."""
    parameters = op_parameters.convolution(context.tensors(op), attrs.clamp)
    channels = len(parameters.multipliers)
    consts = (*weight_consts(op, context, channels), *twice_consts(op, context, parameters))
    outside = rows.outside_row(op, context, attrs.window, parameters.input_zero_point)
    fields = (
        *shapes,
        *rows.column_fields(attrs.window),
        *offset_fields(parameters),
        *addresses(("weights", "bias", "multiplier", "shift"), consts),
    )
    return rows.lowered(rows.walk(op, context, attrs.window, outside), op, context, fields, consts)


@lower_op.register
def _(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    if special := CONV_2D.get(kernel_of(op).folder):
        return special(attrs, op, context)
    x, weights, *_, output = context.tensors(op)
    shapes = (
        ("input_width", x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("output_channels", output.shape[3]),
        ("group_inputs", weights.shape[3]),
        ("group_outputs", output.shape[3] * weights.shape[3] // x.shape[3]),
    )
    if x.dtype is DType.INT16:
        return convolution_s16.conv2d(attrs, op, context, (*shapes, *rows.column_fields(attrs.window)))
    return convolution_rows(attrs, op, context, shapes)


@lower_op.register
def _(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    if special := DEPTHWISE_CONV_2D.get(kernel_of(op).folder):
        return special(attrs, op, context)
    x, *_, output = context.tensors(op)
    shapes = (
        ("input_width", x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("channel_multiplier", attrs.multiplier),
    )
    if x.dtype is DType.INT16:
        return convolution_s16.depthwise_conv2d(attrs, op, context, (*shapes, *rows.column_fields(attrs.window)))
    return convolution_rows(attrs, op, context, shapes)


@lower_op.register
def _(attrs: FullyConnected, op: Op, context: Context) -> Lowered:
    if special := FULLY_CONNECTED.get(kernel_of(op).folder):
        return special(op, context)
    x, weights, *_ = context.tensors(op)
    if x.dtype is DType.INT16:
        return convolution_s16.fully_connected(attrs, op, context)
    units, depth = weights.shape
    parameters = op_parameters.fully_connected(context.tensors(op), attrs.clamp)
    consts = (*weight_consts(op, context, units), *once_consts(op, context, parameters))
    fields: Fields = (
        ("rows", x.elements // depth),
        ("depth", depth),
        ("units", units),
        ("scale_step", 0 if len(parameters.multipliers) == 1 else 1),
        *offset_fields(parameters),
        *addresses(("weights", "bias", "multiplier", "right"), consts),
    )
    return whole_input_call(op, context, fields, *consts)
