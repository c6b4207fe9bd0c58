"""RESIZE_BILINEAR: larger, smaller, one pixel, both ways of placing pixels."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.case import Case
from tests.kernels.window_sizes import Pair
from tests.single_op import single_op

AFFINE = Affine(0.25, -9)


@dataclass(frozen=True)
class Resize:
    """RESIZE_BILINEAR; `placed` is the option that is set."""

    x: tuple[int, int, int]  # height, width, channels
    size: Pair
    placed: str = ""  # "align_corners", "half_pixel_centers"


def resize_bilinear(case: Resize) -> bytes:
    """A model of one RESIZE_BILINEAR."""
    height, width, channels = case.x
    options = {case.placed: True} if case.placed else {}
    output = tensor((1, *case.size, channels), AFFINE)
    return single_op(
        "RESIZE_BILINEAR", [tensor((1, height, width, channels), AFFINE)], output, size=case.size, **options
    )


SIZES: dict[str, tuple[tuple[int, int, int], Pair]] = {
    "twice as large": ((3, 4, 3), (6, 8)),
    "thrice as high": ((3, 4, 2), (9, 4)),
    "the same size": ((3, 4, 2), (3, 4)),
    "half as large": ((6, 8, 3), (3, 4)),
    "a little larger": ((5, 7, 2), (6, 9)),
    "a little smaller": ((6, 9, 2), (5, 7)),
    "to one pixel": ((5, 6, 3), (1, 1)),
    "from one pixel": ((1, 1, 3), (4, 5)),
    "a row": ((1, 7, 1), (1, 13)),
    "a column": ((7, 1, 1), (12, 1)),
    "much larger": ((2, 3, 1), (31, 50)),
}
CASES = tuple(
    Case(f"{name} {placed or 'plain'}", resize_bilinear(Resize(x, size, placed)), seed)
    for seed, (name, (x, size)) in enumerate(SIZES.items())
    for placed in ("", "align_corners", "half_pixel_centers")
)
