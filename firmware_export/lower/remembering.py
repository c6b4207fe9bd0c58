"""What outlives an inference: where it lies in the caller's state, and how a reset fills it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from firmware_export.ir import Graph, State
from firmware_export.program import Const, Fill, Kept, Memory, Move, Place, Section

STATE = "kept"  # the base of places in it
WORD = 4  # bytes: the alignment of a state and of each part
MARK_DIGITS = 8  # of the model's SHA-256: a state of another network is told as well


def state_places(graph: Graph) -> Mapping[str, Place]:
    """Where each state's tensor lies, by its name when an inference begins; the mark comes first."""
    places, offset = {}, WORD
    for state in graph.states:
        places[state.before] = Place(STATE, offset)
        offset += -(-state.initial.nbytes // WORD) * WORD
    return places


def mark_of(model_sha256: str) -> int:
    """What tells memory that this network has begun with: never 0, which memory holds that nobody has."""
    return int(model_sha256[:MARK_DIGITS], 16) | 1


def memory_of(graph: Graph, *, model_sha256: str) -> Memory | None:
    """The struct, where the network remembers anything."""
    if not graph.states:
        return None
    places = state_places(graph)
    parts = tuple(part(state, graph, places[state.before]) for state in graph.states)
    end = max(kept.offset + kept.size for kept in parts)
    return Memory(
        parts=parts,
        size=-(-end // WORD) * WORD,
        mark=mark_of(model_sha256),
        reset=tuple(reset_step(graph, index, places[state.before]) for index, state in enumerate(graph.states)),
    )


def part(state: State, graph: Graph, place: Place) -> Kept:
    """One tensor of the struct."""
    tensor = graph.tensors[state.before]
    return Kept(state.name, tensor.shape, place.offset, tensor.nbytes)


def reset_step(graph: Graph, index: int, place: Place) -> Move | Fill:
    """What gives a part its initial value."""
    raw = raw_initial(graph.states[index])
    if is_uniform(raw):
        return Fill(place, int(raw[0]), len(raw))
    return Move(Place(initial_symbol(graph, index)), place, len(raw))


def initial_values(graph: Graph) -> tuple[Const, ...]:
    """The constants that a reset copies."""
    raws = ((index, raw_initial(state)) for index, state in enumerate(graph.states))
    return tuple(
        Const(initial_symbol(graph, index), "int8_t", raw, Section.TABLE) for index, raw in raws if not is_uniform(raw)
    )


def initial_symbol(graph: Graph, index: int) -> str:
    """The C name of a state's initial value."""
    return f"{graph.name}_initial_{index}"


def raw_initial(state: State) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """The initial value's bytes, as int8, in the order of the device."""
    values = np.ravel(state.initial)
    return np.frombuffer(values.astype(values.dtype.newbyteorder("<")).tobytes(), np.int8)


def is_uniform(raw: np.ndarray[tuple[int], np.dtype[np.int8]]) -> bool:
    """Whether one value fills it."""
    return bool(np.all(raw == raw[0]))
