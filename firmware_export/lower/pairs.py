"""DEPTHWISE_CONV_2D for the pairs of the DSP extension."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import DepthwiseConv2D, Op
from firmware_export.kernels import pairs
from firmware_export.lower import rows
from firmware_export.lower.context import Context, Lowered, kernel_of, struct_of
from firmware_export.program import Address, Const, Fields, Params, Rows


def side_by_side(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A loop over rows, four at a time where they lie one below the other."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.numbers_of(scaled(op, context)), "int32_t")
    outside = rows.outside_row(op, context, attrs.window, x.zero_point)
    together = pairs.rows_together(attrs.window)
    height, width = attrs.window.kernel
    taller = replace(attrs.window, kernel=(height + (together - 1) * attrs.window.stride[0], width))
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("padding", attrs.window.before[1]),
        ("rows", together),
        ("row_stride", attrs.window.stride[0]),
        ("input_zero_point", x.zero_point),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("numbers", Address(numbers.symbol)),
    )
    return Lowered(
        steps=(replace(rows.row_loop(op, context, taller, Rows.ALL), together=together),),
        params=(
            rows.row_window(op, context, taller, outside),
            Params(struct_of(op), context.symbol(op), fields),
        ),
        consts=(*outside, numbers),
        sources=(rows.SOURCE, kernel_of(op).source),
    )


def apart(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.apart_numbers(scaled(op, context)), "int32_t")
    outside = outside_of(attrs, op, context)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("padding", attrs.window.before[1]),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("outside", Address(outside[0].symbol) if outside else rows.NOTHING),
        ("numbers", Address(numbers.symbol)),
    )
    return Lowered(
        steps=(rows.row_loop(op, context, attrs.window, Rows.ALL),),
        params=(
            rows.row_window(op, context, attrs.window, outside),
            Params(struct_of(op), context.symbol(op), fields),
        ),
        consts=(*outside, numbers),
        sources=(rows.SOURCE, kernel_of(op).source),
    )


def taps(attrs: DepthwiseConv2D, op: Op, context: Context) -> Lowered:
    """A row loop for windows of any shape."""
    x, *_, output = context.tensors(op)
    numbers = context.weights(op, "numbers", pairs.taps_numbers(scaled(op, context)), "int32_t")
    outside = outside_of(attrs, op, context)
    fields: Fields = (
        ("input_width", x.shape[2]),
        ("channels", x.shape[3]),
        ("output_width", output.shape[2]),
        ("kernel_height", attrs.window.kernel[0]),
        ("kernel_width", attrs.window.kernel[1]),
        ("stride", attrs.window.stride[1]),
        ("dilation", attrs.window.dilation[1]),
        ("padding", attrs.window.before[1]),
        ("low", attrs.clamp.low),
        ("high", attrs.clamp.high),
        ("outside", Address(outside[0].symbol) if outside else rows.NOTHING),
        ("numbers", Address(numbers.symbol)),
    )
    return Lowered(
        steps=(rows.row_loop(op, context, attrs.window, Rows.ALL),),
        params=(
            rows.row_window(op, context, attrs.window, outside),
            Params(struct_of(op), context.symbol(op), fields),
        ),
        consts=(*outside, numbers),
        sources=(rows.SOURCE, kernel_of(op).source),
    )


def scaled(op: Op, context: Context) -> pairs.Scaled:
    """The layer's weights and numbers as its kernel rounds."""
    filters = pairs.filters_of(op, context.graph)
    if "rectified" in kernel_of(op).name:
        return pairs.rectified(filters, pairs.lefts_of(filters))
    return pairs.doubled(filters)


def outside_of(attrs: DepthwiseConv2D, op: Op, context: Context) -> tuple[Const, ...]:
    """A row of zero points where the kernel reads beyond the image, above, below or beside it."""
    x, *_, output = context.tensors(op)
    window = attrs.window
    outputs = max(output.shape[2], 2)  # they are computed in twos
    columns = (outputs - 1) * window.stride[1] - window.before[1] + (window.kernel[1] - 1) * window.dilation[1] + 1
    if window.before[1] > 0 or columns > x.shape[2]:
        return rows.constant_row(op, context, x.zero_point)
    return rows.outside_row(op, context, window, x.zero_point)
