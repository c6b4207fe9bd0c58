"""The one function that every op's meaning is registered with."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from numpy.typing import NDArray

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Attrs, Tensor

Array = NDArray[Any]


@singledispatch
def evaluate(attrs: Attrs, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    """One op's output. tensors: its inputs, then its output; arrays: its inputs' values."""
    raise UnsupportedOp(f"{type(attrs).__name__} has no integer formula here")
