"""Functions of one value: LOGISTIC, TANH, HARD_SWISH, RELU and its kin, QUANTIZE, DEQUANTIZE."""

from __future__ import annotations

from functools import partial

from firmware_export import ir
from firmware_export.ir import Attrs, DType
from firmware_export.tflite_node import (
    Node,
    require,
    require_clippable,
    require_int8,
)
from firmware_export.tflite_ops.reader import Read, Reader
from firmware_export.tflite_shapes import require_shape


def read_unary(attrs: Attrs, node: Node) -> Read:
    require_int8(node, node.inputs[0], node.output)
    require_shape(node, node.inputs[0].shape)
    return attrs, node.inputs


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


READERS = {
    "LOGISTIC": Reader(None, (1, 1), read_logistic, "256-entry table"),
    "TANH": Reader(None, (1, 1), partial(read_unary, ir.Tanh()), "256-entry table"),
    "HARD_SWISH": Reader(None, (1, 1), partial(read_unary, ir.HardSwish()), "256-entry table"),
    "RELU": Reader(None, (1, 1), partial(read_unary, ir.Relu(0.0, None)), "256-entry table"),
    "RELU6": Reader(None, (1, 1), partial(read_clip, ir.Relu(0.0, 6.0)), "256-entry table"),
    "RELU_N1_TO_1": Reader(None, (1, 1), partial(read_clip, ir.Relu(-1.0, 1.0)), "256-entry table"),
    "QUANTIZE": Reader(None, (1, 1), read_quantize, "int8 to int8 by a table; from float32 at the network's edge"),
    "DEQUANTIZE": Reader(None, (1, 1), read_dequantize, "to float32 at the network's edge"),
}
