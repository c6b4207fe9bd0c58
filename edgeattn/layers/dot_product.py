"""Attention by dot products between the positions of a map, in ops that int8 has with fixed shapes."""

from __future__ import annotations

from typing import Any

from keras import ops


def pooled(x: Any, size: int) -> Any:
    """The mean of every window of size x size, which tile the map."""
    return x if size == 1 else ops.average_pool(x, size, size, padding="valid", data_format="channels_last")


def as_heads(x: Any, heads: int) -> Any:
    """(batch, height, width, heads * depth) to (batch, heads, positions, depth); one head has no axis of its own."""
    _, height, width, channels = x.shape
    if heads == 1:
        return ops.reshape(x, (-1, height * width, channels))
    return ops.swapaxes(ops.reshape(x, (-1, height * width, heads, channels // heads)), 1, 2)


def as_map(x: Any, heads: int, height: int, width: int) -> Any:
    """The way back of `as_heads`."""
    joined = x if heads == 1 else ops.swapaxes(x, 1, 2)
    return ops.reshape(joined, (-1, height, width, heads * x.shape[-1]))


def attend(queries: Any, keys: Any, values: Any, bias: Any = None) -> Any:
    """softmax over keys of (queries . keys + bias), times values. The queries are scaled already.

    All (batch, ..., positions, depth); bias: (queries, keys).
    """
    scores = ops.matmul(queries, ops.swapaxes(keys, -1, -2))  # BATCH_MATMUL that reads keys as they lie
    return ops.matmul(ops.softmax(scores if bias is None else scores + bias), values)
