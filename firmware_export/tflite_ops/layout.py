"""Ops that move bytes or only rename them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import DType
from firmware_export.tflite_node import (
    Node,
    integers,
    require,
    require_activations,
    require_unscaled,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, MANY, Read, Reader
from firmware_export.tflite_shapes import existing_axis, expanded, require_shape, reshaped, squeezed


def read_pad(node: Node) -> Read:
    x = node.inputs[0]
    require_activations(node, x, node.output)
    amounts = integers(node, 1)
    require(node, len(amounts) == 2 * len(x.shape) and min(amounts) >= 0, "has impossible padding")
    padding = tuple(zip(amounts[::2], amounts[1::2], strict=True))
    sizes = tuple(low + size + high for size, (low, high) in zip(x.shape, padding, strict=True))
    require_shape(node, sizes)
    value = node.output.zero_point
    if len(node.inputs) > 2:
        require_unscaled(node, node.inputs[2])
        value = integers(node, 2)[0]
    if node.output.dtype is DType.INT16 and value not in (0, -1):  # of two equal bytes
        raise UnsupportedOp(f"layer {node.where!r}: {node.kind} of int16 by another value than 0; pad with zeros")
    require(node, -128 <= value <= 127, "pads with a value that is not int8")
    return ir.Pad(padding, value), (x,)


def read_reshape(shape_of: Callable[[Node], tuple[int, ...]], node: Node) -> Read:
    x, output = node.inputs[0], node.output
    shape = shape_of(node)
    require(node, (x.dtype, x.elements) == (output.dtype, math.prod(shape)), "changes its input's type or size")
    require_shape(node, shape)
    return ir.Reshape(), node.inputs[:1]


def read_concatenation(node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    if node.options.FusedActivationFunction() != 0:
        raise UnsupportedOp(f"layer {node.where!r}: CONCATENATION has a fused activation; put it in a layer of its own")
    require_activations(node, *node.inputs, node.output)
    require_unscaled(node, *node.inputs)
    axis = existing_axis(node, node.options.Axis(), node.output)
    shape = node.inputs[0].shape
    for x in node.inputs:
        require(
            node, x.shape == (*shape[:axis], *x.shape[axis : axis + 1], *shape[axis + 1 :]), "joins shapes that differ"
        )
    require_shape(node, (*shape[:axis], sum(x.shape[axis] for x in node.inputs), *shape[axis + 1 :]))
    return ir.Concatenation(axis), node.inputs


def read_pack(node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    require_activations(node, *node.inputs, node.output)
    require_unscaled(node, *node.inputs)
    axis = existing_axis(node, node.options.Axis(), node.output)
    shape = node.inputs[0].shape
    require(node, all(x.shape == shape for x in node.inputs), "joins shapes that differ")
    require_shape(node, (*shape[:axis], len(node.inputs), *shape[axis:]))
    return ir.Pack(axis), node.inputs


READERS = {
    "PAD": Reader(None, (2, 2), read_pad, "any axes", types=INT8_OR_INT16),
    "PADV2": Reader(None, (3, 3), read_pad, "any axes, any value", types=INT8_OR_INT16),
    "RESHAPE": Reader("ReshapeOptions", (1, 2), partial(read_reshape, reshaped), "costs nothing", types=INT8_OR_INT16),
    "SQUEEZE": Reader("SqueezeOptions", (1, 1), partial(read_reshape, squeezed), "costs nothing", types=INT8_OR_INT16),
    "EXPAND_DIMS": Reader(None, (2, 2), partial(read_reshape, expanded), "costs nothing", types=INT8_OR_INT16),
    "CONCATENATION": Reader(
        "ConcatenationOptions", (1, MANY), read_concatenation, "any axis, operands of one scale", types=INT8_OR_INT16
    ),
    "PACK": Reader("PackOptions", (1, MANY), read_pack, "any axis, operands of one scale", types=INT8_OR_INT16),
}
