"""The firmware for a board: written whole, built with both compilers, and asked over the serial port in QEMU."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_export import interpreter
from firmware_export.device import (
    FirmwareProject,
    Network,
    Patience,
    Wanted,
    firmware_project,
    open_device,
    read_network,
)
from firmware_export.device.project import device_firmware, device_toolchain, flash_bytes
from firmware_export.emulate import interface_of
from firmware_export.emulator import Compiler, Image, Toolchain
from firmware_export.emulator.boards import BOARDS, UartDriver, find_board
from firmware_export.emulator.firmware import Firmware, build_firmware
from firmware_export.emulator.qemu import serial_over_tcp
from firmware_export.errors import DeviceError, DoesNotFit, HeaderError, UnknownTarget
from firmware_export.export import Layout, export
from tests.firmware_export.device.board import SMALL, Once, proxied, random_inputs, small

needs_qemu = pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not here")
needs_gcc = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not here")
COMPILERS = [Compiler.ZIG, pytest.param(Compiler.GCC, marks=needs_gcc)]
# The STM32 machines: of the others' serial port QEMU 7.2 loses bytes that come in a row.
ASKED_IN_QEMU = [name for name, board in BOARDS.items() if board.machine and board.uart.driver is UartDriver.STM32_SR]
QEMU = Patience(accept_seconds=5.0, quiet_seconds=5.0)  # an emulator on a busy computer


def network(folder: Path, layout: Layout = Layout.SINGLE) -> Network:
    """The small network, written and read again."""
    for name, text in export(SMALL.read_bytes(), name="small_se", layout=layout).files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_network(folder / "small_se.h")


def image_for(network: Network, board: str, compiler: Compiler = Compiler.ZIG) -> Image:
    known = find_board(board)
    return build_firmware(
        device_firmware(network), board=known, toolchain=device_toolchain(network, known, compiler=compiler)
    )


def sample(seed: int) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in random_inputs(small(), seed))


def expected(seed: int) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in interpreter.run(small().graph, random_inputs(small(), seed)))


def expected_layers(seed: int) -> list[tuple[str, bytes]]:
    values = interpreter.run_all(small().graph, random_inputs(small(), seed))
    return [(op.name, values[op.outputs[0]].tobytes()) for op in small().graph.ops]


@pytest.mark.arm
@needs_qemu
@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda compiler: compiler.value)
@pytest.mark.parametrize("board", ASKED_IN_QEMU)
def test_a_board_in_qemu_answers_over_its_serial_port(board, compiler, tmp_path):
    image = image_for(network(tmp_path), board, compiler)
    with (
        serial_over_tcp(image, find_board(board)) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", QEMU) as device,
    ):
        assert device.info.model_sha256 == small().program.model_sha256
        assert not device.info.counts_cycles  # QEMU's counter stands still: nothing may wait for it
        assert [device.run(sample(seed)).outputs for seed in range(4)] == [expected(seed) for seed in range(4)]
        layers, _ = device.run_layers(sample(1))
        assert [(layer.name, layer.output) for layer in layers] == expected_layers(1)
        assert device.weights_are_whole()


@pytest.mark.arm
@needs_qemu
@pytest.mark.parametrize("how", ["dropped", "changed"])
@pytest.mark.parametrize("direction", ["to_device", "to_host"])
def test_a_board_in_qemu_gets_over_a_spoiled_byte(direction, how, tmp_path):
    image = image_for(network(tmp_path), "netduinoplus2")
    spoil = {direction: Once(60 if direction == "to_device" else 200, how)}
    with (
        serial_over_tcp(image, find_board("netduinoplus2")) as port,
        proxied(port, **spoil) as address,
        open_device(address, replace(QEMU, accept_seconds=1.0, quiet_seconds=1.0)) as device,
    ):
        assert [device.run(sample(seed)).outputs for seed in range(3)] == [expected(seed) for seed in range(3)]


@pytest.mark.arm
@needs_qemu
def test_split_files_show_their_layers_too(tmp_path):
    image = image_for(network(tmp_path, Layout.SPLIT), "netduinoplus2")
    with (
        serial_over_tcp(image, find_board("netduinoplus2")) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", QEMU) as device,
    ):
        layers, run = device.run_layers(sample(2))
    assert [(layer.name, layer.output) for layer in layers] == expected_layers(2)
    assert run.outputs == expected(2)


@pytest.mark.arm
@needs_qemu
def test_a_core_that_faults_in_the_network_is_told_with_its_registers(tmp_path):
    good = network(tmp_path)
    text = good.files["small_se.h"]
    mark = "    small_se_run_mean(arena);"
    assert mark in text
    jump = f"    ((void (*)(void))0x60000001u)();\n{mark}"
    bad = replace(good, files={"small_se.h": text.replace(mark, jump)})
    with (
        serial_over_tcp(image_for(bad, "netduinoplus2"), find_board("netduinoplus2")) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", QEMU) as device,
        pytest.raises(DeviceError, match=r"its core has stopped \(fault: \w+ pc=0x"),
    ):
        device.run(sample(0))


# What a board in QEMU does wrong in the middle of its network, and what is said of it.
MISHAPS = {
    "resets": (
        "    *(volatile uint32_t *)0xE000ED0Cu = 0x05FA0004u; /* AIRCR: SYSRESETREQ */\n    for (;;) {\n    }\n",
        "restarted in the middle of a request: look for a hard fault",
    ),
    "hangs": ("    for (;;) {\n    }\n", r"gave no result within 3 s: wait longer with --timeout"),
}


@pytest.mark.arm
@needs_qemu
@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_board_in_qemu_that_fails_in_the_middle_is_told(mishap, tmp_path):
    code, message = MISHAPS[mishap]
    good = network(tmp_path)
    text, mark = good.files["small_se.h"], "    small_se_run_mean(arena);"
    assert mark in text
    image = image_for(replace(good, files={"small_se.h": text.replace(mark, code + mark)}), "netduinoplus2")
    patience = replace(QEMU, reply_seconds=3.0)
    with (
        serial_over_tcp(image, find_board("netduinoplus2")) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", patience) as device,
        pytest.raises(DeviceError, match=message),
    ):
        device.run(sample(0))


@pytest.mark.arm
@needs_qemu
def test_a_board_in_qemu_with_another_model_is_told_with_both_hashes(tmp_path):
    sizes = small().program
    other = Wanted("small_se", "0" * 64, (sizes.inputs[0].elements,), (sizes.outputs[0].elements,))
    with (
        serial_over_tcp(image_for(network(tmp_path), "netduinoplus2"), find_board("netduinoplus2")) as port,
        open_device(f"serial:socket://127.0.0.1:{port}", QEMU) as device,
        pytest.raises(
            DeviceError, match=f"{sizes.model_sha256[:12]}.*000000000000|000000000000.*{sizes.model_sha256[:12]}"
        ),
    ):
        device.require(other)


@pytest.mark.arm
@needs_qemu
def test_a_board_in_qemu_that_says_nothing_is_told():
    main = """#include "ea_network.h"
