"""Small firmware images, and the boards they are for."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from firmware_export.emulator import Compiler, Image, Interface, Toolchain
from firmware_export.emulator.boards import QEMU_BOARDS, Board, find_board
from firmware_export.emulator.firmware import Firmware, build_firmware
from tests.firmware_export.emulator.headers import SATURATING_ADD, Model

BOARD_IDS = [board.name for board in QEMU_BOARDS]
VLDISCOVERY, NETDUINO = find_board("stm32vldiscovery"), find_board("netduinoplus2")

needs_qemu = pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not here")


def on_qemu(test):
    """Mark a test that boots an image."""
    return pytest.mark.arm(needs_qemu(test))


# The linker keeps the network even where the text that follows does not call it.
HEAD = """#include "ea_network.h"
#include "ea_text.h"
#include "ea_uart.h"
__attribute__((noinline)) int body(void);
static volatile int never;
int main(void)
{
    static int8_t inputs[EA_INPUT_BYTES], outputs[EA_OUTPUT_BYTES];
    return never ? (int)EA_RUN(inputs, outputs) : body();
}
#define main body
"""


def firmware_of(main: str, model: Model = SATURATING_ADD, **changes) -> Firmware:
    """A model with the text of a main, which may use the network and the serial port; its symbol is `body`."""
    return replace(Firmware("model", model.files, model.interface, {"main.c": HEAD + main}), **changes)


def image_on(board: Board, firmware: Firmware, compiler: Compiler = Compiler.ZIG, optimize: str = "-O2") -> Image:
    """The firmware linked for a board."""
    return build_firmware(firmware, board=board, toolchain=Toolchain(board.core, compiler, optimize))


def with_activations(size: int) -> Interface:
    """The interface of the small model with other activations."""
    return replace(SATURATING_ADD.interface, activations_bytes=size)


CALL = """static int8_t inputs[EA_INPUT_BYTES], outputs[EA_OUTPUT_BYTES];
int main(void)
{
    return EA_RUN(inputs, outputs) == 0 ? 0 : 1;
}
"""
