"""The arena's buffers: which tensors share one, and from which op to which each is in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firmware_export.errors import ModelError
from firmware_export.ir import Excite, Graph, Op, Reshape

ALIGN = 16  # kernels may load 16 bytes at a time


@dataclass(frozen=True)
class Buffer:
    """Bytes in use from the op of index `first`, which writes them, to the op of index `last`, their last reader."""

    name: str
    size: int
    first: int
    last: int

    @property
    def padding(self) -> int:
        """Bytes left unused before the next aligned offset."""
        return -self.size % ALIGN


@dataclass(frozen=True)
class Lifetimes:
    """The arena's buffers, and the storage of every tensor that is not constant.

    A storage is the name of a buffer, of a graph input, of a graph output, or of a state's old value.
    """

    buffers: tuple[Buffer, ...]
    storage: dict[str, str]


@dataclass(frozen=True)
class Plan:
    """Byte offset and size of every buffer, the arena's exact size, and the storage of every tensor."""

    offsets: dict[str, int]
    sizes: dict[str, int]
    total: int
    storage: dict[str, str]


def lifetimes(graph: Graph) -> Lifetimes:
    """Say which tensors share storage, and from which op to which each buffer is in use.

    A pass before this one copies wherever a reshape would tie two graph outputs, or an input and an output, together.
    Raises ModelError where that was not done.
    """
    storage = _storage(graph)
    spans = _spans(graph, storage)
    place = {op.name: index for index, op in enumerate(graph.ops)}
    for op in graph.ops:
        if not isinstance(op.attrs, Excite):
            continue
        x, output, moment = op.inputs[0], op.outputs[0], place[op.host]
        if storage[x] in spans and spans[storage[x]].last == moment:  # nobody reads it later: rows are written in place
            storage[output] = storage[x]
        else:
            spans[output] = Buffer(output, row_bytes(op, graph), moment, moment)
    return Lifetimes(tuple(spans.values()), storage)


def _spans(graph: Graph, storage: dict[str, str]) -> dict[str, Buffer]:
    """The buffers of all but excited rows."""
    place = {op.name: index for index, op in enumerate(graph.ops)}
    elsewhere = {*graph.given, *graph.outputs}
    spans: dict[str, Buffer] = {}
    for index, op in enumerate(graph.ops):
        hosted = place.get(op.host, index)
        moment = max(hosted, index)  # an Excite runs in a later op's loop
        # A squeeze reads its input while its host writes it; later it needs its scratch alone.
        for name in op.outputs if hosted < index else (*op.outputs, *op.inputs):
            home = storage.get(name)
            if home is None or home in elsewhere or name in graph.excited:
                continue
            size = graph.tensors[name].nbytes
            known = spans.get(home, Buffer(home, size, moment, moment))
            spans[home] = Buffer(home, size, known.first, max(known.last, moment))
        if op.scratch:
            spans[scratch_name(op)] = Buffer(scratch_name(op), op.scratch, min(hosted, index), index)
    return spans


def row_bytes(op: Op, graph: Graph) -> int:
    """Bytes of one row of an op's output."""
    output = graph.tensors[op.outputs[0]]
    return output.nbytes // output.shape[1]


def scratch_name(op: Op) -> str:
    """The name of the buffer an op uses while it runs."""
    return f"{op.name}.scratch"


def _storage(graph: Graph) -> dict[str, str]:
    roots = _roots(graph)
    caller: dict[str, str] = {}
    for name, home in _caller_tensors(graph, roots):
        if name not in roots:
            raise ModelError(f"output {name} is constant and needs a copy, since no op writes it")
        if roots[name] in caller:
            raise ModelError(f"{name} and {caller[roots[name]]} are the same bytes and need a copy between them")
        caller[roots[name]] = home
    return {name: caller.get(root, root) for name, root in roots.items()}


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
