"""Samples from every source, and one clear sentence for everything that is wrong with them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgeattn.calibration import Pick, SampleRequest, Source, Wanted, beside, check_request, load
from edgeattn.errors import CalibrationError, SamplesError
from edgeattn.quantise import prepare

IMAGE = (Wanted("image", (4, 6, 3)),)
PAIR = (Wanted("left", (2,)), Wanted("right", (3,)))
FOLDER = Path(__file__).parent
NUMBERS = np.random.default_rng(0).uniform(-1, 1, (5, 4, 6, 3)).astype(np.float32)


def stored(path: Path, **arrays) -> SampleRequest:
    np.savez(path, **arrays)
    return SampleRequest(path)


@pytest.mark.parametrize("key", ["m_inputs_1", "image", "anything"])
def test_an_npz_is_read_by_number_by_name_or_as_its_only_array(tmp_path, key):
    samples = load(stored(tmp_path / "s.npz", **{key: NUMBERS}), IMAGE)
    assert samples.source is Source.FILE
    assert np.array_equal(samples.inputs[0], NUMBERS)
    assert samples.inputs[0].dtype == np.float32


def test_labels_and_outputs_beside_the_inputs_do_no_harm(tmp_path):
    request = stored(tmp_path / "s.npz", m_inputs_1=NUMBERS, labels=np.arange(5), m_outputs_1=np.zeros((5, 2)))
    assert load(request, IMAGE).count == 5


@pytest.mark.parametrize("keys", [("m_inputs_1", "m_inputs_2"), ("left", "right")])
def test_several_inputs_find_their_arrays(tmp_path, keys):
    left, right = np.ones((4, 2), np.float64), np.zeros((4, 3), np.uint8)
    samples = load(stored(tmp_path / "s.npz", **dict(zip(keys, (left, right), strict=True))), PAIR)
    assert [array.shape for array in samples.inputs] == [(4, 2), (4, 3)]
    assert {array.dtype for array in samples.inputs} == {np.dtype(np.float32)}


def test_an_npy_serves_a_single_input_and_gains_a_channel_axis(tmp_path):
    np.save(tmp_path / "s.npy", NUMBERS[..., 0])
    samples = load(SampleRequest(tmp_path / "s.npy"), (Wanted("image", (4, 6, 1)),))
    assert np.array_equal(samples.inputs[0], NUMBERS[..., :1])


def test_the_first_are_taken_or_a_seeded_choice(tmp_path):
    values = np.arange(100, dtype=np.float32)[:, None]
    np.save(tmp_path / "s.npy", values)
    want = (Wanted("x", (1,)),)
    first = load(SampleRequest(tmp_path / "s.npy", limit=7), want).inputs[0]
    chosen, again, other = (
        load(SampleRequest(tmp_path / "s.npy", limit=7, pick=Pick.SEEDED, seed=seed), want).inputs[0]
        for seed in (1, 1, 2)
    )
    assert first.ravel().tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.array_equal(chosen, again)
    assert not np.array_equal(chosen, other)
    assert np.all(np.diff(chosen.ravel()) > 0)


def test_a_folder_of_images_is_sorted_resized_and_scaled(tmp_path):
    for name, level in (("b.png", 100), ("a.png", 50), ("sub/c.jpg", 200)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (20, 10), (level, level, level)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    samples = load(SampleRequest(tmp_path, scale=2.0, offset=-1.0), IMAGE).inputs[0]
    assert samples.shape == (3, 4, 6, 3)
    assert samples[:, 0, 0, 0].tolist() == pytest.approx([99, 199, 399], abs=2)


@pytest.mark.parametrize(("channels", "expected"), [(1, [0.299]), (3, [1.0, 0.0, 0.0])])
def test_images_follow_the_channels_of_the_input(tmp_path, channels, expected):
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "red.png")
    samples = load(SampleRequest(tmp_path), (Wanted("image", (2, 2, channels)),)).inputs[0]
    assert samples[0, 0, 0].tolist() == pytest.approx(expected, abs=0.01)


def test_a_file_beside_the_model_is_found_and_said(tmp_path):
    stored(tmp_path / "net.calibration.npz", m_inputs_1=NUMBERS)
    found = beside(tmp_path / "net.h5")
    assert found == tmp_path / "net.calibration.npz"
    assert beside(tmp_path / "other.h5") is None
    assert load(SampleRequest(), IMAGE, found=found).source is Source.BESIDE


def test_without_a_file_noise_is_seeded_bounded_and_said():
    one, two = (load(SampleRequest(low=-2, high=-1), IMAGE) for _ in range(2))
    assert one.source is Source.RANDOM
    assert np.array_equal(one.inputs[0], two.inputs[0])
    assert -2 <= one.inputs[0].min() < one.inputs[0].max() <= -1
    assert "random" in one.description


def test_noise_fills_the_known_range_of_a_quantised_input():
    noise = load(SampleRequest(), (Wanted("x", (500,), low=-100.0, high=27.0),)).inputs[0]
    assert noise.min() < -95
    assert noise.max() > 22


def changed(value: float) -> np.ndarray:
    array = NUMBERS.astype(np.float64)
    array[3, 0, 0, 0] = value
    return array


WRONG_CONTENT = (
    ("shape", NUMBERS[:, :3], r"shape \(5, 3, 6, 3\), expected \(samples, 4, 6, 3\)"),
    ("empty", NUMBERS[:0], "empty"),
    ("text", np.array(["a", "b"]), "not numbers"),
    ("scalar", np.float32(1), r"shape \(\)"),
    ("NaN", changed(np.nan), "NaN or infinity, first in sample 3"),
    ("beyond float32", changed(1e300), "NaN or infinity, first in sample 3"),
)


@pytest.mark.parametrize(("name", "array", "words"), WRONG_CONTENT, ids=[row[0] for row in WRONG_CONTENT])
def test_samples_that_do_not_suit_the_network_are_refused(tmp_path, name, array, words):
    with pytest.raises(CalibrationError, match=words) as refused:
        load(stored(tmp_path / "s.npz", m_inputs_1=array), IMAGE)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2


WRONG_FILES = (
    ("missing.npz", None, "no such file"),
    ("empty.npz", b"", "damaged"),
    ("text.npz", b"not an archive at all", "damaged"),
    ("text.npy", b"not an array at all", "damaged"),
    ("cut.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False", "damaged"),
    ("photo.tiff", b"II*\x00", "samples are an .npz"),
)


@pytest.mark.parametrize(("name", "content", "words"), WRONG_FILES, ids=[row[0] for row in WRONG_FILES])
def test_files_that_cannot_be_read_are_refused(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SamplesError, match=words) as refused:
        load(SampleRequest(tmp_path / name), IMAGE)
    assert refused.value.exit_code == 3


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("unpickled"),))


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_pickles_are_never_opened(tmp_path, monkeypatch, suffix):
    monkeypatch.chdir(tmp_path)
    array = np.array([Bomb()], dtype=object)
    np.save(tmp_path / "s.npy", array) if suffix == ".npy" else np.savez(tmp_path / "s.npz", m_inputs_1=array)
    with pytest.raises(SamplesError, match="damaged"):
        load(SampleRequest(tmp_path / f"s{suffix}"), IMAGE)
    assert not Path("unpickled").exists()


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("edgeattn.calibration.LARGEST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "s.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m_inputs_1.npy", bytes(100_000))
    with pytest.raises(SamplesError, match="100000 bytes"):
        load(SampleRequest(tmp_path / "s.npz"), IMAGE)


WRONG_REQUESTS = (
    ("the inputs' names do not fit", {"a": np.ones((2, 2)), "b": np.ones((2, 3))}, PAIR, "m_inputs_1, m_inputs_2"),
    ("different lengths", {"left": np.ones((2, 2)), "right": np.ones((3, 3))}, PAIR, "left 2, right 3"),
)


@pytest.mark.parametrize(("name", "arrays", "wanted", "words"), WRONG_REQUESTS, ids=[row[0] for row in WRONG_REQUESTS])
def test_several_inputs_that_do_not_fit_together_are_refused(tmp_path, name, arrays, wanted, words):
    with pytest.raises(CalibrationError, match=words):
        load(stored(tmp_path / "s.npz", **arrays), wanted)


def test_one_array_cannot_serve_two_inputs(tmp_path):
    np.save(tmp_path / "s.npy", np.ones((2, 2)))
    with pytest.raises(CalibrationError, match=r"2 inputs \(left, right\)"):
        load(SampleRequest(tmp_path / "s.npy"), PAIR)


def test_images_for_an_input_that_is_no_image_are_refused(tmp_path):
    with pytest.raises(CalibrationError, match=r"\(2\): give an .npz"):
        load(SampleRequest(tmp_path), PAIR[:1])


def test_a_folder_without_images_and_a_broken_image_are_refused(tmp_path):
    with pytest.raises(SamplesError, match="no images"):
        load(SampleRequest(tmp_path), IMAGE)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(SamplesError, match=r"broken\.png"):
        load(SampleRequest(tmp_path), IMAGE)


NAN, INFINITY = float("nan"), float("inf")
SENSELESS = {
    "limit": (SampleRequest(limit=0), "limit"),
    "range upside down": (SampleRequest(low=1), "between 1 and 1 .* low bound"),
    "range of NaN": (SampleRequest(high=NAN), "low bound"),
    "range without end": (SampleRequest(high=INFINITY), "low bound"),
    "scale of NaN": (SampleRequest(FOLDER, scale=NAN), "the scale of pixels is nan"),
    "infinite scale": (SampleRequest(FOLDER, scale=INFINITY), "the scale of pixels is inf"),
    "infinite offset": (SampleRequest(FOLDER, offset=-INFINITY), "the offset of pixels is -inf"),
    "scale that float32 cannot hold": (SampleRequest(FOLDER, scale=1e38), "finite"),
    "range that a folder does not use": (SampleRequest(FOLDER, low=1, high=0), "between 1 and 0"),
    "scale without a folder": (SampleRequest(scale=0.5), "no folder of images is named"),
}


@pytest.mark.parametrize(("wish", "words"), SENSELESS.values(), ids=SENSELESS)
def test_requests_that_make_no_sense_are_refused_whatever_the_network(wish, words):
    with pytest.raises(CalibrationError, match=words) as refused:
        check_request(wish)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("pixels", [{"scale": 1 / 255}, {"offset": 0.0}], ids=["scale", "offset"])
@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_scale_and_offset_with_arrays_are_refused_not_ignored(tmp_path, suffix, pixels):
    path = tmp_path / f"s{suffix}"
    path.touch()
    with pytest.raises(CalibrationError, match=rf"s\{suffix} is no folder of images: .* used as they are"):
        check_request(SampleRequest(path, **pixels))


@pytest.mark.parametrize("key", ["calibration", "validation"])
@pytest.mark.parametrize(("name", "words"), [("none.npz", "no such file"), ("photo.tiff", "samples are an .npz")])
def test_a_wrong_path_is_known_before_a_child_process_starts(tmp_path, monkeypatch, key, name, words):
    monkeypatch.setattr("edgeattn.quantise.run_child", None)
    (tmp_path / "net.tflite").write_bytes(b"....TFL3")
    (tmp_path / "photo.tiff").touch()
    with pytest.raises(SamplesError, match=words):
        prepare(tmp_path / "net.tflite", **{key: SampleRequest(tmp_path / name)})


def test_neither_samples_nor_the_parent_need_tensorflow():
    code = (
        "import sys; import edgeattn.calibration, edgeattn.quantise, edgeattn.runners, edgeattn.models; "
        "sys.exit(str({'tensorflow', 'keras', 'h5py', 'PIL', 'ai_edge_litert'} & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
