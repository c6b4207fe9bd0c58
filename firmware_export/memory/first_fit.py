"""Greedy packings: place buffers one by one at the lowest free offset. What matters is the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from firmware_export.memory.bounds import Offsets, clashes_of, total_of
from firmware_export.memory.buffers import Buffer

LOOKS = 500_000  # buffers looked at before settling for what there is: a fraction of a second
MOST_REPAIRS = 60  # of each order

_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda buffer: (-buffer.size, buffer.first),
    lambda buffer: (-buffer.size * (buffer.last - buffer.first + 1), buffer.first),
    lambda buffer: (buffer.first - buffer.last, -buffer.size, buffer.first),
    lambda buffer: (buffer.first, -buffer.size),
    lambda buffer: (-buffer.last, -buffer.size),
)


def first_fits(buffers: tuple[Buffer, ...]) -> Iterator[Offsets]:
    """Packings from several orders, and from each order again with the topmost buffers moved to its front."""
    clashes = clashes_of(buffers)
    repairs = LOOKS // (len(_ORDERS) * sum(map(len, clashes), start=len(buffers) + 1))
    for key in _ORDERS:
        order = sorted(range(len(buffers)), key=lambda index: key(buffers[index]))
        for _ in range(1 + min(repairs, MOST_REPAIRS)):
            offsets = _first_fit(buffers, clashes, order)
            yield offsets
            order = _repaired(buffers, offsets, order)


def _first_fit(buffers: tuple[Buffer, ...], clashes: list[list[int]], order: list[int]) -> Offsets:
    offsets: dict[int, int] = {}
    for index in order:
        offset = 0
        for start, other in sorted((offsets[other], other) for other in clashes[index] if other in offsets):
            if offset + buffers[index].size <= start:
                break
            offset = max(offset, start + buffers[other].size + buffers[other].padding)
        offsets[index] = offset
    return tuple(offsets[index] for index in range(len(buffers)))


def _repaired(buffers: tuple[Buffer, ...], offsets: Offsets, order: list[int]) -> list[int]:
    total = total_of(buffers, offsets)
    return sorted(order, key=lambda index: offsets[index] + buffers[index].size < total)  # the topmost come first
