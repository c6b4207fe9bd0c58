"""A network and a main as a whole firmware image: start-up, serial port and linker script of a board with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firmware_export.emulator.boards import SOURCES, Board
from firmware_export.emulator.build import Program, link, with_implementation
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface, Sample
from firmware_export.emulator.linker_script import (
    STACK_SECTION,
    Layout,
    choose_layout,
    linker_script,
    section_of,
    symbol_of,
)
from firmware_export.emulator.memory_map import MemoryMap
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.errors import BuildFailed, DoesNotFit

STARTUP = ("ea_startup.c", "ea_fault.c", "ea_text.c")
HEADERS = ("ea_exit.h", "ea_fault.h", "ea_register.h", "ea_text.h", "ea_uart.h")
STACK_BYTES = 2048
ALIGNMENT = 16  # of the stack and of buffers: no core loads more at once

# GNU ld tells it once a memory, lld for each section from the first that is too much: the last and largest counts.
OVERFLOWS = (
    re.compile(r"region `(?P<memory>\w+)' overflowed by (?P<bytes>\d+) bytes"),
    re.compile(r"will not fit in region '(?P<memory>\w+)': overflowed by (?P<bytes>\d+) bytes"),
)


@dataclass(frozen=True)
class Firmware:
    """The exported files of the network `name`, and the C files of a `main` that includes `ea_network.h`."""

    name: str
    files: Mapping[str, str]
    interface: Interface
    main: Mapping[str, str]
    stack_bytes: int = STACK_BYTES


def build_firmware(firmware: Firmware, *, board: Board, toolchain: Toolchain) -> Image:
    """Link an image that starts at reset. The network's C is compiled as `build` compiles it.

    Raises DoesNotFit with the bytes that each memory lacks, BuildFailed, ToolMissing.
    """
    layout = _layout(firmware, board.memory, firmware.stack_bytes)
    try:
        return _link(firmware, board, layout, toolchain)
    except DoesNotFit as failure:
        rest = _rest_bytes(firmware, layout, failure.missing)
        other = _layout(firmware, board.memory, rest)
        if other == layout:
            raise
        return _link(firmware, board, other, toolchain)


def firmware_files(firmware: Firmware, board: Board) -> dict[str, str]:
    """Every C file and header of the image, by name."""
    outcome = "ea_exit_semihosting.c" if board.machine else "ea_exit_loop.c"
    sources = (*STARTUP, *HEADERS, outcome, board.uart.driver.value)
    return {
        **with_implementation(firmware.files, firmware.name),
        **{file: board_source(file) for file in sources},
        "ea_board.h": _board_header(board, firmware.stack_bytes),
        "ea_network.h": _network_header(firmware.name, firmware.interface),
        **firmware.main,
    }


def silent_main() -> dict[str, str]:
    """A main that runs the network once and says nothing: what any firmware with the network needs at least."""
    return {"main.c": board_source("silent_main.c")}


def report_main(interface: Interface, samples: Sequence[Sample]) -> dict[str, str]:
    """A main that runs the network on samples kept in flash, prints status and outputs in hex, and ends."""
    for sample in samples:
        interface.check(sample)
    rows = "".join(f"    {{{', '.join(str(byte) for byte in _signed(sample))}}},\n" for sample in samples)
    header = f"""#include <stdint.h>

#define EA_SAMPLES {len(samples)}u

__attribute__((aligned({ALIGNMENT}))) static const int8_t ea_samples[EA_SAMPLES][EA_ALIGNED_INPUT_BYTES] = {{
{rows}}};
"""
    return {"main.c": board_source("report_main.c"), "ea_samples.h": header}


def board_source(file: str) -> str:
    """The text of one of the C files that come with the boards."""
    return (SOURCES / file).read_text(encoding="utf-8")


def _signed(sample: Sample) -> list[int]:
    padded = b"".join(bytes(data).ljust(_aligned(len(data)), b"\0") for data in sample)
    return [byte - 256 if byte > 127 else byte for byte in padded]


def _layout(firmware: Firmware, memory: MemoryMap, rest_bytes: int) -> Layout:
    interface = firmware.interface
    activations, banks = interface.activations_bytes, dict(interface.banks)
    return choose_layout(memory, activations_bytes=activations, rest_bytes=rest_bytes, banks=banks)


def _rest_bytes(firmware: Firmware, layout: Layout, missing: Mapping[str, int]) -> int:
    arenas = firmware.interface.arenas
    together = sum(arenas[arena] for arena, piece in layout.arenas.items() if piece == layout.rest)
    return layout.rest.bytes + missing.get(layout.rest.name, 0) - together


def _link(firmware: Firmware, board: Board, layout: Layout, toolchain: Toolchain) -> Image:
    script = linker_script(board.memory, layout)
    program = Program(firmware.name, firmware_files(firmware, board), script, entry="ea_reset")
    try:
        return link(program, toolchain)
    except BuildFailed as failure:
        missing = overflows(failure.output)
        if not missing:
            raise
        amounts = ", ".join(f"{amount} bytes of {memory}" for memory, amount in sorted(missing.items()))
        raise DoesNotFit(
            f"{firmware.name} does not fit {board.memory.name}: it lacks {amounts}", missing=missing
        ) from None


def overflows(output: str) -> dict[str, int]:
    """Bytes missing by memory, from what GNU ld or lld said; empty where they said nothing of the kind."""
    missing: dict[str, int] = {}
    for pattern in OVERFLOWS:
        for found in pattern.finditer(output):
            memory, amount = found["memory"], int(found["bytes"])
            missing[memory] = max(missing.get(memory, 0), amount)
    return missing


def _board_header(board: Board, stack_bytes: int) -> str:
    writes = "".join(f"{{{w.address:#010x}u, {w.clear:#x}u, {w.set:#x}u}}, " for w in board.uart.setup)
    return f"""/* {board.name} */
