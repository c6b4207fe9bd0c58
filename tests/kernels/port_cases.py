"""Inputs and outputs of other types than int8: the bytes of a camera, samples of a microphone, indices."""

from __future__ import annotations

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, random_int8, tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, constant, model, single_op

IMAGE = (1, 5, 4, 3)
EVERY = (2, 128)  # an input that may hold every value
CAMERA = Affine(1 / 256, 0)
INNER = Affine(1 / 256, -128)  # the same reals in int8
COARSE = Affine(float(np.float32(0.037)), -3)
SAMPLES = Affine(1 / 32768, 0)


def quantised(x: tuple[Affine, str], output: tuple[Affine, str]) -> bytes:
    """QUANTIZE between two types."""
    return single_op("QUANTIZE", [tensor(EVERY, *x)], tensor(EVERY, *output))


def chain(*steps: tuple[str, Affine, str], first: tuple[Affine, str]) -> bytes:
    """Ops one after another on one tensor, each with its output's quantisation and type."""
    tensors = [tensor(EVERY, *first), *(tensor(EVERY, affine, dtype) for _, affine, dtype in steps)]
    return model(tensors, [OpSpec(op, (i,), (i + 1,), {}) for i, (op, _, _) in enumerate(steps)])


def camera_network() -> bytes:
    """A convolution on the bytes of a camera, as a converter makes it with uint8 at both edges."""
    weights = constant_int(random_int8(3, 2, 3, 3, 3), (0.01, 0.02))
    tensors = [
        tensor(IMAGE, CAMERA, "uint8"),
        tensor(IMAGE, INNER),
        weights,
        constant_int(np.array([70, -300], np.int32), (0.01 / 256, 0.02 / 256)),
        tensor((1, 5, 4, 2), Affine(0.01, 4)),
        tensor((1, 5, 4, 2), Affine(0.01, 132), "uint8"),
    ]
    convolution = OpSpec("CONV_2D", (1, 2, 3), (4,), {"padding": "SAME"})
    return model(tensors, [OpSpec("QUANTIZE", (0,), (1,), {}), convolution, OpSpec("QUANTIZE", (4,), (5,), {})])


def two_sensors() -> bytes:
    """One input of bytes and one of int8."""
    tensors = [tensor(EVERY, CAMERA, "uint8"), tensor(EVERY, INNER), tensor(EVERY, COARSE), tensor(EVERY, COARSE)]
    return model(tensors, [OpSpec("QUANTIZE", (0,), (1,), {}), OpSpec("ADD", (1, 2), (3,), {})])


def with_plain_output(dtype: str) -> bytes:
    """An output of integers without a scale, beside one of int8."""
    tensors = [
        tensor(EVERY, COARSE),
        tensor(EVERY, COARSE),
        constant([[7, -9, 2**31 - 1]], dtype),
        TensorSpec((3, 1), dtype),
    ]
    return model(tensors, [OpSpec("TANH", (0,), (1,), {}), OpSpec("RESHAPE", (2,), (3,), {})])


CASES = (
    Case("uint8 to int8 of one scale", quantised((CAMERA, "uint8"), (INNER, "int8"))),
    Case("uint8 to int8 of another scale", quantised((Affine(0.5, 7), "uint8"), (COARSE, "int8"))),
    Case("int8 to uint8 of one scale", quantised((INNER, "int8"), (CAMERA, "uint8"))),
    Case("int8 to uint8 of another scale", quantised((COARSE, "int8"), (Affine(0.031, 200), "uint8"))),
    Case("uint8 to uint8", quantised((CAMERA, "uint8"), (Affine(0.0035, 9), "uint8"))),
    Case(
        "uint8 through functions and back",
        chain(
            ("QUANTIZE", COARSE, "int8"),
            ("TANH", Affine(1 / 128, 0), "int8"),
            ("QUANTIZE", Affine(1 / 128, 128), "uint8"),
            first=(Affine(float(np.float32(0.037)), 125), "uint8"),
        ),
    ),
    Case("the same byte under another type", quantised((Affine(0.5, 0), "uint8"), (Affine(0.5, 0), "int8"))),
    Case("a convolution on a camera's bytes", camera_network()),
    Case("one input of bytes and one of int8", two_sensors()),
    Case(
        "int16 goes through", single_op("RESHAPE", [tensor(EVERY, SAMPLES, "int16")], tensor((256,), SAMPLES, "int16"))
    ),
    Case("an output of int32", with_plain_output("int32")),
    Case("an output of int64", with_plain_output("int64")),
)
