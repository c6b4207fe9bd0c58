"""Functions of one value, QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Attrs, DType
from firmware_export.tflite_node import (
    Node,
    require,
    require_activations,
    require_clippable,
    require_int8,
    require_quantised,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_shapes import require_shape

EDGE_TYPES = (DType.INT8, DType.UINT8, DType.INT16)


def read_unary(attrs: Attrs, node: Node, require_types: Callable[..., None] = require_int8) -> Read:
    require_types(node, node.inputs[0], node.output)
    require_shape(node, node.inputs[0].shape)
    return attrs, node.inputs


def read_clip(attrs: ir.Relu, node: Node) -> Read:
    read = read_unary(attrs, node)
    require_clippable(node)
    return read


def read_relu(attrs: ir.Relu, node: Node) -> Read:
    read = read_unary(attrs, node, require_activations)
    if attrs.high is not None:
        require_clippable(node)
    return read


def read_logistic(node: Node) -> Read:
    attrs, inputs = read_unary(ir.Logistic(), node, require_activations)
    finest = 32768 if node.output.dtype is DType.INT16 else 256
    require(node, node.output.scale == 1 / finest, f"must give scale 1/{finest}")
    return attrs, inputs


def read_tanh(node: Node) -> Read:
    read = read_unary(ir.Tanh(), node, require_activations)
    fits = node.output.dtype is DType.INT8 or node.output.scale == 1 / 32768
    require(node, fits, "must give scale 1/32768")
    return read


def read_quantize(node: Node) -> Read:
    x, output = node.inputs[0], node.output
    if x.dtype is not DType.FLOAT32:
        require_quantised(node, EDGE_TYPES, x)
    require_quantised(node, EDGE_TYPES, output)
    if {x.dtype, output.dtype} == {DType.INT16, DType.UINT8}:
        raise UnsupportedOp(
            f"layer {node.where!r}: QUANTIZE between uint8 and int16; convert with int16 or float32 inputs and outputs"
        )
    require_shape(node, node.inputs[0].shape)
    return ir.Quantize(), node.inputs


def read_dequantize(node: Node) -> Read:
    require_quantised(node, EDGE_TYPES, node.inputs[0])
    require(node, node.output.dtype is DType.FLOAT32, "gives another type than float32")
    require_shape(node, node.inputs[0].shape)
    return ir.Dequantize(), node.inputs


def read_gelu(node: Node) -> Read:
    return read_unary(ir.Gelu(node.options is not None and bool(node.options.Approximate())), node)


def read_leaky_relu(node: Node) -> Read:
    alpha = float(node.options.Alpha()) if node.options is not None else 0.0
    require(node, math.isfinite(alpha) and abs(alpha) < STEEPEST, "has a slope that is none")
    return read_unary(ir.LeakyRelu(alpha), node)


def read_neg(node: Node) -> Read:
    if node.inputs[0].dtype is DType.FLOAT32:
        return read_float(ir.Neg(), node)
    read = read_unary(ir.Neg(), node)
    x, output = node.inputs[0], node.output
    if x.scale != output.scale or x.zero_point != 0 or output.zero_point != 0:
        raise UnsupportedOp(
            f"layer {node.where!r}: NEG of int8 negates only where both scales are one and both zero points 0; "
            "multiply by -1 instead"
        )
    return read


def read_float(attrs: ir.FloatFunction, node: Node) -> Read:
    x, output = node.inputs[0], node.output
    if x.dtype is not DType.FLOAT32 or output.dtype is not DType.FLOAT32:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has no {x.dtype.value} form in LiteRT; leave it in float32 between "
            "DEQUANTIZE and QUANTIZE, as TensorFlow's converter does"
        )
    require_shape(node, x.shape)
    return attrs, node.inputs


STEEPEST = 2.0**62  # slope of a leaky relu: beyond it products with scales leave float32
ISLAND = "where float32 lies between int8 and int8"
EDGE = "int8 and uint8 by a table; from float32 at the network's edge"
READERS = {
    "LOGISTIC": Reader(None, (1, 1), read_logistic, "", types=INT8_OR_INT16),
    "TANH": Reader(None, (1, 1), read_tanh, "", types=INT8_OR_INT16),
    "HARD_SWISH": Reader(None, (1, 1), partial(read_unary, ir.HardSwish()), ""),
    "RELU": Reader(None, (1, 1), partial(read_relu, ir.Relu(0.0, None)), "", types=INT8_OR_INT16),
    "RELU6": Reader(None, (1, 1), partial(read_relu, ir.Relu(0.0, 6.0)), "", types=INT8_OR_INT16),
    "RELU_N1_TO_1": Reader(None, (1, 1), partial(read_clip, ir.Relu(-1.0, 1.0)), ""),
    "RELU_0_TO_1": Reader(None, (1, 1), partial(read_clip, ir.Relu(0.0, 1.0)), ""),
    "LEAKY_RELU": Reader("LeakyReluOptions", (1, 1), read_leaky_relu, ""),
    "GELU": Reader("GeluOptions", (1, 1), read_gelu, "exact or approximate"),
    "EXP": Reader(None, (1, 1), partial(read_unary, ir.Exp()), ""),
    "LOG": Reader(None, (1, 1), partial(read_unary, ir.Log()), ""),
    "SQRT": Reader(None, (1, 1), partial(read_unary, ir.Sqrt()), "0 for negative values"),
    "RSQRT": Reader(None, (1, 1), partial(read_unary, ir.Rsqrt()), "its largest value for x <= 0"),
    "ABS": Reader(None, (1, 1), partial(read_unary, ir.Abs()), ""),
    "NEG": Reader(None, (1, 1), read_neg, ISLAND),
    "SQUARE": Reader(None, (1, 1), partial(read_float, ir.Square()), ISLAND),
    "SIN": Reader(None, (1, 1), partial(read_float, ir.Sin()), ISLAND),
    "COS": Reader(None, (1, 1), partial(read_float, ir.Cos()), ISLAND),
    "FLOOR": Reader(None, (1, 1), partial(read_float, ir.Floor()), ISLAND),
    "SIGN": Reader(None, (1, 1), partial(read_float, ir.Sign()), ISLAND),
    "QUANTIZE": Reader(
        None,
        (1, 1),
        read_quantize,
        "int8 and uint8 by a table; from float32 at the network's edge",
        types=INT8_OR_INT16,
    ),
    "DEQUANTIZE": Reader(None, (1, 1), read_dequantize, "to float32 at the network's edge", types=INT8_OR_INT16),
}
FLOAT_FUNCTIONS = frozenset(name for name, reader in READERS.items() if reader.remark == ISLAND)
