"""Where attention goes if nobody says otherwise: behind every convolution that looks at neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
BELONG_TO_IT = (
    keras.layers.BatchNormalization,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
)
OUTSIDE = ""  # who reads an output of the model


def after_convolutions(model: Any) -> list[Any]:
    """The last layer of each convolution of more than 1x1, its normalisation and activation.

    What computes an output of the model is left out: classes are no features.
    """
    readers, layers = _readers(model), {layer.name: layer for layer in model.layers}
    ends = [
        _end(layer.name, readers, layers) for layer in model.layers if isinstance(layer, CONVOLUTIONS) and _looks(layer)
    ]
    return [layers[name] for name in dict.fromkeys(ends) if OUTSIDE not in readers[name]]


def _looks(layer: Any) -> bool:
    return any(size > 1 for size in layer.kernel_size)


def _end(name: str, readers: Mapping[str, list[str]], layers: Mapping[str, Any]) -> str:
    while len(readers[name]) == 1 and isinstance(layers.get(readers[name][0]), BELONG_TO_IT):
        name = readers[name][0]
    return name


def _readers(model: Any) -> dict[str, list[str]]:
    names = [layer.name for layer in model.layers]
    if isinstance(model, keras.Sequential):
        return {name: [reader] for name, reader in zip(names, [*names[1:], OUTSIDE], strict=True)}
    config = model.get_config()
    readers: dict[str, list[str]] = {name: [] for name in names}
    for layer in config["layers"]:
        for source in _sources(layer["inbound_nodes"]):
            readers.setdefault(source, []).append(layer["name"])
    for place in _places(config["output_layers"]):
        readers[place].append(OUTSIDE)
    return readers


def _sources(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "keras_history" in node:
            yield node["keras_history"][0]
        node = list(node.values())
    if isinstance(node, list | tuple):
        for item in node:
            yield from _sources(item)


def _places(node: Any) -> Iterator[str]:
    """The layers of [layer, node, tensor] at any depth."""
    if isinstance(node, dict):
        node = list(node.values())
    if node and isinstance(node[0], str):
        yield node[0]
        return
    for item in node:
        yield from _places(item)
