"""Bytes beside bytes: how many differ, which first, and in which layer."""

from __future__ import annotations

import pytest

from edgeattn.comparison import Difference, compare_layers, difference, first_wrong

CASES = {
    "the same": (b"abc", b"abc", None),
    "nothing": (b"", b"", None),
    "one": (b"abc", b"abd", Difference(1, 2, 99, 100)),
    "several, with a sign": (b"\x80\x01\x02", b"\x7f\x01\xff", Difference(2, 0, -128, 127)),
    "too short": (b"abc", b"ab", Difference(1, 2, 99, 0)),
    "a zero too many": (b"ab", b"ab\0", Difference(1, 2, 0, 0)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bytes_are_compared(case):
    expected, got, wanted = case
    assert difference(expected, got) == wanted


def names(layers) -> list[tuple[str, bool]]:
    return [(layer.name, layer.difference is None) for layer in layers]


def test_layers_are_compared_in_order_whatever_the_other_side_calls_them():
    layers = compare_layers({"stem": b"ab", "gate": b"c"}, {"conv2d": b"ab", "logistic": b"d"})
    assert names(layers) == [("stem", True), ("gate", False)]
    assert first_wrong(layers) == layers[1]


@pytest.mark.parametrize(
    ("expected", "got", "wanted"),
    [
        ({"stem": b"ab", "gate": b"c"}, {"stem": b"ab"}, [("stem", True), ("gate", False)]),
        ({"stem": b"ab"}, {"stem": b"ab", "more": b"c"}, [("stem", True), ("more", False)]),
    ],
    ids=["missing", "too many"],
)
def test_a_layer_that_one_side_lacks_differs(expected, got, wanted):
    assert names(compare_layers(expected, got)) == wanted
