"""Where samples come from: an .npz, an .npy, a folder of images, a file beside the model, or a random generator.

Nothing here knows TensorFlow: what the network wants is passed in.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeattn import images
from edgeattn.errors import CalibrationError, SamplesError

Floats = NDArray[np.float32]

ARRAYS = (".npz", ".npy")
PIXEL_SCALE = 1 / 255
LARGEST_NUMBER = 1e30  # that a pixel may be scaled or moved by: what comes out is a finite float32
LARGEST_BYTES = 4 << 30  # of one array; a file that declares more is refused unread
RANDOM_COUNT = 64


class Source(Enum):
    """Where samples came from."""

    FILE = "file"  # named by the user
    BESIDE = "beside"  # found beside the model
    RANDOM = "random"  # seeded noise: the caller warns loudly


class Pick(Enum):
    """Which samples are taken where there are more than the limit."""

    FIRST = "first"
    SEEDED = "seeded"  # a seeded choice, in the file's order


@dataclass(frozen=True)
class Wanted:
    """One input of the network: its name, the shape of one sample, the range of values where it is known."""

    name: str
    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SampleRequest:
    """What the user asked for. Pixels become value = pixel * scale + offset; low and high bound random values.

    Scale and offset are of images only: without any, a pixel becomes 0 to 1; with anything else they are refused.
    """

    path: Path | None = None
    limit: int = 200
    pick: Pick = Pick.FIRST
    seed: int = 0
    scale: float | None = None
    offset: float | None = None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, eq=False)
class Samples:
    """One float32 array an input, each (samples, *shape of one sample)."""

    inputs: tuple[Floats, ...]
    source: Source
    description: str

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.inputs[0])


def beside(model: Path, purpose: str = "calibration") -> Path | None:
    """The file <model>.<purpose>.npz beside the model, if there is one."""
    path = model.parent / f"{model.stem}.{purpose}.npz"
    return path if path.is_file() else None


def check_request(request: SampleRequest) -> None:
    """Raise what is wrong whatever the network is: SamplesError of the path, CalibrationError of the rest."""
    if request.limit < 1:
        raise CalibrationError(f"the limit of samples is {request.limit}: ask for at least 1")
    _check_range(request.low, request.high)
    for name, value in (("scale", request.scale), ("offset", request.offset)):
        if value is not None and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # nor NaN
            raise CalibrationError(f"the {name} of pixels is {value:g}: give a finite number")
    if request.path is not None and request.path.is_dir():
        return
    if request.path is not None:
        _check_file(request.path)
    if request.scale is not None or request.offset is not None:
        what = f"{request.path.name} is no folder of images" if request.path else "no folder of images is named"
        raise CalibrationError(
            f"{what}: scale and offset are of pixels, and the values of arrays are used as they are; leave them out"
        )


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise SamplesError(f"{path}: there is no such file of samples")
    if path.suffix.lower() not in ARRAYS:
        what = path.suffix.lower() or "this"
        raise SamplesError(f"{path.name}: samples are an .npz, an .npy or a folder of images, not {what}")


def _check_range(low: float, high: float) -> None:
    if not (np.isfinite([low, high]).all() and low < high):
        raise CalibrationError(f"random samples between {low:g} and {high:g} make no sense: the low bound comes first")


def load(request: SampleRequest, wanted: Sequence[Wanted], *, found: Path | None = None) -> Samples:
    """Samples from the requested path, else from `found` (a file beside the model), else random.

    SamplesError where a file cannot be read; CalibrationError where what it holds does not suit the network.
    """
    check_request(request)
    path = request.path or found
    if path is None:
        return random_samples(request, wanted)
    if path.is_dir():
        return image_samples(path, request, _only(wanted, path))
    arrays = read(path, wanted)
    inputs = tuple(_checked(array, want, path) for array, want in zip(arrays, wanted, strict=True))
    _same_length(inputs, wanted, path)
    rows = _rows(len(inputs[0]), request)
    chosen = tuple(_floats(array, rows, want, path) for array, want in zip(inputs, wanted, strict=True))
    source = Source.FILE if request.path else Source.BESIDE
    return Samples(chosen, source, f"{len(rows)} of {len(inputs[0])} samples of {path.name}")


def read(path: Path, wanted: Sequence[Wanted]) -> tuple[NDArray[np.generic], ...]:
    """The arrays of a file, one an input, as they are stored."""
    if path.suffix.lower() == ".npy":
        _only(wanted, path)
        return (_read_npy(path),)
    return _read_npz(path, wanted)


def image_samples(folder: Path, request: SampleRequest, want: Wanted) -> Samples:
    """The images of a folder, resized and converted to what the input wants, each pixel scaled and moved."""
    if len(want.shape) != 3 or want.shape[2] not in images.MODES:
        raise CalibrationError(
            f"{folder.name}: images suit an input (height, width, 1, 3 or 4 channels), and {want.name!r} is "
            f"{_shape(want.shape)}: give an .npz"
        )
    files = images.find(folder)
    rows = _rows(len(files), request)
    height, width, channels = want.shape
    pixels, changes = images.read([files[row] for row in rows], (height, width, channels))
    values: Floats = (pixels * _known(request.scale, PIXEL_SCALE) + _known(request.offset, 0)).astype(np.float32)
    return Samples((values,), Source.FILE, f"{len(rows)} of {len(files)} images of {folder.name}{changes}")


def random_samples(request: SampleRequest, wanted: Sequence[Wanted]) -> Samples:
    """Seeded uniform noise, in the range of each input where it is known, else in the request's."""
    generator = np.random.default_rng(request.seed)
    count = min(request.limit, RANDOM_COUNT)
    ranges = [(_known(want.low, request.low), _known(want.high, request.high)) for want in wanted]
    for low, high in ranges:
        _check_range(low, high)
    arrays = tuple(
        generator.uniform(low, high, (count, *want.shape)).astype(np.float32)
        for want, (low, high) in zip(wanted, ranges, strict=True)
    )
    bounds = ", ".join(sorted({f"{low:g} to {high:g}" for low, high in ranges}))
    return Samples(arrays, Source.RANDOM, f"{count} random samples ({bounds}, seed {request.seed})")


