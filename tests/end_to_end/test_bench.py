"""`edgeattn bench`: several networks on several targets, measured as they ship."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.end_to_end.command import REPOSITORY, edgeattn, files_in
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.single_op import TensorSpec, single_op

GATE = TensorSpec((1, 10), scale=(1 / 128,), zero_point=(0,))
MODEL = Path(__file__).parents[1] / "golden" / "small_se.tflite"


def test_every_network_is_measured_on_every_target(tmp_path):
    other = tmp_path / "models" / "other_name.tflite"
    other.parent.mkdir()
    shutil.copy(MODEL, other)
    targets = ("--target", "cortex-m0", "--target", "nucleo-f446re")
    rows = edgeattn("bench", MODEL, other, *targets, "--json", cwd=tmp_path).report
    assert [(row["name"], row["target"]) for row in rows] == [
        (name, target) for name in ("small_se", "other_name") for target in ("cortex-m0", "stm32f446re")
    ]
    for row in rows:
        assert row["byte_exact"]
        sections, flash, layers = row["sections"], row["flash_bytes"], row["layers"]
        assert (sections["text"], sections["rodata"]) == (flash["code"], flash["weights"] + flash["tables"])
        assert 0 < sections["kernels"] <= sections["text"]
        assert 0 < row["instructions"] - sum(layer["instructions"] for layer in layers) < 100
        assert 0 < row["cycles_estimate"] - sum(layer["cycles_estimate"] for layer in layers) < 400
        assert row["cycles_estimate"] > row["instructions"]
    assert rows[0]["instructions"] == rows[2]["instructions"] > rows[1]["instructions"]
    assert rows[0]["ms_estimate"] is None
    assert rows[1]["ms_estimate"] == pytest.approx(rows[1]["cycles_estimate"] / 180_000)
    assert list(files_in(tmp_path)) == ["models/other_name.tflite"]


def test_one_target_is_shown_layer_by_layer_within_eighty_characters(tmp_path):
    done = edgeattn("bench", MODEL, cwd=tmp_path, environment={"COLUMNS": "80"})
    assert done.code == 0, done.stderr
    assert all(name in done.stdout for name in ("conv2d", "mean", "fullyconnected", "logistic", "mul"))
    assert "small_se: 7,840 MACs" in done.stdout
    assert "±15%" in done.stdout
    assert "Cortex-M4 TRM" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_networks_of_one_file_name_stay_apart(tmp_path):
    for folder, text in (("one", MODEL.read_bytes()), ("other", single_op("TANH", [GATE], GATE))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.tflite").write_bytes(text)
    targets = ("--target", "cortex-m0", "--target", "cortex-m4")
    done = edgeattn("bench", "one/net.tflite", "other/net.tflite", *targets, cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("net: ")] == ["7,840", "0"]


def without_cycles(layers):
    return [{key: value for key, value in layer.items() if key != "cycles_estimate"} for layer in layers]


@on_qemu
def test_helium_is_measured_in_qemu_and_a_second_opinion_agrees(tmp_path):
    helium = edgeattn("bench", MODEL, "--target", "cortex-m55", "--json", cwd=tmp_path).report[0]
    assert (helium["emulator"], helium["core"], helium["byte_exact"]) == ("qemu", "cortex-m55", True)
    first, second = (
        edgeattn("bench", MODEL, "--emulator", emulator, "--json", cwd=tmp_path).report[0]
        for emulator in ("unicorn", "qemu")
    )
    assert (first["emulator"], second["emulator"]) == ("unicorn", "qemu")
    assert without_cycles(first["layers"]) == without_cycles(second["layers"])
    for one, other in zip(first["layers"], second["layers"], strict=True):  # the code lies elsewhere there
        assert one["cycles_estimate"] == pytest.approx(other["cycles_estimate"], rel=0.01)
    assert (first["instructions"], first["stack_bytes"]) == (second["instructions"], second["stack_bytes"])


@on_qemu
def test_a_network_too_large_for_the_emulated_board_is_proved_on_another_core_not_refused(tmp_path):
    """QEMU's only board with an M55 has 512 KiB for code and constants; the part has much more."""
    weights = np.random.default_rng(0).integers(-127, 128, (800, 800)).astype(np.int8)
    scale = {"scale": (0.01,), "zero_point": (0,)}
    tensors = [TensorSpec((1, 800), **scale), TensorSpec(weights.shape, **scale, data=weights)]
    (tmp_path / "large.tflite").write_bytes(single_op("FULLY_CONNECTED", tensors, TensorSpec((1, 800), **scale)))
    done = edgeattn("convert", "large.tflite", "--target", "stm32n657x0", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert (done.report["core"], done.report["byte_exact"]) == ("cortex-m33", True)
    assert "nothing here runs this network on a cortex-m55" in "".join(done.report["warnings"])
    strict = edgeattn("bench", "large.tflite", "--target", "cortex-m55", cwd=tmp_path)
    assert strict.code == 7
    assert "QEMU's largest board with a cortex-m55 is too small" in strict.stderr


MISTAKES = {
    "no emulator": (("--target", "cortex-m85"), 7, "no emulator for core 'cortex-m85': there are cortex-m0"),
    "no board": (("--target", "cortex-m0", "--emulator", "qemu"), 7, "QEMU has no board with a cortex-m0"),
    "no such core": (("--target", "cortex-m99"), 2, "unknown target 'cortex-m99'"),
    "no such model": ((), 3, "there is no such file"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_before_the_work(mistake, tmp_path):
    arguments, code, message = MISTAKES[mistake]
    model = "absent.tflite" if mistake == "no such model" else MODEL
    done = edgeattn("bench", model, *arguments, cwd=tmp_path)
    assert (done.code, done.stdout) == (code, "")
    assert message in done.stderr


def test_a_missing_qemu_is_answered_with_how_to_install_it(tmp_path):
    scripts = os.path.dirname(shutil.which("edgeattn") or "")
    done = edgeattn("bench", MODEL, "--target", "cortex-m55", cwd=tmp_path, environment={"PATH": scripts})
    assert (done.code, done.stderr) == (7, "error: qemu-system-arm is not installed: apt install qemu-system-arm\n")


def readme_row(network: str) -> list[str]:
    """The cells of a network in the README's table."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    lines = text.split("<!-- bench -->")[1].split("<!-- end of bench -->")[0].splitlines()
    (row,) = [line for line in lines if f"`{network}` |" in line]
    return [cell.strip() for cell in row.strip("|").split("|")]


def as_in_the_readme(row: dict[str, Any]) -> list[str]:
    """What a measurement on the Cortex-M4 puts into the columns M4, RAM, stack, code and data."""
    cycles = f"{row['cycles_estimate'] / 1e6:.3g} M"
    flash = row["flash_bytes"]
    sizes = (row["activations_bytes"], row["stack_bytes"], flash["code"], flash["weights"] + flash["tables"])
    return [f"{row['instructions']:,} / {cycles}", *(f"{size:,}" for size in sizes)]


@pytest.mark.parametrize("network", ["ad01_int8", "kws_ref_model"])
def test_the_readme_shows_what_bench_measures_on_public_networks(network, public, tmp_path):
    (row,) = edgeattn("bench", public(f"mlperf_tiny/{network}.tflite"), "--json", cwd=tmp_path).report
    cells = readme_row(network)
    assert [cells[3], *cells[6:]] == as_in_the_readme(row)


def test_the_readme_shows_what_bench_measures_on_the_example(tmp_path):
    model = REPOSITORY / "examples" / "fashion_se" / "fashion_se.h5"
    (row,) = edgeattn("bench", model, "--json", cwd=tmp_path).report
    cells = readme_row("fashion_se")
    assert [cells[3], *cells[6:]] == as_in_the_readme(row)
