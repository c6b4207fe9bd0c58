"""MEAN, REDUCE_MAX and REDUCE_MIN."""

from __future__ import annotations

from functools import partial

from firmware_export import ir
from firmware_export.tflite_node import (
    Node,
    integers,
    require_activations,
    require_int8,
    require_same_quant,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_shapes import existing_axis, reduced, require_shape


def read_reduce(attrs: type[ir.Mean] | type[ir.ReduceMax] | type[ir.ReduceMin], node: Node) -> Read:
    x = node.inputs[0]
    (require_activations if attrs is ir.Mean else require_int8)(node, x, node.output)
    axes = tuple(sorted({existing_axis(node, axis, x) for axis in integers(node, 1)}))
    require_shape(node, reduced(node, axes))
    if attrs is not ir.Mean:
        require_same_quant(node, x)
    return attrs(axes), (x,)


READERS = {
    "MEAN": Reader(
        "ReducerOptions", (2, 2), partial(read_reduce, ir.Mean), "any axes, kept or not", types=INT8_OR_INT16
    ),
    "REDUCE_MIN": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.ReduceMin), "any axes, kept or not"),
    "REDUCE_MAX": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.ReduceMax), "any axes, kept or not"),
}