def _known(value: float | None, default: float) -> float:
    return default if value is None else value


def _only(wanted: Sequence[Wanted], path: Path) -> Wanted:
    if len(wanted) != 1:
        names = ", ".join(want.name for want in wanted)
        raise CalibrationError(
            f"{path.name} holds one array and the model has {len(wanted)} inputs ({names}): "
            "give an .npz with the keys m_inputs_1, m_inputs_2, ... or with the inputs' names"
        )
    return wanted[0]


def _read_npy(path: Path) -> NDArray[np.generic]:
    try:
        mapped: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)  # nothing is read yet
        return mapped
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise SamplesError(f"{path.name}: not a NumPy array, or damaged ({_first_line(error)})") from error


def _read_npz(path: Path, wanted: Sequence[Wanted]) -> tuple[NDArray[np.generic], ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            largest = max((info.file_size for info in archive.infolist()), default=0)
        if largest > LARGEST_BYTES:
            raise SamplesError(f"{path.name}: holds an array of {largest} bytes, more than {LARGEST_BYTES}: split it")
        with np.load(path, allow_pickle=False) as archive:
            return tuple(archive[key] for key in _keys(sorted(archive.files), wanted, path))
    except (ValueError, OSError, EOFError, KeyError, SyntaxError, zipfile.BadZipFile, MemoryError) as error:
        raise SamplesError(f"{path.name}: not an .npz of plain arrays, or damaged ({_first_line(error)})") from error


def _keys(present: list[str], wanted: Sequence[Wanted], path: Path) -> list[str]:
    numbered = [f"m_inputs_{index + 1}" for index in range(len(wanted))]
    for keys in (numbered, [want.name for want in wanted]):
        if set(keys) <= set(present):
            return keys
    if len(wanted) == len(present) == 1:
        return present
    raise CalibrationError(
        f"{path.name} holds {', '.join(present) or 'nothing'}, but the model's inputs are "
        f"{', '.join(want.name for want in wanted)}: name the arrays so, or {', '.join(numbered)}"
    )


def _checked(array: NDArray[np.generic], want: Wanted, path: Path) -> NDArray[np.generic]:
    label = f"{path.name}: samples for input {want.name!r}"
    if array.dtype.kind not in "fiub":
        raise CalibrationError(f"{label} are of type {array.dtype}, not numbers")
    if array.shape[1:] != want.shape and (*array.shape[1:], 1) == want.shape:
        array = array[..., np.newaxis]  # grey images are often stored without their channel axis
    if array.ndim == 0 or array.shape[1:] != want.shape:
        raise CalibrationError(f"{label} have shape {_shape(array.shape)}, expected {_shape(('samples', *want.shape))}")
    if len(array) == 0:
        raise CalibrationError(f"{label} are empty: give at least one")
    return array


def _floats(array: NDArray[np.generic], rows: NDArray[np.int64], want: Wanted, path: Path) -> Floats:
    with np.errstate(over="ignore"):
        floats: Floats = np.ascontiguousarray(array[rows]).astype(np.float32)
    if not np.isfinite(floats).all():
        first = int(rows[np.argwhere(~np.isfinite(floats))[0][0]])
        raise CalibrationError(
            f"{path.name}: samples for input {want.name!r} hold NaN or infinity, first in sample {first}: remove it"
        )
    return floats


def _same_length(inputs: Sequence[NDArray[np.generic]], wanted: Sequence[Wanted], path: Path) -> None:
    if len({len(array) for array in inputs}) > 1:
        counts = ", ".join(f"{want.name} {len(array)}" for want, array in zip(wanted, inputs, strict=True))
        raise CalibrationError(f"{path.name}: the inputs differ in their number of samples ({counts})")


def _rows(count: int, request: SampleRequest) -> NDArray[np.int64]:
    if count <= request.limit or request.pick is Pick.FIRST:
        return np.arange(min(count, request.limit))
    return np.sort(np.random.default_rng(request.seed).choice(count, request.limit, replace=False))


def _shape(shape: Sequence[int | str]) -> str:
    return f"({', '.join(map(str, shape))})"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
