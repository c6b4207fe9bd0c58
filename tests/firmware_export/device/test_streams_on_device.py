"""A network that remembers on a device: the state travels with each inference, so that a spoiled line costs no step."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from edgeattn.device_report import DeviceReport
from edgeattn.on_device import OnDevice, validate_on_device
from firmware_export.device import open_device, read_network
from firmware_export.device.project import device_firmware, device_toolchain
from firmware_export.emulator.boards import find_board
from firmware_export.emulator.firmware import build_firmware
from firmware_export.emulator.qemu import serial_over_tcp
from firmware_export.export import Export, export
from tests.firmware_export.device.board import Once, build_board, served
from tests.firmware_export.device.test_project import QEMU
from tests.kernels.state_cases import a_delay_line_of_three, case
from tests.single_op import litert_sequence

MODEL = case(a_delay_line_of_three).model
SAMPLES = np.random.default_rng(6).integers(-128, 128, (5, 1, 4)).astype(np.int8)
needs_qemu = pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not here")


@cache
def delay() -> Export:
    return export(MODEL, name="delay")


@cache
def program() -> Path:
    return build_board(delay(), Path(mkdtemp(prefix="edgeattn-board-")))


def expected() -> list[bytes]:
    return [outputs[0].tobytes() for outputs in litert_sequence(MODEL, [[sample] for sample in SAMPLES])]


def stream(device) -> list[bytes]:
    """What a device makes of the samples, one after the other; zeros begin."""
    outputs, state = [], bytes(delay().program.state_bytes)
    for sample in SAMPLES:
        output, state = device.run((sample.tobytes(), state)).outputs
        outputs.append(output)
    return outputs


def validated(address: str, folder: Path, *, per_layer: bool = False) -> DeviceReport:
    model = folder / "delay.tflite"
    model.write_bytes(MODEL)
    return validate_on_device(model, OnDevice(address, per_layer=per_layer))


def test_a_stream_on_a_device_is_the_reference_s(tmp_path):
    with served(program()) as board:
        report = validated(board.address, tmp_path, per_layer=True)
        assert report.byte_exact
        assert len(report.runs) == 8
        assert {layer.difference for layer in report.layers} == {None}
        with open_device(board.address) as device:
            assert stream(device) == expected()
            assert stream(device) == expected()


@pytest.mark.parametrize("how", ["dropped", "changed", "doubled"])
@pytest.mark.parametrize("direction", ["to_device", "to_host"])
def test_an_inference_that_is_asked_for_twice_is_one_step(direction, how):
    place = {"to_device": 70, "to_host": 190}[direction]
    with served(program(), **{direction: Once(place, how)}) as board, open_device(board.address) as device:
        assert stream(device) == expected()


@pytest.mark.arm
@needs_qemu
def test_a_board_in_qemu_keeps_the_stream(tmp_path):
    for name, text in delay().files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    network, board = read_network(tmp_path / "delay.h"), find_board("netduinoplus2")
    image = build_firmware(device_firmware(network), board=board, toolchain=device_toolchain(network, board))
    with (
        serial_over_tcp(image, board) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", QEMU) as device,
    ):
        assert stream(device) == expected()
