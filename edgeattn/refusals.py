"""What TensorFlow's converter cannot bring to int8, told by layer, op and way out. Runs in the child process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edgeattn.errors import UnsupportedModel
from edgeattn.models import VARIABLES, Layer
from edgeattn.tflite_file import float_ops
from firmware_export import layer_name

WITHOUT_LOOP = (
    "Conv1D over the time steps and GlobalAveragePooling1D, or give a recurrent layer one time step at a time, "
    "with unroll=True and stateful=True"
)
REPLACEMENTS = {  # of a layer by its class, of an activation by its op
    "ELU": "LeakyReLU or ReLU",
    "GroupNormalization": "LayerNormalization",
    "Conv3D": "Conv2D",
    "Conv3DTranspose": "Conv2DTranspose",
    "Embedding": "Dense on one-hot vectors",
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"), WITHOUT_LOOP),
}
OTHERS = "layers that need only ops of `edgeattn supported-ops`"
MOST_NAMED = 3


def refuse_loops(nodes: Iterable[str], layers: Sequence[Layer], name: str) -> None:
    """UnsupportedModel where there are nodes that repeat a part of a model: calibration does not survive them."""
    found = _distinct(layer_name([node], frozenset(_classes(layers))) for node in nodes)
    if found:
        raise UnsupportedModel(
            f"{name}: int8 has no loop (op WHILE) as in {_named(found, layers)}: replace it by {WITHOUT_LOOP}"
        )


def refuse_floats(tflite: bytes, made_by: Sequence[str], layers: Sequence[Layer], name: str) -> None:
    """UnsupportedModel where ops of a network that was to be int8 compute in float still.

    made_by: what computes each output, as TensorFlow calls it.
    """
    left = float_ops(tflite)
    if not left:
        return
    tensors = [[*op.tensors, *(made_by[index] for index in op.outputs if made_by[index])] for op in left]
    found = _distinct(layer_name(names, frozenset(_classes(layers))) for names in tensors)
    kinds = sorted({op.kind for op in left})
    raise UnsupportedModel(
        f"{name}: TensorFlow's converter leaves {', '.join(kinds)} of {_named(found, layers)} in float: "
        f"replace it by {_replacement(found, kinds, layers)}"
    )


def _classes(layers: Sequence[Layer]) -> dict[str, str]:
    # A SavedModel's own names stay as they are: conversion adds no number to those.
    return {layer.name: layer.kind for layer in layers if layer.kind != VARIABLES}


def _named(found: Sequence[str], layers: Sequence[Layer]) -> str:
    classes = _classes(layers)
    texts = [f"{layer!r} ({classes[layer]})" if layer in classes else repr(layer) for layer in found[:MOST_NAMED]]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"layer{'s' if len(found) > 1 else ''} {', '.join(texts)}{more}"


def _replacement(found: Sequence[str], kinds: Sequence[str], layers: Sequence[Layer]) -> str:
    classes = _classes(layers)
    words = [*(classes.get(layer, "") for layer in found), *kinds]
    return " or ".join(_distinct(REPLACEMENTS[word] for word in words if word in REPLACEMENTS)) or OTHERS


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
