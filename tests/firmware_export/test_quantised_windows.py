"""Convolutions, matrix products and pools against the LiteRT reference kernels."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import quantised_math as qm
from firmware_export import quantised_windows as windows
from firmware_export.quantised_math import Affine
from tests.affines import AFFINES, affines, constant_int, random_int8, scales, tensor
from tests.single_op import litert_reference, single_op

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
PER_TENSOR, PER_CHANNEL = 1, 0


@dataclass(frozen=True)
class Layer:
    """A convolution; groups == channels with `units` a channel is what DEPTHWISE_CONV_2D also does."""

    size: tuple[int, int]
    channels: int
    units: int
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "VALID"
    groups: int = 1
    activation: str = "NONE"


LAYERS = (
    Layer((1, 1), 1, 1),
    Layer((3, 5), 4, 7),
    Layer((5, 7), 3, 5, kernel=(3, 3), padding="SAME"),
    Layer((5, 7), 3, 5, kernel=(3, 3), stride=(2, 2), padding="SAME", activation="RELU6"),
    Layer((6, 6), 3, 2, kernel=(3, 3), stride=(2, 2), padding="SAME", activation="RELU"),
    Layer((9, 8), 2, 3, kernel=(4, 2), stride=(3, 1), padding="SAME"),
    Layer((9, 8), 2, 3, kernel=(4, 2), stride=(1, 3)),
    Layer((7, 9), 3, 4, kernel=(3, 2), dilation=(2, 3), padding="SAME", activation="RELU_N1_TO_1"),
    Layer((7, 9), 3, 4, kernel=(3, 2), dilation=(2, 3)),
    Layer((2, 2), 1, 1, kernel=(5, 5), padding="SAME"),
    Layer((5, 5), 6, 4, kernel=(3, 3), padding="SAME", groups=2),
    Layer((5, 5), 3, 6, kernel=(3, 3), groups=3),
    Layer((49, 10), 1, 8, kernel=(10, 4), stride=(2, 2), padding="SAME"),
    Layer((3, 3), 65, 3, kernel=(2, 2)),
)


def weight_scales(seed, count):
    """Some powers of two among them: they make ties."""
    rng = np.random.default_rng(seed)
    random = 10 ** rng.uniform(-3, -1, count)
    powers = 2.0 ** rng.integers(-9, -3, count)
    return tuple(np.where(rng.random(count) < 0.5, random, powers).astype(np.float32).tolist())


def bias_of(units, seed=3):
    return np.random.default_rng(seed).integers(-5000, 5000, units).astype(np.int32)


def bias_spec(bias, x, scales):
    return constant_int(bias, tuple((np.float32(x.scale) * np.float32(scales)).tolist()))


def options_of(layer):
    return {
        "padding": layer.padding,
        "strides": layer.stride,
        "dilations": layer.dilation,
        "activation": layer.activation,
    }


def check_convolution(name, layer, x_affine, output, scales):
    x = random_int8(1, 2, *layer.size, layer.channels)
    view = windows.geometry(layer.padding, layer.size, layer.kernel, layer.stride, layer.dilation)
    if name == "CONV_2D":
        weights, axis = random_int8(2, layer.units, *layer.kernel, layer.channels // layer.groups), 0
        accumulate, options = windows.conv_accumulate, options_of(layer)
    else:
        weights, axis = random_int8(2, 1, *layer.kernel, layer.channels * layer.units), 3
        accumulate, options = windows.depthwise_accumulate, options_of(layer) | {"multiplier": layer.units}
    weights = np.maximum(weights, -127)
    bias = bias_of(weights.shape[axis])
    accumulators = accumulate(x, weights, bias, input_zero_point=x_affine.zero_point, windows=view)
    clamp = qm.activation_clamp(layer.activation, output)
    ours = qm.convolution_output(accumulators, qm.convolution_parameters(x_affine, scales, output, clamp))
    constants = [constant_int(weights, scales, axis), bias_spec(bias, x_affine, scales)]
    model = single_op(name, [tensor(x.shape, x_affine), *constants], tensor(ours.shape, output), **options)
    np.testing.assert_array_equal(ours, litert_reference(model, [x])[0])


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("per", [PER_TENSOR, PER_CHANNEL], ids=["tensor", "channel"])
def test_convolution_matches(layer, per):
    for seed, x in enumerate(AFFINES):
        scales = weight_scales(seed, per or layer.units)
        check_convolution("CONV_2D", layer, x, Affine(x.scale * 2.0, -x.zero_point - 1), scales)


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer.groups == 1], ids=str)
@pytest.mark.parametrize("per", [PER_TENSOR, PER_CHANNEL], ids=["tensor", "channel"])
def test_depthwise_convolution_matches(layer, per):
    for seed, x in enumerate(AFFINES):
        scales = weight_scales(seed, per or layer.units * layer.channels)
        check_convolution("DEPTHWISE_CONV_2D", layer, x, Affine(x.scale / 2.0, -x.zero_point - 1), scales)


@pytest.mark.parametrize("name", ["CONV_2D", "DEPTHWISE_CONV_2D"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(affines(1e-3, 10), scales(1e-9, 1e3), st.integers(-128, 127), st.integers(0, 2**32))
def test_convolutions_match_for_any_scale(name, x, output_scale, zero_point, seed):
    layer = Layer((3, 4), 3, 2, kernel=(2, 2))
    check_convolution(name, layer, x, Affine(output_scale, zero_point), weight_scales(seed, 1))


@dataclass(frozen=True)
class Product:
    """A fully connected layer."""

    depth: int
    units: int
    per_channel: bool = False
    has_bias: bool = True
    weight_zero_point: int = 0
    activation: str = "NONE"


PRODUCTS = (
    Product(1, 1),
    Product(3, 2, per_channel=True),
    Product(4, 7, has_bias=False),
    Product(4, 7, per_channel=True, has_bias=False),
    Product(17, 5, weight_zero_point=-128),
    Product(17, 5, weight_zero_point=9, activation="RELU6"),
    Product(64, 10, activation="RELU"),
    Product(65, 10, per_channel=True, activation="RELU_N1_TO_1"),
    Product(640, 3, per_channel=True),
)


def check_product(product, x_affine, output, scales):
    x = random_int8(4, 64, product.depth)
    weights = random_int8(5, product.units, product.depth)
    bias = bias_of(product.units) if product.has_bias else None
    zero_points = {"input_zero_point": x_affine.zero_point, "weight_zero_point": product.weight_zero_point}
    accumulators = windows.fully_connected_accumulate(x, weights, bias, **zero_points)
    bounds = windows.accumulator_bounds(weights, bias, **zero_points)
    assert np.all(np.abs(accumulators).max(axis=0) <= bounds)
    clamp = qm.activation_clamp(product.activation, output)
    parameters = qm.fully_connected_parameters(x_affine, scales, output, bounds=bounds, clamp=clamp)
    ours = qm.fully_connected_output(accumulators, parameters)
    constants = [
        constant_int(weights, scales, zero_point=product.weight_zero_point),
        None if bias is None else bias_spec(bias, x_affine, scales),
    ]
    operands = [tensor(x.shape, x_affine), *constants]
    model = single_op("FULLY_CONNECTED", operands, tensor(ours.shape, output), activation=product.activation)
    np.testing.assert_array_equal(ours, litert_reference(model, [x])[0])


@pytest.mark.parametrize("product", PRODUCTS, ids=str)
def test_fully_connected_matches(product):
    for seed, x in enumerate(AFFINES):
        scales = weight_scales(seed, product.units if product.per_channel else 1)
        check_product(product, x, Affine(x.scale * 4.0, -x.zero_point - 1), scales)


@pytest.mark.parametrize("per_channel", [False, True])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(affines(1e-3, 10), scales(1e-2, 1e3), st.integers(-128, 127), st.integers(0, 2**32))
def test_fully_connected_matches_for_any_scale(per_channel, x, output_scale, zero_point, seed):
    product = Product(9, 6, per_channel)
    check_product(product, x, Affine(output_scale, zero_point), weight_scales(seed, 6 if per_channel else 1))


def test_fully_connected_rounds_halves_away_from_zero_and_convolution_does_not():
    accumulators = np.array([[-3, -1, 1, 3]])
    x, output = Affine(0.5, 0), Affine(1.0, 0)
    once = qm.fully_connected_parameters(x, (1.0,), output, bounds=[3], clamp=qm.INT8)
    twice = qm.convolution_parameters(x, (1.0,), output, qm.INT8)
    assert qm.fully_connected_output(accumulators, once).tolist() == [[-2, -1, 1, 2]]
    assert qm.convolution_output(accumulators, twice).tolist() == [[-1, 0, 1, 2]]


def test_products_that_could_leave_int32_are_refused():
    with pytest.raises(ValueError, match="too fine"):
        qm.fully_connected_parameters(Affine(1.0, 0), (1.0,), Affine(2.0**-12, 0), bounds=[1 << 20], clamp=qm.INT8)


POOLS = tuple(layer for layer in LAYERS if layer.dilation == (1, 1) and layer.groups == 1)


@pytest.mark.parametrize(
    ("name", "formula"), [("AVERAGE_POOL_2D", windows.average_pool), ("MAX_POOL_2D", windows.max_pool)]
)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layer", POOLS, ids=str)
def test_pools_match(name, formula, activation, layer):
    for seed, affine in enumerate(AFFINES):
        x = random_int8(seed, 2, *layer.size, layer.channels)
        view = windows.geometry(layer.padding, layer.size, layer.kernel, layer.stride)
        ours = formula(x, view, qm.activation_clamp(activation, affine))
        options = {"padding": layer.padding, "strides": layer.stride, "filter": layer.kernel, "activation": activation}
        model = single_op(name, [tensor(x.shape, affine)], tensor(ours.shape, affine), **options)
        np.testing.assert_array_equal(ours, litert_reference(model, [x])[0])
