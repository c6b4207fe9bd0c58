"""What may be asked of a conversion, and what is refused before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeattn.calibration import SampleRequest
from edgeattn.conversion import Conversion, check_threshold, convert, requested
from edgeattn.errors import OptionError, OutputError, SamplesError
from edgeattn.quantise import COMPARED


@pytest.mark.parametrize("threshold", [float("nan"), 1.01, 2, -5, float("inf")])
def test_a_threshold_that_no_cosine_has_is_refused_before_the_model_is_read(threshold):
    with pytest.raises(OptionError, match="from -1 to 1") as refused:
        convert("none.h5", Conversion(threshold=threshold))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("threshold", [-1, 0, 0.98, 1])
def test_a_threshold_that_a_cosine_may_have_is_taken(threshold):
    check_threshold(threshold)


@pytest.mark.parametrize("path", ["s.npz", Path("s.npz")], ids=["str", "Path"])
def test_a_path_alone_asks_for_samples_as_usual(path):
    assert requested(path, COMPARED) == SampleRequest(Path("s.npz"), limit=COMPARED.limit)


def test_a_request_is_taken_as_it_is():
    wish = SampleRequest(Path("s.npz"), limit=3)
    assert requested(wish, COMPARED) is wish


@pytest.mark.parametrize("key", ["calibration", "validation"])
def test_a_conversion_takes_a_path_as_text(tmp_path, key):
    (tmp_path / "net.tflite").write_bytes(b"....TFL3")
    with pytest.raises(SamplesError, match=r"none\.npz: there is no such file"):
        convert(tmp_path / "net.tflite", Conversion(**{key: str(tmp_path / "none.npz")}))


def test_a_folder_to_write_to_may_be_text_too(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(OutputError, match="mine is a file"):
        convert("net.tflite", Conversion(output=str(tmp_path / "mine")))
    with pytest.raises(OutputError, match="mine is a file"):
        convert("net.tflite", Conversion(picture=str(tmp_path / "mine" / "a.svg")))
