"""What a model file is, told by its content, and the facts about it that need no quantisation."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from edgeattn.calibration import Wanted
from edgeattn.config_scan import Lambdas
from edgeattn.errors import LoadError
from edgeattn.isolation import TIMEOUT_SECONDS, Message, Progress, Task, ignore, run_child

if TYPE_CHECKING:
    import keras

HDF5_START = b"\x89HDF\r\n\x1a\n"
ZIP_START = b"PK\x03\x04"
TFLITE_MARK = b"TFL3"  # at byte 4
ACCEPTED = "a Keras .h5 or .keras file, a SavedModel folder or a .tflite file"


class ModelKind(Enum):
    """What stands in the file."""

    KERAS_H5 = "Keras .h5"
    KERAS_ARCHIVE = ".keras"
    SAVED_MODEL = "SavedModel"
    TFLITE = ".tflite"


@dataclass(frozen=True)
class Port:
    """An input or output of the network. `shape` is the whole tensor's, its batch frozen to 1."""

    name: str
    shape: tuple[int, ...]
    dtype: str  # as NumPy spells it
    scale: float | None = None  # real = scale * (stored - zero_point), where it is quantised
    zero_point: int | None = None
    maker: str = ""  # what computes an output, as TensorFlow calls it: net/layer/Op; empty where nothing tells

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample: without the batch."""
        return self.shape[1:] if self.shape[:1] == (1,) else self.shape

    @property
    def wanted(self) -> Wanted:
        """What samples for this input look like; their range follows from the quantisation."""
        if self.scale is None or self.zero_point is None:
            return Wanted(self.name, self.sample_shape)
        low, high = (self.scale * (stored - self.zero_point) for stored in (-128, 127))
        return Wanted(self.name, self.sample_shape, low, high)


VARIABLES = "variables"


@dataclass(frozen=True)
class Layer:
    """A layer of a Keras model, or an op of a .tflite or SavedModel."""

    name: str
    kind: str  # its class or op; VARIABLES where only what it learned has a name


@dataclass(frozen=True)
class ModelFacts:
    """What a file holds. `parameters` counts weights, moving averages included."""

    name: str
    kind: ModelKind
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Layer, ...]
    parameters: int
    is_quantised: bool


class Activations(Enum):
    """What the values between layers are quantised to; weights are int8 with either."""

    INT8 = "int8"
    INT16 = "int16"  # closer to float, twice the RAM, more instructions


@dataclass(frozen=True)
class Options:
    """How a file is treated."""

    lambdas: Lambdas = Lambdas.REFUSE
    activations: Activations = Activations.INT8  # of a model that is float yet
    timeout_seconds: float = TIMEOUT_SECONDS

    def where(self, path: Path) -> dict[str, str]:
        """The part of every request that names the file; absolute, as the child works in another folder."""
        own = {"lambdas": self.lambdas.value, "activations": self.activations.value}
        return {"path": str(path.absolute()), **own}


DEFAULTS = Options()


def kind_of(path: Path) -> ModelKind:
    """Tell by its first bytes what a file is; LoadError where it is none of the four kinds."""
    if path.is_dir():
        return _kind_of_folder(path)
    if not path.is_file():
        raise LoadError(f"{path}: there is no such file; expected {ACCEPTED}")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror})") from error
    if not start:
        raise LoadError(f"{path.name} is empty; expected {ACCEPTED}")
    if start == HDF5_START:
        return ModelKind.KERAS_H5
    if start[4:] == TFLITE_MARK:
        return ModelKind.TFLITE
    if start.startswith(ZIP_START):
        return _kind_of_zip(path)
    raise LoadError(f"{path.name} is not a model, whatever its name says; expected {ACCEPTED}")


def inspect_model(path: Path, *, options: Options = DEFAULTS, progress: Progress = ignore) -> ModelFacts:
    """What a file holds: its kind, inputs, outputs, layers. A child process reads it; nothing is quantised."""
    from edgeattn.exchange import unpack_facts  # which knows the types above

    kind_of(path)
    answer = run_child(
        Task.INSPECT,
        Message(options.where(path)),
        subject=path.name,
        timeout_seconds=options.timeout_seconds,
        progress=progress,
    )
    return unpack_facts(answer.facts["model"])


def load_model(path: Path, *, lambdas: Lambdas = Lambdas.REFUSE) -> keras.Model:
    """Load a Keras model into this process: Keras 2 files upgraded, attention layers known, batch frozen to 1.

    No code out of the file runs, unless `lambdas` says so. TensorFlow may still take the process down on a damaged
    file: `quantise.prepare` does the same in a child process.
    """
    from edgeattn.frozen import load_frozen

    return load_frozen(path, kind_of(path), lambdas).model


def _kind_of_folder(path: Path) -> ModelKind:
    if (path / "saved_model.pb").is_file():
        return ModelKind.SAVED_MODEL
    if (path / "saved_model.pbtxt").is_file():
        raise LoadError(f"{path.name} is a SavedModel in text form: save it as saved_model.pb")
    raise LoadError(f"{path.name} is a folder without a saved_model.pb, so no SavedModel; expected {ACCEPTED}")


def _kind_of_zip(path: Path) -> ModelKind:
    try:
        with zipfile.ZipFile(path) as archive:
            if "config.json" in archive.namelist():
                return ModelKind.KERAS_ARCHIVE
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise LoadError(f"{path.name} is a damaged .keras archive ({error}): save or download it again") from error
    raise LoadError(f"{path.name} is a zip archive without config.json, so no .keras file; expected {ACCEPTED}")
