"""Functions of one value, of int8 and of float32 between int8 and int8, and chains of them: all become tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import ALL_INT8, tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, constant, model, single_op

EVERY = (2, 128)  # an input that may hold every value
PROBABILITY = Affine(1 / 256, -128)
QUANTISATIONS: tuple[tuple[str, Affine, Affine], ...] = (
    ("plain", Affine(0.05, 5), Affine(0.03, -20)),
    ("coarse to fine", Affine(1.5, 127), Affine(1.1, -128)),
    ("tiny input scale", Affine(1e-5, -128), Affine(0.01, 127)),
    ("huge input scale", Affine(300.0, 0), Affine(250.0, 0)),
    ("ties", Affine(0.5, -1), Affine(1.0, 0)),
)
OPS = ("TANH", "HARD_SWISH", "RELU", "RELU6", "RELU_N1_TO_1", "QUANTIZE")
MORE_OPS = ("RELU_0_TO_1", "EXP", "LOG", "ABS")
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GELU", {}),
    ("GELU", {"approximate": True}),
    ("LEAKY_RELU", {"alpha": 0.3}),
    ("LEAKY_RELU", {"alpha": 1.5}),
    ("LEAKY_RELU", {"alpha": -0.01}),
)
ROOTS = ("SQRT", "RSQRT")  # the reference stops at a negative input
ISLANDS = ("NEG", "SQUARE", "SIN", "COS", "FLOOR", "SIGN")
SHAPES = ((), (1,), (3,), (1, 3, 5, 7), (1, 2, 1, 2, 3))
SIGMOIDS = (Affine(0.05, 5), Affine(1e-4, 127), Affine(37.5, -128), Affine(0.5, 0))


def exact(affine: Affine) -> Affine:
    """The scale as a float32, which is what a file holds."""
    return Affine(float(np.float32(affine.scale)), affine.zero_point)


def unary(op: str, x: Affine, output: Affine, shape: tuple[int, ...] = EVERY, **options: Any) -> bytes:
    """One op."""
    return single_op(op, [tensor(shape, exact(x))], tensor(shape, exact(output)), **options)


def island(x: Affine, output: Affine, *names: str) -> bytes:
    """Functions of float32 between int8 and int8, as TensorFlow's converter leaves those without an int8 form."""
    steps = ("DEQUANTIZE", *names, "QUANTIZE")
    floats = [TensorSpec(EVERY, "float32") for _ in steps[1:]]
    tensors = [tensor(EVERY, exact(x)), *floats, tensor(EVERY, exact(output))]
    return model(tensors, [OpSpec(op, (i,), (i + 1,), {}) for i, op in enumerate(steps)])


def chain(*steps: tuple[str, Affine]) -> bytes:
    """Ops one after another on one tensor, each with its output's quantisation."""
    tensors = [tensor(EVERY, Affine(0.0625, -3)), *(tensor(EVERY, exact(output)) for _, output in steps)]
    return model(tensors, [OpSpec(op, (i,), (i + 1,), {}) for i, (op, _) in enumerate(steps)])


def twins() -> bytes:
    """Two equal functions and an addition: one table."""
    tensors = [tensor(EVERY, Affine(0.05, 5)) for _ in range(5)]
    ops = [OpSpec("TANH", (0,), (2,), {}), OpSpec("TANH", (1,), (3,), {}), OpSpec("ADD", (2, 3), (4,), {})]
    return model(tensors, ops)


def both_seen() -> bytes:
    """A chain whose middle is an output too."""
    tensors = [tensor(EVERY, Affine(0.05, 5)), tensor(EVERY, PROBABILITY), tensor(EVERY, Affine(0.01, 0))]
    ops = [OpSpec("LOGISTIC", (0,), (1,), {}), OpSpec("QUANTIZE", (1,), (2,), {})]
    return model(tensors, ops, outputs=(1, 2))


def of_constant() -> bytes:
    """A function of a constant, which is folded."""
    values = constant(ALL_INT8[::5], "int8", (0.05,), (5,))
    tensors = [tensor(values.shape, Affine(0.5, 0)), values, *(tensor(values.shape, Affine(0.05, 5)) for _ in range(2))]
    return model(tensors, [OpSpec("TANH", (1,), (2,), {}), OpSpec("MUL", (0, 2), (3,), {})])


def table() -> Iterator[tuple[str, bytes]]:
    yield from ((f"{op}, {name}", unary(op, x, output)) for op in OPS for name, x, output in QUANTISATIONS)
    for name, x, output in (QUANTISATIONS[0], QUANTISATIONS[-1]):
        yield from ((f"{op}, {name}", unary(op, x, output)) for op in MORE_OPS)
        yield from ((f"{op} {options}, {name}", unary(op, x, output, **options)) for op, options in OPTIONS)
        yield from ((f"{op} of floats, {name}", island(x, output, op)) for op in ISLANDS)
        yield from ((f"{op}, {name}", unary(op, Affine(x.scale, -128), output)) for op in ROOTS)
    yield "NEG of int8", unary("NEG", Affine(0.25, 0), Affine(0.25, 0))
    yield "several functions of floats", island(Affine(0.05, 5), Affine(0.03, -20), "NEG", "SIN", "SQUARE", "NEG")
    yield "no function of floats", island(Affine(0.05, 5), Affine(0.03, -20))
    for index, x in enumerate(SIGMOIDS):
        yield f"LOGISTIC, quantisation {index}", unary("LOGISTIC", x, PROBABILITY)
    for shape in SHAPES:
        yield f"TANH of shape {shape}", unary("TANH", Affine(0.05, 5), Affine(0.01, -20), shape)
    yield "identity", chain(("QUANTIZE", Affine(0.0625, -3)))
    yield "identity inside", chain(("RELU", Affine(0.1, 0)), ("QUANTIZE", Affine(0.1, 0)), ("TANH", Affine(0.01, 9)))
    yield "chain", chain(("HARD_SWISH", Affine(0.07, -120)), ("RELU6", Affine(0.03, -128)), ("LOGISTIC", PROBABILITY))
    yield "two of one function", twins()
    yield "the middle of a chain is an output", both_seen()
    yield "of a constant", of_constant()


CASES = tuple(Case(name, text, seed) for seed, (name, text) in enumerate(table()))
