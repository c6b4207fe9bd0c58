"""One row of a table of single-op models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Case:
    """A model of one op or a few, and the sentence that names it in a failure."""

    name: str
    model: bytes  # .tflite
    seed: int = 0  # of the inputs: random bytes, then all -128, all 127, all zero points
