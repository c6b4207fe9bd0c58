"""Small image classifiers, equal but for the attention that stands behind each of their blocks."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import layers

from edgeattn.layers import (
    CBAM,
    CoordinateAttention,
    DistanceSpatialAttention,
    EfficientChannelAttention,
    GlobalContext,
    SelfAttention2D,
    SqueezeExcite,
)

SIDE = 28
CLASSES = 10
STEM_FILTERS = 16
KEYS_SIDE = 7  # where positions look at positions, they look at 7 x 7 of them: at 14 x 14 windows are averaged


class Block(NamedTuple):
    """A depthwise separable block, attention behind it."""

    name: str
    filters: int
    stride: int


BLOCKS = (
    Block("block1", filters=24, stride=1),  # 14 x 14
    Block("block2", filters=48, stride=2),  # 7 x 7 from here
    Block("block3", filters=48, stride=1),
)

Attention = Callable[[int, str], Any]  # of the side of the map, and the layer's name


ZOO: dict[str, Attention] = {
    "none": lambda side, name: layers.Identity(name=name),
    "se_average": lambda side, name: SqueezeExcite(name=name),
    "se_max": lambda side, name: SqueezeExcite(squeeze="max", name=name),
    "se_softmax": lambda side, name: SqueezeExcite(gate="softmax", name=name),
    "se_scaled_softmax": lambda side, name: SqueezeExcite(gate="scaled_softmax", name=name),
    "eca": lambda side, name: EfficientChannelAttention(name=name),
    "cbam": lambda side, name: CBAM(name=name),
    "coordinate": lambda side, name: CoordinateAttention(name=name),
    "global_context": lambda side, name: GlobalContext(name=name),
    "distance": lambda side, name: DistanceSpatialAttention(pool_size=side // KEYS_SIDE, name=name),
    "self_attention": lambda side, name: SelfAttention2D(pool_size=side // KEYS_SIDE, name=name),
}


def build(name: str) -> keras.Model:
    """Return an untrained network of the zoo: float images (None, 28, 28, 1) in 0..1 to ten class probabilities."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Conv2D(STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="stem")(image)
    x = normalised(x, "stem")
    for block in BLOCKS:
        x = separable(x, block)
        x = ZOO[name](x.shape[1], f"{block.name}_attention")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(CLASSES, activation="softmax", name="classes")(x)
    return keras.Model(image, x, name=name)


def separable(x: keras.KerasTensor, block: Block) -> keras.KerasTensor:
    """Append depthwise -> pointwise, each normalised and clipped at 0."""
    depthwise, pointwise = f"{block.name}_depthwise", f"{block.name}_pointwise"
    x = layers.DepthwiseConv2D(3, block.stride, padding="same", use_bias=False, name=depthwise)(x)
    x = normalised(x, depthwise)
    x = layers.Conv2D(block.filters, 1, use_bias=False, name=pointwise)(x)
    return normalised(x, pointwise)


def normalised(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Append a batch normalisation, which int8 folds into the convolution before it, and a ReLU."""
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
