"""Why an emulated core stopped, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from unicorn import (
    UC_HOOK_INSN_INVALID,
    UC_HOOK_INTR,
    UC_HOOK_MEM_INVALID,
    UC_MEM_FETCH_PROT,
    UC_MEM_FETCH_UNMAPPED,
    UC_MEM_READ_PROT,
    UC_MEM_READ_UNMAPPED,
    UC_MEM_WRITE_PROT,
    UC_MEM_WRITE_UNMAPPED,
    Uc,
    arm_const,
)

from firmware_export.emulator.buffers import Region, nearest
from firmware_export.emulator.image import Image

ACCESSES = {
    UC_MEM_READ_UNMAPPED: "read of",
    UC_MEM_READ_PROT: "forbidden read of",
    UC_MEM_WRITE_UNMAPPED: "write of",
    UC_MEM_WRITE_PROT: "write to read-only memory, of",
    UC_MEM_FETCH_UNMAPPED: "jump to unmapped memory, of",
    UC_MEM_FETCH_PROT: "jump to memory that holds no code, of",
}

EXCEPTIONS = {  # numbers of the emulator, not of the core
    1: "undefined instruction",
    2: "SVC instruction",
    3: "jump to memory that holds no code",
    4: "unaligned access",
    7: "BKPT instruction",
    17: "floating-point or coprocessor instruction",
    18: "jump to an even address, which means ARM state",
}

REGISTERS = {
    **{f"r{index}": getattr(arm_const, f"UC_ARM_REG_R{index}") for index in range(13)},
    "sp": arm_const.UC_ARM_REG_SP,
    "lr": arm_const.UC_ARM_REG_LR,
}


FPU_REGISTERS = {f"s{index}": getattr(arm_const, f"UC_ARM_REG_S{index}") for index in range(32)}


@dataclass
class FaultWatch:
    """Remembers the first thing that went wrong in a core. Not frozen: the emulator calls it back."""

    regions: Sequence[Region]
    reason: str = field(default="", init=False)
    address: int = field(default=0, init=False)  # of the last memory access that failed

    def attach(self, engine: Uc) -> None:
        """Register for every fault the core can meet."""
        engine.hook_add(UC_HOOK_MEM_INVALID, self._on_memory)
        engine.hook_add(UC_HOOK_INTR, self._on_exception)
        engine.hook_add(UC_HOOK_INSN_INVALID, self._on_invalid_instruction)

    def _remember(self, reason: str) -> None:
        self.reason = self.reason or reason

    def _on_memory(self, _engine: Uc, access: int, address: int, size: int, _value: int, _data: Any) -> bool:
        self.address = address
        where = nearest(self.regions, address)
        self._remember(f"{ACCESSES[access]} {size} bytes at {address:#010x}{f', {where}' if where else ''}")
        return False

    def _on_exception(self, engine: Uc, number: int, _data: Any) -> None:
        self._remember(EXCEPTIONS.get(number, f"exception {number}"))
        engine.emu_stop()

    def _on_invalid_instruction(self, engine: Uc, _data: Any) -> bool:
        address = engine.reg_read(arm_const.UC_ARM_REG_PC)
        code = bytes(engine.mem_read(address, 4))
        self._remember(f"undefined instruction ({code[:2][::-1].hex()} {code[2:][::-1].hex()})")
        return False


def fault_text(image: Image, engine: Uc, reason: str, layer: str) -> str:
    """The whole message: what, in which layer, where in the code, and all registers."""
    address = engine.reg_read(arm_const.UC_ARM_REG_PC)
    registers = ", ".join(f"{name}={engine.reg_read(number):#010x}" for name, number in REGISTERS.items())
    where = f"{image.describe(address)} (pc={address:#010x}){f' in layer {layer}' if layer else ''}"
    return f"{image.name}_run on {image.core}: {reason}; at {where}\n  {registers}"
