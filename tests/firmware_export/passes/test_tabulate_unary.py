"""Functions of one value become tables."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_export.ir import Lookup
from firmware_export.passes.tabulate_unary import tabulate_unary
from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.same_bytes import EVERY, HALF, SIXTEENTH, apply, graph_of, int8, kinds, op
from tests.single_op import litert_reference, single_op

PROBABILITY = Affine(1 / 256, -128)
OUTPUTS = {
    "LOGISTIC": PROBABILITY,
    "TANH": PROBABILITY,
    "HARD_SWISH": SIXTEENTH,
    "RELU": SIXTEENTH,
    "RELU6": SIXTEENTH,
    "RELU_N1_TO_1": PROBABILITY,
    "QUANTIZE": SIXTEENTH,
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_function_of_one_value_becomes_a_table(name):
    after = apply(tabulate_unary, graph_of([int8(), int8(OUTPUTS[name])], [op(name, 0, 1)]))
    assert kinds(after) == ["Lookup"]


def test_the_table_is_what_the_reference_computes():
    after = tabulate_unary(graph_of([int8(), int8(SIXTEENTH)], [op("TANH", 0, 1)]))
    every = np.arange(-128, 128).astype(np.int8).reshape(EVERY)
    (expected,) = litert_reference(single_op("TANH", [int8()], int8(SIXTEENTH)), [every])
    assert isinstance(after.ops[0].attrs, Lookup)
    assert after.ops[0].attrs.table == tuple(expected.ravel().tolist())


def test_ops_of_two_inputs_stay():
    after = apply(tabulate_unary, graph_of([int8(), int8(), int8(SIXTEENTH)], [op("ADD", (0, 1), 2)]))
    assert kinds(after) == ["Add"]


def test_quantising_floats_stays():
    before = graph_of([tensor(EVERY, HALF, "float32"), int8()], [op("QUANTIZE", 0, 1)])
    assert kinds(apply(tabulate_unary, before)) == ["Quantize"]
