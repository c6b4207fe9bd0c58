"""Where compiled helpers that outlive a process are kept: never the working directory."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

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
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    kept = cache_folder() / f"{digest}-{name}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
            make(Path(folder) / name)
            os.replace(Path(folder) / name, kept)  # atomic: nobody sees half a file
    return kept
