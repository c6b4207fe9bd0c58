"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED."""

from __future__ import annotations

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import DType
from firmware_export.tflite_node import (
    Node,
    constant,
    require,
    require_activations,
)
from firmware_export.tflite_ops.matmul import read_variable_fully_connected
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader, clamp
from firmware_export.tflite_ops.windows import window
from firmware_export.tflite_shapes import product, require_shape

BIAS_TYPES = {0: DType.INT64, 2: DType.INT32, 4: DType.INT64}  # by number; where nothing is said it is int64
MOST_UNIT_SCALES = 1 << 14  # each takes a search for its exact multiplier


def check_weights(node: Node, channels: int) -> None:
    """Weights are constant symmetric int8 with one scale, or one for each of `channels`; so is the bias's type."""
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
    known = bias_types(node) if node.inputs[0].dtype is DType.INT16 else (DType.INT32,)
    if node.inputs[0].dtype is DType.INT16 and bias.dtype not in known:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} on int16 has an {bias.dtype.value} bias, which LiteRT does not take as "
            "it stands here: convert again with biases of int64, which is what TensorFlow's converter does unless asked"
        )
    require(node, bias.dtype in known and bias.elements == channels, "has a bias of another type or size")


def bias_types(node: Node) -> tuple[DType, ...]:
    """What the bias of an op on int16 may be: the reference reads it as its options say, not as it is."""
    if node.options is None or not hasattr(node.options, "QuantizedBiasType"):
        return (DType.INT64,)
    declared = BIAS_TYPES.get(node.options.QuantizedBiasType())
    if declared is None:
        raise UnsupportedOp(f"layer {node.where!r}: {node.kind} wants a bias of a type that is neither int32 nor int64")
    return (declared,)


def read_conv2d(node: Node) -> Read:
    weights = constant(node, 1)
    require(node, len(weights.shape) == 4, "has weights that are not [out, height, width, in]")
    out, height, width, depth = weights.shape
    attrs = ir.Conv2D(window(node, (height, width)), clamp(node, require_activations))
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
    attrs = ir.DepthwiseConv2D(window(node, (height, width)), multiplier, clamp(node, require_activations))
    check_weights(node, out)
    return attrs, node.inputs


def read_fully_connected(node: Node) -> Read:
    if node.inputs[1].data is None:
        return read_variable_fully_connected(node)
    weights = constant(node, 1)
    require(node, len(weights.shape) == 2, "has weights that are not [units, depth]")
    units, depth = weights.shape
    require(node, node.options is None or node.options.WeightsFormat() == 0, "has shuffled weights")
    require(node, node.inputs[0].elements % depth == 0, "has an input that its weights do not divide")
    require_shape(node, product(node, units, depth))
    check_weights(node, units)
    many = weights.quant is not None and len(weights.quant.scale) > MOST_UNIT_SCALES
    require(node, not many, "has more scales than any firmware")
    return ir.FullyConnected(clamp(node, require_activations)), node.inputs


READERS = {
    "CONV_2D": Reader(
        "Conv2DOptions",
        (2, 3),
        read_conv2d,
        "any kernel, stride, dilation, padding; grouped; per-channel or per-tensor weights",
        types=INT8_OR_INT16,
    ),
    "DEPTHWISE_CONV_2D": Reader(
        "DepthwiseConv2DOptions",
        (2, 3),
        read_depthwise,
        "any kernel, stride, dilation, padding, channel multiplier",
        types=INT8_OR_INT16,
    ),
    "FULLY_CONNECTED": Reader(
        "FullyConnectedOptions",
        (2, 3),
        read_fully_connected,
        "any input rank; per-channel, per-tensor or computed weights; with or without bias",
        types=INT8_OR_INT16,
    ),
}
