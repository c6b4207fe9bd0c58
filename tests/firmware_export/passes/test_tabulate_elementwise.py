"""Arithmetic on the values of one tensor becomes a table."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_export import passes
from firmware_export.ir import Graph, Lookup
from firmware_export.passes.tabulate_elementwise import tabulate_elementwise
from firmware_export.passes.tabulate_unary import tabulate_unary
from firmware_export.quantised_math import Affine
from firmware_export.targets import Isa
from tests.same_bytes import HALF, SIXTEENTH, apply, graph_of, int8, kinds, op
from tests.single_op import OpSpec, TensorSpec, constant

PROBABILITY = Affine(1 / 256, -128)
FINE = Affine(0.01, 7)


def number(value: int, affine: Affine = SIXTEENTH, shape: tuple[int, ...] = ()) -> TensorSpec:
    """A constant all of whose values are one."""
    return constant(np.full(shape, value), "int8", (affine.scale,), (affine.zero_point,))


def tabulated(*arguments: object) -> Graph:
    return tabulate_unary(graph_of(*arguments))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 128)], ids=str)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["x first", "x second"])
@pytest.mark.parametrize("name", ["ADD", "SUB", "MUL", "SQUARED_DIFFERENCE"])
def test_arithmetic_with_a_constant_of_one_value_becomes_a_table(name, order, shape):
    before = graph_of([int8(), number(28, shape=shape), int8(FINE)], [op(name, order, 2)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Lookup"]


@pytest.mark.parametrize("name", ["MINIMUM", "MAXIMUM"])
def test_a_clip_becomes_a_table(name):
    before = graph_of([int8(), number(28, HALF), int8()], [op(name, (0, 1), 2)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Lookup"]


def test_a_constant_of_several_values_stays():
    several = constant(np.arange(128).reshape(1, 1, 128), "int8", (0.5,), (3,))
    before = graph_of([int8(), several, int8(FINE)], [op("MUL", (0, 1), 2)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Mul"]


def test_a_constant_that_makes_the_output_larger_stays():
    larger = number(5, shape=(2, 1, 128))
    before = graph_of([int8(shape=(1, 2, 128)), larger, int8(FINE, (2, 2, 128))], [op("ADD", (0, 1), 2)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Add"]


def test_two_tensors_stay():
    before = graph_of([int8(), int8(), int8(FINE)], [op("ADD", (0, 1), 2)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Add"]


def test_a_tensor_with_itself_becomes_a_table():
    before = graph_of([int8(), int8(FINE)], [op("MUL", (0, 0), 1)])
    assert kinds(apply(tabulate_elementwise, before)) == ["Lookup"]


def test_swish_becomes_one_table():
    before = graph_of([int8(), int8(PROBABILITY), int8(FINE)], [op("LOGISTIC", 0, 1), op("MUL", (0, 1), 2)])
    after = passes.run(before, passes.exact(Isa.C))
    assert [(o.kind, o.inputs, o.outputs) for o in after.ops] == [("Logistic, Mul", before.inputs, before.outputs)]
    apply(lambda graph: passes.run(graph, passes.exact(Isa.C)), before)


def test_hard_sigmoid_as_a_converter_spells_it_becomes_one_table():
    ops = [OpSpec("ADD", (0, 1), (2,), {"activation": "RELU6"}), op("MUL", (2, 3), 4)]
    tensors = [int8(), number(28), int8(Affine(6 / 255, -128)), number(127, Affine(1 / 762, 0)), int8(PROBABILITY)]
    after = apply(lambda graph: passes.run(graph, passes.exact(Isa.C)), graph_of(tensors, ops))
    assert kinds(after) == ["Lookup"]
    assert isinstance(after.ops[0].attrs, Lookup)
    assert {after.ops[0].attrs.table[0], after.ops[0].attrs.table[-1]} == {-128, 127}


def test_hard_swish_of_its_parts_becomes_one_table():
    ops = [
        OpSpec("ADD", (0, 1), (2,), {"activation": "RELU6"}),
        op("MUL", (2, 3), 4),
        op("MUL", (4, 0), 5),
    ]
    gate = [number(28), int8(Affine(6 / 255, -128)), number(127, Affine(1 / 762, 0)), int8(PROBABILITY)]
    after = apply(lambda graph: passes.run(graph, passes.exact(Isa.C)), graph_of([int8(), *gate, int8(FINE)], ops))
    assert kinds(after) == ["Lookup"]


def test_a_value_that_another_op_reads_is_still_made():
    ops = [op("LOGISTIC", 0, 1), op("MUL", (0, 1), 2), op("ADD", (1, 3), 4)]
    before = tabulated([int8(), int8(PROBABILITY), int8(FINE), int8(), int8(FINE)], ops)
    after = apply(tabulate_elementwise, before)
    assert kinds(after) == ["Lookup", "Lookup", "Add"]
    assert after.ops[1].inputs == after.ops[0].inputs


def test_functions_of_two_tensors_stay_apart():
    ops = [op("LOGISTIC", 0, 2), op("MUL", (1, 2), 3)]
    after = apply(tabulate_elementwise, tabulated([int8(), int8(), int8(PROBABILITY), int8(FINE)], ops))
    assert kinds(after) == ["Lookup", "Mul"]


def test_a_gate_of_another_shape_stays():
    ops = [op("LOGISTIC", 0, 1), op("MUL", (0, 1), 2)]
    gate = [int8(shape=(1, 1, 128)), int8(PROBABILITY, (1, 1, 128)), int8(FINE, (1, 1, 128))]
    assert kinds(apply(tabulate_elementwise, tabulated(gate, ops))) == ["Lookup", "Lookup"]
