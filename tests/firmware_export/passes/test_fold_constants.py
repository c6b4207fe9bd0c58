"""What depends on no input is computed at export."""

from __future__ import annotations

import numpy as np

from firmware_export.passes.fold_constants import fold_constants
from tests.affines import random_int8
from tests.same_bytes import HALF, SIXTEENTH, apply, graph_of, int8, kinds, op
from tests.single_op import TensorSpec, constant, litert_reference, model

SHAPE = (2, 5)
VALUES = constant(random_int8(4, *SHAPE), "int8", (0.5,), (3,))


def test_a_chain_of_constants_is_folded():
    tensors = [int8(HALF, SHAPE), VALUES, int8(SIXTEENTH, SHAPE), int8(SIXTEENTH, SHAPE), int8(HALF, SHAPE)]
    after = apply(fold_constants, graph_of(tensors, [op("TANH", 1, 2), op("ADD", (1, 2), 3), op("MUL", (0, 3), 4)]))
    assert kinds(after) == ["Mul"]


def test_the_folded_value_is_what_the_reference_computes():
    tensors = [int8(HALF, SHAPE), VALUES, int8(SIXTEENTH, SHAPE), int8(HALF, SHAPE)]
    ops = [op("TANH", 1, 2), op("ADD", (0, 2), 3)]
    after = fold_constants(graph_of(tensors, ops))
    folded = after.tensors[after.ops[0].inputs[1]].data
    (expected,) = litert_reference(model([VALUES, int8(SIXTEENTH, SHAPE)], [op("TANH", 0, 1)]), [])
    np.testing.assert_array_equal(folded, expected)


def test_floats_that_are_quantised_at_export_are_folded():
    reals = TensorSpec(SHAPE, "float32", data=np.linspace(-40, 40, 10, dtype=np.float32).reshape(SHAPE))
    tensors = [int8(HALF, SHAPE), reals, int8(HALF, SHAPE), int8(HALF, SHAPE)]
    after = apply(fold_constants, graph_of(tensors, [op("QUANTIZE", 1, 2), op("ADD", (0, 2), 3)]))
    assert kinds(after) == ["Add"]


def test_an_op_with_an_input_stays():
    after = apply(fold_constants, graph_of([int8(HALF, SHAPE), VALUES, int8(HALF, SHAPE)], [op("SUB", (1, 0), 2)]))
    assert kinds(after) == ["Sub"]
