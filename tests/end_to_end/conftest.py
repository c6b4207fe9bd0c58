"""Models for the end-to-end tests, made once a session by a process that may import TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.command import REPOSITORY

PUBLIC = REPOSITORY.parent / "shared" / "models"


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The folder with the small models."""
    folder = tmp_path_factory.mktemp("made")
    command = [sys.executable, "-m", "tests.end_to_end.make_models", folder]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def public():
    """A public network by its path below the shared models; skips where they are not."""

    def find(name: str) -> Path:
        path = PUBLIC / name
        if not path.exists():
            pytest.skip(f"the public network {name} is not here")
        return path

    return find
