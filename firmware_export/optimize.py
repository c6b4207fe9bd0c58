"""What users ask for with -O."""

from __future__ import annotations

from enum import Enum


class Optimize(Enum):
    """What the compiler and the choice of kernels favour."""

    TIME = "time"  # flash may be spent
    BALANCED = "balanced"
    RAM = "ram"  # code is small, too
