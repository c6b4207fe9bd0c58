"""Bytes that are against bytes that should be, and which layer was the first to go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """How many bytes of a tensor differ, and the first that does."""

    bytes: int
    first: int
    expected: int  # the first one's int8 value
    got: int


@dataclass(frozen=True)
class LayerComparison:
    """One layer's output. `difference` is None where it is right."""

    name: str
    size: int
    difference: Difference | None


def difference(expected: bytes, got: bytes) -> Difference | None:
    """Compare byte for byte; what one has and the other lacks differs, its value there being 0."""
    size = max(len(expected), len(got))
    left, right = (np.frombuffer(data.ljust(size, b"\0"), np.int8) for data in (expected, got))
    wrong = left != right
    wrong[min(len(expected), len(got)) :] = True
    if not wrong.any():
        return None
    first = int(np.argmax(wrong))
    return Difference(int(wrong.sum()), first, int(left[first]), int(right[first]))


def compare_layers(expected: Mapping[str, bytes], got: Mapping[str, bytes]) -> tuple[LayerComparison, ...]:
    """Compare layer by layer, in order; a layer that one side lacks differs in all its bytes.

    Names are those of `expected`: the same network has other layer names where it was exported from its .tflite.
    """
    names = [*expected, *list(got)[len(expected) :]]
    wanted = [*expected.values(), *[b""] * (len(names) - len(expected))]
    outputs = [*got.values(), *[b""] * (len(names) - len(got))]
    return tuple(
        LayerComparison(name, max(len(left), len(right)), difference(left, right))
        for name, left, right in zip(names, wanted, outputs, strict=True)
    )


def first_wrong(layers: tuple[LayerComparison, ...]) -> LayerComparison | None:
    """The first layer that differs: those after it only follow."""
    return next((layer for layer in layers if layer.difference is not None), None)
