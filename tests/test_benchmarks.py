"""The benchmark is one command, from a folder of networks to the README's tables."""

from __future__ import annotations

import subprocess
import sys

from tests.end_to_end.command import REPOSITORY
from tests.firmware_export.emulator.firmwares import on_qemu

SCRIPT = REPOSITORY / "benchmarks" / "networks.py"


def benchmark(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


@on_qemu
def test_the_networks_of_a_folder_become_the_rows_of_the_readme(tmp_path):
    done = benchmark(tmp_path)
    assert done.returncode == 0, done.stderr
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in done.stdout.splitlines() if "`fashion_se`" in line and line.count("|") > 10]
    assert row in readme
    assert f"ad01_int8 is not in {tmp_path}: left out" in done.stderr


def test_other_figures_than_the_readme_s_do_not_replace_them(tmp_path):
    for name in ("ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8", "se_small_int8"):
        (tmp_path / f"{name}.tflite").touch()
    before = (REPOSITORY / "README.md").read_bytes()
    done = benchmark(tmp_path, "-O", "ram", "--write")
    assert (done.returncode, done.stdout) == (1, "")
    assert "leave out --compiler and -O" in done.stderr
    assert (REPOSITORY / "README.md").read_bytes() == before


def test_some_networks_do_not_replace_all():
    before = (REPOSITORY / "README.md").read_bytes()
    done = benchmark(SCRIPT.parent, "--write")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "Error: only all networks together can be written")
    assert (REPOSITORY / "README.md").read_bytes() == before
