"""Damaged, disguised and hostile files end in one sentence with exit code 3, quickly, and nothing of theirs runs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from edgeattn.config_scan import Lambdas
from edgeattn.errors import ChildDied, LoadError
from edgeattn.models import DEFAULTS, ModelKind, Options, inspect_model, kind_of

TRUSTING = Options(lambdas=Lambdas.RUN)


def refusal(path: Path, options: Options = DEFAULTS) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(LoadError) as refused:
        inspect_model(path, options=options)
    sentence = str(refused.value)
    assert refused.value.exit_code == 3
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert path.name in sentence
    return sentence


KINDS = {
    "se.h5": ModelKind.KERAS_H5,
    "se.keras": ModelKind.KERAS_ARCHIVE,
    "se_saved": ModelKind.SAVED_MODEL,
    "se_float.tflite": ModelKind.TFLITE,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_the_content_tells_the_kind_whatever_the_name(made, tmp_path, name, kind):
    disguised = tmp_path / "model.dat"
    disguised.symlink_to(made / name)
    assert kind_of(disguised) is kind


NOT_MODELS = {
    "empty.h5": b"",
    "text.keras": b"import os; os.system('true')\n" * 20,
    "text.tflite": b"hello",
    "pickle.h5": b"\x80\x04\x95cposix\nsystem\n",
    "cut_signature.h5": b"\x89HDF\r\n\x1a\n",
    "cut.keras": b"PK\x03\x04" + bytes(50),
    "cut.tflite": b"\x1c\0\0\0TFL3" + bytes(4),
    "garbage.tflite": b"\x1c\0\0\0TFL3" + bytes(range(256)) * 8,
}


@pytest.mark.parametrize(("name", "content"), NOT_MODELS.items(), ids=NOT_MODELS)
def test_what_is_no_model_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    refusal(path)


def test_folders_and_files_that_are_not_there_are_refused(tmp_path):
    assert "no SavedModel" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "missing.h5")


@pytest.mark.parametrize("name", ["se.h5", "se.keras", "se_float.tflite"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_files_are_refused(made, tmp_path, name, share):
    content = (made / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refusal(path) or "not a model" in refusal(path)


def test_weights_without_a_model_say_how_to_save(made):
    assert "model.save()" in refusal(made / "only.weights.h5")


@pytest.mark.parametrize("name", ["lambda.h5", "lambda.keras"])
def test_a_lambda_is_refused_and_its_code_never_runs(made, tmp_path, monkeypatch, name):
    marker = tmp_path / "ran"
    monkeypatch.setenv("EDGEATTN_TEST_CODE", f"open({str(marker)!r}, 'w')")
    assert "layer 'sneaky' is a Lambda with Python code" in refusal(made / name)
    assert not marker.exists()


DEATHS = (
    ("lambda.h5", "abort()", "aborted inside TensorFlow"),
    ("lambda.keras", "kill(__import__('os').getpid(), 9)", "memory ran out"),
)


@pytest.mark.parametrize("row", DEATHS, ids=["abort", "kill"])
def test_a_lambda_that_is_asked_for_runs_and_may_die(made, tmp_path, monkeypatch, row):
    name, death, words = row
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w'); print('last words', flush=True); __import__('os').{death}"
    monkeypatch.setenv("EDGEATTN_TEST_CODE", code)
    with pytest.raises(ChildDied, match=words) as died:
        inspect_model(made / name, options=TRUSTING)
    assert marker.exists()  # so the test above would have seen it
    assert died.value.exit_code == 3
    assert "last words" in died.value.detail


def test_a_child_that_takes_too_long_is_stopped(made):
    assert "within 0.3 s" in refusal(made / "se.keras", Options(timeout_seconds=0.3))


def rewritten(source: Path, target: Path, change) -> Path:
    """A .keras archive with its members changed: a function from name and content to content."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def test_a_custom_class_is_refused_by_name(made, tmp_path):
    def strange(name, content):
        return content.replace(
            b'"module": "keras.layers", "class_name": "Dense"', b'"module": "os", "class_name": "Evil"'
        )

    path = rewritten(made / "se.keras", tmp_path / "custom.keras", strange)
    assert "layer 'excite' needs 'os.Evil'" in refusal(path)


BOMBS = {"config.json": b" ", "model.weights.h5": b"\0"}


@pytest.mark.parametrize(("member", "byte"), BOMBS.items(), ids=BOMBS)
def test_zip_bombs_are_refused_unread(made, tmp_path, member, byte):
    def inflate(name, content):
        return content + byte * (60 << 20) if name == member else content

    path = rewritten(made / "se.keras", tmp_path / "bomb.keras", inflate)
    assert path.stat().st_size < 1 << 20
    assert f"{member} unpacks from" in refusal(path)


