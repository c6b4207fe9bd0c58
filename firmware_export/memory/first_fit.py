"""Greedy packings: place buffers one by one at the lowest free offset. What matters is the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from firmware_export.memory.bounds import Offsets, total_of
from firmware_export.memory.buffers import ALIGN, Buffer
from firmware_export.memory.conflicts import Conflicts

LOOKS = 300_000  # buffers looked at before settling for what there is: a fraction of a second
MOST_REPAIRS = 40  # of each order
MOST_SWAPS = 400

_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda buffer: (-buffer.size, buffer.first),
    lambda buffer: (-buffer.size * (buffer.last - buffer.first + 1), buffer.first),
    lambda buffer: (buffer.first - buffer.last, -buffer.size, buffer.first),
    lambda buffer: (buffer.first, -buffer.size),
    lambda buffer: (-buffer.last, -buffer.size),
)


def first_fits(buffers: Sequence[Buffer], conflicts: Conflicts) -> Iterator[Offsets]:
    """Packings from several orders, from each order again with the topmost buffers moved to its front, and from the
    best of all with two buffers exchanged, again and again.
    """
    cost = sum(map(len, conflicts), start=len(buffers) + 1)
    best: tuple[int, list[int]] | None = None
    for key in _ORDERS:
        order = sorted(range(len(buffers)), key=lambda index: key(buffers[index]))
        for _ in range(1 + min(LOOKS // 2 // (len(_ORDERS) * cost), MOST_REPAIRS)):
            offsets = _first_fit(buffers, conflicts, order)
            total = total_of(buffers, offsets)
            if best is None or total < best[0]:
                best = (total, order)
            yield offsets
            order = _repaired(buffers, offsets, order)
    if best is None or len(buffers) < 2:
        return
    random = Random(0)
    for _ in range(min(LOOKS // 2 // cost, MOST_SWAPS)):
        order = best[1][:]
        one, other = random.sample(range(len(order)), 2)
        order.insert(other, order.pop(one))
        offsets = _first_fit(buffers, conflicts, order)
        total = total_of(buffers, offsets)
        if total <= best[0]:
            best = (total, order)
        yield offsets


def _first_fit(buffers: Sequence[Buffer], conflicts: Conflicts, order: list[int]) -> Offsets:
    offsets: dict[int, int] = {}
    for index in order:
        gaps = sorted(
            (offsets[other] - high, offsets[other] - low)
            for other, pairs in conflicts[index].items()
            if other in offsets
            for low, high in pairs
        )
        offset = 0
        for low, high in gaps:
            if offset <= low:
                break
            if offset < high:
                offset = -(-high // ALIGN) * ALIGN
        offsets[index] = offset
    return tuple(offsets[index] for index in range(len(buffers)))


def _repaired(buffers: Sequence[Buffer], offsets: Offsets, order: list[int]) -> list[int]:
    total = total_of(buffers, offsets)
    return sorted(order, key=lambda index: offsets[index] + buffers[index].size < total)  # the topmost come first
