"""Refuse a model's config that could make Keras run code: looked at as plain JSON, before Keras sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from edgeattn.errors import LoadError


class Lambdas(Enum):
    """What to do about Python code inside a model file."""

    REFUSE = "refuse"
    RUN = "run"  # the user asked for it in so many words


CODE = ("Lambda", "__lambda__")
REACHES_OUTSIDE = {  # classes of Keras' own that open other files, or run what another framework stored
    "TFSMLayer": "loads another model from a path written in the file",
    "TorchModuleWrapper": "unpickles a PyTorch module",
    "JaxLayer": "calls Python code stored outside the file",
    "FlaxLayer": "calls Python code stored outside the file",
    "StringLookup": "reads a vocabulary from a path written in the file",
    "IntegerLookup": "reads a vocabulary from a path written in the file",
    "TextVectorization": "reads a vocabulary from a path written in the file",
    "__typespec__": "builds TensorFlow objects by name",
}
KERAS_PARTS = {
    *("activations", "constraints", "initializers", "losses", "metrics", "optimizers", "quantizers", "regularizers"),
    *("dtype_policies", "engine", "layers", "mixed_precision", "models", "ops"),
}
APPLICATIONS = {"keras.src.applications.convnext": ("LayerScale", "StochasticDepth")}  # layers of its networks
MARSHALLED = re.compile(r"^(4w|Yw)[A-Za-z0-9+/]AAA")  # base64 of how a marshalled code object begins
MARSHALLED_LENGTH = 60  # the shortest function is longer
IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def check_config(config: Any, lambdas: Lambdas = Lambdas.REFUSE) -> None:
    """Raise LoadError, naming layer and class, for whatever is neither Keras' own nor edgeattn's."""
    for node, layer in _nodes(config, "the model"):
        if isinstance(node, str):
            _check_text(node, layer, lambdas)
        else:
            _check_node(node, layer, lambdas)


def _nodes(node: Any, layer: str) -> Iterator[tuple[dict[str, Any] | str, str]]:
    if isinstance(node, str):
        yield node, layer
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item, layer)
    elif isinstance(node, dict):
        layer = _layer_name(node) or layer
        yield node, layer
        for value in node.values():
            yield from _nodes(value, layer)


def _layer_name(node: dict[str, Any]) -> str | None:
    config = node.get("config")
    name = config.get("name") if isinstance(config, dict) and "class_name" in node else None
    return f"layer {name!r}" if isinstance(name, str) else None


def _check_text(text: str, layer: str, lambdas: Lambdas) -> None:
    if lambdas is Lambdas.REFUSE and len(text) >= MARSHALLED_LENGTH and MARSHALLED.match(text):
        raise LoadError(f"{layer} holds compiled Python code: {ADVICE}")


ADVICE = (
    "loading would run code out of the file, so it is refused; "
    "replace it by Keras layers, or allow Lambda layers if you trust whoever made the file"
)


def _check_node(node: dict[str, Any], layer: str, lambdas: Lambdas) -> None:
    kind = node.get("class_name")
    short = str(kind).rsplit(">", 1)[-1]
    if short in CODE or node.get("function_type") == "lambda":
        if lambdas is Lambdas.REFUSE:
            raise LoadError(f"{layer} is a Lambda with Python code: {ADVICE}")
        return
    if kind is None:
        return
    if not isinstance(kind, str):
        raise LoadError(f"{layer} has a class name that is no text ({kind!r}): the file is damaged")
    if short in REACHES_OUTSIDE:
        raise LoadError(f"{layer} is a {short}, which {REACHES_OUTSIDE[short]}: rebuild the model without it")
    _check_origin(node, kind, layer)


def _check_origin(node: dict[str, Any], kind: str, layer: str) -> None:
    module, registered = node.get("module"), node.get("registered_name")
    named = registered or kind
    if isinstance(named, str) and named.startswith("edgeattn>"):
        return
    name = node.get("config") if kind == "function" else kind
    own_name = named in (kind, name) and isinstance(name, str) and IDENTIFIER.match(name)
    ours = "module" not in node or _is_keras(module) or _in_application(module, kind)  # .h5 files name no module
    if own_name and ours:
        return
    where = f"{module}.{name}" if module and named in (kind, name) else str(named)
    raise LoadError(
        f"{layer} needs {where!r}, which is neither Keras' own nor edgeattn's: custom classes are not loaded from "
        "files; rebuild the model from Keras layers, or export it as a SavedModel and convert that"
    )


def _in_application(module: Any, kind: str) -> bool:
    return isinstance(module, str) and kind in APPLICATIONS.get(module, ())


def _is_keras(module: Any) -> bool:
    if module in ("builtins", "keras"):
        return True
    parts = module.split(".") if isinstance(module, str) else [""]
    inside = [part for part in parts[1:] if part != "src"]
    return parts[0] == "keras" and bool(inside) and inside[0] in KERAS_PARTS
