"""Each attention layer from a .keras file to C that gives every byte of LiteRT's reference, on three cores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgeattn import Conversion
from edgeattn.calibration import SampleRequest
from edgeattn.conversion import examine_on
from tests.edgeattn.layers.cases import CASES, Case
from tests.end_to_end.command import REPOSITORY

CORES = ("cortex-m0", "cortex-m4", "cortex-m7")
FEW = SampleRequest(limit=8)
AS_ASKED = Conversion(calibration=FEW, validation=FEW, inputs=3)


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> Path:
    """The folder with a network for each case."""
    folder = tmp_path_factory.mktemp("attention")
    command = [sys.executable, "-m", "tests.end_to_end.attention_models", folder]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def marked(case: Case):
    """What is left to those who ask for slow tests: options, and the two halves of CBAM by themselves."""
    is_slow = case.options or case.layer in ("ChannelAttention", "SpatialAttention")
    return pytest.param(case, id=str(case), marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_the_c_of_a_network_with_the_layer_is_byte_exact(case, networks):
    reports = list(examine_on(CORES, networks / f"{case}.keras", AS_ASKED))
    assert [report.target.name for report in reports] == list(CORES)
    for report in reports:
        assert report.byte_exact, report.target.name
        assert report.proof.agreement.cos > 0.99
