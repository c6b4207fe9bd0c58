"""What LiteRT's reference kernels accept, refuse, and die of: a new release that changes its mind is noticed here."""

import subprocess
import sys

import numpy as np
import pytest

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, tensor
from tests.single_op import TensorSpec, litert_reference, single_op

PREPARE = """
import sys
from ai_edge_litert.interpreter import Interpreter, OpResolverType
resolver = OpResolverType.BUILTIN_REF
Interpreter(model_path=sys.argv[1], experimental_op_resolver_type=resolver).allocate_tensors()
"""
SHAPE = (1, 2, 2, 4)
X = np.arange(-8, 8, dtype=np.int8).reshape(SHAPE)
PLAIN, COARSER, SHIFTED = Affine(0.125, 3), Affine(0.25, 3), Affine(0.125, 4)
UNIT = Affine(1.0, 0)
POOL = {"filter": (2, 2)}
SPATIAL = {"axes": [1, 2]}


def weights(*shape, zero_point=0):
    return constant_int(np.full(shape, 2, np.int8), (0.5,), zero_point=zero_point)


def per_channel(*shape, axis, zero_point):
    return constant_int(np.full(shape, 2, np.int8), (0.5,) * shape[axis], axis, zero_point)


def bias(units, scale=0.5):
    return constant_int(np.zeros(units, np.int32), (scale,))


REFUSED = {
    # name: op, inputs, output, options
    "concatenation of another scale": ("CONCATENATION", [PLAIN, COARSER], PLAIN, (1, 2, 2, 8), {"axis": 3}),
    "concatenation of another zero point": ("CONCATENATION", [PLAIN, SHIFTED], PLAIN, (1, 2, 2, 8), {"axis": 3}),
    "concatenation with activation": (
        "CONCATENATION",
        [PLAIN, PLAIN],
        PLAIN,
        (1, 2, 2, 8),
        {"axis": 3, "activation": "RELU"},
    ),
    "maximum over axes to another scale": ("REDUCE_MAX", [PLAIN], COARSER, (1, 4), SPATIAL),
    "maximum over axes to another zero point": ("REDUCE_MAX", [PLAIN], SHIFTED, (1, 4), SPATIAL),
    "logistic to a scale other than 1/256": ("LOGISTIC", [PLAIN], Affine(1 / 255, -128), SHAPE, {}),
    "softmax to a zero point other than -128": ("SOFTMAX", [PLAIN], Affine(1 / 256, 0), SHAPE, {}),
    "softmax to a scale other than 1/256": ("SOFTMAX", [PLAIN], Affine(1 / 255, -128), SHAPE, {}),
    "hard swish to a scale 128 times finer": ("HARD_SWISH", [UNIT], Affine(2.0**-8, 0), SHAPE, {}),
    "convolution without bias": ("CONV_2D", [UNIT, weights(2, 1, 1, 4)], UNIT, (1, 2, 2, 2), {}),
    "convolution with a weight zero point": (
        "CONV_2D",
        [UNIT, weights(2, 1, 1, 4, zero_point=3), bias(2)],
        UNIT,
        (1, 2, 2, 2),
        {},
    ),
    "fully connected with another bias scale": (
        "FULLY_CONNECTED",
        [UNIT, weights(2, 4), bias(2, scale=0.75)],
        UNIT,
        (4, 2),
        {},
    ),
    "fused relu6 of a scale whose 6 leaves int32": (
        "ADD",
        [Affine(1e-10, 0)] * 2,
        Affine(1e-10, 0),
        SHAPE,
        {"activation": "RELU6"},
    ),
}

ACCEPTED = {
    # name: op, inputs, output, options, the first output values
    "max pool to another scale copies values": ("MAX_POOL_2D", [PLAIN], COARSER, (1, 1, 1, 4), POOL, [4, 5, 6, 7]),
    "average pool to another scale copies values": (
        "AVERAGE_POOL_2D",
        [PLAIN],
        COARSER,
        (1, 1, 1, 4),
        POOL,
        [-2, -1, 0, 1],
    ),
    "maximum of different scales compares values": ("MAXIMUM", [PLAIN, COARSER], UNIT, SHAPE, {}, [-8, -7, -6, -5]),
    "minimum of different scales compares values": ("MINIMUM", [PLAIN, COARSER], UNIT, SHAPE, {}, [-8, -7, -6, -5]),
    "reshape to another scale copies values": ("RESHAPE", [PLAIN], COARSER, (16,), {}, [-8, -7, -6, -5]),
    "pad takes the output's zero point": (
        "PAD",
        [PLAIN],
        SHIFTED,
        (1, 3, 2, 4),
        {"paddings": [[0, 0], [1, 0], [0, 0], [0, 0]]},
        [4, 4, 4, 4],
    ),
    "an unknown fused activation is ignored": ("ADD", [UNIT, UNIT], UNIT, SHAPE, {"activation": "TANH"}, [-16, -14]),
    "depthwise needs no bias and ignores the weight zero point": (
        "DEPTHWISE_CONV_2D",
        [UNIT, per_channel(1, 1, 1, 4, axis=3, zero_point=3)],
        UNIT,
        SHAPE,
        {},
        [-8, -7, -6, -5],
    ),
    "depthwise ignores the multiplier it is told": (
        "DEPTHWISE_CONV_2D",
        [UNIT, weights(1, 1, 1, 8), bias(8)],
        UNIT,
        (1, 2, 2, 8),
        {"multiplier": 1},
        [-8, -8, -7, -7],
    ),
    "fully connected needs no bias": ("FULLY_CONNECTED", [UNIT, weights(2, 4)], UNIT, (4, 2), {}, [-26, -26]),
    "fully connected applies a weight zero point": (
        "FULLY_CONNECTED",
        [UNIT, weights(2, 4, zero_point=3)],
        UNIT,
        (4, 2),
        {},
        [13, 13],
    ),
    "per channel it ignores the weight zero point": (
        "FULLY_CONNECTED",
        [UNIT, per_channel(2, 4, axis=0, zero_point=3)],
        UNIT,
        (4, 2),
        {},
        [-26, -26],
    ),
}

DEADLY = {
    "sum too fine for its inputs": ("ADD", [UNIT, UNIT], Affine(2.0**-20, 0), SHAPE, {}),
    "softmax of a scale too fine": ("SOFTMAX", [Affine(2.0**-26, 0)], Affine(1 / 256, -128), SHAPE, {}),
}


def built(op, operands, output, shape, options):
    inputs = [operand if isinstance(operand, TensorSpec) else tensor(SHAPE, operand) for operand in operands]
    return single_op(op, inputs, tensor(shape, output), **options), [X for operand in inputs if operand.data is None]


@pytest.mark.parametrize("name", REFUSED)
def test_litert_refuses(name):
    model, inputs = built(*REFUSED[name])
    with pytest.raises(RuntimeError, match=r"failed to (prepare|invoke)"):
        litert_reference(model, inputs)


@pytest.mark.parametrize("name", ACCEPTED)
def test_litert_accepts(name):
    *case, expected = ACCEPTED[name]
    outputs = litert_reference(*built(*case))[0].ravel()
    assert outputs[: len(expected)].tolist() == expected


@pytest.mark.parametrize("name", DEADLY)
def test_litert_ends_the_process(name, tmp_path):
    file = tmp_path / "model.tflite"
    file.write_bytes(built(*DEADLY[name])[0])
    child = subprocess.run([sys.executable, "-c", PREPARE, file], capture_output=True, check=False)
    assert child.returncode not in (0, 1)  # 1 would be an exception
