"""Quantisations that are hard to get right, and tensors that carry them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_export.quantised_math import Affine
from tests.single_op import TensorSpec

ALL_INT8 = np.arange(-128, 128).astype(np.int8)
BOUNDARY_INT8 = np.array([-128, -127, -126, -100, -65, -64, -3, -2, -1, 0, 1, 2, 3, 63, 64, 99, 125, 126, 127], np.int8)

AFFINES = (
    Affine(1 / 256, -128),
    Affine(0.5, 0),
    Affine(1.0, 127),  # a gate whose scale is 1
    Affine(float(np.float32(0.0235)), 3),
    Affine(float(np.float32(1e-4)), -128),
    Affine(float(np.float32(37.5)), -1),
    Affine(float(np.float32(1.9999999)), -64),
)


def scales(low: float = 1e-6, high: float = 1e3) -> st.SearchStrategy[float]:
    """float32 scales, evenly over magnitudes, with powers of two, which make ties."""
    powers = st.integers(int(np.ceil(np.log2(low))), int(np.floor(np.log2(high)))).map(lambda e: 2.0**e)
    exponents = st.floats(np.log10(low), np.log10(high))
    return st.one_of(powers, exponents.map(lambda e: float(np.float32(10.0**e))))


def affines(low: float = 1e-6, high: float = 1e3) -> st.SearchStrategy[Affine]:
    """Per-tensor quantisations with any zero point, often an extreme one."""
    zero_points = st.one_of(st.sampled_from([-128, 0, 127]), st.integers(-128, 127))
    return st.builds(Affine, scales(low, high), zero_points)


def tensor(shape: tuple[int, ...], affine: Affine, dtype: str = "int8") -> TensorSpec:
    """A tensor to be fed or read, quantised per tensor."""
    return TensorSpec(shape, dtype, (affine.scale,), (affine.zero_point,))


def constant_int(data: NDArray[Any], scales: tuple[float, ...], axis: int = 0, zero_point: int = 0) -> TensorSpec:
    """Constant weights or bias, per tensor or per channel."""
    return TensorSpec(data.shape, data.dtype.name, scales, (zero_point,) * len(scales), axis, data)


def random_int8(seed: int, *shape: int) -> NDArray[np.int8]:
    """Reproducible int8 values over the whole range."""
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)
