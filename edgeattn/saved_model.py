"""Read SavedModel folders: the graph is looked at op by op before TensorFlow loads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeattn.errors import LoadError
from edgeattn.saved_model_ops import CHECKPOINT, NETWORK

if TYPE_CHECKING:
    import keras

LARGEST_GRAPH = 2 << 30  # a protobuf cannot be larger
ENDPOINTS = ("serving_default", "serve")


@dataclass(frozen=True)
class Signature:
    """A SavedModel's function for inference, with its inputs in the order of their names."""

    model: Any  # keeps the variables alive
    function: Any
    inputs: tuple[tuple[str, tuple[int | None, ...], str], ...]  # name, shape, dtype
    outputs: tuple[str, ...]


def load_signature(path: Path) -> Signature:
    """Check the graph, then load it and take its inference signature."""
    check_graph(path)
    import tensorflow as tf

    try:
        model = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises many kinds
        raise LoadError(
            f"{path.name}: TensorFlow cannot load this SavedModel ({_first_line(error)}): save it again", str(error)
        ) from error
    name = next((name for name in ENDPOINTS if name in model.signatures), None)
    if name is None:
        raise LoadError(f"{path.name} has no signature {' or '.join(ENDPOINTS)}: save it with model.export()")
    function = model.signatures[name]
    specs = sorted(function.structured_input_signature[1].items(), key=lambda item: _natural(item[0]))
    outputs = tuple(sorted(function.structured_outputs, key=_natural))
    inputs = tuple((key, _dims(spec.shape, path), spec.dtype.name) for key, spec in specs)
    return Signature(model, function, inputs, outputs)


def signature_layer(signature: Signature) -> keras.layers.Layer:
    """A Keras layer that computes the signature; it takes and returns lists."""
    import keras

    names = [name for name, _, _ in signature.inputs]

    class SignatureLayer(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="saved_model")
            self.loaded = signature.model

        def call(self, tensors: list[Any]) -> list[Any]:
            results = signature.function(**dict(zip(names, tensors, strict=True)))
            return [results[name] for name in signature.outputs]

    return SignatureLayer()


def check_graph(path: Path) -> None:
    """Raise LoadError for a graph with an op that is no arithmetic: such ops read and write files, or call Python."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from tensorflow.core.protobuf import saved_model_pb2

    file = path / "saved_model.pb"
    try:
        if file.stat().st_size > LARGEST_GRAPH:
            raise LoadError(f"{path.name}: saved_model.pb is larger than {LARGEST_GRAPH} bytes: no SavedModel is")
        saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    except (OSError, DecodeError) as error:
        raise LoadError(f"{path.name}: saved_model.pb is damaged ({_first_line(error)}): save it again") from error
    if not saved.meta_graphs:
        raise LoadError(f"{path.name}: saved_model.pb is empty or damaged: save it again")
    for graph in saved.meta_graphs:
        _check_meta_graph(graph, path)


def _check_meta_graph(graph: Any, path: Path) -> None:
    functions = {function.signature.name: function.node_def for function in graph.graph_def.library.function}
    saving = _saving_functions(graph, functions)
    for name, nodes in {"": graph.graph_def.node, **functions}.items():
        for node in nodes:
            if node.op in NETWORK or node.op in functions:
                continue
            if node.op in CHECKPOINT and name in saving:
                continue
            where = f" of function {name!r}" if name else ""
            raise LoadError(
                f"{path.name}: node {node.name!r}{where} is a {node.op}, which is not an op of a network "
                "(such ops can read and write files or call Python): export the model without it"
            )


def _saving_functions(graph: Any, functions: dict[str, Any]) -> set[str]:
    """The functions that only TensorFlow's saver calls: its nodes are named in the file, nobody else may reach them."""
    saver = {_node(graph.saver_def.save_tensor_name), _node(graph.saver_def.restore_op_name)}
    nodes = graph.graph_def.node
    from_saver = _reachable((node for node in nodes if node.name in saver), functions)
    signatures = {_node(info.name) for sig in graph.signature_def.values() for info in sig.outputs.values()}
    others = _reachable((node for node in nodes if node.name not in saver or node.name in signatures), functions)
    callable_by_name = set(graph.object_graph_def.concrete_functions)
    inside = set().union(*(_reachable(functions.get(name, ()), functions) for name in callable_by_name))
    return from_saver - others - callable_by_name - inside


def _reachable(nodes: Iterable[Any], functions: dict[str, Any]) -> set[str]:
    waiting, seen = list(nodes), set[str]()
    while waiting:
        node = waiting.pop()
        for name in _called(node) & functions.keys() - seen:
            seen.add(name)
            waiting.extend(functions[name])
    return seen


def _called(node: Any) -> set[str]:
    values = node.attr.values()
    return {node.op, *(value.func.name for value in values), *(f.name for value in values for f in value.list.func)}


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").partition(":")[0]


def _dims(shape: Any, path: Path) -> tuple[int | None, ...]:
    if shape.rank is None:
        raise LoadError(f"{path.name}: an input has no known number of dimensions: export the model with fixed shapes")
    return tuple(shape.as_list())


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
