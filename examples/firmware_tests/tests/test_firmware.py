"""The network that ships, on the core it ships on."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def small_se(edgeattn):
    """The network, as it lies in the firmware."""
    return edgeattn.network("firmware/small_se.h")


def test_the_outputs_are_those_of_the_reference(small_se):
    small_se.check_golden("tests/small_se.npz")


def test_the_network_stays_in_its_budget(small_se):
    small_se.check_budget()


def test_light_is_told_from_darkness(small_se):
    images = np.stack([np.full((6, 6, 3), level, np.float32) for level in (-1.0, 1.0)])
    result = small_se.run(small_se.quantise(images))
    dark, light = small_se.dequantise(result.output).mean(axis=(1, 2, 3))
    assert dark - light > 0.2


def test_most_of_the_time_goes_to_the_convolution(small_se):
    result = small_se.run(np.zeros((6, 6, 3), np.int8))
    assert result.layers["conv2d"] > result.instructions / 2


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m4", "cortex-m33"])
def test_every_core_gives_the_same_bytes(small_se, core):
    small_se.check_golden("tests/small_se.npz", target=core)
