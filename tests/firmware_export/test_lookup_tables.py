"""Each table against the LiteRT reference kernel on all 256 inputs."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firmware_export import lookup_tables as tables
from firmware_export.quantised_math import Affine
from tests.affines import AFFINES, ALL_INT8, affines, scales, tensor
from tests.single_op import TensorSpec, litert_reference, single_op

RELUS = ("RELU", "RELU6", "RELU_N1_TO_1")
OF_TWO = {
    "TANH": tables.tanh_table,
    "HARD_SWISH": tables.hard_swish_table,
    "QUANTIZE": tables.quantize_table,
    **{name: lambda x, output, name=name: tables.relu_table(x, output, name) for name in RELUS},
}


def reference(name, x, output):
    return litert_reference(single_op(name, [tensor((256,), x)], tensor((256,), output)), [ALL_INT8])[0]


def accepted(name, x, output):
    return name != "HARD_SWISH" or tables.hard_swish_parameters(x, output).output_exponent <= 0


@pytest.mark.parametrize("name", OF_TWO)
@pytest.mark.parametrize("x", AFFINES)
def test_tables_match_under_every_pair_of_quantisations(name, x):
    for output in AFFINES:
        if accepted(name, x, output):
            np.testing.assert_array_equal(OF_TWO[name](x, output), reference(name, x, output), f"{output}")


@pytest.mark.parametrize("name", OF_TWO)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(affines(), affines())
def test_tables_match_under_any_quantisation(name, x, output):
    assume(accepted(name, x, output))
    np.testing.assert_array_equal(OF_TWO[name](x, output), reference(name, x, output))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(affines(1e-6, 1e6), st.integers(-128, 127))
def test_logistic_matches_under_any_input(x, zero_point):
    output = Affine(1 / 256, zero_point)
    np.testing.assert_array_equal(tables.logistic_table(x, output), reference("LOGISTIC", x, output))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(affines(1e-6, 1e6))
def test_tanh_matches_with_the_output_the_converter_gives_it(x):
    output = Affine(1 / 128, 0)
    np.testing.assert_array_equal(tables.tanh_table(x, output), reference("TANH", x, output))


@pytest.mark.parametrize("scale", [0.00830291584, 0.0203967988])
def test_tanh_matches_in_the_last_bit_of_the_c_library(scale):
    x, output = Affine(float(np.float32(scale)), 3), Affine(1 / 128, 0)
    np.testing.assert_array_equal(tables.tanh_table(x, output), reference("TANH", x, output))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(scales(0.01, 1), scales(0.001, 1), st.integers(-128, 127), st.integers(-128, 127))
def test_hard_swish_matches_where_networks_use_it(x_scale, output_scale, x_zero_point, output_zero_point):
    x, output = Affine(x_scale, x_zero_point), Affine(output_scale, output_zero_point)
    assume(accepted("HARD_SWISH", x, output))
    np.testing.assert_array_equal(tables.hard_swish_table(x, output), reference("HARD_SWISH", x, output))


@pytest.mark.parametrize("exponent", [-14, -15, -16, -17, -24])
def test_hard_swish_with_an_output_too_coarse_never_rounds_to_zero_beyond_15_bits(exponent):
    x, output = Affine(1.0, 0), Affine(2.0 ** (-7 - exponent), 0)
    np.testing.assert_array_equal(tables.hard_swish_table(x, output), reference("HARD_SWISH", x, output))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(affines(1e-30, 1e30))
def test_dequantize_matches(x):
    model = single_op("DEQUANTIZE", [tensor((256,), x)], TensorSpec((256,), "float32"))
    np.testing.assert_array_equal(tables.dequantize_table(x), litert_reference(model, [ALL_INT8])[0])


def test_looking_up_starts_at_the_lowest_value():
    table = np.arange(-128, 128).astype(np.int8)[::-1]
    assert tables.look_up(np.array([[-128, 0, 127]], np.int8), table).tolist() == [[127, -1, -128]]
