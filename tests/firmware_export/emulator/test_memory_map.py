"""Memories of parts, and the linker scripts made of them."""

from __future__ import annotations

import pytest

from firmware_export.emulator.linker_script import Layout, choose_layout, linker_script
from firmware_export.emulator.memory_map import MemoryMap, memory_map
from firmware_export.errors import UnknownTarget
from firmware_export.targets import TARGETS, Bank, find

KIB = 1024

# part: flash, contiguous pieces of RAM from the largest
PARTS = {
    "stm32f100rb": (Bank("FLASH", 128 * KIB, 0x0800_0000), [("SRAM", 8)]),
    "stm32f405rg": (Bank("FLASH", 1024 * KIB, 0x0800_0000), [("SRAM1_SRAM2", 128), ("CCM", 64)]),
    "stm32l476rg": (Bank("FLASH", 1024 * KIB, 0x0800_0000), [("SRAM1", 96), ("SRAM2", 32)]),
    "stm32h743zi": (
        Bank("FLASH", 2048 * KIB, 0x0800_0000),
        [("AXI", 512), ("SRAM1_SRAM2_SRAM3", 288), ("DTCM", 128), ("SRAM4", 64)],
    ),
    "stm32n657x0": (
        Bank("XSPI2", 64 * KIB * KIB, 0x7000_0000),
        [("FLEXRAM_AXISRAM1_AXISRAM2_AXISRAM3_AXISRAM4_AXISRAM5_AXISRAM6", 3840)],
    ),
}


@pytest.mark.parametrize(("part", "expected"), PARTS.items(), ids=PARTS)
def test_adjacent_banks_are_one_piece_and_holes_stay_holes(part, expected):
    memory = memory_map(TARGETS[part])
    flash, pieces = expected
    assert memory.flash == flash
    assert [(piece.name, piece.bytes // KIB) for piece in memory.regions] == pieces
    assert memory.source == TARGETS[part].source


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_every_part_has_flash_and_ram_to_link_into(target):
    memory = memory_map(target)
    assert memory.flash.bytes > 0
    assert sum(piece.bytes for piece in memory.regions) == target.ram_bytes


def test_a_core_alone_has_no_memory_map():
    with pytest.raises(UnknownTarget, match=r"cortex-m4 is a core.*name a part"):
        memory_map(find("cortex-m4"))


F405 = memory_map(TARGETS["stm32f405rg"])

# activations, stack and static data in KiB: the pieces that hold them
LAYOUTS = {
    "all together while they fit": ((100, 28), ("SRAM1_SRAM2", "SRAM1_SRAM2")),
    "apart when they do not": ((120, 20), ("SRAM1_SRAM2", "CCM")),
    "small activations beside much static data": ((60, 120), ("CCM", "SRAM1_SRAM2")),
    "where the least is missing": ((150, 4), ("SRAM1_SRAM2", "CCM")),
}


@pytest.mark.parametrize(("kib", "names"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_uses_the_pieces_that_hold_the_program(kib, names):
    layout = choose_layout(F405, activations_bytes=kib[0] * KIB, rest_bytes=kib[1] * KIB)
    assert (layout.activations.name, layout.rest.name) == names


def test_a_script_names_every_memory_in_order_of_address():
    script = linker_script(F405, Layout(*F405.regions))
    positions = [
        script.index(line)
        for line in (
            "FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1048576",
            "CCM (rw) : ORIGIN = 0x10000000, LENGTH = 65536",
            "SRAM1_SRAM2 (rw) : ORIGIN = 0x20000000, LENGTH = 131072",
        )
    ]
    assert positions == sorted(positions)


def test_one_piece_of_ram_is_enough():
    memory = MemoryMap("tiny", Bank("FLASH", 16, 0), (Bank("RAM", 16, 64),), "nothing")
    layout = choose_layout(memory, activations_bytes=100, rest_bytes=100)
    assert layout == Layout(*memory.regions * 2)
