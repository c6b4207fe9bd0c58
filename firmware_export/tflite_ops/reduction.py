"""MEAN, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

from __future__ import annotations

from functools import partial

from firmware_export import ir
from firmware_export.ir import DType
from firmware_export.tflite_node import (
    Node,
    integers,
    require,
    require_activations,
    require_int8,
    require_unscaled,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_shapes import existing_axis, reduced, require_shape


def read_reduce(attrs: type[ir.Mean] | type[ir.ReduceMax] | type[ir.ReduceMin], node: Node) -> Read:
    x = node.inputs[0]
    require_activations(node, x, node.output)
    axes = tuple(sorted({existing_axis(node, axis, x) for axis in integers(node, 1)}))
    require_shape(node, reduced(node, axes))
    if attrs is not ir.Mean:
        require_unscaled(node, x)
    return attrs(axes), (x,)


def read_place(attrs: type[ir.ArgMax] | type[ir.ArgMin], node: Node) -> Read:
    x = node.inputs[0]
    require_int8(node, x)
    named = integers(node, 1)
    require(node, len(named) == 1, "names several axes")
    axis = existing_axis(node, named[0], x)
    written = None if node.options is None else INDEX_TYPES.get(node.options.OutputType())
    require(node, node.output.dtype is written, "gives another type than it says")
    require_shape(node, (*x.shape[:axis], *x.shape[axis + 1 :]))
    return attrs(axis), (x,)


INDEX_TYPES = {2: DType.INT32, 4: DType.INT64}  # as the file numbers them
KEPT = "any axes, kept or not"
READERS = {
    "MEAN": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.Mean), KEPT, types=INT8_OR_INT16),
    "ARG_MAX": Reader("ArgMaxOptions", (2, 2), partial(read_place, ir.ArgMax), "any axis; int32 or int64, an output"),
    "ARG_MIN": Reader("ArgMinOptions", (2, 2), partial(read_place, ir.ArgMin), "any axis; int32 or int64, an output"),
    "REDUCE_MIN": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.ReduceMin), KEPT, types=INT8_OR_INT16),
    "REDUCE_MAX": Reader("ReducerOptions", (2, 2), partial(read_reduce, ir.ReduceMax), KEPT, types=INT8_OR_INT16),
}
