"""What was prepared is kept by content: asked again it is not made again, and anything that matters asks anew."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from edgeattn.calibration import SampleRequest
from edgeattn.quantise import COMPARED, prepare
from firmware_export.emulator.cache import cache_folder

MODEL = Path(__file__).parents[1] / "golden" / "small_se.tflite"


class ChildStarted(Exception):
    """Raised in place of the work."""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEATTN_CACHE_DIR", str(tmp_path / "cache"))
    cache_folder.cache_clear()
    yield tmp_path / "cache" / "edgeattn"
    cache_folder.cache_clear()


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    np.savez(folder / "samples.npz", m_inputs_1=np.zeros((4, 6, 6, 3), np.float32))
    return Path(shutil.copy(MODEL, folder / "net.tflite"))


@pytest.fixture
def no_child(monkeypatch):
    def forbid():
        def refuse(*arguments, **options):
            raise ChildStarted

        monkeypatch.setattr(sys.modules["edgeattn.quantise"], "run_child", refuse)

    return forbid


def test_the_same_bytes_are_prepared_once_wherever_they_lie(cache, model, no_child, tmp_path):
    samples = SampleRequest(model.with_name("samples.npz"))
    first = prepare(model, calibration=samples)
    no_child()
    moved = Path(shutil.copytree(model.parent, tmp_path / "there"))
    again = prepare(moved / "net.tflite", calibration=SampleRequest(moved / "samples.npz"))
    assert (again.tflite, again.model) == (first.tflite, first.model)
    assert again.calibration.description == first.calibration.description
    assert np.array_equal(again.validation.inputs[0], first.validation.inputs[0])


CHANGES = {
    "another model": lambda folder: (folder / "net.tflite").write_bytes(MODEL.read_bytes() + b"\0"),
    "other samples": lambda folder: np.savez(folder / "samples.npz", m_inputs_1=np.ones((4, 6, 6, 3), np.float32)),
    "samples beside the model": lambda folder: shutil.copy(folder / "samples.npz", folder / "net.validation.npz"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_matters_asks_anew(change, cache, model, no_child):
    samples = SampleRequest(model.with_name("samples.npz"))
    prepare(model, calibration=samples)
    no_child()
    prepare(model, calibration=samples)
    CHANGES[change](model.parent)
    with pytest.raises(ChildStarted):
        prepare(model, calibration=samples)


def test_other_options_ask_anew(cache, model, no_child):
    prepare(model)
    no_child()
    with pytest.raises(ChildStarted):
        prepare(model, calibration=SampleRequest(seed=1))
    with pytest.raises(ChildStarted):
        prepare(model, validation=SampleRequest(limit=COMPARED.limit - 1))


def test_a_damaged_file_in_the_cache_is_not_believed(cache, model):
    first = prepare(model)
    (kept,) = cache.glob("*-prepared.zip")
    kept.write_bytes(kept.read_bytes()[:100])
    assert prepare(model).tflite == first.tflite


def test_a_refusal_is_not_kept(cache, model):
    model.write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    for _ in range(2):
        with pytest.raises(Exception, match="damaged"):
            prepare(model)
    assert not list(cache.glob("*-prepared.zip"))
