"""TRANSPOSE_CONV."""

from __future__ import annotations

from dataclasses import replace

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Window
from firmware_export.tflite_node import (
    Node,
    constant,
    integers,
    require,
)
from firmware_export.tflite_ops.convolution import check_weights
from firmware_export.tflite_ops.reader import Read, Reader, clamp
from firmware_export.tflite_ops.windows import PADDINGS, SAME, TALLEST_WINDOW, require_batch_one, slide
from firmware_export.tflite_shapes import require_shape

WIDEST = 1 << 16  # kernel and stride


def read_transpose_conv(node: Node) -> Read:
    """The file's inputs are the output's shape, weights, x, and an optional bias."""
    x, weights = node.inputs[2], constant(node, 1)
    require(node, len(x.shape) == 4 and len(weights.shape) == 4, "needs tensors [1, height, width, channels]")
    out, height, width, depth = weights.shape
    require(node, x.shape[3] == depth, "has another number of input channels than its filters")
    require(node, len(constant(node, 0).shape) == 1, "asks for a shape that is no list")
    asked = integers(node, 0)
    require(node, len(asked) == 4 and asked[0] == x.shape[0] and asked[3] == out, "asks for an impossible shape")
    require_shape(node, asked)
    plain = replace(node, inputs=(x, weights, *node.inputs[3:]))
    require_batch_one(plain)
    check_weights(plain, out)
    return ir.TransposeConv(spread(plain, (height, width)), clamp(plain)), plain.inputs


def spread(node: Node, kernel: tuple[int, int]) -> Window:
    """Kernel, stride and what is cut above and left: as if the output were the input of a convolution."""
    require(node, node.options is not None, "has no options")
    stride = (node.options.StrideH(), node.options.StrideW())
    require(node, min(*kernel, *stride) >= 1 and max(*kernel, *stride) <= WIDEST, "has an impossible kernel or stride")
    if kernel[0] > TALLEST_WINDOW * stride[0]:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has a kernel of {kernel[0]} rows; swap rows and columns"
        )
    require(node, node.options.Padding() in PADDINGS, "has a padding that is neither SAME nor VALID")
    same = node.options.Padding() == SAME
    sides = zip(node.output.shape[1:3], kernel, stride, strict=True)
    sizes, (above, left) = zip(*(slide(size, reach, step, 1, same=same) for size, reach, step in sides), strict=True)
    require(node, sizes == node.inputs[0].shape[1:3], "asks for an output that its input does not make")
    return Window(kernel, stride, before=(above, left))


READERS = {
    "TRANSPOSE_CONV": Reader(
        "TransposeConvOptions", (3, 4), read_transpose_conv, "any kernel, stride, padding; constant output shape"
    ),
}
