"""Ops of two tensors: every way of broadcasting, both orders, extreme quantisations, activations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, random_int8, tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, model, single_op

Shape = tuple[int, ...]

OPS = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM", "SQUARED_DIFFERENCE", "PRELU")
A, B, OUTPUT = Affine(0.5, 3), Affine(0.25, -7), Affine(0.75, 5)
GATE = Affine(1 / 256, -128)

SHAPES: tuple[tuple[str, Shape, Shape], ...] = (
    ("same shape", (1, 3, 5, 7), (1, 3, 5, 7)),
    ("channel gate", (1, 3, 5, 7), (1, 1, 1, 7)),
    ("channel gate of rank 1", (1, 3, 5, 7), (7,)),
    ("spatial gate", (1, 3, 5, 7), (1, 3, 5, 1)),
    ("scalar", (1, 3, 5, 7), ()),
)
MORE_SHAPES: tuple[tuple[str, Shape, Shape], ...] = (
    ("two scalars", (), ()),
    ("one element", (1, 1, 1, 1), (1,)),
    ("one and many", (1, 1), (2, 3)),
    ("channel gate of rank 2", (1, 2, 3, 4), (1, 4)),
    ("channel gate, more channels than a vector has lanes", (1, 2, 3, 17), (17,)),
    ("spatial gate, more channels than a vector has lanes", (1, 2, 3, 9), (1, 2, 3, 1)),
    ("one run", (33,), (33,)),
    ("both broadcast", (1, 3, 1, 5), (1, 1, 4, 1)),
    ("outer product", (6, 1), (1, 5)),
    ("row gate", (1, 4, 3, 2), (1, 4, 1, 1)),
    ("column gate", (1, 4, 3, 2), (1, 1, 3, 1)),
    ("row and channel gate", (1, 4, 3, 2), (1, 4, 1, 2)),
    ("rank 5", (2, 3, 1, 2, 3), (1, 3, 4, 1, 3)),
    ("rank 6, every axis turns", (2, 1, 3, 1, 2, 1), (1, 3, 1, 2, 1, 3)),
    ("rank 6, every second axis", (2, 3, 2, 3, 2, 3), (2, 1, 2, 1, 2, 1)),
)
QUANTISATIONS: tuple[tuple[str, Affine, Affine, Affine], ...] = (
    ("gate of scale 1/256", A, GATE, Affine(0.4, 3)),
    ("gate of scale 1", A, Affine(1.0, 127), OUTPUT),
    ("gate of scale 1.5", A, Affine(1.5, 0), OUTPUT),
    ("gate of scale 40", Affine(0.02, -128), Affine(40.0, 127), Affine(3.0, 0)),
    ("much finer output", A, B, Affine(1e-3, 0)),
    ("much coarser output", A, B, Affine(900.0, -128)),
    ("tiny scales", Affine(1e-6, 127), Affine(3e-6, -128), Affine(2e-6, 127)),
    ("scales far apart", Affine(1e-4, 0), Affine(300.0, 127), Affine(200.0, -128)),
)
ALIKE: tuple[tuple[int, Affine, Affine, Affine], ...] = (  # values of one shape, four at a time
    *((count, A, B, OUTPUT) for count in (1, 2, 3, 4, 6, 17)),
    *((count, B, A, OUTPUT) for count in (5, 16)),
    (300, Affine(1.0, 0), Affine(0.5, 0), Affine(2.0, 0)),  # ties
    (300, Affine(0.25, 0), Affine(1.0, 0), Affine(1.0, -1)),
    (300, Affine(0.5, -128), Affine(0.013, 127), Affine(0.3, -128)),
    (300, Affine(0.5, 127), Affine(0.4999, -128), Affine(1.0, 127)),
    (300, Affine(0.5, 0), Affine(1e-6, 0), Affine(0.02, 0)),
    (300, Affine(0.01, 3), Affine(0.007, -2), Affine(90.0, 1)),
)
PLANES: tuple[tuple[str, Affine, Affine, Affine], ...] = (  # of one shape: one rounding of a plane, or not
    ("like scales", Affine(0.031, 3), Affine(0.027, -7), Affine(0.043, 5)),
    ("far zero points", Affine(0.031, 127), Affine(0.027, -128), Affine(0.043, 127)),
    ("equal scales", Affine(0.031, -128), Affine(0.031, -128), Affine(0.031, -128)),
    ("halves", Affine(0.031, 3), Affine(0.031, 5), Affine(0.062, 1)),
    ("a finer sum", Affine(0.06, 3), Affine(0.02, 5), Affine(0.021, 1)),
    ("a coarse sum", Affine(0.06, 3), Affine(0.02, 5), Affine(4.1, 1)),
    ("a sum that saturates", Affine(0.06, 3), Affine(0.5, 5), Affine(0.13, -90)),
    ("b that vanishes", Affine(0.06, 3), Affine(1e-6, 5), Affine(0.05, 1)),
)
LINES: tuple[tuple[str, Shape, Shape], ...] = (  # of x above zero
    *((f"{channels} channels", (1, 3, 2, channels), (channels,)) for channels in range(1, 10)),
    ("columns and channels", (1, 3, 5, 7), (5, 7)),
    ("a batch", (2, 3, 1, 6), (1, 1, 1, 6)),
    ("rows and channels", (1, 3, 5, 4), (1, 3, 1, 4)),
    ("positions", (1, 3, 5, 7), (1, 3, 5, 1)),
    ("rows", (1, 3, 5, 7), (1, 3, 1, 1)),
    ("all", (1, 3, 5, 7), (1,)),
    ("each", (1, 3, 5, 7), (1, 3, 5, 7)),
)
ACTIVATIONS = ("RELU", "RELU6", "RELU_N1_TO_1")


def exact(affine: Affine) -> Affine:
    """The scale as a float32, which is what a file holds."""
    return Affine(float(np.float32(affine.scale)), affine.zero_point)


def pair(op: str, shapes: tuple[Shape, Shape], affines: Sequence[Affine] = (A, B, OUTPUT), **options: str) -> bytes:
    """One op on two inputs."""
    a, b, output = map(exact, affines)
    result = tensor(np.broadcast_shapes(*shapes), output)
    return single_op(op, [tensor(shapes[0], a), tensor(shapes[1], b)], result, **options)


def with_constant(op: str, shape: Shape, values: TensorSpec, *, first: bool) -> bytes:
    """One op on an input and a constant."""
    x, result = tensor(shape, A), tensor(np.broadcast_shapes(shape, values.shape), OUTPUT)
    return single_op(op, [values, x] if first else [x, values], result)


def twice(op: str) -> bytes:
    """An op that reads one tensor as both inputs."""
    return model([tensor((1, 3, 3, 5), A), tensor((1, 3, 3, 5), OUTPUT)], [OpSpec(op, (0, 0), (1,), {})])


def residual() -> bytes:
    """x * relu(x) + x: intermediate tensors in the arena, an input that lives long."""
    shape = (1, 4, 3, 5)
    tensors = [tensor(shape, A), tensor(shape, B), tensor(shape, Affine(20.0, 1)), tensor(shape, Affine(25.0, -3))]
    ops = [OpSpec("RELU", (0,), (1,), {}), OpSpec("MUL", (0, 1), (2,), {}), OpSpec("ADD", (2, 0), (3,), {})]
    return model(tensors, ops)


def cases() -> list[Case]:
    """The whole table, named."""
    constant = constant_int(random_int8(9, 5), (0.25,), zero_point=-7)
    both_orders = [(f"{name}, swapped", b, a) for name, a, b in SHAPES[1:]]
    table = [(f"MUL, {name}", pair("MUL", (a, b))) for name, a, b in (*SHAPES, *both_orders, *MORE_SHAPES)]
    table += [(f"SUB, {name}", pair("SUB", (a, b))) for name, a, b in (*SHAPES, *both_orders)]
    table += [(f"ADD, {name}", pair("ADD", (a, b))) for name, a, b in SHAPES[:3]]
    table += [(f"MINIMUM, {name}", pair("MINIMUM", (a, b))) for name, a, b in SHAPES[:3]]
    table += [(f"MAXIMUM, {name}", pair("MAXIMUM", (a, b))) for name, a, b in both_orders[:3]]
    table += [(f"SQUARED_DIFFERENCE, {name}", pair("SQUARED_DIFFERENCE", (a, b))) for name, a, b in both_orders]
    table += [(f"PRELU, {name}", pair("PRELU", (a, b))) for name, a, b in SHAPES]
    table += [
        (f"{op}, {name}", pair(op, ((1, 2, 3, 5), (1, 1, 1, 5)), (a, b, output)))
        for op in ("ADD", "MUL", "PRELU")
        for name, a, b, output in QUANTISATIONS
    ]
    table += [
        (
            f"ADD, {count} values of scales {a.scale:g} and {b.scale:g} to {output.scale:g}",
            pair("ADD", ((count,), (count,)), (a, b, output)),
        )
        for count, a, b, output in ALIKE
    ]
    table += [
        (f"{op}, {activation}", pair(op, ((9,), (9,)), (A, B, Affine(0.05, -10)), activation=activation))
        for op in ("ADD", "MUL")
        for activation in ACTIVATIONS
    ]
    table += [
        (f"{op} of one shape, {name}", pair(op, ((17, 13), (17, 13)), affines))
        for op in ("ADD", "SUB")
        for name, *affines in PLANES
    ]
    table += [
        (f"ADD of {count}, {activation}", pair("ADD", ((count,), (count,)), PLANES[0][1:], activation=activation))
        for count, activation in enumerate(("NONE", *ACTIVATIONS) * 4, start=1)
    ]
    table += [
        (
            f"MUL of x above zero by a gate of {name}",
            pair("MUL", shapes, (Affine(0.05, -128), GATE, Affine(0.031, -100))),
        )
        for name, *shapes in LINES
    ]
    table += [
        (f"MUL of x by a gate of {name}, swapped", pair("MUL", (b, a), (GATE, Affine(0.05, 5), Affine(0.031, -7))))
        for name, a, b in LINES
    ]
    table += [(f"{op}, the same tensor twice", twice(op)) for op in OPS]
    table += [(f"{op}, constant first", with_constant(op, (2, 3, 5), constant, first=True)) for op in ("SUB", "MUL")]
    table += [(f"{op}, constant last", with_constant(op, (2, 3, 1), constant, first=False)) for op in OPS[:-1]]
    table.append(("PRELU, constant slopes", with_constant("PRELU", (2, 3, 5), constant, first=False)))
    return [Case(name, text, seed) for seed, (name, text) in enumerate([*table, ("a residual", residual())])]


CASES = tuple(cases())
