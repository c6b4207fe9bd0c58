"""Firmware that answers `edgeattn validate --device`, for a board: sources to build with GCC, and built at once."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from firmware_export.device.network import Binding, binding_of, firmware_sources, network_files
from firmware_export.emulate import interface_of
from firmware_export.emulator import Compiler, Interface, Toolchain
from firmware_export.emulator.boards import BOARDS, Board, UartDriver, part_board
from firmware_export.emulator.firmware import STACK_BYTES, Firmware, board_source, build_firmware, firmware_files
from firmware_export.emulator.linker_script import Layout, choose_layout, linker_script
from firmware_export.emulator.toolchain import core_flags
from firmware_export.errors import HeaderError
from firmware_export.header import read_header
from firmware_export.targets import Fpu, find

NOT_NEEDED = "ea_network.h"  # what the boards give a main that includes the network itself
SCRIPT = "firmware.ld"
LEVELS = {Compiler.ZIG: "-Os", Compiler.GCC: "-O2"}  # those of the emulator
PROTOCOL_BYTES = 256  # of RAM, at most


@dataclass(frozen=True)
class Network:
    """A network as `edgeattn convert` wrote it."""

    binding: Binding
    files: Mapping[str, str]
    interface: Interface


@dataclass(frozen=True)
class FirmwareProject:
    """The files of a firmware. `board` is empty where only the protocol's own are there, for a project that exists."""

    name: str
    board: str
    files: Mapping[str, bytes]


def read_network(path: Path) -> Network:
    """Read a generated header, and the `.c` files beside it where it was split. Raises HeaderError."""
    header = read_header(path)
    name = header.program.name
    if path.stem != name:
        raise HeaderError(f"{path} holds the network {name}: name the file {name}.h, as its parts do")
    return Network(binding_of(header), header.files, interface_of(header.program))


def firmware_project(network: Network, target: str) -> FirmwareProject:
    """For a board all files, the built image among them; for any other part or core what goes into a user's project.

    Raises UnknownTarget, DoesNotFit with the bytes that are missing, BuildFailed, ToolMissing.
    """
    board, fpu = find_device_board(target)
    name = network.binding.name
    if board is None:
        return FirmwareProject(name, "", _encoded({**network.files, **_own_files(network), **_port_header()}))
    toolchain = device_toolchain(network, board, fpu)
    image = build_firmware(device_firmware(network), board=board, toolchain=toolchain)
    texts = {
        **{file: text for file, text in firmware_files(device_firmware(network), board).items() if file != NOT_NEEDED},
        SCRIPT: linker_script(board.memory, _layout(network, board)),
        "Makefile": makefile(name, replace(toolchain, compiler=Compiler.GCC)),
    }
    return FirmwareProject(
        name, board.name, {**_encoded(texts), f"{name}.elf": image.elf, f"{name}.bin": flash_bytes(image.elf)}
    )


def find_device_board(target: str) -> tuple[Board | None, Fpu]:
    """The board of this name, or of this part; None where its serial port is not known here. Raises UnknownTarget."""
    if target in BOARDS and BOARDS[target].machine:
        return BOARDS[target], Fpu.NONE
    part = find(target)
    known = None if part.is_generic else part_board(part)
    return (None if known is None or known.uart.driver is UartDriver.NONE else known), part.fpu


def device_firmware(network: Network) -> Firmware:
    """The network with the protocol for its main."""
    files = {**network.files, **network_files(network.binding)}
    return Firmware(network.binding.name, files, network.interface, firmware_sources())


def device_toolchain(
    network: Network, board: Board, fpu: Fpu = Fpu.NONE, compiler: Compiler = Compiler.ZIG
) -> Toolchain:
    """How the firmware is compiled: as the network is in the emulator."""
    trace = () if network.binding.is_single_header else (f"-D{network.binding.name.upper()}_TRACE",)
    flags = (f"-DEA_CLOCK_HZ={board.uart.clock_hz}u", *trace)
    return Toolchain(board.core, compiler, LEVELS[compiler], flags=flags, fpu=fpu)


def flash_bytes(elf: bytes) -> bytes:
    """What stands in flash, from its start: what a programmer writes, and what `objcopy -O binary` gives."""
    from elftools.elf.elffile import ELFFile

    segments = [segment for segment in ELFFile(io.BytesIO(elf)).iter_segments("PT_LOAD") if segment["p_filesz"] > 0]
    start = min(segment["p_paddr"] for segment in segments)
    content = bytearray()
    for segment in sorted(segments, key=lambda segment: int(segment["p_paddr"])):
        content = content.ljust(segment["p_paddr"] - start, b"\0") + segment.data()
    return bytes(content)


def makefile(name: str, toolchain: Toolchain) -> str:
    """Builds the same firmware with arm-none-eabi-gcc."""
    flags = (*core_flags(toolchain), toolchain.standard, LEVELS[Compiler.GCC], *toolchain.flags)
    return f"""# {name} with arm-none-eabi-gcc. Copy {name}.bin to the board's drive, or `make flash` with st-flash.
CC = arm-none-eabi-gcc
OBJCOPY = arm-none-eabi-objcopy
CFLAGS = {" ".join(flags)} -g1 -Wall -Wextra -ffunction-sections -fdata-sections
LDFLAGS = -T {SCRIPT} -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,-e,ea_reset

{name}.bin: {name}.elf
\t$(OBJCOPY) -O binary $< $@

{name}.elf: $(wildcard *.c) $(wildcard *.h) {SCRIPT} Makefile
\t$(CC) $(CFLAGS) $(filter %.c,$^) $(LDFLAGS) -o $@

flash: {name}.bin
\tst-flash --reset write $< 0x08000000

clean:
\trm -f {name}.elf {name}.bin

.PHONY: flash clean
"""


def _layout(network: Network, board: Board) -> Layout:
    interface = network.interface
    buffers = sum(interface.input_bytes) + sum(interface.output_bytes)
    rest = STACK_BYTES + buffers + 2 * interface.state_bytes + PROTOCOL_BYTES
    activations, banks = interface.activations_bytes, dict(interface.banks)
    return choose_layout(board.memory, activations_bytes=activations, rest_bytes=rest, banks=banks)


def _own_files(network: Network) -> dict[str, str]:
    files = {**firmware_sources(), **network_files(network.binding)}
    del files["main.c"]  # the project has its own
    return files


def _port_header() -> dict[str, str]:
    return {"ea_uart.h": board_source("ea_uart.h")}


def _encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}
