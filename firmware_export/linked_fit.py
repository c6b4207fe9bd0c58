"""Whether a firmware with a network links for a part: the part's own memories are in the linker script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from firmware_export.emulate import interface_of
from firmware_export.emulator import Firmware, Toolchain, build_firmware, part_board, silent_main
from firmware_export.errors import DoesNotFit
from firmware_export.export import Export
from firmware_export.header import Header
from firmware_export.targets import Target


def missing_memory(
    exported: Export | Header, target: Target, toolchain: Toolchain, stack_bytes: int
) -> Mapping[str, int]:
    """Link the least firmware that runs the network, with that much stack for it; bytes missing by memory.

    Nothing is missing where it links. Raises UnknownTarget for a core alone, BuildFailed, ToolMissing.
    """
    program = exported.program
    firmware = Firmware(program.name, exported.files, interface_of(program), silent_main(), stack_bytes)
    own = replace(toolchain, core=target.core.name, fpu=target.fpu)
    try:
        build_firmware(firmware, board=part_board(target), toolchain=own)
    except DoesNotFit as failure:
        return failure.missing
    return {}
