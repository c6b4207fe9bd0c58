"""Functions of one value: random quantisations over every input, shared tables, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ExportError, ModelError, UnsupportedOp
from firmware_export.export import export
from firmware_export.ir import Lookup
from firmware_export.quantised_math import Affine
from tests.affines import ALL_INT8, affines, tensor
from tests.kernels import lookup_cases
from tests.single_op import litert_reference, single_op

OPS = (
    *("LOGISTIC", "TANH", "HARD_SWISH", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "QUANTIZE"),
    *("EXP", "LOG", "ABS", "GELU", "LEAKY_RELU"),
)
EVERY = (256,)
PLAIN = Affine(0.5, 3)
PROBABILITY = Affine(1 / 256, -128)


@given(st.sampled_from(OPS), affines(1e-4, 1e3), affines(1e-4, 1e3))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_every_value_agrees_with_the_reference_or_is_refused_by_both(op, x, output):
    output = PROBABILITY if op == "LOGISTIC" else output
    text = single_op(op, [tensor(EVERY, x)], tensor(EVERY, output))
    assert exported_values(text) == reference_values(text)


@given(st.lists(st.sampled_from(lookup_cases.ISLANDS), max_size=2), affines(1e-3, 0.1), affines(0.01, 10))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_functions_of_floats_between_int8_and_int8_agree_with_the_reference(names, x, output):
    text = lookup_cases.island(x, output, *names)
    assert exported_values(text, (2, 128)) == reference_values(text, (2, 128))


def exported_values(text: bytes, shape: tuple[int, ...] = EVERY) -> list[int] | None:
    try:
        graph = export(text, name="tiny").graph
    except ExportError:
        return None
    return interpreter.run(graph, [ALL_INT8.reshape(shape)])[0].tolist()


def reference_values(text: bytes, shape: tuple[int, ...] = EVERY) -> list[int] | None:
    try:
        return litert_reference(text, [ALL_INT8.reshape(shape)])[0].tolist()
    except RuntimeError:
        return None


@pytest.mark.parametrize("op", OPS)
def test_every_function_becomes_a_table(op):
    text = single_op(op, [tensor(EVERY, Affine(0.05, 3))], tensor(EVERY, PROBABILITY))
    graph = export(text, name="tiny").graph
    assert [type(op.attrs) for op in graph.ops] == [Lookup]


def test_equal_tables_are_printed_once():
    program = export(lookup_cases.twins(), name="tiny").program
    assert len([params for params in program.params if params.struct == "ea_lookup_s8"]) == 2
    assert len(program.consts) == 1


def test_a_chain_of_functions_is_one_table():
    text = lookup_cases.chain(("TANH", Affine(0.01, 0)), ("RELU", Affine(0.02, 1)), ("QUANTIZE", Affine(0.03, 2)))
    assert len(export(text, name="tiny").graph.ops) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (single_op("TANH", [tensor((3,), Affine(0.5, 128), "uint8")], tensor((3,), PLAIN)), "old converter"),
        (single_op("RELU", [tensor((3,), Affine(2.0**31, 0))], tensor((3,), PLAIN)), "too fine"),
        (single_op("QUANTIZE", [tensor((3,), Affine(2.0**31, 0))], tensor((3,), PLAIN)), "too fine"),
        (single_op("RELU6", [tensor((3,), PLAIN)], tensor((3,), Affine(2.0**-29, 0))), "too fine"),
        (single_op("HARD_SWISH", [tensor((3,), PLAIN)], tensor((3,), Affine(2.0**-9, 0))), "too fine"),
    ],
)
def test_what_has_no_exact_table_is_unsupported(text, words):
    with pytest.raises(UnsupportedOp, match=re.escape(words)):
        export(text, name="tiny")


def test_a_sigmoid_must_give_the_scale_that_the_reference_wants():
    with pytest.raises(ModelError, match="1/256"):
        export(single_op("LOGISTIC", [tensor((3,), PLAIN)], tensor((3,), PLAIN)), name="tiny")


def test_too_many_floats_inside_the_network_are_unsupported():
    with pytest.raises(UnsupportedOp, match="inside the network"):
        export(lookup_cases.island(PLAIN, PLAIN, *["NEG"] * 20), name="tiny")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (single_op("NEG", [tensor((3,), PLAIN)], tensor((3,), PLAIN)), "multiply by -1"),
        (single_op("NEG", [tensor((3,), Affine(0.5, 0))], tensor((3,), Affine(0.25, 0))), "multiply by -1"),
        (single_op("SQUARE", [tensor((3,), PLAIN)], tensor((3,), PLAIN)), "no int8 form"),
        (single_op("ELU", [tensor((3,), PLAIN)], tensor((3,), PLAIN)), "replace it by GELU, LEAKY_RELU or RELU"),
        (single_op("SQRT", [tensor((3,), PLAIN)], tensor((3,), Affine(2.0**-30, 0))), "too fine"),
        (single_op("RSQRT", [tensor((3,), PLAIN)], tensor((3,), Affine(2.0**-52, 0))), "too fine"),
        (single_op("RSQRT", [tensor((3,), Affine(300.0, 0))], tensor((3,), Affine(250.0, 0))), "RSQRT to a scale"),
        (single_op("ABS", [tensor((3,), Affine(2.0**31, 0))], tensor((3,), PLAIN)), "too fine"),
        (single_op("LEAKY_RELU", [tensor((3,), PLAIN)], tensor((3,), PLAIN), alpha=2.0**40), "too fine"),
        (lookup_cases.island(Affine(2.0**20, 0), Affine(2.0**-12, 0), "NEG"), "too fine"),
        (lookup_cases.island(Affine(2.0**62, 0), Affine(1.0, 0), "SQUARE", "SIN"), "too fine"),
    ],
)
def test_what_the_reference_does_otherwise_is_refused_with_a_way_out(text, words):
    with pytest.raises(UnsupportedOp, match=words):
        export(text, name="tiny")


@given(st.sampled_from(("SQRT", "RSQRT")), affines(1e-4, 1e2), affines(1e-4, 1e2))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_roots_agree_where_the_reference_has_them(op, x, output):
    text = single_op(op, [tensor(EVERY, x)], tensor(EVERY, output))
    inputs = np.maximum(ALL_INT8, np.int8(x.zero_point))
    np.testing.assert_array_equal(
        interpreter.run(export(text, name="tiny").graph, [inputs])[0], litert_reference(text, [inputs])[0]
    )


@pytest.mark.parametrize(("op", "expected"), [("SQRT", -20), ("RSQRT", 127)])
def test_a_root_of_what_has_none_is_that_of_zero(op, expected):
    text = single_op(op, [tensor(EVERY, PLAIN)], tensor(EVERY, Affine(0.25, -20)))
    with pytest.raises(RuntimeError, match="only defined for"):
        litert_reference(text, [ALL_INT8])
    outputs = exported_values(text)
    assert set(outputs[: 128 + PLAIN.zero_point + 1]) == {expected}


def test_the_finest_rescaling_is_exact():
    for op in ("RELU", "QUANTIZE"):
        text = single_op(op, [tensor(EVERY, Affine(1.5 * 2.0**30, 3))], tensor(EVERY, Affine(1.0, -5)))
        np.testing.assert_equal(exported_values(text), reference_values(text))
