"""Read .h5 and .keras files: look at everything in them, then hand Keras a cleaned copy."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from edgeattn.config_scan import Lambdas, check_config
from edgeattn.errors import LoadError
from edgeattn.keras2 import name_inner_layers, upgrade

if TYPE_CHECKING:
    import keras

Config = dict[str, Any]

LARGEST_CONFIG = 64 << 20
LARGEST_WEIGHTS = 2 << 30
LARGEST_RATIO = 100  # unpacked to packed, above SMALL; Keras does not compress at all
SMALL = 16 << 20
MOST_OBJECTS = 100_000
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
UNKNOWN_LAYER = re.compile(r"(?:Unknown layer: |Could not locate class )'([^']+)'")
AGAIN = "save or download it again"


def load_h5(path: Path, scratch: Path, lambdas: Lambdas) -> keras.Model:
    """Load a Keras 2 or 3 .h5 file through a cleaned copy in `scratch`."""
    copy = scratch / "model.h5"
    try:
        with h5py.File(path, "r") as source, h5py.File(copy, "w") as cleaned:
            config = _h5_config(source, path, lambdas)
            _check_h5(source, path.name)
            source.copy(source["model_weights"], cleaned, "model_weights")
            cleaned.attrs.update({"model_config": json.dumps(config), "keras_version": "3", "backend": "tensorflow"})
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise LoadError(f"{path.name} is a damaged .h5 file ({_first_line(error)}): {AGAIN}") from error
    return _load(copy, path.name, lambdas)


def load_archive(path: Path, scratch: Path, lambdas: Lambdas) -> keras.Model:
    """Load a .keras file through a cleaned copy in `scratch`."""
    copy = scratch / "model.keras"
    try:
        with zipfile.ZipFile(path) as archive:
            text = _member(archive, CONFIG, LARGEST_CONFIG, path)
            metadata = _parse(_member(archive, METADATA, LARGEST_CONFIG, path), path)
            weights = _member(archive, WEIGHTS, LARGEST_WEIGHTS, path)
        with h5py.File(io.BytesIO(weights), "r") as stored:
            _check_h5(stored, path.name)
    except (OSError, RuntimeError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise LoadError(f"{path.name} is a damaged .keras archive ({_first_line(error)}): {AGAIN}") from error
    config = _cleaned(_parse(text, path), str(metadata.get("keras_version", "")), path, lambdas)
    with zipfile.ZipFile(copy, "w") as archive:
        archive.writestr(CONFIG, json.dumps(config))
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(WEIGHTS, weights)
    return _load(copy, path.name, lambdas)


def _h5_config(source: h5py.File, path: Path, lambdas: Lambdas) -> Config:
    text = source.attrs.get("model_config")
    if text is None or "model_weights" not in source:
        raise LoadError(
            f"{path.name} holds no whole model, perhaps weights only: save it with model.save(), not save_weights()"
        )
    version = source.attrs.get("keras_version", "")
    config = _cleaned(
        _parse(text, path), version.decode() if isinstance(version, bytes) else str(version), path, lambdas
    )
    return name_inner_layers(config)


def _parse(text: str | bytes, path: Path) -> Config:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise LoadError(
            f"{path.name}: its description of the model is damaged ({_first_line(error)}): {AGAIN}"
        ) from error
    if not isinstance(config, dict):
        raise LoadError(f"{path.name}: the config inside is a {type(config).__name__}, not a table: {AGAIN}")
    return config


def _cleaned(config: Config, version: str, path: Path, lambdas: Lambdas) -> Config:
    try:
        check_config(config, lambdas)
        stripped: Config = _without_training(config)
        return stripped if version.startswith("3") else upgrade(stripped)
    except LoadError as error:
        raise LoadError(f"{path.name}: {error}") from error
    except (RecursionError, AttributeError, TypeError, KeyError) as error:
        raise LoadError(
            f"{path.name}: its description of the model is damaged ({_first_line(error)}): {AGAIN}"
        ) from error


def _without_training(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_training(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without_training(value) for key, value in node.items() if key != "compile_config"}


def _member(archive: zipfile.ZipFile, name: str, largest: int, path: Path) -> bytes:
    if name not in archive.namelist():
        raise LoadError(f"{path.name} has no {name} inside: {AGAIN}, with model.save() of Keras 3")
    info = archive.getinfo(name)
    if info.file_size > largest or info.file_size > max(SMALL, LARGEST_RATIO * info.compress_size):
        raise LoadError(
            f"{path.name}: {name} unpacks from {info.compress_size} to {info.file_size} bytes, "
            f"which no model does: {AGAIN}"
        )
    return archive.read(name)


def _check_h5(file: h5py.File, name: str) -> None:
    total = 0
    for place, dataset in _datasets(file, name):
        if dataset.external or dataset.is_virtual:
            raise LoadError(f"{name}: {place} points to another file, which is not followed: save the model anew")
        total += dataset.size * dataset.dtype.itemsize
        if total > LARGEST_WEIGHTS:
            raise LoadError(f"{name}: its weights declare more than {LARGEST_WEIGHTS} bytes, up to {place}: {AGAIN}")


def _datasets(file: h5py.File, name: str) -> Iterator[tuple[str, h5py.Dataset]]:
    waiting, seen = [file["/"]], set()
    while waiting:
        group = waiting.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:  # links may form a ring
            continue
        seen.add(address)
        if len(seen) + len(waiting) > MOST_OBJECTS:
            raise LoadError(f"{name}: holds more than {MOST_OBJECTS} objects: {AGAIN}")
        for key in group:
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise LoadError(f"{name}: {group.name}/{key} is a link to elsewhere, which is not followed: {AGAIN}")
            item = group[key]
            if isinstance(item, h5py.Dataset):
                yield item.name, item
            elif isinstance(item, h5py.Group):
                waiting.append(item)


def _load(copy: Path, name: str, lambdas: Lambdas) -> keras.Model:
    import keras

    import edgeattn.layers  # noqa: F401 - importing it makes them known to Keras
    from edgeattn.keras2 import register

    register()
    try:
        return keras.models.load_model(copy, compile=False, safe_mode=lambdas is Lambdas.REFUSE)
    except MemoryError:
        raise
    except Exception as error:  # Keras raises whatever its layers raise
        raise LoadError(f"{name}: Keras cannot rebuild the model: {_reason(error)}", str(error)) from error


def _reason(error: Exception) -> str:
    text = str(error)
    if unknown := UNKNOWN_LAYER.search(text):
        return f"it does not know {unknown[1]!r}; if that is an operation such as keras.ops.mean, save as .keras"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = "Exception encountered: "
    inner = [line.removeprefix(told) for line in lines if line.startswith(told)]
    return (inner or lines or [type(error).__name__])[0][:300]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
