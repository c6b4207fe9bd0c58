"""Sums for the DSP extension: which ADD and SUB are one rounding of a plane over both inputs, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from firmware_export import ir, op_parameters
from firmware_export.op_parameters import EVERY_INT8
from firmware_export.quantised_math import INT8, AddParameters, Integers, add

FRACTION = 21  # bits of a sum; outputs before their clamp have the other 11
UPPER = 8  # bits by which inputs are shifted to the left, of the 16 that a product loses
NUDGES = sorted(product((0, 1, -1), repeat=2), key=lambda nudge: sum(map(abs, nudge)))


@dataclass(frozen=True)
class Plane:
    """Numbers of the contract."""

    a_slope: int
    b_slope: int
    addend: int


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether an op adds two int8 tensors of one shape along a plane."""
    a, b, output = graph.of((*op.inputs, *op.outputs))
    if a.shape != b.shape or output.dtype is ir.DType.INT16:
        return False
    return plane_of(op, (a, b, output)) is not None


def plane_of(op: ir.Op, tensors: tuple[ir.Tensor, ...]) -> Plane | None:
    """The plane of an ADD or SUB, if there is one."""
    assert isinstance(op.attrs, ir.Add | ir.Sub)
    unclamped = replace(op_parameters.addition(tensors, op.attrs.clamp), clamp=INT8)
    return found(unclamped, -1 if isinstance(op.attrs, ir.Sub) else 1)


@lru_cache(maxsize=1024)
def found(p: AddParameters, sign: int) -> Plane | None:
    """The first plane of all near the real one that gives the reference's output for every a and b."""
    to_output = 2.0 ** (p.left_shift + p.output_shift - 31) * p.output_multiplier
    of_a = 2.0 ** (p.a_shift - 31) * p.a_multiplier * to_output
    of_b = 2.0 ** (p.b_shift - 31) * p.b_multiplier * to_output * sign
    addend = round((p.output_zero_point + 128.5 - p.a_zero_point * of_a - p.b_zero_point * of_b) * 2.0**FRACTION)
    slopes = [round(slope * 2.0 ** (FRACTION + UPPER)) for slope in (of_a, of_b)]
    if max(map(abs, (*slopes, addend))) >= op_parameters.LARGEST_SUM - 1:
        return None
    steps = expected_of(p, sign) + 128
    planes = (through(steps, slopes[0] + by_a, slopes[1] + by_b, addend) for by_a, by_b in NUDGES)
    return next(filter(None, planes), None)


def expected_of(p: AddParameters, sign: int) -> Integers:
    """The reference's output, [a, b]."""
    b = EVERY_INT8.astype(np.int64)
    about = b if sign > 0 else 2 * p.b_zero_point - b  # its mirror image
    return add(b[:, None], about, p).astype(np.int64)


def through(steps: Integers, a_slope: int, b_slope: int, addend: int) -> Plane | None:
    """The plane of these slopes that is `steps`, 0 to 255, for every a and b; its addend as near as can be."""
    x = EVERY_INT8.astype(np.int64) << UPPER
    part_a = (x * a_slope >> 16)[:, None]
    sums = part_a + (x * b_slope >> 16)
    least = ((steps << FRACTION) - sums).max(where=steps > 0, initial=-op_parameters.LARGEST_SUM)
    most = (((steps + 1) << FRACTION) - 1 - sums).min(where=steps < 255, initial=op_parameters.LARGEST_SUM)
    chosen = int(np.clip(addend, least, most))
    largest = max(np.abs(part_a + chosen).max(), np.abs(sums + chosen).max())
    return Plane(a_slope, b_slope, chosen) if least <= most and largest < op_parameters.LARGEST_SUM else None
