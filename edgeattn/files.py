"""Write results so that a failed run leaves nothing half-written and an earlier good file whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from edgeattn.errors import OutputError


def write_all(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write every file of a folder, or none: each is finished beside its place before the first is moved there.

    Raises OutputError where the folder cannot be written or the disk is full.
    """
    check_places(folder, files)
    staged: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            staged[folder / name] = stage(folder, content)
        for path, temporary in staged.items():
            os.replace(temporary, path)
    except OSError as error:
        raise OutputError(
            f"cannot write to {folder}: {error.strerror or error}; choose another folder with -o, or make room"
        ) from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
    return tuple(staged)


def check_places(folder: Path, names: Iterable[str] = ()) -> None:
    """Raise OutputError where files of these names cannot stand in the folder, whether or not it exists yet."""
    above = next((place for place in (folder, *folder.parents) if os.path.exists(place)), Path())
    if not above.is_dir():
        raise OutputError(f"cannot write to {folder}: {above} is a file; choose another folder with -o")
    for name in names:
        if (folder / name).is_dir():
            raise OutputError(f"cannot write {folder / name}: a folder is in its place; remove it or choose another")


def stage(folder: Path, content: bytes) -> Path:
    """A finished temporary file in the folder; nothing is left of it where writing fails."""
    handle, name = tempfile.mkstemp(prefix=".edgeattn-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~current_umask())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def current_umask() -> int:
    """The process's umask; mkstemp ignores it, and users expect files that they may share."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
