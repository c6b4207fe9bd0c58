"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from functools import partial

from firmware_export import ir
from firmware_export.tflite_node import (
    Node,
    require,
    require_activations,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader, clamp
from firmware_export.tflite_ops.windows import window

POOL_SCALE_TOLERANCE = 1e-6  # what the reference takes for equal


def read_pool(attrs: type[ir.AveragePool2D] | type[ir.MaxPool2D], node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    kernel = (node.options.FilterHeight(), node.options.FilterWidth())
    x, output = node.inputs[0], node.output
    require(node, x.shape[-1] == output.shape[-1], "changes the number of channels")
    require_activations(node, x, output)
    unscaled = abs(x.scale - output.scale) <= POOL_SCALE_TOLERANCE and x.zero_point == output.zero_point
    require(node, unscaled, "has another scale or zero point behind than before it")
    return attrs(window(node, kernel), clamp(node, require_activations)), node.inputs


READERS = {
    "AVERAGE_POOL_2D": Reader(
        "Pool2DOptions",
        (1, 1),
        partial(read_pool, ir.AveragePool2D),
        "any window, stride, padding",
        types=INT8_OR_INT16,
    ),
    "MAX_POOL_2D": Reader(
        "Pool2DOptions", (1, 1), partial(read_pool, ir.MaxPool2D), "any window, stride, padding", types=INT8_OR_INT16
    ),
}
