"""A model file of any kind, opened: the same questions for Keras, SavedModel and .tflite. Runs in the child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgeattn import calibration
from edgeattn.calibration import Floats, SampleRequest, Samples
from edgeattn.config_scan import Lambdas
from edgeattn.errors import LoadError, UnsupportedModel
from edgeattn.litert import Kernels, run
from edgeattn.models import Activations, Layer, ModelFacts, ModelKind, Port, kind_of
from edgeattn.tflite_file import Numbers, TfliteFacts, describe
from edgeattn.tflite_versions import with_known_versions

if TYPE_CHECKING:
    from edgeattn.frozen import Frozen


@dataclass(frozen=True)
class Opened:
    """What was found in a file; `body` is the Keras model with a batch of 1, or the bytes of a .tflite."""

    path: Path
    kind: ModelKind
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Layer, ...]
    parameters: int
    is_quantised: bool
    body: Frozen | bytes


def open_model(path: Path, lambdas: Lambdas) -> Opened:
    """Read a model file; LoadError or UnsupportedModel say what is wrong with it."""
    kind = kind_of(path)
    if kind is ModelKind.TFLITE:
        return _open_tflite(path)
    from edgeattn.frozen import load_frozen

    frozen = load_frozen(path, kind, lambdas)
    return Opened(path, kind, frozen.inputs, frozen.outputs, frozen.layers, frozen.parameters, False, frozen)


def facts(opened: Opened, tflite: bytes | None = None) -> ModelFacts:
    """What the file holds; with the int8 network made of it, its edges are that network's under their own names."""
    inputs, outputs = opened.inputs, opened.outputs
    if tflite is not None and not opened.is_quantised:
        int8 = describe(tflite, opened.path.name)
        inputs, outputs = _edges(opened, int8)
    return ModelFacts(
        opened.path.stem, opened.kind, inputs, outputs, opened.layers, opened.parameters, opened.is_quantised
    )


def samples(opened: Opened, calibrating: SampleRequest, validating: SampleRequest) -> tuple[Samples, Samples]:
    """Samples to calibrate with, and samples to compare on: the same where nothing else was given or lies beside."""
    wanted = [port.wanted for port in opened.inputs]
    first = calibration.load(calibrating, wanted, found=calibration.beside(opened.path))
    found = calibration.beside(opened.path, "validation")
    if validating.path or found:
        return first, calibration.load(validating, wanted, found=found)
    kept = replace(first, inputs=tuple(array[: validating.limit] for array in first.inputs))
    return first, kept


def run_float(opened: Opened, inputs: Sequence[NDArray[np.generic]]) -> tuple[NDArray[np.generic], ...]:
    """The float outputs, (samples, ...) each."""
    match opened.body:
        case bytes() as tflite if not opened.is_quantised:
            return run(tflite, inputs, Kernels.REFERENCE)
        case bytes():
            raise UnsupportedModel(f"{opened.path.name} is quantised already: there is no float model to run")
        case frozen:
            from edgeattn.converter import run_keras

            return run_keras(frozen, inputs)


def quantised(opened: Opened, inputs: Sequence[Floats], activations: Activations = Activations.INT8) -> bytes:
    """The integer .tflite: made from the float model, or the file itself."""
    match opened.body:
        case bytes() as tflite if opened.is_quantised:
            return tflite
        case bytes() as tflite:
            from edgeattn.converter import quantise_tflite

            return quantise_tflite(tflite, inputs, opened.path.name, activations)
        case frozen:
            from edgeattn.converter import quantise_keras

            return quantise_keras(frozen, inputs, opened.path.name, activations)


def _open_tflite(path: Path) -> Opened:
    try:
        tflite = with_known_versions(path.read_bytes())
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror})") from error
    found = describe(tflite, path.name)
    layers = tuple(Layer(name, kind) for name, kind in found.ops)
    is_quantised = found.numbers is Numbers.INT8
    return Opened(path, ModelKind.TFLITE, found.inputs, found.outputs, layers, found.parameters, is_quantised, tflite)


def _edges(opened: Opened, int8: TfliteFacts) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    inputs = zip(opened.inputs, int8.inputs, strict=True)
    outputs = zip(opened.outputs, int8.outputs, _makers(opened), strict=True)
    return tuple(replace(new, name=old.name) for old, new in inputs), tuple(
        replace(new, name=old.name, maker=maker) for old, new, maker in outputs
    )


def _makers(opened: Opened) -> tuple[str, ...]:
    if isinstance(opened.body, bytes):
        return ("",) * len(opened.outputs)
    from edgeattn.traced import makers

    return makers(opened.body.function)
