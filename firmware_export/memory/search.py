"""The smallest packing, where it is found in time.

Packings are built from the bottom up, each buffer resting on those below it, and given up when they cannot beat the
best so far. Any packing can be let down until every buffer rests, so the smallest one is among these.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.memory.bounds import Offsets, clashes_of, live, stacked, total_of
from firmware_export.memory.buffers import Buffer

LOOKS = 300_000  # buffers looked at before settling for what there is: a fraction of a second


@dataclass(frozen=True)
class _Partial:
    offsets: dict[int, int]  # of the buffers placed, from the bottom up
    floors: dict[int, int]  # of the buffers left: on what is placed they would rest here

    @property
    def level(self) -> tuple[int, int]:
        """The last buffer placed; the next lies higher, or as high with a higher index."""
        return max(((offset, index) for index, offset in self.offsets.items()), default=(0, -1))


def search(buffers: tuple[Buffer, ...], best: Offsets, bound: int) -> Offsets:
    """The smallest packing, or the best one found before giving up; stops at `bound`."""
    everyone = range(len(buffers))
    clashes = [frozenset(others) for others in clashes_of(buffers)]
    cliques = sorted({live(buffers, moment.first) for moment in buffers})
    start = _Partial({}, dict.fromkeys(everyone, 0))
    stack = [(start, index) for index in _candidates(buffers, start)]
    looks = LOOKS
    while stack and looks > 0 and total_of(buffers, best) > bound:
        partial, index = stack.pop()
        partial = _placed(partial, index, buffers, clashes)
        looks -= len(buffers) + sum(map(len, cliques))
        if _least(partial, buffers, cliques) >= total_of(buffers, best):
            continue
        if not partial.floors:
            best = tuple(partial.offsets[index] for index in everyone)
        stack.extend((partial, index) for index in _candidates(buffers, partial))
    return best


def _placed(partial: _Partial, index: int, buffers: tuple[Buffer, ...], clashes: list[frozenset[int]]) -> _Partial:
    offset = partial.floors[index]
    top = offset + buffers[index].size + buffers[index].padding
    floors = {
        other: max(floor, top) if other in clashes[index] else floor
        for other, floor in partial.floors.items()
        if other != index
    }
    return _Partial({**partial.offsets, index: offset}, floors)


def _least(partial: _Partial, buffers: tuple[Buffer, ...], cliques: list[tuple[int, ...]]) -> int:
    level = partial.level[0]
    least = max(offset + buffers[index].size for index, offset in partial.offsets.items())
    for clique in cliques:
        left = [index for index in clique if index in partial.floors]
        if left:
            floor = max(level, min([partial.floors[index] for index in left]))
            least = max(least, floor + stacked([buffers[index] for index in left]))
    return least


def _candidates(buffers: tuple[Buffer, ...], partial: _Partial) -> list[int]:
    level = partial.level
    gap = min(
        (floor + buffers[index].size + buffers[index].padding for index, floor in partial.floors.items()), default=0
    )
    # Whoever rests at `gap` or higher leaves room below for another buffer, which may as well come first.
    fitting = [index for index, floor in partial.floors.items() if (floor, index) > level and floor < gap]
    return sorted(fitting, key=lambda index: (-partial.floors[index], buffers[index].size))  # the last is tried first
