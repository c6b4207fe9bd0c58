"""Which tensors share storage: the name of a buffer, of a graph input, of a graph output, or of a state's old value."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_export.errors import ModelError
from firmware_export.ir import Graph, Reshape
from firmware_export.memory.joining import parts_of


def storage_of(graph: Graph) -> tuple[dict[str, str], dict[str, int]]:
    """The storage of every tensor that is not constant, and where in it parts of something larger begin, in bytes.

    A pass before this one copies wherever a reshape would tie two graph outputs, or an input and an output, together.
    Raises ModelError where that was not done.
    """
    roots = _roots(graph)
    caller: dict[str, str] = {}
    for name, home in _caller_tensors(graph, roots):
        if name not in roots:
            raise ModelError(f"output {name} is constant and needs a copy, since no op writes it")
        if roots[name] in caller:
            raise ModelError(f"{name} and {caller[roots[name]]} are the same bytes and need a copy between them")
        caller[roots[name]] = home
    parts = parts_of(graph, roots, caller)
    storage = {name: caller.get(root, root) for name, root in roots.items()}
    inside = {name: parts[root] for name, root in roots.items() if root in parts}
    return (
        storage | {name: storage[whole] for name, (whole, _) in inside.items()},
        {name: offset for name, (_, offset) in inside.items()},
    )


def _caller_tensors(graph: Graph, roots: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The tensors that lie in the caller's memory, each with the name of its storage."""
    yield from ((name, name) for name in (*graph.given, *graph.outputs))
    for state in graph.states:
        if roots.get(state.after) != state.before:  # or nothing is stored
            yield state.after, state.before


def _roots(graph: Graph) -> dict[str, str]:
    roots = {name: name for name in graph.given}
    for op in graph.ops:
        if not isinstance(op.attrs, Reshape):
            roots |= {name: name for name in op.outputs}
        elif op.inputs[0] in roots:
            roots[op.outputs[0]] = roots[op.inputs[0]]
        else:
            raise ModelError(f"{op.name} reshapes the constant {op.inputs[0]}: fold constants before planning memory")
    return roots
