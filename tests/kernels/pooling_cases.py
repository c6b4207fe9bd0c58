"""AVERAGE_POOL_2D and MAX_POOL_2D: awkward windows, ties in rounding, activations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.kernels.case import Case
from tests.kernels.window_sizes import Pair, output_size
from tests.single_op import TensorSpec, single_op


@dataclass(frozen=True)
class Pool:
    """A row of the table."""

    size: tuple[int, int, int]  # height, width, channels
    kernel: Pair
    strides: Pair = (1, 1)
    padding: str = "VALID"
    activation: str = "NONE"
    scale: float = 0.5
    zero_point: int = 3


def pooling(name: str, pool: Pool) -> bytes:
    """A model of one AVERAGE_POOL_2D or MAX_POOL_2D."""
    height, width = output_size(pool.padding, pool.size[:2], pool.kernel, pool.strides)
    quantised = {"scale": (float(np.float32(pool.scale)),), "zero_point": (pool.zero_point,)}
    return single_op(
        name,
        [TensorSpec((1, *pool.size), **quantised)],
        TensorSpec((1, height, width, pool.size[2]), **quantised),
        filter=pool.kernel,
        strides=pool.strides,
        padding=pool.padding,
        activation=pool.activation,
    )


POOLS = {
    "one pixel": Pool((1, 1, 1), (1, 1)),
    "2x2": Pool((6, 8, 3), (2, 2), (2, 2)),
    "2x2 of an odd image": Pool((7, 5, 3), (2, 2), (2, 2)),
    "2x2 of an odd image, same": Pool((7, 5, 3), (2, 2), (2, 2), "SAME"),
    "3x3 overlapping, same": Pool((5, 6, 4), (3, 3), (1, 1), "SAME"),
    "3x3 overlapping, valid": Pool((5, 6, 5), (3, 3), (2, 1)),
    "whole image": Pool((5, 7, 9), (5, 7), (5, 7)),
    "whole image, same": Pool((4, 4, 2), (4, 4), (4, 4), "SAME"),
    **{f"whole image of {n} channels": Pool((2, 1 + n, n), (2, 1 + n)) for n in (1, 3, 4, 5, 6, 7, 8)},
    "whole image, relu": Pool((3, 3, 6), (3, 3), (1, 1), "VALID", "RELU", zero_point=-20),
    "whole image of 256 columns": Pool((16, 16, 5), (16, 16)),
    "whole image of 259 columns": Pool((7, 37, 5), (7, 37)),
    "window larger than the image": Pool((2, 3, 2), (7, 6), (1, 1), "SAME"),
    "window far larger than one pixel": Pool((1, 1, 3), (9, 9), (2, 2), "SAME"),
    "stride larger than the window": Pool((7, 8, 2), (2, 2), (3, 4), "SAME"),
    "one row": Pool((1, 9, 2), (1, 4), (1, 2), "SAME"),
    "one column": Pool((9, 1, 2), (4, 1), (2, 1), "SAME"),
    "rows only": Pool((8, 3, 2), (4, 1), (4, 1)),
    "fifteen channels": Pool((5, 6, 15), (3, 2), (1, 2), "SAME"),
    "sixteen channels": Pool((5, 6, 16), (2, 2), (2, 2)),
    "seventeen channels": Pool((3, 4, 17), (3, 3), (1, 1), "SAME", "RELU6", scale=0.07, zero_point=-20),
    "more columns than 16 bits can sum": Pool((2, 300, 9), (2, 300), (2, 300)),
    "relu": Pool((5, 6, 3), (2, 3), (2, 2), "SAME", "RELU", zero_point=-20),
    "relu6": Pool((5, 6, 3), (2, 3), (2, 2), "SAME", "RELU6", scale=0.07, zero_point=-20),
    "relu between -1 and 1": Pool((5, 6, 3), (3, 3), (2, 2), "SAME", "RELU_N1_TO_1", scale=0.02, zero_point=5),
    "lowest zero point": Pool((4, 5, 3), (2, 2), (1, 1), "SAME", "RELU", scale=1e-6, zero_point=-128),
    "highest zero point": Pool((4, 5, 3), (2, 2), (1, 1), "SAME", scale=300.0, zero_point=127),
}
OPS = {"AVERAGE_POOL_2D": "average", "MAX_POOL_2D": "maximum"}

CASES: tuple[Case, ...] = tuple(
    Case(f"{word}: {name}", pooling(op, pool), seed=number)
    for op, word in OPS.items()
    for number, (name, pool) in enumerate(POOLS.items())
)
