"""Drop ops and tensors that no output depends on."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph, Op, State


def remove_unused(graph: Graph) -> Graph:
    """Before: any graph. After: every op's output is read by a later op or is a result; inputs stay.

    What is remembered stays where an output depends on it, in this inference or in a later one.
    """
    states: tuple[State, ...] = ()
    while True:
        ops, needed = needed_by((*graph.outputs, *(state.after for state in states)), graph)
        more = tuple(state for state in graph.states if state.before in needed)
        if len(more) == len(states):
            break
        states = more
    names = needed | set(graph.inputs)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in names}
    return replace(graph, ops=ops, tensors=tensors, states=states)


def needed_by(results: tuple[str, ...], graph: Graph) -> tuple[tuple[Op, ...], set[str]]:
    """The ops and the tensors that these tensors depend on."""
    needed = set(results)
    kept = []
    for op in reversed(graph.ops):
        if not needed.intersection(op.outputs):
            continue
        kept.append(op)
        needed.update(op.inputs)
    return tuple(reversed(kept)), needed
