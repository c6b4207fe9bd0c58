"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED as integers."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters
from firmware_export.ir import Conv2D, Op, Tensor, Window
from firmware_export.lower.context import Context, Lowered, kernel_of, lower_op
from firmware_export.program import Address, Call, Const, Params, RowLoop, Rows
from firmware_export.quantised_math import ConvolutionParameters

Fields = tuple[tuple[str, int | Address | tuple[int, ...]], ...]


def weight_consts(op: Op, context: Context, parameters: ConvolutionParameters) -> tuple[Const, ...]:
    """Weights, bias, multiplier and shift of a layer, one of each last three for an output channel."""
    weights = context.tensors(op)[1]
    assert weights.data is not None
    return (
        context.weights(op, "", weights.data, "int8_t"),
        context.weights(op, "bias", bias(op, context, len(parameters.multipliers)), "int32_t"),
        context.weights(op, "multiplier", parameters.multipliers, "int32_t"),
        context.weights(op, "shift", parameters.shifts, "int8_t"),
    )


def bias(op: Op, context: Context, channels: int) -> np.ndarray:
    """The bias, zeros where the layer has none."""
    if len(op.inputs) < 3:
        return np.zeros(channels, np.int32)
    data = context.graph.tensors[op.inputs[2]].data
    assert data is not None
    return data


def weight_fields(consts: tuple[Const, ...]) -> Fields:
    """The struct's pointers to them."""
    names = ("weights", "bias", "multiplier", "shift")
    return tuple((name, Address(const.symbol)) for name, const in zip(names, consts, strict=True))


def column_fields(window: Window) -> Fields:
    """The struct's numbers along a row."""
    return (
        ("kernel_height", window.kernel[0]),
        ("kernel_width", window.kernel[1]),
        ("stride", window.stride[1]),
        ("dilation", window.dilation[1]),
        ("padding", window.before[1]),
    )


def row_window(op: Op, context: Context, window: Window, outside: Const) -> Params:
    """The rows that each output row reads."""
    x = context.tensors(op)[0]
    fields: Fields = (
        ("input_height", x.shape[1]),
        ("input_row_bytes", x.shape[2] * x.shape[3]),
        ("kernel_height", window.kernel[0]),
        ("stride", window.stride[0]),
        ("dilation", window.dilation[0]),
        ("padding", window.before[0]),
        ("outside", Address(outside.symbol)),
    )
    return Params("ea_window", context.symbol(op, "window"), fields)


def row_loop(op: Op, context: Context, window: Window, rows: Rows) -> RowLoop:
    """A call a row of the op's output."""
    output = context.tensors(op)[-1]
    call = Call(
        op.kernel,
        context.symbol(op),
        (context.place(op.inputs[0]),),
        context.place(op.outputs[0]),
        context.scratch(op),
    )
    return RowLoop(
        call=call,
        window=context.symbol(op, "window"),
        rows=rows,
        kernel_height=window.kernel[0],
        output_height=output.shape[1],
        output_row_bytes=output.shape[2] * output.shape[3],
    )


def outside_row(op: Op, context: Context, value: int) -> Const:
    """A row of zero points as long as the op's input row, shared by all layers with this zero point."""
    x = context.tensors(op)[0]
    sign = "minus_" if value < 0 else ""
    return context.table(f"row_of_{sign}{abs(value)}", np.full(x.shape[2] * x.shape[3], value))


def width_fields(x: Tensor, output: Tensor) -> Fields:
    """The struct's shapes."""
    return (
        ("input_width", x.shape[2]),
        ("input_channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("output_channels", output.shape[3]),
    )


def offset_fields(parameters: ConvolutionParameters) -> Fields:
    """The struct's zero points and clamp."""
    return (
        ("input_offset", -parameters.input_zero_point),
        ("output_offset", parameters.output_zero_point),
        ("low", parameters.clamp.low),
        ("high", parameters.clamp.high),
    )


@lower_op.register
def _(attrs: Conv2D, op: Op, context: Context) -> Lowered:
    x, weights, *_, output = context.tensors(op)
    parameters = op_parameters.convolution(context.tensors(op), attrs.clamp)
    consts = weight_consts(op, context, parameters)
    outside = outside_row(op, context, x.zero_point)
    fields: Fields = (
        *width_fields(x, output),
        ("group_inputs", weights.shape[3]),
        ("group_outputs", output.shape[3] * weights.shape[3] // x.shape[3]),
        *column_fields(attrs.window),
        *offset_fields(parameters),
        *weight_fields(consts),
    )
    return Lowered(
        steps=(row_loop(op, context, attrs.window, Rows.ALL),),
        params=(row_window(op, context, attrs.window, outside), Params("ea_conv2d_s8", context.symbol(op), fields)),
        consts=(outside, *consts),
        sources=("support/ea_window.h", kernel_of(op).source),
    )
