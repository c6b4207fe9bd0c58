"""What reports say of coded weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firmware_export.compression.choice import DECODER_BYTES, Choice


class Kept(Enum):
    """Why a layer's weights are not coded."""

    FLASH = "flash"  # nothing is saved
    RAM = "ram"  # there is too little memory to decode them in


@dataclass(frozen=True)
class CompressedLayer:
    """One array in flash, and memory that it is decoded into."""

    name: str
    bytes: int  # as the kernel reads it
    coded_bytes: int
    ram_bytes: int  # decoded at a time


@dataclass(frozen=True)
class Compression:
    """What compression did. The bytes of instructions are estimates: compilers differ."""

    most_ram_bytes: int  # that activations might grow by
    activations_bytes: int  # that they grew by
    layers: tuple[CompressedLayer, ...]
    kept: dict[str, Kept]  # the layers whose weights are as they were
    codes_bytes: int  # of tables
    saved_bytes: int  # of flash, about: instructions and tables taken off

    @property
    def is_used(self) -> bool:
        """Whether it paid anywhere."""
        return bool(self.layers)


def told(choice: Choice, most_ram: int, activations_before: int) -> Compression:
    """The choice in numbers."""
    saved = sum(group.saved_bytes for group in choice.groups)
    return Compression(
        most_ram_bytes=most_ram,
        activations_bytes=choice.plan.total - activations_before,
        layers=in_order(choice),
        kept={one.layer: Kept.RAM for one in choice.too_large} | {one.layer: Kept.FLASH for one in choice.dearer},
        codes_bytes=sum(group.table_bytes for group in choice.groups),
        saved_bytes=saved - DECODER_BYTES if choice.groups else 0,
    )


def in_order(choice: Choice) -> tuple[CompressedLayer, ...]:
    """The coded layers as the network runs them."""
    rows = {
        one.layer: CompressedLayer(one.layer, len(one.data), group.coded_bytes(one), one.ram_bytes)
        for group in choice.groups
        for one in group.members
    }
    return tuple(rows[op.name] for op in choice.graph.ops if op.name in rows)
