"""Write results so that a failed run leaves nothing half-written and an earlier good file whole."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from edgeattn.errors import OutputError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ELSEWHERE = "choose another folder with -o or --picture"


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write every file, or none: each is finished beside its place before the first is moved there.

    Raises OutputError where a folder cannot be written or the disk is full.
    """
    check_places(files)
    staged: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in files.items():
            staged[path] = stage(path.parent, content)
        for path, temporary in staged.items():
            os.replace(temporary, path)
    except OSError as error:
        raise OutputError(
            f"cannot write to {path.parent}: {error.strerror or error}; {ELSEWHERE}, or make room"
        ) from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Raise OutputError where no folder can stand there, whether or not it exists yet."""
    above = next((place for place in (folder, *folder.parents) if os.path.exists(place)), Path())
    if not above.is_dir():
        raise OutputError(f"cannot write to {folder}: {above} is a file; {ELSEWHERE}")


def check_places(files: Iterable[Path]) -> None:
    """Raise OutputError where these files cannot stand, whether or not their folders exist yet."""
    for path in files:
        check_folder(path.parent)
        if path.is_dir():
            raise OutputError(f"cannot write {path}: a folder is in its place; remove it or choose another")


def stage(folder: Path, content: bytes) -> Path:
    """A finished temporary file in the folder, which is made; nothing is left of the file where writing fails."""
    folder.mkdir(parents=True, exist_ok=True)
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


def no_room(reason: str) -> OutputError:
    """What to raise where the disk that temporary files are on is full."""
    return OutputError(f"no room for temporary files in {tempfile.gettempdir()} ({reason}): make room")


def current_umask() -> int:
    """The process's umask; mkstemp ignores it, and users expect files that they may share."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
