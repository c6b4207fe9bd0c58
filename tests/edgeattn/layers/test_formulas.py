"""Every layer computes what its paper says."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import edgeattn.layers  # noqa: E402
from edgeattn.layers.efficient_channel_attention import adaptive_kernel_size  # noqa: E402
from tests.edgeattn.layers.cases import CASES, Case, shake  # noqa: E402
from tests.edgeattn.layers.papers import FORMULAS  # noqa: E402

LAYERS = [name for name in vars(edgeattn.layers) if inspect.isclass(vars(edgeattn.layers)[name])]


def made(case: Case):
    return getattr(edgeattn.layers, case.layer)(**case.options, name="attention")


def weights_of(layer) -> dict:
    """By their names below the layer's own."""
    return {weight.path.removeprefix("attention/"): weight.numpy().astype(np.float64) for weight in layer.weights}


def maps(case: Case, seed: int = 3, batch: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (batch, *case.shape)).astype(np.float32)


def test_every_layer_has_a_formula_and_a_case():
    assert set(LAYERS) == set(FORMULAS) == {case.layer for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_layer_computes_the_formula(case):
    layer, x = made(case), maps(case)
    layer.build(x.shape)
    shake(layer)
    expected = FORMULAS[case.layer](x.astype(np.float64), weights_of(layer), **case.options)
    assert np.abs(expected - x).max() > 0.1  # attention did something
    np.testing.assert_allclose(np.asarray(layer(x)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_shape_stays_and_the_config_rebuilds_the_layer(case):
    layer = made(case)
    output = layer(keras.Input(case.shape))
    assert output.shape == layer.compute_output_shape((None, *case.shape)) == (None, *case.shape)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert layer.get_config() == {**layer.get_config(), **case.options}
    again.build((None, *case.shape))
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in layer.weights]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_weight_learns(layer):
    case = Case(layer)
    model = keras.Sequential([keras.Input(case.shape), made(case)])
    shake(model.layers[0])
    before = [weight.numpy() for weight in model.trainable_weights]
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x = maps(case, batch=8)
    model.fit(x, np.roll(x, 1, axis=2), epochs=2, batch_size=4, verbose=0)
    after = [weight.numpy() for weight in model.trainable_weights]
    assert all(np.abs(new - old).max() > 0 for new, old in zip(after, before, strict=True))
    assert all(np.isfinite(weight).all() for weight in after)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_kernel_options_reach_every_kernel(layer):
    case = Case(layer, {"kernel_initializer": "zeros", "kernel_regularizer": keras.regularizers.L2(0.5)})
    attention = made(case)
    attention.build((None, *case.shape))
    kernels = [weight for weight in attention.weights if weight.name == "kernel"]
    assert kernels
    assert all(not np.asarray(kernel).any() for kernel in kernels)
    assert all(kernel.regularizer.l2 == pytest.approx(0.5) for kernel in kernels)


def test_kernels_of_one_layer_do_not_start_alike():
    attention = edgeattn.layers.SelfAttention2D()
    attention.build((None, 4, 4, 8))
    assert not np.array_equal(np.asarray(attention.query.kernel), np.asarray(attention.key.kernel))


@pytest.mark.parametrize("layer", LAYERS)
def test_half_precision_is_kept(layer):
    case = Case(layer, {"dtype": "mixed_float16"})
    attention = made(case)
    assert keras.backend.standardize_dtype(attention(maps(case)).dtype) == "float16"
    assert {weight.dtype for weight in attention.weights} == {"float32"}


OPEN = ("SqueezeExcite", "EfficientChannelAttention", "ChannelAttention", "SpatialAttention", "CBAM")


@pytest.mark.parametrize("layer", [*OPEN, "CoordinateAttention"])
def test_height_and_width_may_be_open(layer):
    case = Case(layer)
    image = keras.Input((None, None, case.shape[-1]))
    attention = made(case)
    model = keras.Model(image, attention(image))
    shake(attention)
    x = maps(case)
    expected = FORMULAS[layer](x.astype(np.float64), weights_of(attention))
    np.testing.assert_allclose(np.asarray(model(x)), expected, rtol=1e-4, atol=1e-4)
    model.compile("sgd", "mse")
    assert np.isfinite(model.train_on_batch(x, x))


# The table of the paper's sizes: channels, kernel size.
SIZES = ((1, 1), (4, 1), (8, 3), (16, 3), (64, 3), (128, 5), (256, 5), (512, 5), (2048, 7))


@pytest.mark.parametrize(("channels", "size"), SIZES)
def test_the_adaptive_kernel_grows_with_the_channels(channels, size):
    assert adaptive_kernel_size(channels) == size


def test_rows_and_columns_share_one_normalisation_in_training():
    layer, x = made(Case("CoordinateAttention")), maps(Case("CoordinateAttention"), batch=4)
    layer.build(x.shape)
    shake(layer)
    weights = weights_of(layer)
    layer(x, training=True)
    both = np.concatenate([x.mean(2), x.mean(1)], axis=1) @ weights["reduce/kernel"][0, 0]
    momentum = layer.norm.momentum
    expected = momentum * weights["norm/moving_mean"] + (1 - momentum) * both.mean((0, 1))
    np.testing.assert_allclose(np.asarray(layer.norm.moving_mean), expected, rtol=1e-4, atol=1e-5)


def test_a_learned_slope_never_turns_the_distance_around():
    layer = edgeattn.layers.DistanceSpatialAttention(slope=0.001)
    layer.build((None, 4, 4, 8))
    assert float(np.asarray(layer.falloff.constraint(layer.falloff - 1.0))) == 0.0
