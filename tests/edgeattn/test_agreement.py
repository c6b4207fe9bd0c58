"""The metrics, against formulas written out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from edgeattn.agreement import THRESHOLD, count_differing_bytes, measure, measure_outputs, worst_of
from edgeattn.errors import EdgeattnError

REF = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
GOT = np.array([[1.5, 2.0, 2.0], [0.0, -1.0, 4.0]])
ZEROS, ONES = np.zeros((2, 3)), np.ones((2, 3))


def by_hand(ref, got):
    pairs = list(zip(ref.ravel().tolist(), got.ravel().tolist(), strict=True))
    mean = sum(r for r, _ in pairs) / len(pairs)
    squares = sum((r - g) ** 2 for r, g in pairs)
    rows = list(zip(ref.tolist(), got.tolist(), strict=True))
    return {
        "rmse": math.sqrt(squares / len(pairs)),
        "mae": sum(abs(r - g) for r, g in pairs) / len(pairs),
        "l2r": math.sqrt(squares) / math.sqrt(sum(g * g for _, g in pairs)),
        "nse": 1 - squares / sum((r - mean) ** 2 for r, _ in pairs),
        "cos": sum(r * g for r, g in pairs) / math.sqrt(sum(r * r for r, _ in pairs) * sum(g * g for _, g in pairs)),
        "acc": sum(r.index(max(r)) == g.index(max(g)) for r, g in rows) / len(rows),
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_equal_the_formulas(seed):
    ref = np.random.default_rng(seed).normal(size=(7, 4))
    got = ref + np.random.default_rng(seed + 100).normal(scale=0.3, size=ref.shape)
    found = measure(ref, got).as_dict()
    assert {key: found[key] for key in by_hand(ref, got)} == pytest.approx(by_hand(ref, got), rel=1e-9)


def test_one_known_case_by_number():
    found = measure(REF, GOT)
    assert (found.samples, found.worst_sample, found.worst_error) == (2, 0, 1.0)
    assert (found.mae, found.acc) == (0.25, 0.5)
    assert found.rmse == pytest.approx(math.sqrt(1.25 / 6))


EDGES = (
    # reference, candidate, l2r, nse, cos
    ("zeros twice", ZEROS, ZEROS, 0.0, 1.0, 1.0),
    ("constant twice", ONES, ONES, 0.0, 1.0, 1.0),
    ("constant against zeros", ONES, ZEROS, math.sqrt(6) / 1e-12, 0.0, 0.0),
    ("zeros against constant", ZEROS, ONES, 1.0, 0.0, 0.0),
    ("one value", np.array([2.0]), np.array([2.0]), 0.0, 1.0, 1.0),
    ("opposite", REF, -REF, 2.0, 1 - 4 * 31 / (31 - 13.5), -1.0),
)


@pytest.mark.parametrize("edge", EDGES, ids=[edge[0] for edge in EDGES])
def test_where_a_formula_has_no_value_the_result_is_defined(edge):
    _, ref, got, *expected = edge
    found = measure(ref, got)
    assert [found.l2r, found.nse, found.cos] == pytest.approx(expected)
    assert found.ok() == (expected[-1] >= THRESHOLD)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_output_that_is_not_finite_is_never_ok(bad):
    got = REF.copy()
    got[1, 2] = bad
    found = measure(REF, got)
    assert not found.ok(threshold=-1.0)
    assert found.worst_sample == 1
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["rmse"] is None


def test_the_threshold_is_inclusive():
    found = measure(REF, GOT)
    assert found.ok(found.cos)
    assert not found.ok(found.cos + 1e-9)


def test_several_outputs_are_combined_at_their_worst():
    parts = measure_outputs([REF, ONES], [GOT, ONES * 3])
    worst = worst_of(parts)
    assert (worst.worst_error, worst.acc, worst.cos) == (2.0, 0.5, min(part.cos for part in parts))
    assert worst.rmse == max(part.rmse for part in parts)


def test_bytes_that_differ_are_counted():
    left = np.array([[1, 2], [3, -4]], np.int8)
    assert count_differing_bytes(left, left) == 0
    assert count_differing_bytes(left, np.array([[1, 0], [3, 4]], np.int8)) == 2
    assert count_differing_bytes(np.array([1.0], np.float32), np.array([-1.0], np.float32)) == 1


MISMATCHES = (
    lambda: measure(REF, REF[:1]),
    lambda: measure(REF[:0], REF[:0]),
    lambda: measure_outputs([REF], []),
    lambda: worst_of([]),
    lambda: count_differing_bytes(REF, REF.astype(np.float32)),
)


@pytest.mark.parametrize("call", MISMATCHES, ids=["shapes", "empty", "outputs", "no outputs", "types"])
def test_what_cannot_be_compared_is_refused(call):
    with pytest.raises(EdgeattnError, match=r"cannot|nothing|outputs"):
        call()
