"""Gates of channels for the DSP extension: which excitations are one rounding of a straight line, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from firmware_export import ir, op_parameters
from firmware_export.kernels import gates
from firmware_export.op_parameters import EVERY_INT8
from firmware_export.quantised_math import MulParameters, mul

LEAST_ZERO_POINT = -128  # of x: no product with a gate is negative, and both roundings of the reference go one way
UNUSED_BITS = 7  # of a multiplier that was a float32
NEAREST, FARTHEST = 6, 10  # right shifts for which a slope fits an int32 and the addend is whole


@dataclass(frozen=True)
class Line:
    """Numbers of the contract: a slope is the gate's multiple, y the line's place above x."""

    gate_offset: int
    multiplier: int
    half: int
    right: int
    addend: int


def is_of_channels(x: ir.Tensor, gate: ir.Tensor) -> bool:
    """Whether a gate has a value for each channel, the same at all positions of a row."""
    columns, channels = (1, 1, *gate.shape)[-2:]
    return (columns, channels) == (1, x.shape[3])


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether an excitation, or a MUL by a gate, has a gate for each channel and is a line."""
    tensors = graph.of((*op.inputs, *op.outputs))
    if isinstance(op.attrs, ir.Excite):
        return is_of_channels(*tensors[:2]) and line_of(gates.parameters_of(op, tensors, 0)) is not None
    gate = gates.gated(op, graph)
    if gate is None or gate.gates != gate.value_step:
        return False
    return line_of(gates.parameters_of(op, tensors, gate.x)) is not None


@lru_cache(maxsize=1024)
def line_of(p: MulParameters) -> Line | None:
    """The line that gives the reference's output for every x and gate, if there is one: a slope's last bit may be too
    much or missing, and one way of rounding it is nearly always right.
    """
    shift = -p.shift
    if p.a_zero_point != LEAST_ZERO_POINT or not NEAREST <= shift <= FARTHEST:
        return None
    right = shift - NEAREST + 1
    addend = (1 << 15) + (1 << (15 - shift)) + ((p.output_zero_point + 128) << 16)
    for half in (1 << (right - 1), 0, (1 << right) - 1):
        line = Line(-p.b_zero_point, p.multiplier >> UNUSED_BITS, half, right, addend)
        if is_exact(line, p):
            return line
    return None


def is_exact(line: Line, p: MulParameters) -> bool:
    """Whether a line gives the reference's output everywhere."""
    x, gate = EVERY_INT8.astype(np.int64)[:, None], EVERY_INT8.astype(np.int64)
    slope = (((gate + line.gate_offset) * line.multiplier + line.half) & 0xFFFFFFFF) >> line.right
    y = np.clip(((((x + 128) * 8 * slope) >> 16) + line.addend) >> 16, 0, 255) - 128
    return bool(slope.max() < op_parameters.LARGEST_SUM and np.array_equal(y, mul(x, gate, p)))
