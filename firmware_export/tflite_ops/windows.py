"""Stride, dilation and padding of ops that slide a window."""

from __future__ import annotations

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import Window
from firmware_export.tflite_node import (
    Node,
    require,
)
from firmware_export.tflite_shapes import require_shape

SAME = 0
PADDINGS = (SAME, 1)
TALLEST_WINDOW = 1024  # rows that one output row reads: the C keeps their addresses on the stack
FARTHEST_REACH = 1 << 30  # bytes of a row that a dilated kernel spans: kernels count in int32


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
    require(node, options.Padding() in PADDINGS, "has a padding that is neither SAME nor VALID")
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


def require_batch_one(node: Node) -> None:
    """Refuse a spatial op on more than one image."""
    if node.inputs[0].shape[0] != 1:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has batch {node.inputs[0].shape[0]}; convert with batch 1"
        )
