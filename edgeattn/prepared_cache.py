"""Quantised models, kept by the content of all that decides them: asking again costs no TensorFlow."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from edgeattn import isolation
from edgeattn.calibration import SampleRequest, beside
from edgeattn.isolation import Message

LIBRARIES = ("ai-edge-litert", "ai-edge-quantizer", "keras", "numpy", "pillow", "tensorflow", "tflite-runtime")
OWN = Path(__file__).parent
CHUNK = 1 << 20


def kept(recipe: Callable[[], str], work: Callable[[], Message]) -> Message:
    """What `work` answers, done once for each recipe; two processes may ask at the same time.

    Where nothing can be kept, or what was kept is damaged, the work is done.
    """
    from firmware_export import cached_file

    made: list[Message] = []

    def make(path: Path) -> None:
        made.append(work())
        pack(path, made[0])

    file = None
    try:
        file = cached_file("prepared.zip", recipe=recipe(), make=make)
        return made[0] if made else unpack(file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        if made:
            return made[0]
        if file is not None:  # it is damaged: made anew the next time
            file.unlink(missing_ok=True)
    return work()


def recipe_of(model: Path, facts: Mapping[str, Any], requests: Iterable[SampleRequest]) -> str:
    """All that decides what becomes of a model: every file's content, the options, the versions of the libraries.

    Where files lie decides nothing; what they are called is part of the answer. Raises OSError for what cannot be read.
    """
    named = [request.path for request in requests if request.path is not None]
    found = [beside(model), beside(model, "validation")]
    files = [model, *named, *(path for path in found if path is not None)]
    options = {key: value for key, value in facts.items() if key != "path"}
    for samples in ("calibration", "validation"):
        options[samples] = {key: value for key, value in options[samples].items() if key != "path"}
    contents = [[path.name, content_of(path)] for path in files]
    return json.dumps(["prepared", options, contents, [request.path is None for request in requests], versions()])


def content_of(path: Path, pattern: str = "*") -> str:
    """The digest of a file, or of the files of a folder with their names."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(file for file in path.rglob(pattern) if file.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
        for chunk in chunks(file):
            digest.update(chunk)
    return digest.hexdigest()


def chunks(file: Path) -> Iterator[bytes]:
    """A file piece by piece: models and samples may be large."""
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


@cache
def versions() -> tuple[str, ...]:
    """Of the libraries that are installed, and of this package: its own source."""
    return (*(f"{name} {installed(name)}" for name in LIBRARIES), content_of(OWN, "*.py"))


def installed(name: str) -> str:
    """A library's version, or nothing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def pack(path: Path, message: Message) -> None:
    """A message as one file."""
    isolation.write(path.parent, isolation.ANSWER, message)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part in sorted(path.parent.glob(f"{isolation.ANSWER}.*")):
            archive.write(part, part.name)


def unpack(path: Path) -> Message:
    """What `pack` packed."""
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as folder, zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        return isolation.read(Path(folder), isolation.ANSWER)
