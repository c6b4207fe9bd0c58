"""What is wrong ends in one sentence on standard error, with its exit code, and never in a traceback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.end_to_end.command import Finished, edgeattn, files_in, installed
from tests.single_op import TensorSpec, single_op

IMAGE = TensorSpec((1, 8, 8, 4), scale=(0.5,), zero_point=(0,))


def small() -> bytes:
    """A network that converts in seconds."""
    return single_op("AVERAGE_POOL_2D", [IMAGE], IMAGE, filter=(3, 3), padding="SAME")


def two_inputs() -> bytes:
    """The sum of two images."""
    return single_op("ADD", [IMAGE, IMAGE], IMAGE)


def large() -> bytes:
    """A network of 72 KiB of activations, input and output."""
    image = TensorSpec((1, 96, 96, 4), scale=(0.5,), zero_point=(0,))
    return single_op("MAX_POOL_2D", [image], image, filter=(3, 3), padding="SAME")


def with_elu() -> bytes:
    """An op that has no kernel on the device, between an input and an output of a Keras-like name."""
    model = schema.ModelT.InitFromPackedBuf(single_op("TANH", [IMAGE], IMAGE), 0)
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.ELU
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.ELU
    model.operatorCodes[0].version = 1
    model.subgraphs[0].tensors[1].name = b"net/soft_gate/Elu"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def samples(*shape: int) -> bytes:
    """An .npz for the first input."""
    stream = io.BytesIO()
    np.savez(stream, m_inputs_1=np.zeros(shape, np.float32))
    return stream.getvalue()


@dataclass(frozen=True)
class Bad:
    """Files of a folder, how `edgeattn convert` is called there, its exit code, and what it must say."""

    files: Mapping[str, bytes]  # a name that ends with / is an empty folder
    arguments: tuple[object, ...]
    code: int
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


NET = {"net.tflite": small()}
ODD = {"net.tflite": with_elu()}
ON_SAMPLES = ("net.tflite", "--calibration", "s.npz")
WITHOUT_GCC = {"PATH": sysconfig.get_path("scripts")}
CASES = {
    "no such file": Bad({}, ("net.h5",), 3, ("net.h5", "no such file", ".tflite")),
    "text named .h5": Bad({"net.h5": b"layers: 3\n" * 9}, ("net.h5",), 3, ("net.h5", "not a model")),
    "empty file": Bad({"net.keras": b""}, ("net.keras",), 3, ("net.keras", "empty")),
    "folder that is no SavedModel": Bad({}, (".",), 3, ("saved_model.pb",)),
    "truncated .tflite": Bad({"net.tflite": small()[:300]}, ("net.tflite",), 3, ("net.tflite", "damaged")),
    "op without kernel": Bad(ODD, ("net.tflite",), 4, ("soft_gate", "ELU", "GELU, LEAKY_RELU or RELU")),
    "samples of another shape": Bad(
        {**NET, "s.npz": samples(3, 8, 9, 4)}, ON_SAMPLES, 2, ("s.npz", "(3, 8, 9, 4)", "(samples, 8, 8, 4)")
    ),
    "samples for one of two inputs": Bad(
        {"net.tflite": two_inputs(), "s.npz": samples(3, 8, 8, 4)}, ON_SAMPLES, 2, ("s.npz", "m_inputs_2")
    ),
    "samples that are not there": Bad(NET, ON_SAMPLES, 3, ("s.npz", "no such file")),
    "samples that are no arrays": Bad({**NET, "s.npz": b"PK no"}, ON_SAMPLES, 3, ("s.npz", "damaged")),
    "unknown target": Bad(NET, ("net.tflite", "--target", "stm32f446zz9"), 2, ("stm32f446zz9", "stm32f446re")),
    "gcc that is not there": Bad(
        NET, ("net.tflite", "--compiler", "gcc"), 7, ("arm-none-eabi-gcc", "apt install"), WITHOUT_GCC
    ),
    "output is a file": Bad({**NET, "out": b"mine"}, ("net.tflite", "-o", "out"), 2, ("out is a file", "-o")),
    "output below a file": Bad({**NET, "out": b"mine"}, ("net.tflite", "-o", "out/a/b"), 2, ("out is a file", "-o")),
    "build is a file": Bad({**NET, "build": b"mine"}, ("net.tflite",), 2, ("build is a file", "-o")),
    "picture below a file": Bad(
        {**NET, "out": b"mine"}, ("net.tflite", "--picture", "out/a.svg"), 2, ("out is a file",)
    ),
    "a folder in place of the picture": Bad(
        {**NET, "a.svg/": b""}, ("net.tflite", "--picture", "a.svg"), 2, ("a.svg",)
    ),
    "a folder in place of the header": Bad(
        {**NET, "out/net.h/": b""}, ("net.tflite", "-o", "out"), 2, ("out/net.h", "folder")
    ),
}


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a case."""
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.write_bytes(content)


