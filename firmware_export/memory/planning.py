"""From lifetimes to offsets."""

from __future__ import annotations

from firmware_export.memory.bounds import Offsets, lower_bound, total_of
from firmware_export.memory.buffers import Buffer, Lifetimes, Plan
from firmware_export.memory.first_fit import first_fits
from firmware_export.memory.search import search


def plan(lives: Lifetimes) -> Plan:
    """Give every buffer an offset, aligned to 16, so that none in use at once overlap and the arena is small.

    Deterministic. The smallest arena for most networks; a good one where proving that would take long.
    """
    buffers = lives.buffers
    offsets = _pack(buffers)
    return Plan(
        offsets={buffer.name: offset for buffer, offset in zip(buffers, offsets, strict=True)},
        sizes={buffer.name: buffer.size for buffer in buffers},
        total=total_of(buffers, offsets),
        storage=lives.storage,
    )


def _pack(buffers: tuple[Buffer, ...]) -> Offsets:
    bound = lower_bound(buffers)
    best: Offsets = ()
    for offsets in first_fits(buffers):
        if not best or total_of(buffers, offsets) < total_of(buffers, best):
            best = offsets
        if total_of(buffers, best) <= bound:
            return best
    return search(buffers, best, bound)
