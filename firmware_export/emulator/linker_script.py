"""A memory map as a script for GNU ld and for lld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from firmware_export.emulator.memory_map import MemoryMap
from firmware_export.targets import Bank, arrange, arrange_banks, memories

NO_BANKS: Mapping[str, int] = MappingProxyType({})
STACK_SECTION = ".bss.ea_stack"


@dataclass(frozen=True)
class Layout:
    """Which contiguous piece of RAM holds the activations, and which the stack and all static data.

    banks: the piece of each by its name, where activations are split over banks; `activations` is then the first one's.
    """

    activations: Bank
    rest: Bank
    banks: tuple[tuple[str, Bank], ...] = ()

    @property
    def arenas(self) -> dict[str, Bank]:
        """The piece of each buffer for activations."""
        return dict(self.banks) or {"activations": self.activations}

    def regions(self, memory: MemoryMap) -> tuple[Bank, ...]:
        """All pieces, in order of address."""
        pieces = memories(memory.ram, apart=dict(self.banks)) if self.banks else memory.regions
        return tuple(sorted(pieces, key=lambda piece: piece.address))


def section_of(arena: str) -> str:
    """Where a buffer for activations stands."""
    return f".bss.ea_{symbol_of(arena)}"


def symbol_of(arena: str) -> str:
    """What a buffer for activations is called, behind `ea_`; "activations" where there is one."""
    return arena if arena == "activations" else f"bank_{arena}"


def choose_layout(
    memory: MemoryMap, *, activations_bytes: int, rest_bytes: int, banks: Mapping[str, int] = NO_BANKS
) -> Layout:
    """The pieces of RAM that hold everything, or miss the least; one piece for all where that is enough.

    banks: bytes by name, where activations are split over banks.
    """
    if banks:
        split = arrange_banks(memory.ram, banks, rest=rest_bytes)
        return Layout(split.banks[0][1], split.rest, split.banks)
    regions = memory.regions
    chosen = arrange([piece.bytes for piece in regions], activations=activations_bytes, rest=rest_bytes)
    return Layout(regions[chosen.activations], regions[chosen.rest])


def linker_script(memory: MemoryMap, layout: Layout) -> str:
    """The script: what does not fit into the part's memories does not link.

    The stack takes the lowest addresses, so that an overflow leaves the RAM and is caught. Nobody clears the stack and
    the activations.
    """
    flash, rest = memory.flash.name, layout.rest.name
    regions = "\n".join([_region(memory.flash, "rx"), *(_region(piece, "rw") for piece in layout.regions(memory))])
    arenas = "\n".join(_arena(arena, piece.name) for arena, piece in layout.arenas.items())
    return f"""/* {memory.name} ({memory.source}). */
MEMORY
{{
{regions}
}}

ENTRY(ea_reset)

SECTIONS
{{
    .text : {{ KEEP(*(.vectors)) *(.text .text.*) }} > {flash}
    .rodata : ALIGN(16) {{ *(.rodata .rodata.*) }} > {flash}
    .stack (NOLOAD) : ALIGN(16) {{ ea_stack_start = .; KEEP(*({STACK_SECTION})) ea_stack_end = .; }} > {rest} AT> {rest}
    .data : ALIGN(16)
    {{
        ea_data_start = .;
        *(.data .data.*)
        . = ALIGN(4);
        ea_data_end = .;
    }} > {rest} AT> {flash}
    ea_data_load = LOADADDR(.data);
{arenas}
    .bss (NOLOAD) : ALIGN(16)
    {{
        ea_bss_start = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(4);
        ea_bss_end = .;
    }} > {rest} AT> {rest}
    /DISCARD/ : {{ *(.ARM.exidx .ARM.exidx.* .ARM.extab .ARM.extab.* .comment .note.*) }}
}}
"""


def _region(bank: Bank, rights: str) -> str:
    return f"    {bank.name} ({rights}) : ORIGIN = {bank.address:#010x}, LENGTH = {bank.bytes}"


def _arena(arena: str, piece: str) -> str:
    section = section_of(arena)
    return f"    .{symbol_of(arena)} (NOLOAD) : ALIGN(16) {{ *({section}) }} > {piece} AT> {piece}"
