"""What each TFLite op's options and constant inputs say, as attrs of the graph: one table row an op."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from firmware_export import ir
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import Attrs, Clamp, DType, Tensor, Window
from firmware_export.quantised_math import Activation, Affine, activation_clamp
from firmware_export.tflite_node import (
    Node,
    constant,
    integers,
    require,
    require_clippable,
    require_int8,
    require_same_quant,
)
from firmware_export.tflite_shapes import (
    existing_axis,
    expanded,
    product,
    reduced,
    require_shape,
    reshaped,
    squeezed,
)

ACTIVATIONS: dict[int, Activation] = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}
SAME = 0
TALLEST_WINDOW = 1024  # rows that one output row reads: the C keeps their addresses on the stack
MOST_UNIT_SCALES = 1 << 14  # each takes a search for its exact multiplier
FARTHEST_REACH = 1 << 30  # bytes of a row that a dilated kernel spans: kernels count in int32
MOST_SUMMED_AXES = 6  # of ADD and SUB with broadcasting: beyond it the reference computes something else
POOL_SCALE_TOLERANCE = 1e-6  # what the reference takes for equal


Read = tuple[Attrs, tuple[Tensor, ...]]  # the attrs, and the inputs that stay inputs


@dataclass(frozen=True)
class Reader:
    """How to read one op: its options table, how many inputs it may have, and the function that does it."""

    options: str | None
    inputs: tuple[int, int]
    read: Callable[[Node], Read]


def clamp(node: Node) -> Clamp:
    """The output's clamp by the fused activation."""
    code = node.options.FusedActivationFunction() if node.options is not None else 0
    if code not in ACTIVATIONS:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has fused activation number {code}; use relu, relu6 or none"
        )
    require_int8(node, node.inputs[0], node.output)
    if ACTIVATIONS[code] in ("RELU6", "RELU_N1_TO_1"):
        require_clippable(node)
    return Clamp(*activation_clamp(ACTIVATIONS[code], Affine(node.output.scale, node.output.zero_point)))


def window(node: Node, kernel: tuple[int, int]) -> Window:
    """Stride, dilation and padding of a spatial op; padding SAME puts the odd row and column behind."""
    options, x = node.options, node.inputs[0]
    if len(x.shape) != 4 or len(node.output.shape) != 4 or options is None:
        raise ModelError(f"layer {node.where!r}: {node.kind} needs tensors [1, height, width, channels]")
    require_batch_one(node)
    stride = (options.StrideH(), options.StrideW())
    dilates = hasattr(options, "DilationHFactor")
    dilation = (options.DilationHFactor(), options.DilationWFactor()) if dilates else (1, 1)
    if min(*kernel, *stride, *dilation) < 1 or max(*kernel, *stride, *dilation) > 1 << 16:
        raise ModelError(f"layer {node.where!r}: {node.kind} has an impossible kernel, stride or dilation")
    if any(size * step * x.shape[3] > FARTHEST_REACH for size, step in zip(kernel, dilation, strict=True)):
        raise ModelError(f"layer {node.where!r}: {node.kind} has a kernel dilated far beyond any image")
    sides = zip(x.shape[1:3], kernel, stride, dilation, strict=True)
    same = options.Padding() == SAME
    sizes, before = zip(*(slide(*side, same=same) for side in sides), strict=True)
    if min(kernel[0], x.shape[1]) > TALLEST_WINDOW or (dilates and kernel[0] > TALLEST_WINDOW):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has a kernel of {kernel[0]} rows; swap rows and columns"
        )
    require_shape(node, (1, *sizes, node.output.shape[3]))
    return Window(kernel, stride, dilation, (before[0], before[1]))


def slide(size: int, kernel: int, stride: int, dilation: int, *, same: bool) -> tuple[int, int]:
    """Output size and padding before, along one axis."""
    reach = (kernel - 1) * dilation + 1
    if not same:
        return (size - reach) // stride + 1, 0
    output = -(-size // stride)
    return output, max(0, (output - 1) * stride + reach - size) // 2


def check_weights(node: Node, channels: int) -> None:
    """Weights are constant symmetric int8 with one scale, or one for each of `channels`; a bias is int32."""
    weights = constant(node, 1)
    if weights.dtype is not DType.INT8 or weights.quant is None:
        raise UnsupportedOp(f"layer {node.where!r}: {node.kind} has {weights.dtype.value} weights; quantise to int8")
    require(node, len(weights.quant.scale) in (1, channels), "has another number of scales than of channels")
    if any(weights.quant.zero_point):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has asymmetric weights; quantise with symmetric int8 weights"
        )
    if len(node.inputs) < 3:
        return
    bias = constant(node, 2)
    require(node, bias.dtype is DType.INT32 and bias.elements == channels, "has a bias of another type or size")


