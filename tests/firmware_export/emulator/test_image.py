"""ELF files that are not for the core are refused by the name of what they are for."""

from __future__ import annotations

import struct

import pytest

from firmware_export.emulator.image import read_image
from firmware_export.errors import BuildFailed

MACHINES = {"x86-64": (62, "X86-64"), "AArch64": (183, "AArch64"), "RISC-V": (243, "RISC-V"), "of nobody": (9999, "")}


def elf_for(machine: int) -> bytes:
    identification = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    return identification + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0)


@pytest.mark.parametrize(("machine", "name"), MACHINES.values(), ids=MACHINES)
def test_an_elf_file_for_another_machine_is_refused_by_its_name(machine, name):
    with pytest.raises(BuildFailed, match=f"model: this ELF file is for .*{name}.*: build it for ARM"):
        read_image(elf_for(machine), name="model", core="cortex-m4", compiler="zig")


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"MZ" * 100, b"\x7fELF\x02"], ids=["empty", "cut", "PE", "short"])
def test_what_is_no_elf_file_is_refused(data):
    with pytest.raises(BuildFailed, match="no ELF file"):
        read_image(data, name="model", core="cortex-m4", compiler="zig")
