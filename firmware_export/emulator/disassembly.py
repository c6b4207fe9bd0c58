"""The instructions of a linked program, constants between them left out."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.emulator.image import Image

NO_INSTRUCTION = ".byte"  # the mnemonic of bytes that decode to nothing
HELIUM_SINCE = 6  # the first major version of capstone that decodes all of ARMv8.1-M
ARMV8M_CORES = ("cortex-m33", "cortex-m55", "cortex-m85")


@dataclass(frozen=True)
class Instruction:
    """One instruction as the Arm manuals write it."""

    address: int
    bytes: int
    mnemonic: str
    operands: str

    @property
    def text(self) -> str:
        """`smlad r0, r1, r2, r3`."""
        return f"{self.mnemonic} {self.operands}".rstrip()


def disassemble(image: Image) -> tuple[Instruction, ...]:
    """Decode the program's code by address; what is no instruction has the mnemonic NO_INSTRUCTION."""
    import capstone

    assert capstone.cs_version()[0] >= HELIUM_SINCE, "capstone is older than pyproject.toml asks for"
    mode = capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
    if image.core in ARMV8M_CORES:
        mode |= capstone.CS_MODE_V8
    decoder = capstone.Cs(capstone.CS_ARCH_ARM, mode)
    decoder.skipdata = True
    code = image.code
    return tuple(
        Instruction(*fields)
        for first, end in image.code_ranges
        for fields in decoder.disasm_lite(code.data[first - code.address : end - code.address], first)
    )
