"""Tables that change no byte go."""

from __future__ import annotations

from firmware_export.ir import Graph
from firmware_export.passes.remove_identities import remove_identities
from firmware_export.passes.tabulate_unary import tabulate_unary
from firmware_export.quantised_math import Affine
from tests.same_bytes import HALF, SIXTEENTH, apply, graph_of, int8, kinds, op

ALMOST_HALF = Affine(0.5 + 2.0**-20, 3)  # as bytes the same, as reals not quite


def tabulated(*arguments: object) -> Graph:
    return tabulate_unary(graph_of(*arguments))


def test_an_identity_goes_and_its_readers_read_its_input():
    ops = [op("TANH", 0, 1), op("QUANTIZE", 1, 2), op("MUL", (2, 2), 3), op("ADD", (2, 3), 4)]
    before = tabulated([int8(), int8(SIXTEENTH), int8(SIXTEENTH), int8(), int8()], ops)
    assert kinds(apply(remove_identities, before)) == ["Lookup", "Mul", "Add"]


def test_a_chain_of_identities_goes():
    ops = [op("QUANTIZE", 0, 1), op("QUANTIZE", 1, 2), op("TANH", 2, 3)]
    after = apply(remove_identities, tabulated([int8(), int8(), int8(), int8(SIXTEENTH)], ops))
    assert kinds(after) == ["Lookup"]
    assert after.ops[0].inputs == after.inputs


def test_an_identity_that_is_the_output_becomes_a_reshape():
    after = apply(remove_identities, tabulated([int8(), int8()], [op("QUANTIZE", 0, 1)]))
    assert kinds(after) == ["Reshape"]


def test_readers_keep_the_scale_they_were_quantised_with():
    """Had ADD read the identity's input, it would compute with another scale."""
    ops = [op("QUANTIZE", 0, 1), op("ADD", (1, 2), 3)]
    after = apply(remove_identities, tabulated([int8(), int8(ALMOST_HALF), int8(), int8()], ops))
    assert kinds(after) == ["Reshape", "Add"]
    assert after.tensors[after.ops[1].inputs[0]].scale == ALMOST_HALF.scale


def test_other_tables_stay():
    after = apply(remove_identities, tabulated([int8(HALF), int8(SIXTEENTH)], [op("QUANTIZE", 0, 1)]))
    assert kinds(after) == ["Lookup"]
