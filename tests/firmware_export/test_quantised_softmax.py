"""Softmax against the LiteRT reference kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export.quantised_math import Affine
from firmware_export.quantised_softmax import exponential_table, softmax, softmax_parameters
from tests.affines import ALL_INT8, random_int8, scales, tensor
from tests.single_op import litert_reference, single_op

OUTPUT = Affine(1 / 256, -128)


def check(x, scale, beta):
    model = single_op("SOFTMAX", [tensor(x.shape, Affine(scale, 5))], tensor(x.shape, OUTPUT), beta=beta)
    np.testing.assert_array_equal(softmax(x, softmax_parameters(scale, beta)), litert_reference(model, [x])[0])


@pytest.mark.parametrize("shape", [(1,), (2,), (10,), (3, 1), (2, 3, 5), (1, 4, 4, 7), (1, 500), (4, 256)])
@pytest.mark.parametrize("scale", [2.0**-25, 0.001, 0.0625, 0.3, 1.0, 77.0])
def test_softmax_matches_over_shapes_and_scales(shape, scale):
    check(random_int8(1, *shape), float(np.float32(scale)), 1.0)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(scales(1e-5, 1e3), scales(1e-2, 1e2), st.integers(1, 40), st.integers(0, 2**32))
def test_softmax_matches_for_any_scale_and_beta(scale, beta, depth, seed):
    check(random_int8(seed, 5, depth), scale, beta)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scales(1e-4, 10))
def test_softmax_matches_for_every_difference(scale):
    pairs = np.stack([np.full(256, 127, np.int8), ALL_INT8], axis=1)
    check(pairs, scale, 1.0)


def test_softmax_matches_over_a_thousand_classes():
    check(random_int8(1, 3, 1000), 0.0625, 1.0)


@pytest.mark.parametrize("value", [-128, 0, 127])
def test_equal_inputs_share_the_probability(value):
    check(np.full((1, 37), value, np.int8), 0.1, 1.0)


def test_exponentials_fall_from_one_to_nothing():
    table = exponential_table(softmax_parameters(0.25, 1.0))
    assert table[0] == 2**31 - 1
    assert np.all(np.diff(table) <= 0)
    assert table / 2**31 == pytest.approx(np.exp(-0.25 * np.arange(256)), abs=1e-6)


def test_a_scale_too_fine_for_softmax_is_refused():
    with pytest.raises(ValueError, match="softmax"):
        softmax_parameters(2.0**-26, 1.0)
