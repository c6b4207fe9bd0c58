"""Wrong use of a layer is a ValueError at build: a sentence that names the layer, what is wrong and the way out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import edgeattn.layers  # noqa: E402


class Wrong(NamedTuple):
    """A layer that is refused, and words of the refusal: what is wrong, then the way out."""

    layer: str
    options: dict[str, Any]
    shape: tuple[int | None, ...]
    words: tuple[str, str]


MAP = (None, 6, 4, 8)
VECTOR, OPEN = (None, 8), (None, None, None, 8)
NOT_DIVIDED = "does not divide its 8 channels", "1, 2, 4, 8"
NOT_WHOLE = "=", "whole number, 1 or more"
WRONG = (
    *(
        Wrong(layer, {}, shape, ("reads maps (batch, height, width, channels)", "Reshape"))
        for layer in ("SqueezeExcite", "CBAM", "CoordinateAttention", "GlobalContext", "DistanceSpatialAttention")
        for shape in (VECTOR, (None, 6, 8), (None, 2, 6, 4, 8), (None,))
    ),
    *(
        Wrong(layer, {}, (None, 6, 4, None), ("channels are open", "give the Input its channels"))
        for layer in ("SqueezeExcite", "EfficientChannelAttention", "SpatialAttention", "SelfAttention2D")
    ),
    *(
        Wrong(layer, {}, shape, ("height and width must be known", "fixed height and width"))
        for layer in ("GlobalContext", "SelfAttention2D", "DistanceSpatialAttention")
        for shape in (OPEN, (None, 6, None, 8), (None, None, 4, 8))
    ),
    *(
        Wrong(layer, {"ratio": 3}, MAP, NOT_DIVIDED)
        for layer in ("SqueezeExcite", "ChannelAttention", "CBAM", "CoordinateAttention", "GlobalContext")
    ),
    *(
        Wrong(layer, {"ratio": ratio}, MAP, NOT_WHOLE)
        for layer in ("SqueezeExcite", "SelfAttention2D", "DistanceSpatialAttention")
        for ratio in (0, -2, 1.5, "4", None, True)
    ),
    Wrong("SelfAttention2D", {"ratio": 16}, MAP, NOT_DIVIDED),
    Wrong("SelfAttention2D", {"num_heads": 3}, MAP, ("num_heads=3, unevenly", "num_heads that divides")),
    Wrong("SelfAttention2D", {"num_heads": 0}, MAP, NOT_WHOLE),
    Wrong("SelfAttention2D", {"pool_size": 4}, MAP, ("does not divide its map of 6 x 4", "common divisor")),
    Wrong("SelfAttention2D", {}, (None, 64, 64, 8), ("compares 4096 positions", "pool_size")),
    Wrong("DistanceSpatialAttention", {}, (None, 96, 96, 8), ("84934656 bytes of RAM", "where the map is smaller")),
    Wrong("DistanceSpatialAttention", {"pool_size": 5}, MAP, ("does not divide its map", "common divisor")),
    Wrong("DistanceSpatialAttention", {"slope": -1.0}, MAP, ("slope=-1.0", "a number above 0")),
    Wrong("DistanceSpatialAttention", {"slope": float("nan")}, MAP, ("slope=nan", "a number above 0")),
    Wrong("DistanceSpatialAttention", {"metric": "taxi"}, MAP, ("no metric 'taxi'", "euclidean, manhattan")),
    Wrong("DistanceSpatialAttention", {"fusion": "concat"}, MAP, ("no fusion 'concat'", "residual, scale")),
    Wrong("GlobalContext", {"fusion": None}, MAP, ("no fusion None", "residual, scale")),
    *(
        Wrong(layer, {"kernel_size": 4}, MAP, ("even kernel_size=4", "3 or 5"))
        for layer in ("EfficientChannelAttention", "SpatialAttention", "CBAM")
    ),
    Wrong("EfficientChannelAttention", {"kernel_size": -1}, MAP, NOT_WHOLE),
    Wrong("EfficientChannelAttention", {"gamma": 0}, MAP, ("gamma=0", "a number above 0")),
    *(
        Wrong(layer, {"gate": gate}, MAP, (f"no gate {gate!r}", "sigmoid, hard_sigmoid"))
        for layer in ("SqueezeExcite", "EfficientChannelAttention", "ChannelAttention", "SpatialAttention", "CBAM")
        for gate in ("tanh", None, ["sigmoid"])
    ),
    Wrong("SpatialAttention", {"gate": "softmax"}, MAP, ("no gate 'softmax'", "sigmoid")),
    Wrong("SqueezeExcite", {"activation": "gelu"}, MAP, ("no activation 'gelu'", "relu, relu6")),
    Wrong("SqueezeExcite", {"squeeze": "min"}, MAP, ("no squeeze 'min'", "mean, max")),
    Wrong("SqueezeExcite", {"projection": "linear"}, MAP, ("no projection 'linear'", "dense, convolution")),
    Wrong("SqueezeExcite", {"clip": 0}, MAP, ("clip=0", "a number above 0")),
    Wrong("SqueezeExcite", {"clip": "4"}, MAP, ("clip='4'", "a number above 0")),
)


def name_of(wrong: Wrong) -> str:
    return f"{wrong.layer}-{wrong.options}-{wrong.shape}"


@pytest.mark.parametrize("wrong", WRONG, ids=name_of)
def test_wrong_use_is_refused_in_one_sentence(wrong):
    layer = getattr(edgeattn.layers, wrong.layer)(**wrong.options, name="attention_7")
    with pytest.raises(ValueError, match="attention_7") as refused:
        layer.build(wrong.shape)
    sentence = str(refused.value)
    assert sentence.startswith(f"layer 'attention_7' ({wrong.layer}) ")
    assert "\n" not in sentence
    problem, way_out = sentence.rsplit(": ", 1)
    assert wrong.words[0] in problem
    assert wrong.words[1] in way_out


def test_a_refusal_reaches_who_builds_a_network():
    image = keras.Input((6, 4, 6))
    with pytest.raises(ValueError, match=r"^layer 'gate' \(SqueezeExcite\) has ratio=4, which does not divide"):
        edgeattn.layers.SqueezeExcite(name="gate")(image)
    with pytest.raises(ValueError, match=r"^layer 'gate' \(SqueezeExcite\) has ratio=4, which does not divide"):
        keras.Sequential([image, edgeattn.layers.SqueezeExcite(name="gate")])


@pytest.mark.parametrize("layer", ["SelfAttention2D", "DistanceSpatialAttention", "GlobalContext", "SqueezeExcite"])
def test_a_layer_built_for_one_shape_is_not_called_on_another(layer):
    attention = getattr(edgeattn.layers, layer)(name="shared")
    attention(np.zeros((1, 6, 4, 8), np.float32))
    with pytest.raises(ValueError, match="shared"):
        attention(np.zeros((1, 6, 4, 16), np.float32))