#ifndef EA_BOARD_H
#define EA_BOARD_H

#define EA_STACK_BYTES {_aligned(stack_bytes)}u
#define EA_UART_ADDRESS {board.uart.address:#010x}u
#define EA_UART_DIVISOR {board.uart.divisor}u
#define EA_STACK_SECTION "{STACK_SECTION}"
#define EA_BOARD_SETUP {{{writes}{{0, 0, 0}}}}

#endif
"""


def _network_header(name: str, interface: Interface) -> str:
    inputs, outputs = interface.input_bytes, interface.output_bytes
    arenas = interface.arenas
    first = [*(f"ea_{symbol_of(arena)}" for arena in arenas), *(["&ea_state"] if interface.state_bytes else [])]
    packed = (_packed(inputs, interface.input_alignments), _packed(outputs, interface.output_alignments))
    aligned = (_packed(inputs, [ALIGNMENT] * len(inputs)), _packed(outputs, [ALIGNMENT] * len(outputs)))
    run, run_aligned = (", ".join((*first, *_arguments(*offsets))) for offsets in (packed, aligned))
    return f"""/* The network as a main sees it: inputs stand one after the other, and so do outputs. For one C file. */
#ifndef EA_NETWORK_H
#define EA_NETWORK_H

#include <stdint.h>

#include "{name}.h"

#define EA_NETWORK_NAME "{name}"
#define EA_INPUTS {len(inputs)}u
#define EA_OUTPUTS {len(outputs)}u
#define EA_INPUT_SIZES {{{", ".join(f"{size}u" for size in inputs)}}}
#define EA_OUTPUT_SIZES {{{", ".join(f"{size}u" for size in outputs)}}}
#define EA_ALIGNMENT {max((*interface.input_alignments, *interface.output_alignments))} /* that suits all of them */
#define EA_INPUT_BYTES {packed[0][-1]}u
#define EA_OUTPUT_BYTES {packed[1][-1]}u
#define EA_RUN(inputs, outputs) (int32_t){name}_run({run})

/* The same with each input and output at a multiple of {ALIGNMENT} bytes. */
#define EA_ALIGNED_INPUT_BYTES {aligned[0][-1]}u
#define EA_ALIGNED_OUTPUT_BYTES {aligned[1][-1]}u
#define EA_RUN_ALIGNED(inputs, outputs) (int32_t){name}_run({run_aligned})

{"".join(_arena_text(arena, size) for arena, size in arenas.items())}{_begin_text(name, interface)}
#endif
"""


def _arena_text(arena: str, size: int) -> str:
    return f"""__attribute__((aligned(16), section("{section_of(arena)}"))) static uint8_t
    ea_{symbol_of(arena)}[{max(size, 1)}];
"""


def _begin_text(name: str, interface: Interface) -> str:
    if not interface.state_bytes:
        return "\n/* To be called before the first run. */\n#define EA_BEGIN() ((void)0)\n"
    return f"""
static struct {name}_state ea_state;

/* To be called before the first run. */
#define EA_BEGIN() {name}_reset(&ea_state)
"""


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _packed(sizes: Sequence[int], alignments: Sequence[int]) -> list[int]:
    """The offset of each buffer, and the size of all."""
    offsets, end = [], 0
    for size, alignment in zip(sizes, alignments, strict=True):
        offsets.append(-(-end // alignment) * alignment)
        end = offsets[-1] + -(-size // alignment) * alignment
    return [*offsets, end]


def _arguments(inputs: Sequence[int], outputs: Sequence[int]) -> tuple[str, ...]:
    given = [f"(const void *)((inputs) + {offset})" for offset in inputs[:-1]]
    return (*given, *(f"(void *)((outputs) + {offset})" for offset in outputs[:-1]))
