"""float32 inputs and outputs become the int8 tensors behind them."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_export import interpreter
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Graph
from firmware_export.passes.strip_edges import strip_edges
from firmware_export.quantised_math import Affine, dequantise, quantise_floats
from tests.same_bytes import EVERY, HALF, SIXTEENTH, graph_of, inputs_of, int8, kinds, op
from tests.single_op import TensorSpec

FLOAT = TensorSpec(EVERY, "float32")
UNSIGNED = TensorSpec(EVERY, "uint8", (0.5,), (128,))
UNSCALED = TensorSpec(EVERY, "uint8")
INDEX = TensorSpec(EVERY, "int32")


def affine_of(graph: Graph, name: str) -> Affine:
    return Affine(graph.tensors[name].scale, graph.tensors[name].zero_point)


def test_float_edges_go_and_the_network_between_them_stays():
    ops = [op("QUANTIZE", 0, 1), op("TANH", 1, 2), op("DEQUANTIZE", 2, 3)]
    before = graph_of([FLOAT, int8(HALF), int8(SIXTEENTH), FLOAT], ops)
    after = strip_edges(before)
    assert kinds(after) == ["Tanh"]
    (reals,) = inputs_of(before, 5)
    (bytes_out,) = interpreter.run(after, [quantise_floats(reals, affine_of(after, after.inputs[0]))])
    expected = interpreter.run(before, [reals])[0]
    np.testing.assert_array_equal(dequantise(bytes_out, affine_of(after, after.outputs[0])), expected)


def test_int8_edges_stay():
    before = graph_of([int8(HALF), int8(SIXTEENTH)], [op("QUANTIZE", 0, 1)])
    assert strip_edges(before).ops == before.ops


def test_uint8_edges_stay():
    ops = [op("QUANTIZE", 0, 1), op("TANH", 1, 2), op("QUANTIZE", 2, 3)]
    before = graph_of([UNSIGNED, int8(HALF), int8(SIXTEENTH), UNSIGNED], ops)
    assert strip_edges(before).ops == before.ops


def test_a_network_that_only_quantises_and_back_is_its_input():
    after = strip_edges(graph_of([FLOAT, int8(), FLOAT], [op("QUANTIZE", 0, 1), op("DEQUANTIZE", 1, 2)]))
    assert not after.ops
    assert after.inputs == after.outputs


@pytest.mark.parametrize(
    ("tensors", "ops", "words"),
    [
        ([int8(), FLOAT, int8(), int8()], [("DEQUANTIZE", 0, 1), ("QUANTIZE", 1, 2), ("TANH", 2, 3)], "inside"),
        ([FLOAT, int8(), int8()], [("QUANTIZE", 0, 1), ("QUANTIZE", 0, 2)], "float32"),
        ([INDEX, INDEX], [("RESHAPE", 0, 1)], "int32"),
        ([UNSCALED, UNSCALED], [("RESHAPE", 0, 1)], "uint8"),
        ([FLOAT, FLOAT], [("RESHAPE", 0, 1)], "float32"),
    ],
    ids=["floats inside", "a float input read twice", "an integer input", "no scale", "no quantisation"],
)
def test_what_is_not_int8_between_the_edges_is_unsupported(tensors, ops, words):
    with pytest.raises(UnsupportedOp, match=words):
        strip_edges(graph_of(tensors, [op(*step) for step in ops]))


def test_a_float_that_is_reshaped_first_is_unsupported():
    with pytest.raises(UnsupportedOp, match="float32"):
        strip_edges(graph_of([FLOAT, FLOAT, int8()], [op("RESHAPE", 0, 1), op("QUANTIZE", 1, 2)]))


def test_a_float_output_that_is_read_again_is_unsupported():
    before = graph_of([int8(), FLOAT, int8()], [op("DEQUANTIZE", 0, 1), op("QUANTIZE", 1, 2)], [1, 2])
    with pytest.raises(UnsupportedOp, match="float32"):
        strip_edges(before)


def test_a_float_constant_may_be_quantised_inside():
    reals = TensorSpec(EVERY, "float32", data=np.zeros(EVERY, np.float32))
    before = graph_of([int8(), reals, int8(), int8()], [op("QUANTIZE", 1, 2), op("ADD", (0, 2), 3)])
    assert strip_edges(before).ops == before.ops
