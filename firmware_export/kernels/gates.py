"""MUL by a gate: which tensor is the gate, and whether the kernels of EXCITE can walk all of it at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from firmware_export import ir, op_parameters
from firmware_export.quantised_math import MulParameters

RIGHT_SHIFTS = range(1, 11)  # of products, that the kernel of EXCITE knows


@dataclass(frozen=True)
class Gated:
    """The inputs in the kernel's order, where gates begin, and the values of each, as the kernel's struct has them."""

    x: int  # the index of the input that is not the gate
    gates: int
    gate_step: int
    values: int
    value_step: int


def gated(op: ir.Op, graph: ir.Graph) -> Gated | None:
    """How a MUL of int8 is one by a gate; None where it is not."""
    a, b, output = graph.of((*op.inputs, *op.outputs))
    if op.attrs != ir.Mul(ir.ANY_INT8) or {a.dtype, b.dtype} != {ir.DType.INT8}:
        return None
    for index, (x, gate) in enumerate(((a, b), (b, a))):
        if x.shape == output.shape and (found := walked(index, x.shape, gate.shape)):
            return found
    return None


def walked(index: int, shape: tuple[int, ...], gate: tuple[int, ...]) -> Gated | None:
    """A value for each channel, or column and channel, or what else comes last; or for what comes first; or for all."""
    rank, count, size = len(shape), math.prod(shape), math.prod(gate)
    axes = (1,) * (rank - len(gate)) + gate
    if size >= count:
        return None
    if size == 1:
        return Gated(index, 1, 1, count, 1)
    if any(axes == (1,) * kept + shape[kept:] for kept in range(rank)):
        return Gated(index, size, 1, count // size, size)
    if any(axes == shape[:kept] + (1,) * (rank - kept) for kept in range(rank)):
        return Gated(index, size, count // size, count // size, 1)
    return None


def parameters_of(op: ir.Op, tensors: tuple[ir.Tensor, ...], x: int) -> MulParameters:
    """Of x * gate, x being the input of this index."""
    *inputs, output = tensors
    return op_parameters.multiplication((inputs[x], inputs[1 - x], output), ir.ANY_INT8)


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether an op is an EXCITE, or a MUL by a gate whose products are rounded by shifts to the right."""
    if isinstance(op.attrs, ir.Excite):
        return True
    gate = gated(op, graph)
    tensors = graph.of((*op.inputs, *op.outputs))
    return gate is not None and -parameters_of(op, tensors, gate.x).shift in RIGHT_SHIFTS