static int8_t inputs[EA_INPUT_BYTES], outputs[EA_OUTPUT_BYTES];
int main(void)
{
    (void)EA_RUN(inputs, outputs);
    for (;;) {
    }
}
"""
    board, program = find_board("netduinoplus2"), small().program
    firmware = Firmware("small_se", small().files, interface_of(program), {"main.c": main})
    image = build_firmware(firmware, board=board, toolchain=Toolchain(board.core))
    hurried = Patience(accept_seconds=0.3, quiet_seconds=0.2, attempts=2)
    with (
        serial_over_tcp(image, board) as port,
        pytest.raises(DeviceError, match="does not answer: press its reset button"),
        open_device(f"serial:socket://127.0.0.1:{port}", hurried) as device,
    ):
        assert device.info


def written(project: FirmwareProject, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in project.files.items():
        (folder / name).write_bytes(content)
    return folder


REAL = [name for name, board in BOARDS.items() if not board.machine and board.uart.driver is not UartDriver.NONE]


@pytest.mark.parametrize("target", REAL)
def test_a_project_for_a_board_holds_the_built_firmware(target, tmp_path):
    project = firmware_project(network(tmp_path), target)
    assert project.board == target
    assert {"small_se.bin", "small_se.elf", "Makefile", "firmware.ld", "network.c", "main.c"} <= project.files.keys()
    stack, reset = (int.from_bytes(project.files["small_se.bin"][at : at + 4], "little") for at in (0, 4))
    assert 0x2000_0000 < stack <= 0x2002_0000
    assert reset & 1
    assert 0x0800_0000 < reset < 0x0800_0000 + len(project.files["small_se.bin"])


@pytest.mark.arm
@needs_gcc
@pytest.mark.parametrize("target", ["nucleo-f030r8", "nucleo-f446re", "nucleo-l476rg"])
def test_make_builds_the_project_without_a_warning(target, tmp_path):
    project = firmware_project(network(tmp_path), target)
    sources = {name: text for name, text in project.files.items() if not name.endswith((".elf", ".bin"))}
    (folder := tmp_path / "project").mkdir()
    written(replace(project, files=sources), folder)
    done = subprocess.run(["make"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert flash_bytes((folder / "small_se.elf").read_bytes()) == (folder / "small_se.bin").read_bytes()


@pytest.mark.arm
@needs_gcc
def test_make_builds_again_when_its_flags_are_changed(tmp_path):
    """The image that was built at once is not taken for one of other flags."""
    folder = written(firmware_project(network(tmp_path), "nucleo-f446re"), tmp_path / "project")
    makefile = folder / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8").replace("-O2", "-O1"), encoding="utf-8")
    first, second = (
        subprocess.run(["make"], cwd=folder, capture_output=True, text=True, check=False).stdout for _ in range(2)
    )
    assert " -O1 " in first
    assert "up to date" in second
    assert subprocess.run(["make", "clean"], cwd=folder, check=False, capture_output=True).returncode == 0
    assert not (folder / "small_se.elf").exists()


@pytest.mark.parametrize("target", ["cortex-m7", "nucleo-h743zi"])
def test_a_target_without_board_here_gets_what_goes_into_a_project(target, tmp_path):
    project = firmware_project(network(tmp_path), target)
    own = {"ea_device.c", "ea_device.h", "ea_device_network.h", "ea_counter.c", "ea_counter.h", "ea_uart.h"}
    assert project.board == ""
    assert project.files.keys() == own | {"network.c", "small_se.h", "small_se_implementation.c"}


def test_what_does_not_fit_the_board_is_told_in_bytes(tmp_path):
    small_network = network(tmp_path)
    text = small_network.files["small_se.h"].replace("_ACTIVATIONS_BYTES 344", "_ACTIVATIONS_BYTES 90000")
    (tmp_path / "small_se.h").write_text(text, encoding="utf-8")
    with pytest.raises(DoesNotFit, match=r"lacks \d+ bytes of"):
        firmware_project(read_network(tmp_path / "small_se.h"), "nucleo-f030r8")


def test_an_unknown_target_is_refused(tmp_path):
    with pytest.raises(UnknownTarget):
        firmware_project(network(tmp_path), "nucleo-x")


def test_a_header_that_is_not_there_or_not_ours_is_refused(tmp_path):
    with pytest.raises(HeaderError, match=r"no\.h: there is no such file: name the <name>\.h"):
        read_network(tmp_path / "no.h")
    (tmp_path / "own.h").write_text("int main(void);\n", encoding="utf-8")
    with pytest.raises(HeaderError, match=r"own\.h: no header that edgeattn wrote"):
        read_network(tmp_path / "own.h")


def test_a_split_header_without_its_parts_is_refused(tmp_path):
    network(tmp_path, Layout.SPLIT)
    (tmp_path / "small_se_data.c").unlink()
    with pytest.raises(HeaderError, match=r"small_se_data\.c: there is no such file"):
        read_network(tmp_path / "small_se.h")


def test_a_renamed_header_is_refused(tmp_path):
    network(tmp_path)
    (tmp_path / "small_se.h").rename(tmp_path / "net.h")
    with pytest.raises(HeaderError, match=r"net\.h holds the network small_se: name the file small_se\.h"):
        read_network(tmp_path / "net.h")
