"""ADD of two inputs of one shape: which layers its kernel can compute."""

from __future__ import annotations

from firmware_export import ir, op_parameters
from firmware_export.quantised_math import AddParameters

HALF = (1 << 30, 0)  # multiplier and shift of an input with the larger scale: it is shifted, never rounded
FARTHEST_RIGHT = 22  # an output offset, scaled by it, and what is rounded fit int32


def larger(p: AddParameters) -> int | None:
    """The input with the larger scale, 0 or 1, where the other one's rescaling shifts; None where neither's does."""
    scales = ((p.a_multiplier, p.a_shift), (p.b_multiplier, p.b_shift))
    return next((index for index in (0, 1) if scales[index] == HALF and scales[1 - index][1] < 0), None)


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether an ADD is of two int8 tensors of one shape, rounded by shifts to the right."""
    a, b, output = tensors = graph.of((*op.inputs, *op.outputs))
    if not isinstance(op.attrs, ir.Add) or a.shape != b.shape or output.dtype is ir.DType.INT16:
        return False
    p = op_parameters.addition(tensors, op.attrs.clamp)
    return larger(p) is not None and 1 <= -p.output_shift <= FARTHEST_RIGHT
