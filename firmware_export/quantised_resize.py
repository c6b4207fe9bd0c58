"""RESIZE_BILINEAR in integers: places and weights in 1/1024 of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_export.quantised_math import Int8, Integers

PIXEL = 1 << 10


@dataclass(frozen=True)
class Scan:
    """Where output pixels lie on one axis of the input: number i at i * step + start."""

    step: int
    start: int

    def places(self, count: int) -> Integers:
        """The places of `count` output pixels."""
        return np.arange(count, dtype=np.int64) * self.step + self.start


def scan(size: int, count: int, *, align_corners: bool, half_pixel_centers: bool) -> Scan:
    """How `count` pixels lie on `size`. Quotients are rounded to nearest, halves up."""
    if align_corners and count > 1:
        size, count = size - 1, count - 1
    step = (PIXEL * size + count // 2) // count
    return Scan(step, step // 2 - PIXEL // 2 if half_pixel_centers else 0)


def neighbours(scan: Scan, count: int, size: int) -> tuple[Integers, Integers, Integers]:
    """For each of `count` pixels the one before, the one behind, and how far the second weighs; within `size`."""
    places = scan.places(count)
    before = np.maximum(places, 0) // PIXEL
    behind = np.minimum((places + PIXEL - 1) // PIXEL, size - 1)
    return before, behind, places - before * PIXEL


def resize_bilinear(x: Int8, size: tuple[int, int], scans: tuple[Scan, Scan]) -> Int8:
    """x [1, H, W, C] to [1, *size, C]. Rounds once, halves away from zero; never rescales."""
    above, below, down = neighbours(scans[0], size[0], x.shape[1])
    left, right, across = neighbours(scans[1], size[1], x.shape[2])
    wide = x[0].astype(np.int64)
    lower, upper = weights(down, 0), weights(down, 1)
    columns = sum(wide[:, at] * weights(across, axis)[None] for axis, at in ((0, left), (1, right)))
    total = np.asarray(columns)[above] * lower[:, None] + np.asarray(columns)[below] * upper[:, None]
    half = PIXEL * PIXEL // 2
    return np.asarray(np.sign(total) * ((np.abs(total) + half) // (PIXEL * PIXEL)), np.int8)[None]


def weights(fractions: Integers, neighbour: int) -> NDArray[np.int64]:
    """How much the first or the second neighbour weighs, a column."""
    return (fractions if neighbour else PIXEL - fractions)[:, None]
