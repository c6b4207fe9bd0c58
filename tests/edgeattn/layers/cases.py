"""Every layer with the options worth a test, and networks around them. Importing it needs no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

SHAPE = (6, 4, 8)


@dataclass(frozen=True)
class Case:
    """A layer by its class and options, for maps of a shape."""

    layer: str
    options: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int, int, int] = SHAPE

    def __str__(self) -> str:
        told = "-".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.layer}-{told or 'plain'}"


CASES = (
    Case("SqueezeExcite"),
    Case("SqueezeExcite", {"squeeze": "max", "gate": "hard_sigmoid", "activation": "relu6", "ratio": 2}),
    Case("SqueezeExcite", {"gate": "softmax", "clip": 4.0, "activation": "swish"}),
    Case("SqueezeExcite", {"gate": "scaled_softmax"}),
    Case("SqueezeExcite", {"projection": "convolution", "activation": "hard_swish", "use_bias": False}),
    Case("SqueezeExcite", {"clip": 1.0, "squeeze": "max", "projection": "convolution"}),
    Case("EfficientChannelAttention"),
    Case("EfficientChannelAttention", {"kernel_size": 5, "gate": "hard_sigmoid", "use_bias": True}),
    Case("EfficientChannelAttention", {"gate": "softmax"}, (3, 5, 16)),
    Case("ChannelAttention"),
    Case("ChannelAttention", {"ratio": 8, "activation": "relu6", "gate": "hard_sigmoid", "use_bias": False}),
    Case("SpatialAttention"),
    Case("SpatialAttention", {"kernel_size": 3, "gate": "hard_sigmoid", "use_bias": True}),
    Case("CBAM"),
    Case("CBAM", {"ratio": 2, "kernel_size": 3, "gate": "hard_sigmoid", "use_bias": False}),
    Case("CoordinateAttention"),
    Case("CoordinateAttention", {"use_norm": False, "activation": "relu", "gate": "hard_sigmoid", "ratio": 2}),
    Case("GlobalContext"),
    Case("GlobalContext", {"fusion": "scale", "activation": "relu6", "use_bias": False}),
    Case("GlobalContext", {"fusion": "scale", "gate": "hard_sigmoid"}),
    Case("SelfAttention2D"),
    Case("SelfAttention2D", {"num_heads": 2, "pool_size": 2}),
    Case("SelfAttention2D", {"num_heads": 4, "use_residual": False, "use_bias": False}),
    Case("DistanceSpatialAttention"),
    Case("DistanceSpatialAttention", {"learn_slope": False, "slope": 2.0, "metric": "manhattan", "ratio": 4}),
    Case("DistanceSpatialAttention", {"pool_size": 2, "metric": "chebyshev", "use_bias": False}),
    Case("DistanceSpatialAttention", {"fusion": "scale", "gate": "hard_sigmoid"}),
)


def network(case: Case, seed: int = 7) -> keras.Model:
    """A convolution, the layer with random weights, named "attention", and an end that keeps every position."""
    import keras

    import edgeattn.layers

    keras.utils.set_random_seed(seed)
    image = keras.Input((*case.shape[:2], 3), name="image")
    x = keras.layers.Conv2D(case.shape[2], 3, padding="same", activation="relu", name="stem")(image)
    x = getattr(edgeattn.layers, case.layer)(**case.options, name="attention")(x)
    model = keras.Model(image, keras.layers.Conv2D(4, 1, name="head")(x), name="net")
    shake(model.get_layer("attention"), seed)
    return model


RANGES = {  # of weights; all others: -0.8 to 0.8
    "moving_variance": (0.5, 1.5),
    "slope": (0.5, 1.5),
    "bias": (0.2, 0.8),  # or a bottleneck of two values may be dead, which int8 has no scale for
}


def shake(layer: keras.Layer, seed: int = 7) -> None:
    """Weights of a size that a trained layer may have."""
    random = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(random.uniform(*RANGES.get(weight.name, (-0.8, 0.8)), weight.shape))
