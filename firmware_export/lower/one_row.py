"""Pointwise convolutions that take their whole image for one long row."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Conv2D, Excite, Op
from firmware_export.lower.broadcast import padded
from firmware_export.lower.context import Context, kernel_of
from firmware_export.program import RowLoop

FOLDERS = ("conv2d_blocks_s8", "conv2d_tiles_s8", "conv2d_vectors_s8")  # of kernels that can


def is_one_row(op: Op, context: Context) -> bool:
    """Whether a layer is pointwise, and nobody runs in its loop but what can take all rows as one, too."""
    attrs = op.attrs
    if not isinstance(attrs, Conv2D) or kernel_of(op).folder not in FOLDERS:
        return False
    is_pointwise = attrs.window.kernel == (1, 1) and attrs.window.stride == (1, 1)
    x, output = (context.graph.tensors[name] for name in (op.inputs[0], op.outputs[0]))
    is_inside = attrs.window.before == (0, 0) and x.shape[1:3] == output.shape[1:3]
    return is_pointwise and is_inside and all(is_whole(guest, context) for guest in context.graph.guests(op))


def is_whole(guest: Op, context: Context) -> bool:
    """Whether a guest's gates are the channels', so that no row differs from others, and it writes where it reads."""
    if not isinstance(guest.attrs, Excite):
        return False
    _, gate, output = context.tensors(guest)
    _, height, columns, _ = padded(gate.shape, 4)
    has_own_row = context.plan.storage.get(output.name, output.name) in context.graph.excited
    return height == columns == 1 and not has_own_row


def as_one_row(loop: RowLoop) -> RowLoop:
    """The loop with a single pass, over rows that lie one behind the other."""
    return replace(loop, output_height=1)
