"""`edgeattn validate --device`: the firmware's own C behind a socket, right, wrong, of another model, or not there."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_export.device import read_network
from firmware_export.device.project import device_firmware, device_toolchain
from firmware_export.emulator.boards import find_board
from firmware_export.emulator.firmware import build_firmware
from firmware_export.emulator.qemu import serial_over_tcp
from firmware_export.export import Export, export
from tests.end_to_end.command import REPOSITORY, Finished, edgeattn, files_in
from tests.firmware_export.device.board import SMALL, build_board, served, small, small_board

KEYS = {"byte_exact", "inputs_compared", "differing_bytes", "first_difference", "cycles", "layers", "first_wrong_layer"}


def with_change(exported: Export, pattern: str, replacement: str) -> Export:
    """The same network with one place of its C changed."""
    ((name, text),) = exported.files.items()
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1
    return replace(exported, files={name: changed})


def validate(model: Path, *arguments: object, cwd: Path) -> Finished:
    done = edgeattn("validate", model, "--device", *arguments, cwd=cwd)
    assert not files_in(cwd)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def empty(tmp_path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_a_device_that_is_right_is_told_with_its_cycles(empty):
    with served(small_board()) as board:
        done = validate(SMALL, board.address, cwd=empty)
    assert done.code == 0, done.stderr
    assert "yes: 0 bytes differ over 8 inputs" in done.stdout
    assert "1,000 (1,000 to 1,000), 0.500 ms at 2 MHz" in done.stdout


def test_json_holds_what_scripts_read_and_every_layer_with_its_cycles(empty):
    with served(small_board()) as board:
        report = validate(SMALL, board.address, "--per-layer", "--inputs", 9, "--json", cwd=empty).report
    assert report.keys() >= KEYS
    assert (report["byte_exact"], report["inputs_compared"], report["differing_bytes"]) == (True, 9, 0)
    assert report["cycles"] == {"min": 1000, "mean": 1000, "max": 1000, "ms": 0.5}
    assert report["model_sha256"] == small().program.model_sha256
    assert [layer["name"] for layer in report["layers"]] == [layer.name for layer in small().program.layers]
    assert {layer["cycles"] for layer in report["layers"]} == {1000}


def test_quiet_says_nothing(empty):
    with served(small_board()) as board:
        done = validate(SMALL, board.address, "-q", cwd=empty)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")


def test_a_keras_file_quantised_again_is_the_network_on_the_device(tmp_path):
    example = REPOSITORY / "examples" / "fashion_se"
    for file in ("fashion_se.h5", "fashion_se.calibration.npz", "fashion_se.validation.npz"):
        shutil.copy(example / file, tmp_path)
    converted = edgeattn("convert", "fashion_se.h5", "-o", "out", "-q", cwd=tmp_path)
    assert converted.code == 0, converted.stderr
    exported = export((tmp_path / "out" / "fashion_se_int8.tflite").read_bytes(), name="fashion_se")
    (name,) = exported.files
    written = replace(exported, files={name: (tmp_path / "out" / name).read_text(encoding="utf-8")})
    (build := tmp_path / "build").mkdir()
    with served(build_board(written, build)) as board:
        for model in ("fashion_se.h5", "out/fashion_se_int8.tflite"):
            arguments = ("--device", board.address, "--per-layer", "--json")
            done = edgeattn("validate", model, *arguments, cwd=tmp_path)
            assert done.code == 0, done.stderr
            assert done.report["byte_exact"]
            assert len(done.report["layers"]) == sum(layer.is_whole for layer in exported.program.layers)


def test_a_device_that_is_wrong_in_one_layer_is_told_with_the_layer(empty, tmp_path):
    (offset,) = (layer.output.offset for layer in small().program.layers if layer.name == "logistic")
    wrong = rf"    arena[{offset}] = (int8_t)(arena[{offset}] ^ 8);\n\1"
    changed = with_change(small(), r'(    SMALL_SE_AFTER\("logistic")', wrong)
    with served(build_board(changed, tmp_path)) as board:
        without = validate(SMALL, board.address, cwd=empty)
        done = validate(SMALL, board.address, "--per-layer", "--json", cwd=empty)
    assert (without.code, done.code) == (6, 6)
    assert "ask for --per-layer to see where" in without.stderr
    report = done.report
    assert (report["byte_exact"], report["weights_are_whole"]) == (False, True)
    assert report["first_wrong_layer"] == "logistic"
    wrong_layers = [layer["name"] for layer in report["layers"] if layer["differing_bytes"]]
    assert wrong_layers == ["logistic", "reshape", "mul"]
    for words in ("output bytes on the device at serial:", "the first layer that differs is logistic", "stack size"):
        assert words in done.stderr
    first = report["first_difference"]
    assert f"input {first['input']}, byte {first['byte']} of output 0 ({first['got']} instead of" in done.stderr


def test_damaged_weights_are_the_first_suspect(empty, tmp_path):
    changed = with_change(small(), r"(filter_conv2d\[72\] SMALL_SE_WEIGHTS_SECTION = \{\s+)\d+", r"\g<1>85")
    with served(build_board(changed, tmp_path)) as board:
        done = validate(SMALL, board.address, cwd=empty)
    assert done.code == 6
    assert "the weights in its flash are not those of the header: flash the firmware again" in done.stderr


def test_another_model_is_told_with_both_hashes(empty, tmp_path):
    other = export((REPOSITORY / "tests" / "golden" / "small_se.tflite").read_bytes() + b"\0", name="other")
    with served(build_board(other, tmp_path)) as board:
        done = validate(SMALL, board.address, cwd=empty)
    assert done.code == 7
    for words in (f"other with SHA-256 {other.program.model_sha256[:12]}", small().program.model_sha256[:12]):
        assert words in done.stderr


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("/dev/ttyACM0", 2, "'/dev/ttyACM0' is no device: write serial:/dev/ttyACM0"),
        ("serial:/dev/nothing", 7, "serial:/dev/nothing cannot be opened"),
        ("serial:socket://127.0.0.1:9", 7, "start what listens there first"),
    ],
    ids=["no address", "no port", "nobody listens"],
)
def test_a_device_that_is_not_there_is_told_before_the_work(empty, address, code, words):
    done = validate(Path("there_is_no_such_model.h5"), address, cwd=empty)
    assert done.code == code
    assert words in done.stderr


@pytest.mark.arm
@pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not here")
def test_a_whole_firmware_in_qemu_is_validated_over_its_serial_port(empty, tmp_path):
    (tmp_path / "small_se.h").write_text(small().files["small_se.h"], encoding="utf-8")
    board, network = find_board("netduinoplus2"), read_network(tmp_path / "small_se.h")
    image = build_firmware(device_firmware(network), board=board, toolchain=device_toolchain(network, board))
    with serial_over_tcp(image, board) as port:
        done = validate(SMALL, f"serial:socket://127.0.0.1:{port}", "--per-layer", "--json", cwd=empty)
    assert done.code == 0, done.stderr
    report = done.report
    assert (report["byte_exact"], report["inputs_compared"], report["cycles"]) == (True, 8, None)
    assert [layer["name"] for layer in report["layers"]] == [layer.name for layer in small().program.layers]
