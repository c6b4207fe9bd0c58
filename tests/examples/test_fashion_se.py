"""The Fashion-MNIST example: its files are small and load, and its evaluation finds the C right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgeattn.models import ModelKind, inspect_model

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fashion_se"
MODEL = EXAMPLE / "fashion_se.h5"
DATA = Path("/usr/share/datasets/fashion-mnist")
IMAGES = 64
LARGEST_BYTES = 500_000
LEAST_ACCURACY = 85.0  # per cent
ROW = re.compile(r"│ (?P<form>.+?) +│ +(?P<correct>[\d,]+) │ +(?P<accuracy>[\d.]+)% │ +(?P<differing>[\d,]*) ?│")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the Debian package dataset-fashion-mnist is not installed, and tests download nothing"
)


def evaluate(*options: str) -> dict[str, re.Match[str]]:
    """Run the example's command as a user does and return the rows of its table."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "evaluate.py"), *options],
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {row["form"]: row for row in map(ROW.match, done.stdout.splitlines()) if row}


@pytest.mark.parametrize("name", ["fashion_se.h5", "fashion_se.calibration.npz", "fashion_se.validation.npz"])
def test_every_file_is_small_enough_for_a_repository(name):
    assert 0 < (EXAMPLE / name).stat().st_size < LARGEST_BYTES


def test_the_model_loads_with_squeeze_and_excitation_in_every_block():
    facts = inspect_model(MODEL)
    assert facts.kind is ModelKind.KERAS_H5
    assert [port.shape for port in (*facts.inputs, *facts.outputs)] == [(1, 28, 28, 1), (1, 10)]
    scaled = [layer.name for layer in facts.layers if layer.kind == "Multiply"]
    assert scaled == [f"block{number}_scale" for number in range(1, 6)]


@needs_data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_evaluation_finds_every_byte_of_the_generated_c_right():
    rows = evaluate("--images", str(IMAGES))
    reference, core = rows["LiteRT's reference kernels"], rows["generated C, emulated cortex-m4"]
    assert core["differing"] == "0"
    assert core["correct"] == reference["correct"]
    assert [form for form, row in rows.items() if float(row["accuracy"]) < LEAST_ACCURACY] == []
    assert len(rows) == 4
