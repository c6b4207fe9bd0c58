"""Each formula against the LiteRT reference kernel, byte for byte."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import quantised_math as qm
from firmware_export.quantised_math import Affine
from tests.affines import AFFINES, ALL_INT8, BOUNDARY_INT8, affines, random_int8, tensor
from tests.single_op import TensorSpec, litert_reference, single_op

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
BINARY = {
    "ADD": (qm.add_parameters, qm.add),
    "SUB": (qm.add_parameters, qm.sub),
    "MUL": (qm.mul_parameters, qm.mul),
}
INT32_EDGES = (-(2**31), -(2**31) + 1, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30, 2**31 - 1)

MULTIPLIERS = (
    # real, (multiplier, shift)
    (0.0, (0, 0)),
    (1.0, (1 << 30, 1)),
    (0.5, (1 << 30, 0)),
    (0.75, (3 << 29, 0)),
    (float(np.nextafter(1.0, 0.0)), (1 << 30, 1)),  # rounds up to 2**31
    (2.0**-32, (1 << 30, -31)),
    (float(np.nextafter(2.0**-32, 0.0)), (1 << 30, -31)),
    (2.0**-33, (0, 0)),  # all bits would be shifted out
    (3.0 * 2.0**40, (3 << 29, 42)),
)


@pytest.mark.parametrize(("real", "expected"), MULTIPLIERS)
def test_a_scale_becomes_a_multiplier_and_a_shift(real, expected):
    assert qm.quantise_multiplier(real) == expected


@given(st.floats(2.0**-31, 2.0**30))
def test_a_multiplier_and_a_shift_are_the_scale_to_31_bits(real):
    multiplier, shift = qm.quantise_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    assert multiplier * 2.0 ** (shift - 31) == pytest.approx(real, rel=2.0**-31)


@pytest.mark.parametrize("exponent", [0, 1, 2, 15, 30, 31])
def test_dividing_by_a_power_of_two_rounds_halves_away_from_zero(exponent):
    expected = [int(np.sign(x)) * ((abs(x) + (1 << exponent) // 2) >> exponent) for x in INT32_EDGES]
    assert qm.divide_by_power_of_two(INT32_EDGES, exponent).tolist() == expected


def test_rounding_twice_and_once_differ_as_they_should():
    ties = np.array([-3, -1, 1, 3])  # halves
    assert qm.requantise_once(ties, 1 << 30, 0).tolist() == [-2, -1, 1, 2]
    assert qm.requantise_twice(ties, 1 << 30, 0).tolist() == [-1, 0, 1, 2]
    assert qm.requantise_twice(ties * 2, 1 << 30, -1).tolist() == [-2, -1, 1, 2]


def test_a_left_shift_wraps_in_int32():
    assert qm.requantise_twice(np.array([1 << 30]), 1 << 30, 2).tolist() == [0]
    assert qm.requantise_twice(np.array([1 << 29]), 1 << 30, 2).tolist() == [-(1 << 30)]


def test_each_channel_has_its_own_multiplier():
    values = np.array([[100, 100], [-7, -7]])
    assert qm.requantise_twice(values, (1 << 30, 1 << 30), (1, 0)).tolist() == [[100, 50], [-7, -3]]


def binary(name, a, b, quantisations, activation="NONE"):
    a_affine, b_affine, output = quantisations
    shape = np.broadcast_shapes(a.shape, b.shape)
    operands = [tensor(a.shape, a_affine), tensor(b.shape, b_affine)]
    model = single_op(name, operands, tensor(shape, output), activation=activation)
    make, formula = BINARY[name]
    parameters = make(a_affine, b_affine, output, qm.activation_clamp(activation, output))
    return formula(a, b, parameters), litert_reference(model, [a, b])[0]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("output", AFFINES)
def test_arithmetic_matches_under_every_pair_of_quantisations(name, output):
    a, b = np.meshgrid(BOUNDARY_INT8, BOUNDARY_INT8)
    for (a_affine, b_affine), activation in zip(
        itertools.product(AFFINES, AFFINES), itertools.cycle(ACTIVATIONS), strict=False
    ):
        ours, reference = binary(name, a, b, (a_affine, b_affine, output), activation)
        np.testing.assert_array_equal(ours, reference, f"{a_affine} {b_affine} {activation}")


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(affines(1e-3, 1e2), affines(1e-3, 1e2), affines(1e-3, 1e2), st.sampled_from(ACTIVATIONS))
def test_arithmetic_matches_on_every_pair_of_values(name, a_affine, b_affine, output, activation):
    a, b = np.meshgrid(ALL_INT8, ALL_INT8)
    ours, reference = binary(name, a, b, (a_affine, b_affine, output), activation)
    np.testing.assert_array_equal(ours, reference)


SHAPES = (
    ((1, 3, 5, 7), (1, 1, 1, 7)),
    ((1, 1, 1, 7), (1, 3, 5, 7)),
    ((1, 3, 5, 7), (7,)),
    ((1, 3, 5, 1), (1, 1, 1, 2)),
    ((3,), ()),
    ((2, 1, 3, 1, 5), (1, 4, 1, 1, 5)),
)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(("a_shape", "b_shape"), SHAPES)
def test_arithmetic_broadcasts_either_operand(name, a_shape, b_shape):
    ours, reference = binary(name, random_int8(1, *a_shape), random_int8(2, *b_shape), AFFINES[:3])
    np.testing.assert_array_equal(ours, reference)


@pytest.mark.parametrize(("name", "formula"), [("MINIMUM", qm.minimum), ("MAXIMUM", qm.maximum)])
@pytest.mark.parametrize(("a_shape", "b_shape"), SHAPES)
def test_minimum_and_maximum_ignore_the_quantisations(name, formula, a_shape, b_shape):
    a, b = random_int8(1, *a_shape), random_int8(2, *b_shape)
    shape = np.broadcast_shapes(a_shape, b_shape)
    model = single_op(name, [tensor(a_shape, AFFINES[0]), tensor(b_shape, AFFINES[1])], tensor(shape, AFFINES[2]))
    np.testing.assert_array_equal(formula(a, b), litert_reference(model, [a, b])[0])


def test_a_sum_too_fine_for_its_inputs_is_refused():
    with pytest.raises(ValueError, match="too fine"):
        qm.add_parameters(Affine(1.0, 0), Affine(1.0, 0), Affine(2.0**-19, 0), qm.INT8)
    qm.add_parameters(Affine(1.0, 0), Affine(1.0, 0), Affine(2.0**-18, 0), qm.INT8)


AXES = ((0,), (1,), (3,), (1, 2), (2, 3), (1, 3), (1, 2, 3), (0, 1, 2, 3))
MEAN_SHAPES = ((1, 1, 1, 1), (1, 2, 3, 5), (1, 7, 7, 3), (2, 5, 4, 9))


@pytest.mark.parametrize("shape", MEAN_SHAPES)
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("keep_dims", [True, False])
def test_mean_matches_over_every_choice_of_axes(shape, axes, keep_dims):
    for seed, (x_affine, output) in enumerate(itertools.product(AFFINES[:5], AFFINES)):
        x = random_int8(seed, *shape)
        check_mean(x, axes, x_affine, output, keep_dims)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(affines(), affines(), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
def test_mean_matches_for_any_number_of_elements(x_affine, output, height, width, seed):
    check_mean(random_int8(seed, 1, height, width, 3), (1, 2), x_affine, output, keep_dims=True)


@pytest.mark.parametrize("value", [-128, 127])
def test_mean_of_a_constant_image_matches(value):
    x = np.full((1, 96, 96, 1), value, np.int8)
    for x_affine, output in itertools.product(AFFINES, AFFINES):
        check_mean(x, (1, 2), x_affine, output, keep_dims=False)


def check_mean(x, axes, x_affine, output, keep_dims):
    parameters = qm.mean_parameters(x_affine, output, int(np.prod([x.shape[axis] for axis in axes])))
    ours = qm.mean(x, axes, parameters, keep_dims=keep_dims)
    model = single_op("MEAN", [tensor(x.shape, x_affine)], tensor(ours.shape, output), axes=axes, keep_dims=keep_dims)
    np.testing.assert_array_equal(ours, litert_reference(model, [x])[0], f"{x_affine} {output}")


@pytest.mark.parametrize("axes", AXES)
def test_reduce_max_matches(axes):
    x = random_int8(3, 2, 5, 4, 9)
    ours = qm.reduce_max(x, axes)
    model = single_op("REDUCE_MAX", [tensor(x.shape, AFFINES[0])], tensor(ours.shape, AFFINES[0]), axes=axes)
    np.testing.assert_array_equal(ours, litert_reference(model, [x])[0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(affines(), affines())
def test_quantize_of_uint8_matches(x_affine, output):
    x = np.arange(256).astype(np.uint8)
    unsigned = Affine(x_affine.scale, x_affine.zero_point + 128)
    model = single_op("QUANTIZE", [tensor(x.shape, unsigned, "uint8")], tensor(x.shape, output))
    ours = qm.rescale(x, qm.quantize_parameters(unsigned, output))
    np.testing.assert_array_equal(ours, litert_reference(model, [x])[0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(affines(), st.integers(0, 2**32))
def test_quantize_of_floats_matches(output, seed):
    noise = np.random.default_rng(seed).normal(size=300) * 80
    steps = np.concatenate([noise, np.arange(-200, 200) / 2, [1e6, -1e6, 1e-30, -0.0]])
    x = (steps * output.scale).astype(np.float32)
    model = single_op("QUANTIZE", [TensorSpec(x.shape, "float32")], tensor(x.shape, output))
    np.testing.assert_array_equal(qm.quantise_floats(x, output), litert_reference(model, [x])[0])


def test_quantize_of_huge_floats_saturates():
    x = np.array([3e38, -3e38, np.inf, -np.inf], np.float32)
    assert qm.quantise_floats(x, Affine(1e-6, 3)).tolist() == [127, -128, 127, -128]
