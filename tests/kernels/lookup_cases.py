"""LOGISTIC, TANH, HARD_SWISH, RELU and its kin, QUANTIZE, and chains of them: all become tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import ALL_INT8, tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, constant, model, single_op

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
SHAPES = ((), (1,), (3,), (1, 3, 5, 7), (1, 2, 1, 2, 3))
SIGMOIDS = (Affine(0.05, 5), Affine(1e-4, 127), Affine(37.5, -128), Affine(0.5, 0))


def exact(affine: Affine) -> Affine:
    """The scale as a float32, which is what a file holds."""
    return Affine(float(np.float32(affine.scale)), affine.zero_point)


def unary(op: str, x: Affine, output: Affine, shape: tuple[int, ...] = EVERY) -> bytes:
    """One op."""
    return single_op(op, [tensor(shape, exact(x))], tensor(shape, exact(output)))


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
    for op in OPS:
        for name, x, output in QUANTISATIONS:
            yield f"{op}, {name}", unary(op, x, output)
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
