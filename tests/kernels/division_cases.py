"""DIV: every way of broadcasting, both operands constant, activations. The reference takes no divisor that is zero, so
those that are computed are kept above it by MAXIMUM.
"""

from __future__ import annotations

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, random_int8, tensor
from tests.kernels.case import Case
from tests.kernels.elementwise_cases import MORE_SHAPES, SHAPES
from tests.single_op import OpSpec, TensorSpec, constant, model, single_op

Shape = tuple[int, ...]
A, B, RATIO = Affine(0.5, 3), Affine(0.25, -7), Affine(1 / 64, -5)
FINEST, COARSEST = Affine(2.0**-20, -128), Affine(1 / 64, 127)


def by_positive(a: Shape, b: Shape, output: Affine = RATIO, *, least: int = B.zero_point + 1, **options: str) -> bytes:
    """a divided by the larger one of b and a quantised value above zero."""
    bound = constant([least], "int8", (B.scale,), (B.zero_point,))
    tensors = [tensor(a, A), tensor(b, B), bound, tensor(np.broadcast_shapes(b, (1,)), B)]
    tensors.append(tensor(np.broadcast_shapes(a, tensors[3].shape), output))
    return model(tensors, [OpSpec("MAXIMUM", (1, 2), (3,), {}), OpSpec("DIV", (0, 3), (4,), options)])


def by_negative(a: Shape, b: Shape) -> bytes:
    """a divided by the smaller one of b and a value below zero."""
    bound = constant([B.zero_point - 1], "int8", (B.scale,), (B.zero_point,))
    tensors = [tensor(a, A), tensor(b, B), bound, tensor(b, B), tensor(np.broadcast_shapes(a, b), RATIO)]
    return model(tensors, [OpSpec("MINIMUM", (1, 2), (3,), {}), OpSpec("DIV", (0, 3), (4,), {})])


def by_constant(shape: Shape, divisor: TensorSpec, output: Affine = RATIO, **options: str) -> bytes:
    """An input divided by a constant."""
    x, result = tensor(shape, A), tensor(np.broadcast_shapes(shape, divisor.shape), output)
    return single_op("DIV", [x, divisor], result, **options)


def nonzero(*shape: int) -> TensorSpec:
    """Constant divisors of both signs."""
    values = random_int8(4, *shape)
    return constant_int(np.where(values == B.zero_point, np.int8(1), values), (B.scale,), zero_point=B.zero_point)


def cases() -> list[Case]:
    """The whole table, named."""
    swapped = [(f"{name}, swapped", b, a) for name, a, b in SHAPES[1:]]
    table = [(name, by_positive(a, b)) for name, a, b in (*SHAPES, *swapped, *MORE_SHAPES)]
    table += [("negative divisors", by_negative((1, 3, 5, 7), (1, 3, 5, 7)))]
    table += [
        ("the finest output", by_positive((9, 9), (9, 9), FINEST)),
        ("an output at its highest", by_positive((9, 9), (9, 9), COARSEST)),
        *((name, by_positive((9, 9), (9, 9), activation=name)) for name in ("RELU", "RELU6", "RELU_N1_TO_1")),
        ("a constant for each channel", by_constant((1, 4, 3, 5), nonzero(5))),
        ("a constant for each element", by_constant((4, 5), nonzero(4, 5))),
        ("one constant, a table", by_constant((4, 5), constant([127], "int8", (0.01,), (-128,)), Affine(0.002, 1))),
    ]
    return [Case(f"DIV, {name}", text, seed) for seed, (name, text) in enumerate(table)]


CASES = tuple(cases())
