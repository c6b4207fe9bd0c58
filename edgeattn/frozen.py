"""Any float model as one Keras model with a batch of 1. Runs in the child process."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgeattn.config_scan import Lambdas
from edgeattn.errors import LoadError, UnsupportedModel
from edgeattn.keras_files import load_archive, load_h5
from edgeattn.models import VARIABLES, Layer, ModelKind, Port
from edgeattn.refusals import refuse_loops
from edgeattn.saved_model import load_signature, signature_layer
from edgeattn.traced import loops

if TYPE_CHECKING:
    import keras

PLAIN_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


@dataclass(frozen=True)
class Frozen:
    """A Keras model with a batch of 1, flat lists of inputs and outputs, and what is known of it."""

    model: keras.Model
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Layer, ...]
    parameters: int

    @cached_property
    def function(self) -> Any:
        """The model as TensorFlow's concrete function of its inputs; what it returns is as nested as the model's."""
        import tensorflow as tf

        specs = [tf.TensorSpec(port.shape, port.dtype) for port in self.inputs]
        step = tf.function(lambda *tensors: self.model(list(tensors), training=False), autograph=False)
        return step.get_concrete_function(*specs)


def load_frozen(path: Path, kind: ModelKind, lambdas: Lambdas) -> Frozen:
    """Load a Keras file or a SavedModel and freeze its batch to 1; LoadError or UnsupportedModel say what is wrong."""
    with tempfile.TemporaryDirectory(prefix="edgeattn-", ignore_cleanup_errors=True) as scratch:
        match kind:
            case ModelKind.KERAS_H5:
                return _freeze_keras(load_h5(path, Path(scratch), lambdas), path)
            case ModelKind.KERAS_ARCHIVE:
                return _freeze_keras(load_archive(path, Path(scratch), lambdas), path)
            case ModelKind.SAVED_MODEL:
                return _freeze_saved_model(path)
            case ModelKind.TFLITE:
                raise LoadError(f"{path.name} is a .tflite file, which cannot become a Keras model")


def _freeze_keras(model: keras.Model, path: Path) -> Frozen:
    import keras

    if not getattr(model, "inputs", None):
        raise LoadError(
            f"{path.name}: the model was never built: call it once on data, or add an Input, and save it again"
        )
    _check_finite(model.weights, path)
    specs = [(tensor.name, tuple(tensor.shape), str(tensor.dtype)) for tensor in model.inputs]
    inputs = _inputs(specs, path)
    tensors = [keras.Input(batch_shape=port.shape, dtype=port.dtype, name=port.name) for port in inputs]
    taken = tensors[0] if isinstance(model, keras.Sequential) else keras.tree.pack_sequence_as(model.input, tensors)
    results = keras.tree.flatten(model(taken, training=False))
    names = _unique([str(name) for name in getattr(model, "output_names", ())], len(results))
    frozen = keras.Model(tensors, results, name="frozen")
    return Frozen(frozen, inputs, _outputs(names, results, path), tuple(_layers(model)), model.count_params())


def _freeze_saved_model(path: Path) -> Frozen:
    import keras

    signature = load_signature(path)
    variables = getattr(signature.model, "variables", None) or signature.function.variables
    _check_finite(variables, path)
    layers = tuple(_variable_layers(variables))
    refuse_loops(loops(signature.function), layers, path.name)
    inputs = _inputs(signature.inputs, path)
    tensors = [keras.Input(batch_shape=port.shape, dtype=port.dtype, name=port.name) for port in inputs]
    results = signature_layer(signature)(tensors)
    outputs = _outputs(list(signature.outputs), results, path)
    parameters = sum(int(np.prod(variable.shape)) for variable in variables)
    return Frozen(keras.Model(tensors, results, name="frozen"), inputs, outputs, layers, parameters)


def _inputs(specs: Sequence[tuple[str, tuple[int | None, ...], str]], path: Path) -> tuple[Port, ...]:
    if not specs:
        raise LoadError(f"{path.name}: the model has no inputs: save one that has")
    names = _unique([name for name, _, _ in specs], len(specs))
    return tuple(
        Port(safe, _frozen_shape(shape, name, path), _float_type(dtype, name, path))
        for safe, (name, shape, dtype) in zip(names, specs, strict=True)
    )


def _frozen_shape(shape: tuple[int | None, ...], name: str, path: Path) -> tuple[int, ...]:
    if not shape or shape[0] not in (None, 1):
        raise UnsupportedModel(
            f"{path.name}: input {name!r} has the fixed shape {_shape(shape)}: save the model with a batch of None or 1"
        )
    rest = tuple(size for size in shape[1:] if size is not None)
    if len(rest) < len(shape) - 1:
        raise LoadError(
            f"{path.name}: input {name!r} has the shape {_shape(shape)}, which leaves sizes open: a microcontroller "
            "needs them fixed, so rebuild the model with an Input of fixed height and width"
        )
    return (1, *rest)


def _float_type(dtype: str, name: str, path: Path) -> str:
    if dtype != "float32":
        raise UnsupportedModel(f"{path.name}: input {name!r} is {dtype}: only float32 inputs can be quantised to int8")
    return dtype


def _outputs(names: Sequence[str], results: Sequence[Any], path: Path) -> tuple[Port, ...]:
    ports = []
    for name, tensor in zip(names, results, strict=True):
        shape = tuple(tensor.shape)
        if None in shape:
            raise LoadError(f"{path.name}: output {name!r} has the shape {_shape(shape)}: fix the sizes left open")
        ports.append(Port(name, shape, str(tensor.dtype)))
    return tuple(ports)


def _unique(names: list[str], count: int) -> list[str]:
    if len(names) == count == len(set(names)) and all(PLAIN_NAME.match(name) for name in names):
        return names
    return [f"port_{index + 1}" for index in range(count)]


def _check_finite(variables: Sequence[Any], path: Path) -> None:
    for variable in variables:
        value = np.asarray(variable)
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            name = getattr(variable, "path", variable.name)
            raise LoadError(f"{path.name}: the weights {name!r} hold NaN or infinity: the training failed, train again")


def _layers(model: keras.Model) -> list[Layer]:
    import keras

    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _layers(layer)
        else:
            found.append(Layer(layer.name, type(layer).__name__))
    return found


def _variable_layers(variables: Sequence[Any]) -> list[Layer]:
    names = dict.fromkeys(variable.name.rpartition("/")[0] or variable.name for variable in variables)
    return [Layer(name, VARIABLES) for name in names]


def _shape(shape: Sequence[int | None]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
