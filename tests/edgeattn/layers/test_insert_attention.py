"""Attention goes into a network that has none, and the rest of the network stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from edgeattn.layers import SqueezeExcite, insert_attention  # noqa: E402
from edgeattn.layers.insert_attention import KINDS  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras with NumPy 2

layers = keras.layers
SIDE = 8


def block(x, name: str):
    """Depthwise, pointwise, each with normalisation and activation."""
    for part, made in (("depthwise", layers.DepthwiseConv2D(3, padding="same")), ("pointwise", layers.Conv2D(8, 1))):
        x = type(made).from_config({**made.get_config(), "name": f"{name}_{part}"})(x)
        x = layers.BatchNormalization(name=f"{name}_{part}_norm")(x)
        x = layers.ReLU(name=f"{name}_{part}_relu")(x)
    return x


def mobilenet() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="stem")(image)
    x = block(block(x, "first"), "second")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(4, name="classes")(x), name="mobilenet")


def residual() -> keras.Model:
    """The sum must read the normalised convolution, and the shortcut must not read attention."""
    image = keras.Input((SIDE, SIDE, 8), name="image")
    x = layers.Conv2D(8, 3, padding="same", name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Add(name="sum")([image, x])
    return keras.Model(image, layers.Conv2D(2, 3, name="segments")(x), name="residual")


def row() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3), name="image"),
            layers.Conv2D(8, 3, name="conv"),
            layers.ReLU(name="relu"),
            layers.Flatten(name="flat"),
            layers.Dense(3, name="classes"),
        ],
        name="row",
    )


def shared() -> keras.Model:
    left, right = keras.Input((SIDE, SIDE, 3), name="left"), keras.Input((SIDE, SIDE, 3), name="right")
    convolve = layers.Conv2D(8, 3, activation="relu", name="both")
    x = layers.Subtract(name="difference")([convolve(left), convolve(right)])
    return keras.Model([left, right], layers.Flatten(name="flat")(x), name="shared")


def nested() -> keras.Model:
    """A network in a network, called twice, and a row in it; outputs and inputs under names of their own."""
    inner_image = keras.Input((SIDE, SIDE, 8), name="inner_image")
    inner = keras.Model(inner_image, block(inner_image, "inner"), name="inner")
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="stem")(image)
    x = inner(inner(x))
    head = keras.Sequential(
        [keras.Input((SIDE, SIDE, 8)), layers.Conv2D(4, 3, name="deep"), layers.ReLU()], name="head"
    )
    outputs = {"map": head(x), "means": layers.GlobalAveragePooling2D(name="pool")(x * 2.0)}
    return keras.Model({"image": image}, outputs, name="nested")


MODELS = {
    mobilenet: ["stem", "first_depthwise_relu", "second_depthwise_relu"],
    residual: ["norm"],
    row: ["relu"],
    shared: ["both"],
    nested: ["stem", "inner_depthwise_relu"],
}
SUFFIX = "_squeeze_excite"


def leaves(model) -> dict:
    found = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= leaves(layer)
        else:
            found[layer.name] = layer
    return found


def with_weights(make):
    keras.utils.set_random_seed(3)
    model = make()
    random = np.random.default_rng(3)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1.0, weight.shape) if "variance" in weight.path else weight)
    return model


def inputs_of(model, seed: int = 5):
    random = np.random.default_rng(seed)
    wanted = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    return keras.tree.map_structure(
        lambda tensor: random.normal(0, 1, (2, *tensor.shape[1:])).astype(np.float32), wanted
    )


def open_gates(model) -> None:
    """Blocks that multiply by 1, nearly: what is left is the network that was."""
    for name, layer in leaves(model).items():
        if name.endswith(SUFFIX):
            layer.expand.kernel.assign(layer.expand.kernel * 0)
            layer.expand.bias.assign(layer.expand.bias + 30)


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_the_network_is_the_same_but_for_the_blocks(make):
    model = with_weights(make)
    again = insert_attention(model, SqueezeExcite)
    added = [f"{name}{SUFFIX}" for name in MODELS[make]]
    assert set(leaves(again)) == {*leaves(model), *added}
    assert again.name == model.name
    for name, layer in leaves(model).items():
        for old, new in zip(layer.get_weights(), leaves(again)[name].get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    assert [tensor.name for tensor in again.inputs] == [tensor.name for tensor in model.inputs]
    x = inputs_of(model)
    keras.tree.assert_same_structure(model(x), again(x))
    before, attended = (keras.tree.flatten(network(x)) for network in (model, again))
    assert all(np.abs(np.asarray(a) - np.asarray(b)).max() > 1e-3 for a, b in zip(before, attended, strict=True))
    open_gates(again)
    for a, b in zip(before, keras.tree.flatten(again(x)), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-4, atol=1e-5)


def test_the_model_itself_stays_as_it_is():
    model = with_weights(mobilenet)
    x, names = inputs_of(model), list(leaves(model))
    before = np.asarray(model(x))
    again = insert_attention(model, "CBAM")
    for weight in again.weights:
        weight.assign(weight * 0)
    assert list(leaves(model)) == names
    np.testing.assert_array_equal(np.asarray(model(x)), before)
    assert model.get_layer("stem").output.shape == (None, SIDE, SIDE, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_inserted_trained_and_saved(kind, tmp_path):
    again = insert_attention(with_weights(mobilenet), kind, after=["stem", "second_pointwise_relu"])
    again.compile("sgd", "mse")
    assert np.isfinite(again.train_on_batch(inputs_of(again), np.ones((2, 4))))
    again.save(tmp_path / "net.keras")
    assert keras.models.load_model(tmp_path / "net.keras").count_params() == again.count_params()


CHOICES = {
    "a name": ("stem", ["stem"]),
    "names": (("stem", "first_pointwise"), ["stem", "first_pointwise"]),
    "a set": ({"stem"}, ["stem"]),
    "a type": (layers.DepthwiseConv2D, ["first_depthwise", "second_depthwise"]),
    "types": ((layers.DepthwiseConv2D, layers.ReLU), None),
    "a function": (lambda layer: layer.name.startswith("first") and "relu" in layer.name, None),
}
CHOSEN = {
    "types": [
        *("first_depthwise", "first_depthwise_relu", "first_pointwise_relu"),
        *("second_depthwise", "second_depthwise_relu", "second_pointwise_relu"),
    ],
    "a function": ["first_depthwise_relu", "first_pointwise_relu"],
}


@pytest.mark.parametrize("choice", CHOICES)
def test_layers_are_chosen_by(choice):
    model = with_weights(mobilenet)
    after, names = CHOICES[choice]
    again = insert_attention(model, SqueezeExcite, after=after, ratio=2)
    expected = {f"{name}{SUFFIX}" for name in names or CHOSEN[choice]}
    assert set(leaves(again)) - set(leaves(model)) == expected
    assert all(leaves(again)[name].ratio == 2 for name in expected)


def test_attention_may_follow_a_whole_inner_model_and_come_twice():
    model = with_weights(nested)
    once = insert_attention(model, SqueezeExcite, after="inner")
    twice = insert_attention(once, SqueezeExcite, after="inner")
    assert {"inner_squeeze_excite", "inner_squeeze_excite_2"} <= set(leaves(twice))


def test_types_and_what_is_frozen_are_kept():
    image = keras.Input((SIDE, SIDE, 4))
    x = layers.Conv2D(8, 3, name="half", dtype="mixed_float16")(image)
    x = layers.Conv2D(8, 3, name="frozen")(x)
    model = keras.Model(image, layers.Flatten()(x))
    model.get_layer("frozen").trainable = False
    again = insert_attention(model, SqueezeExcite)
    assert again.get_layer("half_squeeze_excite").dtype_policy.name == "mixed_float16"
    assert again.get_layer("frozen_squeeze_excite").dtype_policy.name == "float32"
    assert not again.get_layer("frozen").trainable
    assert len(again.get_layer("frozen_squeeze_excite").trainable_weights) == 4


class Subclass(keras.Model):
    def call(self, x):
        return x


class Unsaid(keras.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        return x * self.factor


def only_dense() -> keras.Model:
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, name="fc")], name="only_dense")


def unsaid() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 4))
    return keras.Model(image, layers.Flatten()(Unsaid(2.0)(layers.Conv2D(4, 3, name="conv")(image))))


REFUSED = {
    "a kind nobody knows": (row, "Attention", {}, "no kind 'Attention': give a layer class, or one of SqueezeExcite"),
    "a subclass": (lambda: Subclass(name="free"), SqueezeExcite, {}, "'free' is a subclass of Model"),
    "an unbuilt row": (
        lambda: keras.Sequential([layers.Conv2D(4, 3)], name="late"),
        SqueezeExcite,
        {},
        "'late' was never built: start it with a keras.Input",
    ),
    "no model": (lambda: layers.Dense(3), SqueezeExcite, {}, "not a Dense: give it a keras.Model"),
    "nothing to choose": (only_dense, SqueezeExcite, {}, "no layer to put attention after: name one with after="),
    "a name that is not there": (row, SqueezeExcite, {"after": "con"}, r"no layer 'con' to put .* try \['conv'\]"),
    "an output that is no map": (row, SqueezeExcite, {"after": "flat"}, r"'flat' \(Flatten\) gives \(None, 288\)"),
    "an input": (row, SqueezeExcite, {"after": "image"}, "no layer 'image' to put attention after"),
    "a choice of no kind": (row, SqueezeExcite, {"after": 3}, "after=3: give names, layer types or a function"),
    "options that do not fit": (row, SqueezeExcite, {"ratio": 3}, r"'relu_squeeze_excite' .* ratio=3, .* 1, 2, 4, 8"),
    "a layer without a config": (
        unsaid,
        SqueezeExcite,
        {},
        r"\(Unsaid\) cannot be copied from its config .* get_config",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_in_a_sentence(case):
    make, kind, options, words = REFUSED[case]
    with pytest.raises(ValueError, match=words) as refused:
        insert_attention(make(), kind, **options)
    assert "\n" not in str(refused.value)