def read_conv2d(node: Node) -> Read:
    weights = constant(node, 1)
    require(node, len(weights.shape) == 4, "has weights that are not [out, height, width, in]")
    out, height, width, depth = weights.shape
    attrs = ir.Conv2D(window(node, (height, width)), clamp(node))
    check_weights(node, out)
    require(node, node.output.shape[3] == out, "has another number of filters than of output channels")
    groups, rest = divmod(node.inputs[0].shape[3], depth)
    require(node, rest == 0 and out % groups == 0, "has groups that do not divide its channels")
    return attrs, node.inputs


def read_depthwise(node: Node) -> Read:
    weights = constant(node, 1)
    require(node, len(weights.shape) == 4 and weights.shape[0] == 1, "has weights that are not [1, height, width, out]")
    _, height, width, out = weights.shape
    multiplier, rest = divmod(out, node.inputs[0].shape[-1])
    require(node, rest == 0 and node.output.shape[-1] == out, "has channels that do not fit its multiplier")
    attrs = ir.DepthwiseConv2D(window(node, (height, width)), multiplier, clamp(node))
    check_weights(node, out)
    return attrs, node.inputs


def require_batch_one(node: Node) -> None:
    """Refuse a spatial op on more than one image."""
    if node.inputs[0].shape[0] != 1:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has batch {node.inputs[0].shape[0]}; convert with batch 1"
        )


def read_fully_connected(node: Node) -> Read:
    weights = constant(node, 1)
    require(node, len(weights.shape) == 2, "has weights that are not [units, depth]")
    units, depth = weights.shape
    require(node, node.options is None or node.options.WeightsFormat() == 0, "has shuffled weights")
    require(node, node.inputs[0].elements % depth == 0, "has an input that its weights do not divide")
    require_shape(node, product(node, units, depth))
    check_weights(node, units)
    many = weights.quant is not None and len(weights.quant.scale) > MOST_UNIT_SCALES
    require(node, not many, "has more scales than any firmware")
    return ir.FullyConnected(clamp(node)), node.inputs


def read_pool(attrs: type[ir.AveragePool2D] | type[ir.MaxPool2D], node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    kernel = (node.options.FilterHeight(), node.options.FilterWidth())
    x, output = node.inputs[0], node.output
    require(node, x.shape[-1] == output.shape[-1], "changes the number of channels")
    require_int8(node, x, output)
    unscaled = abs(x.scale - output.scale) <= POOL_SCALE_TOLERANCE and x.zero_point == output.zero_point
    require(node, unscaled, "has another scale or zero point behind than before it")
    return attrs(window(node, kernel), clamp(node)), node.inputs


def read_reduce(attrs: type[ir.Mean] | type[ir.ReduceMax], node: Node) -> Read:
    x = node.inputs[0]
    require_int8(node, x, node.output)
    axes = tuple(sorted({existing_axis(node, axis, x) for axis in integers(node, 1)}))
    require_shape(node, reduced(node, axes))
    if attrs is ir.ReduceMax:
        require_same_quant(node, x)
    return attrs(axes), (x,)


def read_binary(attrs: type[ir.Add] | type[ir.Sub] | type[ir.Mul], node: Node) -> Read:
    check_broadcast(node)
    a, b = node.inputs
    if attrs is not ir.Mul and a.shape != b.shape and len(node.output.shape) > MOST_SUMMED_AXES:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} repeats an input along {len(node.output.shape)} dimensions; "
            f"the reference does so along {MOST_SUMMED_AXES} at most, so reshape first"
        )
    return attrs(clamp(node)), node.inputs


def read_extremum(attrs: type[ir.Minimum] | type[ir.Maximum], node: Node) -> Read:
    check_broadcast(node)
    return attrs(), node.inputs


def check_broadcast(node: Node) -> None:
    a, b = node.inputs
    require_int8(node, a, b, node.output)
    require(node, np.broadcast_shapes(a.shape, b.shape) == node.output.shape, "has shapes that do not broadcast")


def read_unary(attrs: Attrs, node: Node) -> Read:
    require_int8(node, node.inputs[0], node.output)
    require_shape(node, node.inputs[0].shape)
    return attrs, node.inputs


def read_softmax(node: Node) -> Read:
    beta = float(node.options.Beta()) if node.options is not None else 1.0
    attrs, inputs = read_unary(ir.Softmax(beta), node)
    output = node.output
    require(node, math.isfinite(beta) and len(output.shape) > 0, "has a beta that is no number, or no axis")
    fits = abs(output.scale * 256 - 1) <= 0.001 and output.zero_point == -128
    require(node, fits, "must give scale 1/256 and zero point -128")
    if beta * node.inputs[0].scale <= 2.0**-26:
        raise UnsupportedOp(
            f"layer {node.where!r}: SOFTMAX cannot tell its inputs apart: beta {beta:g} times their scale "
            f"{node.inputs[0].scale:g} is below 2**-26; calibrate with more samples, or scale the logits up"
        )
    return attrs, inputs


