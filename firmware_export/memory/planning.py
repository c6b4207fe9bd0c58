"""From lifetimes to offsets."""

from __future__ import annotations

from firmware_export.ir import Graph
from firmware_export.memory.bounds import Offsets, is_plain, lower_bound, total_of
from firmware_export.memory.buffers import Lifetimes, Plan, lifetimes
from firmware_export.memory.conflicts import conflicts_of
from firmware_export.memory.first_fit import first_fits
from firmware_export.memory.schedule import Schedule
from firmware_export.memory.search import search


def plan(lives: Lifetimes, schedule: Schedule = ()) -> Plan:
    """Give every buffer an offset, aligned to 16, so that no bytes in use at once overlap and the arena is small.

    Deterministic. The smallest arena for most networks; a good one where proving that would take long.
    """
    buffers = lives.buffers
    bound = lower_bound(buffers, lives.in_place)
    offsets = _pack(lives, bound)
    return Plan(
        offsets={buffer.name: offset for buffer, offset in zip(buffers, offsets, strict=True)},
        sizes={buffer.name: buffer.size for buffer in buffers},
        total=total_of(buffers, offsets),
        storage=lives.storage,
        rings=lives.rings,
        schedule=schedule,
        bound=bound,
        held=lives.held,
        inside=lives.inside,
    )


def planned(graph: Graph, schedule: Schedule, held: tuple[str, ...] = ()) -> Plan:
    """The plan in which ops take these turns; held: inputs and outputs that lie in the arena."""
    return plan(lifetimes(graph, schedule, held), schedule)


def _pack(lives: Lifetimes, bound: int) -> Offsets:
    buffers = lives.buffers
    best: Offsets = ()
    for offsets in first_fits(buffers, conflicts_of(buffers, lives.in_place)):
        if not best or total_of(buffers, offsets) < total_of(buffers, best):
            best = offsets
        if total_of(buffers, best) <= bound:
            return best
    return search(buffers, best, bound) if is_plain(lives) else best