@pytest.mark.parametrize("member", ["config.json", "metadata.json", "model.weights.h5"])
def test_an_archive_without_a_member_is_refused(made, tmp_path, member):
    with zipfile.ZipFile(made / "se.keras") as old, zipfile.ZipFile(tmp_path / "part.keras", "w") as new:
        for name in set(old.namelist()) - {member}:
            new.writestr(name, old.read(name))
    assert member in refusal(tmp_path / "part.keras")


@pytest.mark.parametrize("config", ["{", "[]", "null", "[" * 100_000, '{"class_name": 3, "config": {}}'])
def test_a_config_that_is_damaged_is_refused(made, tmp_path, config):
    path = tmp_path / "odd.h5"
    path.write_bytes((made / "se.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = config
    assert "damaged" in refusal(path) or "not a table" in refusal(path)


def test_an_h5_file_may_not_reach_other_files(made, tmp_path):
    linked, external = tmp_path / "linked.h5", tmp_path / "external.h5"
    for path in (linked, external):
        path.write_bytes((made / "se.h5").read_bytes())
    with h5py.File(linked, "r+") as file:
        file["model_weights/sneaky"] = h5py.ExternalLink("/etc/passwd", "/")
    with h5py.File(external, "r+") as file:
        file["model_weights"].create_dataset("sneaky", (4,), "u1", external=[("/etc/passwd", 0, 4)])
    assert "link to elsewhere" in refusal(linked)
    assert "another file" in refusal(external)


def test_an_h5_file_may_not_declare_endless_weights(made, tmp_path):
    path = tmp_path / "huge.h5"
    path.write_bytes((made / "se.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file["model_weights"].create_dataset("endless", (1 << 40,), "f4", chunks=(1 << 10,), compression="gzip")
    assert path.stat().st_size < 1 << 20
    assert "declare more than" in refusal(path)


def test_weights_that_are_not_finite_are_named(made):
    assert "'exploded/kernel' hold NaN or infinity" in refusal(made / "nan.keras")


def test_sizes_left_open_are_named(made):
    assert "input 'photo' has the shape (?, ?, ?, 3)" in refusal(made / "open_size.keras")


CHECK_GRAPHS = """
import json, sys
from pathlib import Path
from edgeattn.errors import LoadError
from edgeattn.saved_model import check_graph
for name in sys.argv[1:]:
    try:
        check_graph(Path(name))
        print("fine")
    except LoadError as error:
        print(error)
"""


def test_saved_models_that_touch_files_or_call_python_are_refused_unloaded(made, tmp_path):
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "saved_model.pb").write_bytes((made / "se_saved" / "saved_model.pb").read_bytes()[:-500])
    folders = [made / "reader", made / "caller", made / "saver", cut, made / "se_saved"]
    done = subprocess.run([sys.executable, "-c", CHECK_GRAPHS, *folders], capture_output=True, text=True, check=True)
    reader, caller, saver, damaged, fine = done.stdout.splitlines()
    assert "is a ReadFile, which is not an op of a network" in reader
    assert "is a EagerPyFunc, which is not an op of a network" in caller
    assert "is a SaveV2, which is not an op of a network" in saver
    assert "damaged" in damaged
    assert fine == "fine"


def test_a_hostile_saved_model_is_refused_by_the_child(made):
    assert "ReadFile" in refusal(made / "reader")


def test_constants_of_a_tflite_that_are_not_finite_are_named(made, tmp_path):
    content, kernel = (made / "se_float.tflite").read_bytes(), last_kernel(made / "se.h5")
    assert kernel in content
    path = tmp_path / "nan.tflite"
    path.write_bytes(content.replace(kernel, b"\x00\x00\xc0\x7f" + kernel[4:], 1))
    assert "hold NaN or infinity" in refusal(path)


def last_kernel(path: Path) -> bytes:
    """The bytes of the last layer's kernel as a .tflite stores them: units first."""
    found: list[np.ndarray] = []
    with h5py.File(path) as file:
        group = file["model_weights/classes"]
        group.visititems(lambda name, item: found.append(item[()]) if name.endswith("kernel") else None)
    return np.ascontiguousarray(found[0].T).tobytes()


def test_the_facts_of_a_file_are_told_without_quantising(made):
    facts = inspect_model(made / "se_float.tflite")
    assert (facts.name, facts.is_quantised) == ("se_float", False)
    assert [(port.shape, port.dtype, port.scale) for port in facts.inputs] == [((1, 8, 8, 3), "float32", None)]
    assert {layer.kind for layer in facts.layers} >= {"CONV_2D", "MEAN", "LOGISTIC", "MUL"}
    assert [port.shape for port in facts.outputs] == [(1, 5)]
