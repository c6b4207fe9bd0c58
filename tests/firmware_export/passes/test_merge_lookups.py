"""Chains of tables become one table."""

from __future__ import annotations

from firmware_export.ir import Graph
from firmware_export.passes.merge_lookups import merge_lookups
from firmware_export.passes.tabulate_unary import tabulate_unary
from firmware_export.quantised_math import Affine
from tests.same_bytes import HALF, SIXTEENTH, apply, graph_of, int8, kinds, op

FINE = Affine(0.01, 7)


def tabulated(*arguments: object) -> Graph:
    return tabulate_unary(graph_of(*arguments))


def test_a_chain_becomes_one_table():
    ops = [op("TANH", 0, 1), op("RELU", 1, 2), op("QUANTIZE", 2, 3)]
    before = tabulated([int8(), int8(FINE), int8(SIXTEENTH), int8()], ops)
    after = apply(merge_lookups, before)
    assert kinds(after) == ["Lookup"]
    assert (after.ops[0].inputs, after.ops[0].outputs) == (before.inputs, before.outputs)


def test_a_value_that_two_ops_read_is_kept():
    ops = [op("TANH", 0, 1), op("RELU", 1, 2), op("ADD", (1, 2), 3)]
    after = apply(merge_lookups, tabulated([int8(), int8(FINE), int8(SIXTEENTH), int8()], ops))
    assert kinds(after) == ["Lookup", "Lookup", "Add"]


def test_an_output_in_the_middle_is_kept():
    ops = [op("TANH", 0, 1), op("RELU", 1, 2)]
    after = apply(merge_lookups, tabulated([int8(), int8(FINE), int8(SIXTEENTH)], ops, [1, 2]))
    assert kinds(after) == ["Lookup", "Lookup"]


def test_branches_merge_each_on_its_own():
    ops = [op("TANH", 0, 1), op("RELU", 0, 2), op("RELU", 1, 3), op("TANH", 2, 4), op("SUB", (3, 4), 5)]
    before = tabulated([int8(), int8(FINE), int8(SIXTEENTH), int8(FINE), int8(FINE), int8(HALF)], ops)
    assert kinds(apply(merge_lookups, before)) == ["Lookup", "Lookup", "Sub"]


def test_an_op_between_keeps_tables_apart():
    ops = [op("TANH", 0, 1), op("ADD", (1, 1), 2), op("RELU", 2, 3)]
    after = apply(merge_lookups, tabulated([int8(), int8(FINE), int8(SIXTEENTH), int8()], ops))
    assert kinds(after) == ["Lookup", "Add", "Lookup"]
