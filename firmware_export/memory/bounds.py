"""How much memory buffers need at least, and which of them meet in time."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_export.ir import Graph
from firmware_export.memory.buffers import Buffer, lifetimes

Offsets = tuple[int, ...]  # one for each buffer, in the order of the buffers


def lower_bound(buffers: tuple[Buffer, ...]) -> int:
    """Bytes that no arena for these buffers can do without: what is in use at once, aligned, at the worst moment."""
    cliques = {live(buffers, moment.first) for moment in buffers}
    return max((stacked([buffers[index] for index in clique]) for clique in cliques), default=0)


def bytes_in_use(graph: Graph) -> tuple[int, ...]:
    """Bytes of the buffers that are in use while each op runs."""
    buffers = lifetimes(graph).buffers
    return tuple(sum(buffers[index].size for index in live(buffers, moment)) for moment, _ in enumerate(graph.ops))


def live(buffers: tuple[Buffer, ...], moment: int) -> tuple[int, ...]:
    """The indices of the buffers in use while an op runs."""
    return tuple(index for index, buffer in enumerate(buffers) if buffer.first <= moment <= buffer.last)


def stacked(buffers: Sequence[Buffer]) -> int:
    """Bytes of buffers standing one on another, each aligned; at least one buffer."""
    padding = max([buffer.padding for buffer in buffers])  # the topmost one needs none
    return sum([buffer.size + buffer.padding for buffer in buffers]) - padding


def total_of(buffers: tuple[Buffer, ...], offsets: Offsets) -> int:
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
