"""Small model files of every kind, written once a session by a process that may import TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgeattn.calibration import SampleRequest
from edgeattn.quantise import Prepared, prepare

MAKER = Path(__file__).with_name("make_models.py")
PUBLIC = Path(__file__).parents[3] / "shared" / "models"
FEW = SampleRequest(limit=8)


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The folder with the files."""
    folder = tmp_path_factory.mktemp("made")
    done = subprocess.run([sys.executable, MAKER, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def prepared(made) -> Prepared:
    """The squeeze-and-excitation network, from its .keras file, on random samples."""
    return prepare(made / "se.keras", calibration=FEW, validation=FEW)


@pytest.fixture
def public():
    """A public network by its path below the shared models; skips where they are not."""

    def find(name: str) -> Path:
        path = PUBLIC / name
        if not path.exists():
            pytest.skip(f"the public network {name} is not here")
        return path

    return find
