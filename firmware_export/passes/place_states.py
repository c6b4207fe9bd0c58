"""Write what the network remembers where it is remembered, and not before the old value has been read."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph, Reshape, State
from firmware_export.passes.copy_shared_outputs import copied


def place_states(graph: Graph) -> Graph:
    """Before: a state's next value may be any tensor. After: it may be written straight over the old value.

    By the op that computes it, where everybody has read the old value by then; else by a Copy after all other ops.
    """
    sources = sources_of(graph)
    waiting = [state for state in graph.states if not in_place(state, graph, sources)]
    placed: dict[str, str] = {}  # the next value by the old one
    while waiting:
        state = next((state for state in waiting if not read_later(state, waiting, sources)), None)
        if state is None:  # each waits for another: take the first one's old value away
            old = waiting[0].before
            graph, taken = copied(graph, old)
            sources = {name: taken if source == old else source for name, source in sources.items()}
            waiting = [replace(one, after=taken) if sources[one.after] == taken else one for one in waiting]
            sources[taken] = taken
            continue
        waiting.remove(state)
        graph, placed[state.before] = copied(graph, state.after)
    states = tuple(replace(state, after=placed.get(state.before, state.after)) for state in graph.states)
    return replace(graph, states=states)


def read_later(state: State, waiting: list[State], sources: dict[str, str]) -> bool:
    """Whether another state's next value is this one's old one."""
    return any(sources[other.after] == state.before for other in waiting if other is not state)


def in_place(state: State, graph: Graph, sources: dict[str, str]) -> bool:
    """Whether the op that computes the next value may write over the old one, which nobody reads then or later."""
    old, new = state.before, sources[state.after]
    if old == new:
        return True
    results = [sources[name] for name in graph.results]
    if old in results or results.count(new) > 1 or new in graph.given or graph.tensors[new].data is not None:
        return False
    steps = [op for op in graph.ops if not isinstance(op.attrs, Reshape)]
    writer = next(index for index, op in enumerate(steps) if new in op.outputs)
    readers = [index for index, op in enumerate(steps) if old in {sources[name] for name in op.inputs}]
    return max(readers, default=-1) < writer


def sources_of(graph: Graph) -> dict[str, str]:
    """The tensor whose bytes each tensor is: itself, or what was reshaped into it."""
    sources = {name: name for name in graph.tensors}
    for op in graph.ops:
        if isinstance(op.attrs, Reshape):
            sources[op.outputs[0]] = sources[op.inputs[0]]
    return sources
