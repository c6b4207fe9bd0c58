"""Time from left to right, for pictures of a plan: every turn has room, and long stretches leave some to short ones."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import sqrt

from firmware_export import Timeline


@dataclass(frozen=True)
class Axis:
    """Where moments begin, from 0 to 1, and where the last one ends."""

    edges: tuple[float, ...]

    def middle(self, moment: int) -> float:
        """The middle of a moment."""
        return (self.edges[moment] + self.edges[moment + 1]) / 2

    def start(self, moment: int) -> float:
        """Where a moment begins; what is there before the first turn begins with it."""
        return self.edges[max(moment, 0)]

    def end(self, moment: int) -> float:
        """Where a moment ends; what is left after the last turn ends with it."""
        return self.edges[min(moment + 1, len(self.edges) - 1)]

    def moment(self, place: float) -> int:
        """The moment at a place."""
        return min(max(bisect_right(self.edges, place) - 1, 0), len(self.edges) - 2)


def axis_of(timeline: Timeline) -> Axis:
    """Each stretch as wide as the root of its moments, all its moments alike."""
    total = sum(sqrt(stretch.moments) for stretch in timeline.stretches)
    edges, start = [0.0], 0.0
    for stretch in timeline.stretches:
        width = sqrt(stretch.moments) / total
        edges += [start + width * (index + 1) / stretch.moments for index in range(stretch.moments)]
        start += width
    return Axis((*edges[:-1], 1.0))
