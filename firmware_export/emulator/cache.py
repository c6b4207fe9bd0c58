"""Where what was compiled outlives a process: never the working directory."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

UNUSED_SECONDS = 30 * 24 * 3600  # after which a file goes
ZIG = "zig"  # a folder in which Zig keeps order itself
CACHE_VARIABLES = ("EDGEATTN_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA")  # the first that is set


@cache
def cache_folder() -> Path:
    """The user's cache folder of this project; a fresh temporary folder where no such place can be written."""
    chosen = next((os.environ[name] for name in CACHE_VARIABLES if os.environ.get(name)), None)
    try:
        folder = (Path(chosen) if chosen else Path.home() / ".cache") / "edgeattn"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # a read-only home, or none
        return Path(tempfile.mkdtemp(prefix="edgeattn-"))


def cached_file(name: str, *, recipe: str, make: Callable[[Path], None]) -> Path:
    """The file that `make(path)` writes, made once per recipe and kept; two processes may ask at the same time.

    recipe: all that decides the content, such as the source text and the compiler's version.
    """
    kept = cache_folder() / f"{hashlib.sha256(recipe.encode()).hexdigest()}-{name}"
    if kept.exists():
        os.utime(kept)
        return kept
    remove_unused()
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        make(Path(folder) / name)
        os.replace(Path(folder) / name, kept)  # atomic: nobody sees half a file
    return kept


def remove_unused() -> None:
    """Delete what nobody asked for in a month, and what a process that was killed left behind."""
    oldest = time.time() - UNUSED_SECONDS
    for path in cache_folder().iterdir():
        try:
            if path.name == ZIG or path.stat().st_mtime >= oldest:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError:  # another process was faster, or still uses it
            continue
