"""The zoo of attention blocks: every network is built, trained and measured; its README tells what is measured."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from edgeattn.calibration import SampleRequest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "attention_zoo"
README = EXAMPLE / "README.md"
DATA = Path("/usr/share/datasets/fashion-mnist")
LARGEST_BYTES = 600_000  # of all trained networks
MOST_LOST = 1.0  # per cent of the test set, from float to int8
NEAR = 0.01  # a softmax of other inputs takes some instructions more or less, and kernels change; RAM is exact
QUICK = ("none", "se_average")  # the others wait for -m slow

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the Debian package dataset-fashion-mnist is not installed, and tests download nothing"
)


def module(name: str) -> ModuleType:
    """One file of the example."""
    spec = importlib.util.spec_from_file_location(f"attention_zoo_{name}", EXAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded  # its dataclasses look for themselves there
    spec.loader.exec_module(loaded)
    return loaded


def told() -> dict[str, dict[str, str]]:
    """The rows of a table of the README, or of what the script prints for it, by network."""
    return rows_of(README.read_text(encoding="utf-8").split("<!-- zoo -->")[1].split("<!-- end of zoo -->")[0])


def rows_of(text: str) -> dict[str, dict[str, str]]:
    header, _, *rows = ([cell.strip() for cell in line.strip("| ").split("|")] for line in text.strip().splitlines())
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def number(cell: str) -> float:
    return float(cell.replace(",", "").rstrip("%"))


def compiler_told() -> str:
    """The compiler of the README's figures, as reports spell it."""
    found = re.search(r"^zig [\d.]+", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "the README names no compiler"
    return found[0]


NETWORKS = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in told()]


def test_every_network_is_built_with_one_attention_a_block():
    networks = module("networks")
    assert list(networks.ZOO) == list(told())
    for name in networks.ZOO:
        model = networks.build(name)
        assert model.output_shape == (None, 10)
        assert len([layer for layer in model.layers if layer.name.endswith("_attention")]) == len(networks.BLOCKS)


def test_every_trained_network_is_there_and_together_they_are_small():
    trained = {path.stem: path.stat().st_size for path in (EXAMPLE / "trained").iterdir()}
    assert sorted(trained) == sorted(told())
    assert sum(trained.values()) < LARGEST_BYTES


def test_int8_loses_less_than_one_per_cent_anywhere_and_every_byte_is_right():
    for name, row in told().items():
        assert number(row["float"]) - number(row["int8"]) < MOST_LOST, name
        assert row["byte-exact"] == "yes", name


@pytest.mark.parametrize("name", NETWORKS)
def test_the_readme_tells_what_a_trained_network_costs(name):
    measuring, row, base = module("measuring"), told()[name], told()["none"]
    reports = measuring.examine(EXAMPLE / "trained" / f"{name}.keras", SampleRequest(limit=8))
    cost = measuring.cost(reports)
    assert cost.differing_bytes == 0
    assert number(row["RAM"]) == cost.ram_bytes, "print the README's table anew: its command stands below it"
    assert number(row["price: RAM"]) == cost.ram_bytes - number(base["RAM"])
    assert number(row["price: instructions"]) == number(row["instructions"]) - number(base["instructions"])
    if reports[0].proof.emulated.compiler == compiler_told():  # another one counts differently
        counted = {"flash": cost.flash_bytes, "instructions": cost.instructions}
        assert {key: number(row[key]) for key in counted} == pytest.approx(counted, rel=NEAR)


@needs_data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_networks_are_trained_for_a_step_measured_and_drawn(tmp_path):
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    svg, options = tmp_path / "zoo.svg", ("--epochs", "1", "--train-images", "5064", "--test-images", "16")
    done = subprocess.run(
        [
            sys.executable,
            str(EXAMPLE / "attention_zoo.py"),
            *options,
            *("--only", "self_attention", "--trained", str(tmp_path / "trained"), "--markdown", "--svg", str(svg)),
        ],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout[done.stdout.index("| attention") :])
    assert list(rows) == ["none", "self_attention"]
    assert [row["byte-exact"] for row in rows.values()] == ["yes", "yes"]
    assert rows["self_attention"]["RAM"] == told()["self_attention"]["RAM"]
    assert "self_attention" in svg.read_text(encoding="utf-8")
