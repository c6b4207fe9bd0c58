"""SOFTMAX: depths, scales, beta."""

from __future__ import annotations

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.case import Case
from tests.single_op import single_op

Shape = tuple[int, ...]
OUTPUT = Affine(1 / 256, -128)

SHAPES: tuple[Shape, ...] = (
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 10),
    (3, 7),
    (5,),
    (4, 1),
    (2, 3, 5),
    (1, 2, 3, 4),
    (1, 1, 2, 1, 5),
    (1, 257),
    (2, 300),
    (1, 511),  # one more equal input and the reference ends the process
)
SCALES_AND_BETAS = (
    (1e-7, 1.0),  # just enough
    (1e-4, 1.0),
    (0.0078125, 1.0),
    (0.02, 1.0),
    (0.0235, 8.0),
    (0.1, 0.125),
    (0.1, 0.7),
    (0.2, 1.0),
    (1.0, 1.0),
    (0.5, 3.0),
    (7.5, 1.0),  # the next value counts no more
    (37.5, 10.0),
    (1e4, 1.0),
)
ZERO_POINTS = (-128, 0, 127)


def softmax(shape: Shape, x: Affine, beta: float = 1.0) -> bytes:
    """A model of one SOFTMAX."""
    return single_op("SOFTMAX", [tensor(shape, x)], tensor(shape, OUTPUT), beta=beta)


CASES = (
    *(Case(f"SOFTMAX of {shape}", softmax(shape, Affine(0.04, 4)), seed) for seed, shape in enumerate(SHAPES)),
    *(
        Case(f"SOFTMAX with scale {scale:g}, beta {beta:g}", softmax((3, 11), Affine(scale, -5), beta), seed)
        for seed, (scale, beta) in enumerate(SCALES_AND_BETAS)
    ),
    *(Case(f"SOFTMAX with zero point {zero}", softmax((2, 9), Affine(0.03, zero))) for zero in ZERO_POINTS),
)
