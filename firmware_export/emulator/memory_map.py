"""The memories that a firmware image may use, of a part or of an emulated board."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.errors import UnknownTarget
from firmware_export.targets import Bank, Target, join


@dataclass(frozen=True)
class MemoryMap:
    """Flash that holds code and constants, RAM in order of address, and the document both are from."""

    name: str
    flash: Bank
    ram: tuple[Bank, ...]
    source: str

    @property
    def regions(self) -> tuple[Bank, ...]:
        """The contiguous pieces of RAM, largest first: adjacent banks are one piece, and holes stay holes."""
        return tuple(sorted(join(self.ram), key=lambda piece: -piece.bytes))


def memory_map(target: Target) -> MemoryMap:
    """The memories of a part. Raises UnknownTarget for a core alone, of whose memories nothing is known."""
    if target.is_generic:
        raise UnknownTarget(f"{target.name} is a core and has no memory map: name a part or a board")
    flash = target.external_flash or Bank("FLASH", target.flash_bytes, target.flash_address)
    return MemoryMap(target.name, flash, target.ram, target.source)
