"""Ops carry the names that users gave their layers."""

from __future__ import annotations

import pytest

from firmware_export.layer_names import original

LAYERS = frozenset({"conv2d", "conv2d_1", "conv2d_2", "stem", "block_7"})
NAMES = {
    "conv2d_1": "conv2d",  # the first layer, called once more
    "conv2d_1_2": "conv2d_1",
    "conv2d_2_1": "conv2d_2",
    "stem_1": "stem",
    "stem_12": "stem",
    "block_7_1": "block_7",
    "stem": "stem",
    "unknown_3": "unknown_3",
}


@pytest.mark.parametrize("converted", NAMES)
def test_the_number_that_freezing_appends_is_undone(converted):
    assert original(converted, LAYERS) == NAMES[converted]


def test_names_stay_where_the_layers_are_not_known():
    assert original("conv2d_1", frozenset()) == "conv2d_1"
