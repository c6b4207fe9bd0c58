"""Networks that are more work than a microcontroller has time for are refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_export import DoesNotFit, export
from tests.single_op import TensorSpec, single_op


def convolution(size: int) -> bytes:
    """128 * 128 * 64 multiplications for each of size * size positions."""
    weights = TensorSpec((128, 8, 8, 128), scale=(0.01,), zero_point=(0,), data=np.ones((128, 8, 8, 128), np.int8))
    bias = TensorSpec((128,), "int32", scale=(0.01,), zero_point=(0,), data=np.zeros(128, np.int32))
    image = TensorSpec((1, size, size, 128), scale=(1.0,), zero_point=(0,))
    return single_op("CONV_2D", [image, weights, bias], image, padding="SAME")


def test_a_network_of_many_multiplications_is_refused_with_a_way_out():
    assert export(convolution(16), name="just").program.macs == 1 << 28
    with pytest.raises(DoesNotFit, match=r"^deep multiplies and adds 303,038,464 times .* make its input smaller"):
        export(convolution(17), name="deep")
