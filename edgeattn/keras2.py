"""Rewrite what Keras 2 put into a model's config so that Keras 3 reads it and computes the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgeattn.errors import LoadError

Config = dict[str, Any]

HARD_SIGMOID_NAME = "edgeattn>keras2_hard_sigmoid"
HARD_SIGMOID = {  # clip(0.2 x + 0.5); Keras 3 gives the old name to another function
    "module": None,
    "class_name": "function",
    "config": HARD_SIGMOID_NAME,
    "registered_name": HARD_SIGMOID_NAME,
}
NOTHING = (None, False)
ANY = ()


@dataclass(frozen=True)
class Dropped:
    """A key Keras 3 refuses. It may go where its value is one of `harmless` (ANY: whatever it is)."""

    classes: tuple[str, ...]  # none: every layer
    key: str
    harmless: tuple[Any, ...] = ANY


KERNEL_KEYS = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D")
SEPARABLE = ("SeparableConv1D", "SeparableConv2D")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
DROPPED = (
    Dropped((*DEPTHWISE, *SEPARABLE, *TRANSPOSED), "groups", (1, None)),
    *(Dropped((*DEPTHWISE, *SEPARABLE), key) for key in KERNEL_KEYS),  # unused: they have depthwise_ and pointwise_
    Dropped(DEPTHWISE, "filters"),
    Dropped(RECURRENT, "time_major", NOTHING),
    Dropped(RECURRENT, "implementation"),  # how it is computed, not what
    Dropped(("BatchNormalization",), "fused"),
    Dropped(("BatchNormalization",), "renorm", NOTHING),
    Dropped(("BatchNormalization",), "renorm_clipping"),
    Dropped(("BatchNormalization",), "renorm_momentum"),
    Dropped(("BatchNormalization",), "virtual_batch_size", NOTHING),
    Dropped(("BatchNormalization",), "adjustment", NOTHING),
    Dropped(("MultiHeadAttention",), "query_shape"),
    Dropped(("MultiHeadAttention",), "key_shape"),
    Dropped(("MultiHeadAttention",), "value_shape"),
    Dropped(("Attention", "AdditiveAttention"), "causal", NOTHING),
    Dropped(("InputLayer",), "ragged", NOTHING),
    Dropped(("Embedding",), "input_length"),
    Dropped((), "experimental_autocast"),
    Dropped((), "jit_compile"),
    Dropped((), "dynamic", NOTHING),
)
RENAMED_CLASSES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "LSTMV2": "LSTM",
    "GRUV2": "GRU",
}
RENAMED_KEYS = {("LeakyReLU", "alpha"): "negative_slope", ("InputLayer", "batch_input_shape"): "batch_shape"}
RENAMED_ACTIVATIONS = {
    "softmax_v2": "softmax",
    "hard_sigmoid": HARD_SIGMOID,
}
GONE = {
    "TFOpLambda": "a bare TensorFlow operation such as x * y",
    "SlicingOpLambda": "a slice such as x[:, 0]",
    "TensorFlowOpLayer": "a bare TensorFlow operation",
    "ThresholdedReLU": "a layer Keras 3 has no more",
    "LocallyConnected1D": "a layer Keras 3 has no more",
    "LocallyConnected2D": "a layer Keras 3 has no more",
    "CuDNNLSTM": "a layer for GPUs only",
    "CuDNNGRU": "a layer for GPUs only",
}
INNER_LAYERS = ("layer", "backward_layer", "forward_layer", "cell")


def upgrade(config: Config) -> Config:
    """Return the config of a Keras 2 model, at any depth, as Keras 3 wants it; LoadError names what has no equal."""
    upgraded: Config = _walk(config, _upgrade_node)
    return upgraded


def name_inner_layers(config: Config) -> Config:
    """Say where the classes inside wrappers live: Keras 3 asks for it, its own .h5 files do not tell."""
    named: Config = _walk(config, _name_inner)
    return named


def register() -> None:
    """Make the functions that an upgraded config may name known to Keras."""
    import keras

    def keras2_hard_sigmoid(x: Any) -> Any:
        return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)

    keras.saving.register_keras_serializable(package="edgeattn")(keras2_hard_sigmoid)


def _walk(node: Any, change: Callable[[Config], Config]) -> Any:
    if isinstance(node, list):
        return [_walk(item, change) for item in node]
    if not isinstance(node, dict):
        return node
    # Outside in: a model needs to see its layers as they were.
    return {key: _walk(value, change) for key, value in change(node).items()}


def _upgrade_node(node: Config) -> Config:
    kind, inner = node.get("class_name"), node.get("config")
    if not isinstance(kind, str):
        return node
    if kind in GONE:
        raise LoadError(
            f"layer {_name(node)!r} is {GONE[kind]} ({kind}), which Keras 3 cannot rebuild: "
            "export the model as a SavedModel with the Keras that made it, and convert that"
        )
    kind = RENAMED_CLASSES.get(kind, kind)
    if kind == "Sequential":
        inner = _with_input_layer(inner)
    if isinstance(inner, dict):
        inner = _upgrade_config(kind, inner, _name(node))
    return {**node, "class_name": kind, "config": inner}


def _upgrade_config(kind: str, config: Config, name: str) -> Config:
    config = {RENAMED_KEYS.get((kind, key), key): _plain(key, value) for key, value in config.items()}
    for row in DROPPED:
        if row.key not in config or (row.classes and kind not in row.classes):
            continue
        value = config.pop(row.key)
        if row.harmless and value not in row.harmless:
            raise LoadError(
                f"layer {name!r} ({kind}) has {row.key}={value!r}, which Keras 3 cannot do: "
                f"rebuild the model without it, or export it as a SavedModel with the Keras that made it"
            )
    if "name" in config and kind != "InputLayer":  # a layer, not an initializer
        config.pop("batch_input_shape", None)
        config.pop("input_dim", None) if kind != "Embedding" else None
    elif kind != "InputLayer" and not kind.startswith("__"):
        config.pop("dtype", None)  # of an initializer
    if kind == "BatchNormalization" and isinstance(config.get("axis"), list) and len(config["axis"]) == 1:
        config["axis"] = config["axis"][0]
    return config


def _plain(key: str, value: Any) -> Any:
    match value:
        case str() if key.endswith("activation"):
            return RENAMED_ACTIVATIONS.get(value, value)
        case {"class_name": "Policy" | "PolicyV1", "config": {"name": str(policy)}}:
            return policy
        case {"class_name": "ListWrapper" | "TupleWrapper", "items": items}:
            return items
        case {"class_name": "ndarray" | "__numpy__", "value": number}:
            return number
        case {"class_name": "TensorShape", "items": items}:
            return items
    return value


def _with_input_layer(inner: Any) -> Any:
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(layers, list) or not layers or layers[0].get("class_name") == "InputLayer":
        return inner
    built = inner.get("build_input_shape") if isinstance(inner, dict) else None
    shape = layers[0].get("config", {}).get("batch_input_shape", built)
    if not isinstance(shape, list):
        return inner
    source = {"class_name": "InputLayer", "config": {"batch_shape": shape, "dtype": "float32", "name": "input_1"}}
    return {**inner, "layers": [source, *layers]} if isinstance(inner, dict) else [source, *layers]


def _name_inner(node: Config) -> Config:
    inner = {
        key: {**value, "module": "keras.layers", "registered_name": None}
        for key, value in node.items()
        if key in INNER_LAYERS and isinstance(value, dict) and "class_name" in value and not value.get("module")
    }
    return {**node, **inner}


def _name(node: Config) -> str:
    config = node.get("config")
    inner = config.get("name") if isinstance(config, dict) else None
    return str(inner or node.get("name") or node.get("class_name"))
