"""How much memory buffers need at least, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_export.ir import Graph
from firmware_export.memory.buffers import BEFORE, Buffer, InPlace, Lifetimes, lifetimes
from firmware_export.memory.schedule import Schedule, one_by_one

Offsets = tuple[int, ...]  # one for each buffer, in the order of the buffers


def lower_bound(buffers: Sequence[Buffer], in_place: Sequence[InPlace] = ()) -> int:
    """Bytes that no arena for these buffers can do without: what is in use at once at the worst moment.

    Where no rows come and go, each buffer but the topmost is padded to the next aligned offset.
    """
    most = int(in_use(buffers, in_place).max(initial=0))
    if in_place or any(len(buffer.blocks) > 1 for buffer in buffers):
        return most
    cliques = {live(tuple(buffers), moment.first) for moment in buffers}
    return max((stacked([buffers[index] for index in clique]) for clique in cliques), default=0)


def in_use(buffers: Sequence[Buffer], in_place: Sequence[InPlace] = ()) -> NDArray[np.int64]:
    """Bytes in use at each moment, the first one BEFORE."""
    end = max((buffer.last for buffer in buffers), default=BEFORE)
    change = np.zeros(end - BEFORE + 2, np.int64)
    for buffer in buffers:
        np.add.at(change, buffer.blocks[:, 2] - BEFORE, buffer.blocks[:, 1])
        np.add.at(change, buffer.blocks[:, 3] - BEFORE + 1, -buffer.blocks[:, 1])
    total = np.cumsum(change)[:-1]
    by_name = {buffer.name: buffer for buffer in buffers}
    once: dict[tuple[str, int], int] = {}  # what may be written at a moment where something was read
    for pair in in_place:
        if pair.read in by_name and pair.written in by_name:
            for moment in pair.moments:
                written = _bytes_from(by_name[pair.written], moment)
                dying = _bytes_until(by_name[pair.read], moment)
                key = (pair.written, moment)
                once[key] = max(once.get(key, 0), min(written, dying))
    for (_, moment), size in once.items():
        total[moment - BEFORE] -= size
    return total


def _bytes_from(buffer: Buffer, moment: int) -> int:
    return int(buffer.blocks[buffer.blocks[:, 2] == moment, 1].sum())


def _bytes_until(buffer: Buffer, moment: int) -> int:
    return int(buffer.blocks[buffer.blocks[:, 3] == moment, 1].sum())


def bytes_in_use(graph: Graph, schedule: Schedule | None = None, held: tuple[str, ...] = ()) -> tuple[int, ...]:
    """Bytes that are in use at most while each op runs, in the order of the graph's."""
    lives = lifetimes(graph, schedule or None, held)
    total = in_use(lives.buffers, lives.in_place)[-BEFORE:].tolist()
    turns = (segment.ops[turn] for segment in schedule or one_by_one(graph) for turn in segment.turns)
    most = dict.fromkeys((op.name for op in graph.ops), 0)
    for name, now in zip(turns, total, strict=False):  # nothing is in use after the last buffer
        most[name] = max(most[name], now)
    return tuple(most.values())


def live(buffers: tuple[Buffer, ...], moment: int) -> tuple[int, ...]:
    """The indices of the buffers in use at a moment."""
    return tuple(index for index, buffer in enumerate(buffers) if buffer.first <= moment <= buffer.last)


def stacked(buffers: Sequence[Buffer]) -> int:
    """Bytes of buffers standing one on another, each aligned; at least one buffer."""
    padding = max([buffer.padding for buffer in buffers])  # the topmost one needs none
    return sum([buffer.size + buffer.padding for buffer in buffers]) - padding


def total_of(buffers: Sequence[Buffer], offsets: Offsets) -> int:
    """Bytes of the arena that holds buffers at these offsets."""
    return max((offset + buffer.size for buffer, offset in zip(buffers, offsets, strict=True)), default=0)


def clashes_of(buffers: tuple[Buffer, ...]) -> list[list[int]]:
    """For each buffer, the indices of those in use at the same time."""
    return [
        [
            index
            for index, other in enumerate(buffers)
            if other is not buffer and other.first <= buffer.last and buffer.first <= other.last
        ]
        for buffer in buffers
    ]


def is_plain(lives: Lifetimes) -> bool:
    """Whether every buffer is in use as a whole, and none takes another's place."""
    return not lives.in_place and all(len(buffer.blocks) == 1 for buffer in lives.buffers)
