"""How large the output of a sliding window is, said independently of the code under test."""

from __future__ import annotations

Pair = tuple[int, int]


def output_size(padding: str, size: Pair, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pair:
    """Height and width; VALID counts the windows that lie inside, SAME the strides that start inside."""
    sides = zip(size, kernel, stride, dilation, strict=True)
    counts = [len(range(0, n if padding == "SAME" else n - (k - 1) * apart, step)) for n, k, step, apart in sides]
    return counts[0], counts[1]
