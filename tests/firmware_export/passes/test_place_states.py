"""What is remembered is written over its old value, but not before that has been read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter, memory, passes
from firmware_export.errors import BadPlan, ModelError
from firmware_export.export import export
from firmware_export.ir import Copy, Graph
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.kernels.state_cases import NETWORKS, Network
from tests.single_op import litert_sequence
from tests.stateful import Stateful, int8

COPIES = {  # Copy ops, with those that outputs need
    "the_input_of_the_inference_before": 2,
    "a_delay_line_of_three": 3,
    "a_running_sum_is_the_output": 1,
    "a_running_mean_behind_other_layers": 0,
    "the_next_value_is_written_over_the_old_one": 0,
    "the_old_value_is_read_after_the_new_one_is_stored": 1,
    "two_variables_that_change_places": 3,
    "three_variables_that_change_places": 6,
    "one_value_in_two_variables": 2,
    "a_constant_is_stored": 1,
    "a_variable_without_an_initial_value": 0,
    "a_variable_that_no_output_depends_on": 1,
}
STATES = {"a_variable_never_assigned": 0, "a_variable_without_an_initial_value": 0} | dict.fromkeys(
    ("a_variable_that_no_output_depends_on", "a_variable_assigned_its_own_value", "two_handles_of_one_variable"), 1
)


def graph_of(network: Network) -> Graph:
    net = Stateful()
    return passes.run(read_tflite(net.build(*network(net)), name="net"), passes.exact(Isa.C))


BY_NAME = {network.__name__: network for network in NETWORKS}


@pytest.mark.parametrize(("name", "copies"), COPIES.items(), ids=COPIES)
def test_as_few_bytes_are_copied_as_have_to_be(name, copies):
    assert sum(isinstance(op.attrs, Copy) for op in graph_of(BY_NAME[name]).ops) == copies


@pytest.mark.parametrize(("name", "states"), STATES.items(), ids=STATES)
def test_what_no_inference_needs_of_another_is_not_remembered(name, states):
    assert len(graph_of(BY_NAME[name]).states) == states


def test_an_op_that_writes_a_value_which_is_still_read_is_no_plan():
    graph = graph_of(BY_NAME["the_old_value_is_read_after_the_new_one_is_stored"])
    (state,) = graph.states
    (copy,) = (op for op in graph.ops if isinstance(op.attrs, Copy))
    hasty = replace(
        graph,
        ops=tuple(op for op in graph.ops if op is not copy),
        states=(replace(state, after=copy.inputs[0]),),
    )
    with pytest.raises(BadPlan, match=f"needs {state.before}, whose bytes 0 to 3 belong to {copy.inputs[0]}"):
        memory.check(hasty, memory.plan(memory.lifetimes(hasty)))


def test_a_next_value_that_is_an_output_needs_a_copy_before_there_is_a_plan():
    graph = graph_of(BY_NAME["a_running_sum_is_the_output"])
    (state,) = graph.states
    with pytest.raises(ModelError, match="need a copy between them"):
        memory.lifetimes(replace(graph, states=(replace(state, after=graph.outputs[0]),)))


VARIABLES = 3
steps = st.lists(
    st.tuples(st.sampled_from(("read", "assign", "add", "maximum")), st.integers(0, 99), st.integers(0, 99)),
    max_size=14,
)


def random_network(chosen: list[tuple[str, int, int]], outputs: list[int]) -> bytes:
    """Reads, assignments and sums of whatever there is, in any order."""
    net, row = Stateful(), int8(1, 4)
    handles = [net.variable(f"v{number}", np.arange(4).reshape(1, 4) * 9 - number) for number in range(VARIABLES)]
    values = [net.tensor(row), net.tensor(int8(1, 4, data=np.array([[1, -2, 3, 4]], np.int8)))]
    for kind, left, right in chosen:
        a, b = values[left % len(values)], values[right % len(values)]
        match kind:
            case "read":
                values.append(net.read(handles[left % VARIABLES], row))
            case "assign":
                net.assign(handles[left % VARIABLES], b)
            case _:
                values.append(net.op(kind.upper(), a, b, to=row))
    made = [value for value in values if value > VARIABLES + 1] or [net.op("ADD", values[0], values[0], to=row)]
    return net.build(*dict.fromkeys(made[number % len(made)] for number in outputs))


@settings(max_examples=150, deadline=None)
@given(chosen=steps, outputs=st.lists(st.integers(0, 99), min_size=1, max_size=3))
def test_any_order_of_reads_and_assignments_is_planned_and_gives_the_bytes_of_the_reference(chosen, outputs):
    model = random_network(chosen, outputs)
    rng = np.random.default_rng(len(chosen))
    samples = [[rng.integers(-128, 128, (1, 4)).astype(np.int8)] for _ in range(4)]
    graph = export(model, name="net").graph  # proves the plan
    expected = [[array.tobytes() for array in row] for row in litert_sequence(model, samples)]
    assert [[array.tobytes() for array in row] for row in interpreter.run_sequence(graph, samples)] == expected
