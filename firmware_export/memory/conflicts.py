"""How two buffers may lie to one another: every distance between them at which bytes in use would meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_export.memory.buffers import Blocks, Buffer, InPlace

Gaps = tuple[tuple[int, int], ...]  # open intervals of (offset of the other - offset of the one), in order
Conflicts = tuple[dict[int, Gaps], ...]  # for each buffer, by the index of another


def conflicts_of(buffers: Sequence[Buffer], in_place: Sequence[InPlace] = ()) -> Conflicts:
    """The distances that are forbidden; nothing for buffers that are never in use at once."""
    moments: dict[tuple[str, str], frozenset[int]] = {}
    for one in in_place:
        key = (one.read, one.written)
        moments[key] = moments.get(key, frozenset()) | one.moments
    found: tuple[dict[int, Gaps], ...] = tuple({} for _ in buffers)
    for index, buffer in enumerate(buffers):
        for place, other in enumerate(buffers[:index]):
            if buffer.first > other.last or other.first > buffer.last:
                continue
            gaps = _gaps(buffer, other, moments)
            if gaps:
                found[index][place] = gaps
                found[place][index] = tuple((-high, -low) for low, high in reversed(gaps))
    return found


def _gaps(one: Buffer, other: Buffer, in_place: dict[tuple[str, str], frozenset[int]]) -> Gaps:
    here, there = in_place.get((one.name, other.name)), in_place.get((other.name, one.name))
    if len(one.blocks) == len(other.blocks) == 1 and not here and not there:
        return ((-other.size, one.size),) if one.size and other.size else ()
    count = max(len(one.blocks), len(other.blocks)) if here or there else 1
    a, b = _rows(one.blocks, count)[:, None, :], _rows(other.blocks, count)[None, :, :]
    meet = (a[..., 2] <= b[..., 3]) & (b[..., 2] <= a[..., 3]) & (a[..., 1] > 0) & (b[..., 1] > 0)
    shared = _shared(a, b, here) | _shared(b, a, there)
    low = (a[..., 0] - b[..., 0] - b[..., 1])[meet]
    high = (a[..., 0] - b[..., 0] + a[..., 1])[meet]
    same = (a[..., 0] - b[..., 0] + np.zeros_like(meet, np.int64))[meet]
    split = shared[meet]
    lows = np.concatenate((low, same[split]))
    highs = np.concatenate((np.where(split, same, high), high[split]))
    return _merged(lows, highs)


def _shared(read: NDArray[np.int64], written: NDArray[np.int64], moments: frozenset[int] | None) -> NDArray[np.bool_]:
    """Which pairs of blocks may be the same bytes: one is read for the last time as the other is written."""
    shape = np.broadcast_shapes(read.shape, written.shape)[:2]
    if not moments or shape[0] != shape[1]:
        return np.zeros(shape, np.bool_)
    at = np.isin(written[..., 2], list(moments)) & np.eye(shape[0], dtype=np.bool_)  # row for row
    return np.asarray((read[..., 3] == written[..., 2]) & (read[..., 1] == written[..., 1]) & at)


def _rows(blocks: Blocks, count: int) -> Blocks:
    """A buffer in use as a whole as so many rows, where it has them."""
    size = int(blocks[0, 1])
    if len(blocks) != 1 or size % count:
        return blocks
    rows = np.repeat(blocks, count, axis=0)
    rows[:, 0] += np.arange(count) * (size // count)
    rows[:, 1] = size // count
    return rows


def _merged(lows: NDArray[np.int64], highs: NDArray[np.int64]) -> Gaps:
    """The union of open intervals: the end of one that begins another lies in neither."""
    if not len(lows):
        return ()
    order = np.argsort(lows, kind="stable")
    lows, ends = lows[order], np.maximum.accumulate(highs[order])
    begins = np.flatnonzero(np.concatenate(([True], lows[1:] >= ends[:-1])))
    lasts = np.concatenate((begins[1:] - 1, [len(lows) - 1]))
    return tuple(zip(lows[begins].tolist(), ends[lasts].tolist(), strict=True))
