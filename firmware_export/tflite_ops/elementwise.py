"""Ops of two tensors, element by element."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import DType
from firmware_export.tflite_node import (
    Node,
    require,
    require_activations,
    require_int8,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader, clamp
from firmware_export.tflite_shapes import require_shape

MOST_SUMMED_AXES = 6  # of ADD and SUB with broadcasting: beyond it the reference computes something else


def read_binary(attrs: type[ir.Add] | type[ir.Sub] | type[ir.Mul], node: Node) -> Read:
    check_broadcast(node, require_activations)
    a, b = node.inputs
    if attrs is not ir.Mul and a.shape != b.shape and len(node.output.shape) > MOST_SUMMED_AXES:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} repeats an input along {len(node.output.shape)} dimensions; "
            f"the reference does so along {MOST_SUMMED_AXES} at most, so reshape first"
        )
    if node.output.dtype is DType.INT16 and attrs is not ir.Mul:
        check_general_scales(node)
    return attrs(clamp(node, require_activations)), node.inputs


def read_division(node: Node) -> Read:
    check_broadcast(node)
    _, divisor = node.inputs
    if divisor.data is not None and np.any(divisor.data == divisor.zero_point):
        raise UnsupportedOp(
            f"layer {node.where!r}: DIV by a constant that is zero in {divisor.name!r}: no int8 holds the "
            "quotient, so give it a divisor that is not zero, nor rounds to it"
        )
    return ir.Div(clamp(node)), node.inputs


def check_general_scales(node: Node) -> None:
    """Refuse a sum that the reference computes by shifts alone: older converters ask for it, where scales allow it."""
    powers = all(math.frexp(tensor.scale)[0] == 0.5 for tensor in (*node.inputs, node.output))
    if powers and (node.options is None or node.options.PotScaleInt16()):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} of int16 whose scales are powers of two, to be added by shifts: "
            "convert again with a converter of TensorFlow 2.4 or later"
        )


Plain = ir.Minimum | ir.Maximum | ir.SquaredDifference


def read_plain(attrs: type[Plain], node: Node) -> Read:
    check_broadcast(node, require_int8 if attrs is ir.SquaredDifference else require_activations)
    return attrs(), node.inputs


def read_prelu(node: Node) -> Read:
    check_broadcast(node)
    require_shape(node, node.inputs[0].shape)
    return ir.Prelu(), node.inputs


def check_broadcast(node: Node, require_types: Callable[..., None] = require_int8) -> None:
    a, b = node.inputs
    require_types(node, a, b, node.output)
    require(
        node,
        all(x == y or 1 in (x, y) for x, y in zip(a.shape[::-1], b.shape[::-1], strict=False)),
        "has shapes that do not broadcast",
    )
    require_shape(node, np.broadcast_shapes(a.shape, b.shape))


EVERY = "every form, both operand orders"
ONE_SCALE = "operands of one scale"
READERS = {
    "ADD": Reader(
        "AddOptions", (2, 2), partial(read_binary, ir.Add), "fused activation", types=INT8_OR_INT16, broadcast=EVERY
    ),
    "SUB": Reader(
        "SubOptions", (2, 2), partial(read_binary, ir.Sub), "fused activation", types=INT8_OR_INT16, broadcast=EVERY
    ),
    "MUL": Reader(
        "MulOptions",
        (2, 2),
        partial(read_binary, ir.Mul),
        "fused activation; gates of channels, positions, rows, columns",
        types=INT8_OR_INT16,
        broadcast=EVERY,
    ),
    "DIV": Reader(
        "DivOptions",
        (2, 2),
        read_division,
        "fused activation; scales of which the reference shifts no quotient away",
        broadcast=EVERY,
    ),
    "SQUARED_DIFFERENCE": Reader(None, (2, 2), partial(read_plain, ir.SquaredDifference), "", broadcast=EVERY),
    "PRELU": Reader(None, (2, 2), read_prelu, "", broadcast="every form of its slopes"),
    "MINIMUM": Reader(None, (2, 2), partial(read_plain, ir.Minimum), ONE_SCALE, types=INT8_OR_INT16, broadcast=EVERY),
    "MAXIMUM": Reader(None, (2, 2), partial(read_plain, ir.Maximum), ONE_SCALE, types=INT8_OR_INT16, broadcast=EVERY),
}
