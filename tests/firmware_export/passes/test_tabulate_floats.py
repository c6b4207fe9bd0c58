"""Functions of float32 between int8 and int8 become one table."""

from __future__ import annotations

from firmware_export.passes.tabulate_floats import tabulate_floats
from tests.affines import tensor
from tests.same_bytes import EVERY, HALF, SIXTEENTH, apply, graph_of, int8, kinds, op
from tests.single_op import TensorSpec

REAL = TensorSpec(EVERY, "float32")


def test_a_function_and_both_its_neighbours_become_a_table():
    after = apply(tabulate_floats, graph_of([int8(), REAL, REAL, int8()], chain("NEG")))
    assert kinds(after) == ["Lookup"]
    assert after.ops[0].kind == "Neg"


def chain(*names: str):
    steps = ("DEQUANTIZE", *names, "QUANTIZE")
    return [op(name, index, index + 1) for index, name in enumerate(steps)]


def test_two_functions_of_one_value_become_two_tables():
    ops = [*chain("NEG"), op("SQUARE", 1, 4), op("QUANTIZE", 4, 5)]
    after = apply(tabulate_floats, graph_of([int8(), REAL, REAL, int8(), REAL, int8(SIXTEENTH)], ops))
    assert kinds(after) == ["Lookup", "Lookup"]


def test_a_dequantised_output_stays():
    after = apply(tabulate_floats, graph_of([int8(), REAL, REAL, int8()], chain("NEG"), outputs=(1, 3)))
    assert kinds(after) == ["Dequantize", "Lookup"]


def test_a_function_of_the_network_s_own_floats_stays():
    before = graph_of([tensor(EVERY, HALF, "float32"), REAL, int8()], [op("NEG", 0, 1), op("QUANTIZE", 1, 2)])
    assert kinds(apply(tabulate_floats, before)) == ["Neg", "Quantize"]


def test_a_chain_too_long_to_be_a_converter_s_stays():
    before = graph_of([int8(), *[REAL] * 31, int8()], chain(*["NEG"] * 30))
    assert len(apply(tabulate_floats, before).ops) == 32
