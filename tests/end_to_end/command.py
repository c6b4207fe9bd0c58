"""The installed command `edgeattn`, in a process of its own as users run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
SECONDS = 280  # below the timeout of a test, so that what the command said is seen


@dataclass(frozen=True)
class Finished:
    """How the command ended and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> Any:
        """Standard output, read as JSON: fails where anything else stands there."""
        return json.loads(self.stdout)


def edgeattn(*arguments: object, cwd: Path, environment: Mapping[str, str] | None = None) -> Finished:
    """Run the command in a folder; `environment` is added to this process's own."""
    done = subprocess.run(
        [installed(), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def installed() -> str:
    """The command's file, beside the Python that runs the tests."""
    found = shutil.which("edgeattn", path=sysconfig.get_path("scripts"))
    assert found, "edgeattn is not installed: pip install -e '.[test]'"
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
