"""RESIZE_BILINEAR."""

from __future__ import annotations

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.quantised_resize import PIXEL, Scan, scan
from firmware_export.tflite_node import (
    Node,
    constant,
    integers,
    require,
    require_same_quant,
)
from firmware_export.tflite_ops.reader import Read, Reader
from firmware_export.tflite_ops.windows import require_batch_one
from firmware_export.tflite_shapes import require_shape

LONGEST = 1 << 16  # of a side, so that places in 1/1024 of a pixel are int32


def read_resize_bilinear(node: Node) -> Read:
    x = node.inputs[0]
    require(node, node.options is not None, "has no options")
    require(node, len(x.shape) == 4, "needs a tensor [1, height, width, channels]")
    require_same_quant(node, x)
    require_batch_one(node)
    require(node, len(constant(node, 1).shape) == 1, "asks for a size that is no list")
    size = integers(node, 1)
    require(node, len(size) == 2 and min(size) > 0, "asks for an impossible size")
    require_shape(node, (1, *size, x.shape[3]))
    both = node.options.AlignCorners() and node.options.HalfPixelCenters()
    require(node, not both, "aligns corners and half pixels at once")
    rows, columns = (checked_scan(node, *side) for side in zip(x.shape[1:3], size, strict=True))
    return ir.ResizeBilinear((rows.step, columns.step), (rows.start, columns.start)), (x,)


def checked_scan(node: Node, size: int, count: int) -> Scan:
    """Where output pixels lie; refuses what leads the reference outside the image: over a long way its steps do."""
    if max(size, count) <= LONGEST:
        found = scan(
            size,
            count,
            align_corners=node.options.AlignCorners(),
            half_pixel_centers=node.options.HalfPixelCenters(),
        )
        if found.places(count)[-1] < size * PIXEL:
            return found
    raise UnsupportedOp(
        f"layer {node.where!r}: {node.kind} of {size} to {count} pixels leads the reference outside the image; "
        "resize to fewer"
    )


READERS = {
    "RESIZE_BILINEAR": Reader(
        "ResizeBilinearOptions", (2, 2), read_resize_bilinear, "any size, align_corners, half_pixel_centers"
    ),
}
