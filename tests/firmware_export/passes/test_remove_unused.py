"""What no output depends on goes."""

from __future__ import annotations

from firmware_export.passes.remove_unused import remove_unused
from tests.same_bytes import apply, graph_of, int8, kinds, op


def test_a_branch_that_leads_nowhere_goes_with_its_tensors():
    ops = [op("TANH", 0, 1), op("RELU", 1, 2), op("ADD", (0, 0), 3)]
    after = apply(remove_unused, graph_of([int8() for _ in range(4)], ops, [3]))
    assert kinds(after) == ["Add"]
    assert set(after.tensors) == {*after.inputs, *after.outputs}


def test_an_input_that_nobody_reads_stays():
    before = graph_of([int8() for _ in range(3)], [op("TANH", 0, 1)])
    assert len(before.inputs) == 2
    after = apply(remove_unused, before)
    assert after.inputs == before.inputs
    assert set(after.inputs) <= set(after.tensors)


def test_what_is_read_stays_in_order():
    ops = [op("TANH", 0, 1), op("RELU", 1, 2), op("ADD", (1, 2), 3)]
    before = graph_of([int8() for _ in range(4)], ops)
    assert apply(remove_unused, before).ops == before.ops
