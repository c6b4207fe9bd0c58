"""Every output gets memory of its own."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph
from firmware_export.memory import lifetimes
from firmware_export.passes.copy_shared_outputs import copy_shared_outputs
from firmware_export.passes.fold_constants import fold_constants
from tests.affines import random_int8
from tests.same_bytes import HALF, apply, graph_of, int8, kinds, op
from tests.single_op import constant

FLAT = (256,)


def separate(before: Graph) -> Graph:
    """The graph after the pass, which gives the planner what it asks for."""
    after = apply(copy_shared_outputs, before)
    assert len({lifetimes(after).storage[name] for name in after.outputs}) == len(after.outputs)
    return after


def test_an_output_that_is_an_input_is_copied():
    before = graph_of([int8(), int8()], [op("TANH", 0, 1)])
    assert kinds(separate(replace(before, outputs=(*before.inputs, *before.outputs)))) == ["Tanh", "Copy"]


def test_a_reshaped_input_is_copied():
    assert kinds(separate(graph_of([int8(), int8(HALF, FLAT)], [op("RESHAPE", 0, 1)]))) == ["Reshape", "Copy"]


def test_two_outputs_of_the_same_bytes_become_two():
    before = graph_of([int8(), int8(), int8(HALF, FLAT)], [op("TANH", 0, 1), op("RESHAPE", 1, 2)], [1, 2])
    assert kinds(separate(before)) == ["Tanh", "Reshape", "Copy"]


def test_an_output_listed_twice_is_copied():
    before = graph_of([int8(), int8()], [op("TANH", 0, 1)])
    assert kinds(separate(replace(before, outputs=before.outputs * 2))) == ["Tanh", "Copy"]


def test_a_constant_output_is_copied():
    values = constant(random_int8(1, 4), "int8", (0.5,), (3,))
    tensors = [int8(), int8(), values, int8(HALF, (4,))]
    before = fold_constants(graph_of(tensors, [op("TANH", 0, 1), op("TANH", 2, 3)]))
    assert kinds(separate(before)) == ["Tanh", "Copy"]


def test_outputs_that_are_apart_stay():
    before = graph_of([int8(), int8(), int8()], [op("TANH", 0, 1), op("RELU", 0, 2)])
    assert separate(before).ops == before.ops