def read_pad(node: Node) -> Read:
    x = node.inputs[0]
    require_int8(node, x, node.output)
    amounts = integers(node, 1)
    require(node, len(amounts) == 2 * len(x.shape) and min(amounts) >= 0, "has impossible padding")
    padding = tuple(zip(amounts[::2], amounts[1::2], strict=True))
    sizes = tuple(low + size + high for size, (low, high) in zip(x.shape, padding, strict=True))
    require(node, sizes == node.output.shape, "has an output of another size")
    value = node.output.zero_point
    if len(node.inputs) > 2:
        require_same_quant(node, node.inputs[2])
        value = integers(node, 2)[0]
    require(node, -128 <= value <= 127, "pads with a value that is not int8")
    return ir.Pad(padding, value), (x,)


def read_reshape(shape_of: Callable[[Node], tuple[int, ...]], node: Node) -> Read:
    x, output = node.inputs[0], node.output
    require(node, (x.dtype, x.elements) == (output.dtype, output.elements), "changes its input's type or size")
    require_shape(node, shape_of(node))
    return ir.Reshape(), node.inputs[:1]


def read_concatenation(node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    if node.options.FusedActivationFunction() != 0:
        raise UnsupportedOp(f"layer {node.where!r}: CONCATENATION has a fused activation; put it in a layer of its own")
    require_same_quant(node, *node.inputs)
    axis = existing_axis(node, node.options.Axis(), node.output)
    for x in node.inputs:
        expected = (*node.output.shape[:axis], *x.shape[axis : axis + 1], *node.output.shape[axis + 1 :])
        require(node, x.shape == expected, "joins shapes that differ")
    total = sum(x.shape[axis] for x in node.inputs)
    require(node, total == node.output.shape[axis], "has an output of another size")
    return ir.Concatenation(axis), node.inputs


def read_clip(attrs: ir.Relu, node: Node) -> Read:
    read = read_unary(attrs, node)
    require_clippable(node)
    return read


def read_logistic(node: Node) -> Read:
    attrs, inputs = read_unary(ir.Logistic(), node)
    require(node, node.output.scale == 1 / 256, "must give scale 1/256")
    return attrs, inputs


def read_quantize(node: Node) -> Read:
    if node.inputs[0].dtype is not DType.FLOAT32:
        require_int8(node, node.inputs[0])
    require_int8(node, node.output)
    require_shape(node, node.inputs[0].shape)
    return ir.Quantize(), node.inputs


def read_dequantize(node: Node) -> Read:
    require_int8(node, node.inputs[0])
    require(node, node.output.dtype is DType.FLOAT32, "gives another type than float32")
    require_shape(node, node.inputs[0].shape)
    return ir.Dequantize(), node.inputs


MANY = 1 << 12
READERS = {
    "CONV_2D": Reader("Conv2DOptions", (2, 3), read_conv2d),
    "DEPTHWISE_CONV_2D": Reader("DepthwiseConv2DOptions", (2, 3), read_depthwise),
    "FULLY_CONNECTED": Reader("FullyConnectedOptions", (2, 3), read_fully_connected),
    "AVERAGE_POOL_2D": Reader("Pool2DOptions", (1, 1), partial(read_pool, ir.AveragePool2D)),
    "MAX_POOL_2D": Reader("Pool2DOptions", (1, 1), partial(read_pool, ir.MaxPool2D)),
    "MEAN": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.Mean)),
    "REDUCE_MAX": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.ReduceMax)),
    "ADD": Reader("AddOptions", (2, 2), partial(read_binary, ir.Add)),
    "SUB": Reader("SubOptions", (2, 2), partial(read_binary, ir.Sub)),
    "MUL": Reader("MulOptions", (2, 2), partial(read_binary, ir.Mul)),
    "MINIMUM": Reader(None, (2, 2), partial(read_extremum, ir.Minimum)),
    "MAXIMUM": Reader(None, (2, 2), partial(read_extremum, ir.Maximum)),
    "LOGISTIC": Reader(None, (1, 1), read_logistic),
    "TANH": Reader(None, (1, 1), partial(read_unary, ir.Tanh())),
    "HARD_SWISH": Reader(None, (1, 1), partial(read_unary, ir.HardSwish())),
    "RELU": Reader(None, (1, 1), partial(read_unary, ir.Relu(0.0, None))),
    "RELU6": Reader(None, (1, 1), partial(read_clip, ir.Relu(0.0, 6.0))),
    "RELU_N1_TO_1": Reader(None, (1, 1), partial(read_clip, ir.Relu(-1.0, 1.0))),
    "SOFTMAX": Reader("SoftmaxOptions", (1, 1), read_softmax),
    "PAD": Reader(None, (2, 2), read_pad),
    "PADV2": Reader(None, (3, 3), read_pad),
    "RESHAPE": Reader("ReshapeOptions", (1, 2), partial(read_reshape, reshaped)),
    "SQUEEZE": Reader("SqueezeOptions", (1, 1), partial(read_reshape, squeezed)),
    "EXPAND_DIMS": Reader(None, (2, 2), partial(read_reshape, expanded)),
    "CONCATENATION": Reader("ConcatenationOptions", (1, MANY), read_concatenation),
    "QUANTIZE": Reader(None, (1, 1), read_quantize),
    "DEQUANTIZE": Reader(None, (1, 1), read_dequantize),
}
