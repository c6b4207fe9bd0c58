"""Networks of keras.applications become C that gives every byte of LiteRT's reference kernels on emulated cores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgeattn import Conversion
from edgeattn.conversion import examine_on
from tests.end_to_end.command import REPOSITORY, edgeattn

CORES = ("cortex-m0", "cortex-m4", "cortex-m7")
ROWS = (  # network, ops in loops around them; five of EfficientNet's gates and MobileNetV2's mean meet one pixel
    pytest.param("mobilenet_v3_small_lively", {"SqueezeMean": 1, "Excite": 9}),
    pytest.param("mobilenet_v2_lively", {}, marks=pytest.mark.slow),
    pytest.param("efficientnet_b0_lively", {"Excite": 11}, marks=pytest.mark.slow),
    pytest.param("efficientnet_b0", {"Excite": 11}, marks=pytest.mark.slow),
)
FUSED = ("SqueezeMean", "Excite")

pytestmark = pytest.mark.xdist_group("applications")  # they share the files


@pytest.fixture(scope="session")
def applications(tmp_path_factory) -> Path:
    """The folder with the networks."""
    folder = tmp_path_factory.mktemp("applications")
    command = [sys.executable, "-m", "tests.end_to_end.make_applications", folder]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.mark.parametrize(("network", "fused"), ROWS)
def test_a_network_of_keras_gives_the_bytes_of_the_reference_on_every_core(applications, network, fused):
    conversion = Conversion(inputs=2)
    reports = list(examine_on(CORES, applications / f"{network}.keras", conversion))
    assert [report.byte_exact for report in reports] == [True] * len(CORES)
    kinds = [op.kind for op in reports[0].exported.graph.ops]
    assert {kind: kinds.count(kind) for kind in FUSED if kind in kinds} == fused
    names = [layer.name for layer in reports[0].exported.program.layers]
    nets = ("mobilenet", "efficientnet")  # a layer named after its network has lost its own name
    assert not [name for name in names if name.startswith(nets)]


@pytest.mark.slow
def test_the_command_converts_an_untrained_network_as_keras_saves_it(applications, tmp_path):
    done = edgeattn("convert", applications / "mobilenet_v3_small.keras", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]
    assert done.report["calibration"]["source"] == "random"
    assert any("RANDOM data" in warning for warning in done.report["warnings"])
    assert (tmp_path / "build" / "mobilenet_v3_small" / "mobilenet_v3_small.h").exists()


@pytest.mark.slow
def test_a_part_whose_flash_is_too_small_is_told_by_how_much(applications, tmp_path):
    model = applications / "efficientnet_b0.keras"
    done = edgeattn("convert", model, "--target", "stm32f446re", cwd=tmp_path)
    assert done.code == 5, done.stderr
    assert "bytes of FLASH too few" in " ".join(done.stderr.split())
    assert not (tmp_path / "build").exists()
