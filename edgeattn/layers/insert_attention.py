"""Attention for a network that has none: try it on what you have."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

import keras

from edgeattn.layers.after_convolutions import after_convolutions
from edgeattn.layers.cbam import CBAM
from edgeattn.layers.channel_attention import ChannelAttention
from edgeattn.layers.coordinate_attention import CoordinateAttention
from edgeattn.layers.distance_spatial_attention import DistanceSpatialAttention
from edgeattn.layers.efficient_channel_attention import EfficientChannelAttention
from edgeattn.layers.global_context import GlobalContext
from edgeattn.layers.self_attention_2d import SelfAttention2D
from edgeattn.layers.spatial_attention import SpatialAttention
from edgeattn.layers.squeeze_excite import SqueezeExcite

KINDS = {
    kind.__name__: kind
    for kind in (
        SqueezeExcite,
        EfficientChannelAttention,
        ChannelAttention,
        SpatialAttention,
        CBAM,
        CoordinateAttention,
        GlobalContext,
        SelfAttention2D,
        DistanceSpatialAttention,
    )
}
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")

Kind = str | type
After = str | Collection[str] | type | tuple[type, ...] | Callable[[Any], bool] | None


@dataclass(frozen=True)
class _Work:
    """What is copied with what behind it; layers by their id, as a shared one is one."""

    kind: type
    options: dict[str, Any]
    chosen: frozenset[int]
    names: set[str]  # taken so far
    copies: dict[int, Any] = field(default_factory=dict)
    blocks: dict[int, Any] = field(default_factory=dict)  # by the id of the copy before it


def insert_attention(model: Any, kind: Kind, *, after: After = None, **options: Any) -> Any:
    """A copy of a model with an attention block after each chosen layer; the model itself stays as it is.

    kind: a layer of edgeattn.layers, or its name; options are its own. after: the name of a layer, names, a layer type
    or types, or a function that says yes to a layer; by default every convolution of more than 1x1, past its
    normalisation and activation. Layers, weights and types are the model's, inside of models in the model, too; a layer
    that is called twice gets one block, shared as it is. Blocks are called <layer>_<kind>. The copy is not compiled.
    Raises ValueError, in a sentence, for what cannot be copied, chosen or attended to.
    """
    _check_model(model)
    chosen = _chosen(model, after)
    names = {layer.name for owner in _models(model) for layer in owner.layers}
    work = _Work(_kind(kind), options, frozenset(map(id, chosen)), names)
    result = _rebuilt(model, work)
    for layer in _leaves(model):
        work.copies[id(layer)].set_weights(layer.get_weights())
    return result


def _kind(kind: Kind) -> type:
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind]
    if isinstance(kind, type) and issubclass(kind, keras.layers.Layer):
        return kind
    raise ValueError(f"insert_attention knows no kind {kind!r}: give a layer class, or one of {', '.join(KINDS)}")


def _check_model(model: Any) -> None:
    if not isinstance(model, keras.Model):
        raise ValueError(f"insert_attention copies Keras models, not a {type(model).__name__}: give it a keras.Model")
    if _is_graph(model):
        return
    if isinstance(model, keras.Sequential):
        raise ValueError(f"model {model.name!r} was never built: start it with a keras.Input, or call it once on data")
    raise ValueError(
        f"model {model.name!r} is a subclass of Model, whose layers nobody can list in their order: build it with "
        "keras.Sequential or as keras.Model(inputs, outputs)"
    )


def _is_graph(layer: Any) -> bool:
    """It is made of layers that can be called anew one by one."""
    return isinstance(layer, keras.Model) and bool(getattr(layer, "inputs", None))


def _models(model: Any) -> Iterator[Any]:
    """The model and those inside of it."""
    yield model
    for layer in model.layers:
        if _is_graph(layer):
            yield from _models(layer)


def _leaves(model: Any) -> Iterator[Any]:
    for owner in _models(model):
        yield from (layer for layer in _inner(owner) if not _is_graph(layer))


def _inner(model: Any) -> list[Any]:
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def _chosen(model: Any, after: After) -> list[Any]:
    layers = [layer for owner in _models(model) for layer in _inner(owner)]
    if after is None:
        found = [layer for owner in _models(model) for layer in after_convolutions(owner)]
    else:
        _check_names(after, layers, model)
        found = [layer for layer in layers if _is_wanted(layer, after)]
    if not found:
        raise ValueError(f"model {model.name!r} has no layer to put attention after: name one with after=")
    for layer in found:
        _check_output(layer)
    return found


def _check_names(after: After, layers: list[Any], model: Any) -> None:
    names = [layer.name for layer in layers]
    for wanted in _wanted_names(after):
        if wanted not in names:
            near = get_close_matches(wanted, names) or names[:5]
            raise ValueError(f"model {model.name!r} has no layer {wanted!r} to put attention after: try {near}")


def _wanted_names(after: After) -> list[str]:
    if isinstance(after, str):
        return [after]
    if isinstance(after, Collection):
        return [item for item in after if isinstance(item, str)]
    return []


def _is_wanted(layer: Any, after: After) -> bool:
    if isinstance(after, type):
        return isinstance(layer, after)
    if isinstance(after, str | Collection):
        return layer.name in _wanted_names(after) or any(isinstance(layer, t) for t in after if isinstance(t, type))
    if callable(after):
        return bool(after(layer))
    raise ValueError(f"insert_attention cannot choose by after={after!r}: give names, layer types or a function")


def _check_output(layer: Any) -> None:
    shapes = [tuple(tensor.shape) for tensor in keras.tree.flatten(layer.output)]
    if len(shapes) != 1 or len(shapes[0]) != 4:
        raise ValueError(
            f"layer {layer.name!r} ({type(layer).__name__}) gives {' and '.join(map(str, shapes))}, not one map "
            "(batch, height, width, channels): leave it out of after="
        )


def _rebuilt(model: Any, work: _Work) -> Any:
    if isinstance(model, keras.Sequential):
        return _rebuilt_row(model, work)
    plain = keras.Model(model.input, model.output, name=model.name)  # not compiled, and with Keras' own get_config
    return keras.models.clone_model(
        plain, clone_function=partial(_copied, work=work), call_function=partial(_called, work=work)
    )


def _rebuilt_row(model: Any, work: _Work) -> Any:
    (start,) = model.inputs
    row = [keras.Input(batch_shape=start.shape, dtype=start.dtype, name=start.name)]
    for layer in _inner(model):
        copy = _copied(layer, work)
        row += [copy, work.blocks[id(copy)]] if id(copy) in work.blocks else [copy]
    return keras.Sequential(row, name=model.name)


def _copied(layer: Any, work: _Work) -> Any:
    if id(layer) in work.copies:
        return work.copies[id(layer)]
    copy = _rebuilt(layer, work) if _is_graph(layer) else _again(layer)
    work.copies[id(layer)] = copy
    if id(layer) in work.chosen:
        work.blocks[id(copy)] = _block(layer, work)
    return copy


def _again(layer: Any) -> Any:
    try:
        return type(layer).from_config(layer.get_config())
    except Exception as error:  # whatever a layer's own code raises
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"layer {layer.name!r} ({type(layer).__name__}) cannot be copied from its config ({reason}): "
            "give its class a get_config that holds the arguments of its constructor"
        ) from error


def _block(layer: Any, work: _Work) -> Any:
    name = plain = f"{layer.name}_{WORDS.sub('_', work.kind.__name__).lower()}"
    number = 1
    while name in work.names:
        number += 1
        name = f"{plain}_{number}"
    work.names.add(name)
    return work.kind(**{"dtype": layer.dtype_policy, **work.options, "name": name})


def _called(layer: Any, *inputs: Any, work: _Work, **keywords: Any) -> Any:
    output = layer(*inputs, **keywords)
    return work.blocks[id(layer)](output) if id(layer) in work.blocks else output