def sentence(done: Finished, code: int) -> str:
    """The one line on standard error."""
    assert done.code == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug in edgeattn" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_mistake_is_one_sentence_and_nothing_is_written(tmp_path, case):
    fill(tmp_path, case.files)
    before = files_in(tmp_path)
    done = edgeattn("convert", *case.arguments, "-q", cwd=tmp_path, environment=case.environment)
    line = sentence(done, case.code)
    assert [words for words in case.words if words not in line] == []
    assert files_in(tmp_path) == before


def test_a_network_too_large_for_the_part_says_by_how_many_bytes(tmp_path):
    """96 x 96 x 4 bytes in and out are 73,728; the part has 12 KiB."""
    fill(tmp_path, {"net.tflite": large()})
    line = sentence(edgeattn("convert", "net.tflite", "--target", "stm32c031c6", "-q", cwd=tmp_path), 5)
    assert "net does not fit stm32c031c6" in line
    assert list(files_in(tmp_path)) == ["net.tflite"]
    missing = int(line.split(": ")[2].split(" bytes of SRAM")[0].replace(",", ""))
    assert 73_728 - 12 * 1024 <= missing <= 73_728


def test_analyze_judges_nothing_but_warns_of_a_part_that_is_too_small(tmp_path):
    fill(tmp_path, {"net.tflite": large()})
    done = edgeattn("analyze", "net.tflite", "--target", "stm32c031c6", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    (warning,) = done.report["warnings"]
    assert warning.startswith("net does not fit stm32c031c6: ")
    assert done.report["shortfall"] in warning


# Keras files, each of which starts TensorFlow


KERAS = {
    "op the device lacks": (("branching.keras",), 4, ("'upward'", "GREATER", "SELU by GELU")),
    "op that stands last": (("product.keras",), 4, ("Prod", "REDUCE_PROD", "replace it by MUL")),
    "recurrent layer": (("recurrent.keras",), 4, ("'memory' (GRU)", "WHILE", "Conv1D", "GlobalAveragePooling1D")),
    "weights that are not finite": (("nan.keras",), 3, ("nan.keras", "'exploded/kernel'", "NaN")),
    "lambda": (("lambda.keras",), 3, ("'sneaky'", "Lambda", "trust")),
    "threshold out of reach": (
        ("tiny.keras", "--threshold", "1"),
        6,
        ("cos", "below 1 ", "--calibration", "--threshold"),
    ),
    "calibrated on the wrong range": (
        ("tiny.keras", "--calibration", "dark.npz", "--validation", "bright.npz"),
        6,
        ("cos 0.",),
    ),
}


@pytest.mark.parametrize("case", KERAS.values(), ids=KERAS)
def test_a_keras_file_that_cannot_be_used_is_one_sentence(made, tmp_path, case):
    (name, *options), code, words = case
    for samples_name, largest in (("dark.npz", 1e-3), ("bright.npz", 1.0)):
        images = np.random.default_rng(5).uniform(0, largest, (8, 8, 8, 3)).astype(np.float32)
        np.savez(tmp_path / samples_name, image=images)
    done = edgeattn("convert", made / name, *options, "-q", "-o", "out", cwd=tmp_path)
    line = sentence(done, code)
    assert [word for word in words if word not in line] == []
    assert not (tmp_path / "out").exists()


def test_what_the_refusals_advise_converts(made, tmp_path):
    done = edgeattn("convert", made / "instead_of_recurrent.keras", "--json", "-o", "out", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]


def test_a_truncated_h5_is_one_sentence(made, tmp_path):
    (tmp_path / "cut.h5").write_bytes((made / "tiny.h5").read_bytes()[:9000])
    assert "cut.h5 is" in sentence(edgeattn("convert", "cut.h5", "-q", cwd=tmp_path), 3)


def test_a_lambda_that_is_trusted_converts(made, tmp_path):
    done = edgeattn("convert", made / "lambda.keras", "--allow-lambda", "--json", "-o", "out", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]


# The disk


def test_a_picture_that_has_no_place_is_known_before_the_work(tmp_path):
    """Nothing of the model is read: it is not even there."""
    (tmp_path / "a.svg").mkdir()
    sentence(edgeattn("convert", "none.h5", "--picture", "a.svg", "-q", cwd=tmp_path), 2)


def test_a_picture_is_written_with_the_rest_and_listed(tmp_path):
    fill(tmp_path, NET)
    done = edgeattn("convert", "net.tflite", "-o", "out", "--picture", "art/net.svg", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert sorted(done.report["files"]) == ["art/net.svg", "out/net.h", "out/net_report.json"]
    assert sorted(files_in(tmp_path)) == ["art/net.svg", "net.tflite", "out/net.h", "out/net_report.json"]
    assert files_in(tmp_path)["art/net.svg"].startswith(b"<svg ")


FULL_DISK = """
import resource, sys
from pathlib import Path
from edgeattn.errors import OutputError
from edgeattn.files import write_all
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_all({Path("out/net.h"): b"new", Path("out/net_report.json"): b"x" * 5000})
except OutputError as error:
    sys.exit(f"{error.exit_code} {error}")
"""


def test_a_disk_that_fills_up_leaves_the_earlier_header_whole_and_nothing_else(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "net.h").write_text("earlier")
    done = subprocess.run([sys.executable, "-c", FULL_DISK], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("2 cannot write to out: ")
    assert "make room" in done.stderr
    assert files_in(tmp_path) == {"out/net.h": b"earlier"}


FULL_TEMPORARY_FOLDER = """
import resource, sys
from edgeattn.cli import cli
largest = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
cli()
"""


@pytest.mark.parametrize(
    ("largest", "reason"),
    [(100, "File too large"), (4000, "quantising net.tflite")],
    ids=["the request", "the child's answer"],
)
def test_a_full_disk_for_temporary_files_is_no_bug_of_ours(tmp_path, largest, reason):
    """As above, of the whole command: what fills up first is the folder for temporary files."""
    fill(tmp_path, NET)
    command = [sys.executable, "-c", FULL_TEMPORARY_FOLDER, str(largest), "convert", "net.tflite", "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    line = sentence(Finished(done.returncode, done.stdout, done.stderr), 2)
    assert "room" in line
    assert reason in line
    assert list(files_in(tmp_path)) == ["net.tflite"]


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    """Pressed while the child process works: both end, and no file of theirs stays."""
    fill(tmp_path, NET)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    child = subprocess.Popen(
        [installed(), "convert", "net.tflite", "-q"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    deadline = time.monotonic() + 60
    while not any(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert any(temporary.iterdir())
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "Traceback" not in said
    assert list(files_in(tmp_path)) == ["net.tflite"]
    assert list(temporary.iterdir()) == []


# The command line itself


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "net.tflite", "--bogus"),
        ("frobnicate",),
        ("convert",),
        ("convert", "a", "--inputs", "2"),
        ("convert", "a", "-o", ""),
        ("convert", ""),
    ],
)
def test_a_mistake_in_the_call_is_2_and_says_where_help_is(tmp_path, arguments):
    done = edgeattn(*arguments, cwd=tmp_path)
    assert (done.code, done.stdout) == (2, "")
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


IMPORTED = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr))
sys.argv = ["edgeattn", *sys.argv[1:]]
from edgeattn.cli import cli
cli()
"""


@pytest.mark.parametrize("arguments", [("--help",), ("convert", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(arguments):
    done = subprocess.run([sys.executable, "-c", IMPORTED, *arguments], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert "click" in loaded
    heavy = {"tensorflow", "keras", "numpy", "rich", "firmware_export", "unicorn", "ai_edge_litert", "flatbuffers"}
    assert loaded & heavy == set()
    assert done.stdout


def test_help_names_every_exit_code():
    done = edgeattn("--help", cwd=Path.cwd())
    assert done.code == 0
    assert [code for code in range(8) if f" {code} " not in done.stdout.replace("\n", " ")] == []
