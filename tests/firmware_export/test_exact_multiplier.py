"""The integer multiplier against the float64 product it stands for."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firmware_export.exact_multiplier import exact_multiplier
from firmware_export.quantised_math import requantise_once, round_half_away

SCALES = (1.0, 0.5, 2.0**-9, 0.1, 1 / 3, 0.00271, 1e-5, 3.7e-7, 1.5, 77.7, 2.5e-4)


def mismatches(real, bound, accumulators, reach=255):
    multiplier, shift = exact_multiplier(real, accumulator_bound=bound, output_bound=reach)
    ours = np.clip(requantise_once(accumulators, multiplier, shift), -reach, reach)
    expected = np.clip(round_half_away(accumulators.astype(np.float64) * real), -reach, reach)
    return accumulators[ours != expected]


@pytest.mark.parametrize("real", SCALES)
def test_every_small_accumulator_is_exact(real):
    bound = 1 << 18
    assert mismatches(real, bound, np.arange(-bound, bound + 1)).size == 0


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.floats(-26, 3), st.integers(1, 2**28))
def test_accumulators_at_which_the_result_changes_are_exact(log_scale, bound):
    real = float(np.float32(2.0**log_scale)) * float(np.float32(0.0173))
    halves = np.array([(step - 0.5) / real for step in range(1, 258)])
    near = np.concatenate([np.floor(halves) + offset for offset in (-1, 0, 1, 2)])
    near = np.clip(near, 0, bound).astype(np.int64)
    assert mismatches(real, bound, np.concatenate([near, -near])).size == 0


QUANTISED = st.floats(2.0**-12, 2.0, width=32)  # scales are float32


@given(QUANTISED, QUANTISED, QUANTISED)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_networks_get_by_with_31_bits_or_a_few_more(x, weights, output):
    assume(2.0**-20 < x * weights / output < 4 and any(math.frexp(scale)[0] * 2**10 % 1 for scale in (x, output)))
    multiplier, _ = exact_multiplier(x * weights / output, accumulator_bound=1 << 20, output_bound=255)
    assert multiplier.bit_length() <= 36


def test_a_scale_whose_float64_products_fall_on_halves_by_rounding_is_refused():
    """10 * 0.35 is below 3.5 and rounds to it in float64; 90 * 0.35 stays below 31.5: no one multiplier does both."""
    with pytest.raises(ArithmeticError, match=r"no integer multiplier is exact for the scale 0\.35"):
        exact_multiplier(0.35, accumulator_bound=1 << 20, output_bound=255)


def test_a_scale_that_leaves_nothing_is_zero():
    assert exact_multiplier(1e-12, accumulator_bound=1 << 20, output_bound=255) == (0, 0)
    assert exact_multiplier(0.5, accumulator_bound=0, output_bound=255) == (0, 0)


def test_the_short_form_for_c_is_the_same():
    accumulators = np.arange(-5000, 5001)
    for multiplier, shift in ((1 << 30, 0), (1 << 30, -3), (1518500250, -9), (3, 20)):
        right = 31 - shift
        short = (accumulators * multiplier + (1 << (right - 1)) - (accumulators < 0)) >> right
        np.testing.assert_array_equal(short, requantise_once(accumulators, multiplier, shift))


def test_halves_round_away_from_zero():
    multiplier, shift = exact_multiplier(0.5, accumulator_bound=1000, output_bound=255)
    assert requantise_once([-3, -1, 1, 3], multiplier, shift).tolist() == [-2, -1, 1, 2]
