"""ADD, SUB, MUL, functions of one value, MEAN, SOFTMAX, QUANTIZE and moves on int16."""

from __future__ import annotations

from typing import Any

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.case import Case
from tests.single_op import single_op

UNIT = Affine(1 / 32768, 0)
FINE = Affine(float(np.float32(1.7e-4)), 0)
COARSE = Affine(float(np.float32(2.9e-3)), 0)
LONG = (2, 300)


def of(op: str, *shapes: tuple[int, ...], scales: tuple[Affine, ...], **options: Any) -> bytes:
    """One op on tensors of these shapes and scales, the output last."""
    *inputs, output = (tensor(shape, affine, "int16") for shape, affine in zip(shapes, scales, strict=True))
    return single_op(op, inputs, output, **options)


def unary(op: str, x: Affine, y: Affine = UNIT, **options: Any) -> bytes:
    """One op on one tensor."""
    return of(op, LONG, LONG, scales=(x, y), **options)


def quantize(x: tuple[Affine, str], y: tuple[Affine, str]) -> bytes:
    """QUANTIZE between two types."""
    return single_op("QUANTIZE", [tensor(LONG, *x)], tensor(LONG, *y))


def softmax(shape: tuple[int, ...], scale: float, beta: float = 1.0) -> bytes:
    """SOFTMAX over the last axis."""
    return of("SOFTMAX", shape, shape, scales=(Affine(float(np.float32(scale)), 0), UNIT), beta=beta)


SAME, SUMS, GATES = (FINE, FINE, FINE), (FINE, COARSE, COARSE), (FINE, UNIT, FINE)
IMAGE, CHANNELS, PIXELS = (1, 3, 4, 5), (1, 1, 1, 5), (1, 3, 4, 1)

CASES = (
    Case("add", of("ADD", LONG, LONG, LONG, scales=SUMS)),
    Case("add, one scale, relu", of("ADD", LONG, LONG, LONG, scales=SAME, activation="RELU")),
    Case("add a channel", of("ADD", IMAGE, CHANNELS, IMAGE, scales=SUMS)),
    Case("add to a pixel", of("ADD", PIXELS, IMAGE, IMAGE, scales=SUMS, activation="RELU6")),
    Case("add, powers of two", of("ADD", LONG, LONG, LONG, scales=(UNIT, UNIT, Affine(1 / 16384, 0)))),
    Case("subtract", of("SUB", LONG, LONG, LONG, scales=SUMS)),
    Case("subtract a pixel from channels", of("SUB", CHANNELS, PIXELS, IMAGE, scales=SUMS)),
    Case("multiply", of("MUL", LONG, LONG, LONG, scales=(FINE, COARSE, COARSE))),
    Case("a channel gate", of("MUL", IMAGE, CHANNELS, IMAGE, scales=GATES)),
    Case("a spatial gate, first", of("MUL", PIXELS, IMAGE, IMAGE, scales=(UNIT, FINE, FINE), activation="RELU")),
    Case("sigmoid", unary("LOGISTIC", FINE)),
    Case("sigmoid, power of two", unary("LOGISTIC", Affine(1 / 4096, 0))),
    Case("sigmoid, coarse", unary("LOGISTIC", Affine(2.0, 0))),
    Case("tanh", unary("TANH", FINE)),
    Case("tanh, powers of two", unary("TANH", Affine(1 / 2048, 0))),
    Case("tanh, coarse", unary("TANH", COARSE)),
    Case("relu", unary("RELU", FINE, COARSE)),
    Case("relu6", unary("RELU6", COARSE, FINE)),
    Case("another scale", quantize((FINE, "int16"), (COARSE, "int16"))),
    Case("int16 to int8", quantize((FINE, "int16"), (Affine(0.04, -3), "int8"))),
    Case("int8 to int16", quantize((Affine(0.04, -3), "int8"), (FINE, "int16"))),
    Case("softmax", softmax((3, 10), 1e-3)),
    Case("softmax of one", softmax((4, 1), 1e-3)),
    Case("softmax, flat", softmax((1, 200), 1e-6)),
    Case("softmax, steep", softmax((1, 2, 7), 0.5, beta=2.5)),
    Case("mean of an image", of("MEAN", (1, 5, 6, 7), (1, 7), scales=(FINE, FINE), axes=(1, 2))),
    Case("mean of rows", of("MEAN", (2, 3, 9), (2, 3, 1), scales=(COARSE, FINE), axes=(2,), keep_dims=True)),
    Case("mean of channels", of("MEAN", (1, 4, 3, 5), (1, 4, 3, 1), scales=(FINE, COARSE), axes=(3,), keep_dims=True)),
    Case("joined", of("CONCATENATION", (2, 3), (2, 5), (2, 8), scales=SAME, axis=1)),
    Case("joined rows", of("CONCATENATION", (1, 3), (2, 3), (3, 3), scales=SAME, axis=0)),
    Case("padded", of("PAD", IMAGE, (1, 6, 5, 5), scales=(FINE, FINE), paddings=[[0, 0], [1, 2], [0, 1], [0, 0]])),
    Case("padded channels", of("PAD", (2, 3), (4, 6), scales=(FINE, FINE), paddings=[[1, 1], [1, 2]])),
    Case("reshaped", of("RESHAPE", IMAGE, (3, 20), scales=(FINE, FINE))),
)
