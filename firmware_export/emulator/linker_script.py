"""A memory map as a script for GNU ld and for lld."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.emulator.memory_map import MemoryMap
from firmware_export.targets import Bank, arrange

STACK_SECTION = ".bss.ea_stack"
ACTIVATIONS_SECTION = ".bss.ea_activations"


@dataclass(frozen=True)
class Layout:
    """Which contiguous piece of RAM holds the activations, and which the stack and all static data."""

    activations: Bank
    rest: Bank


def choose_layout(memory: MemoryMap, *, activations_bytes: int, rest_bytes: int) -> Layout:
    """The pieces of RAM that hold everything, or miss the least; one piece for all where that is enough."""
    regions = memory.regions
    chosen = arrange([piece.bytes for piece in regions], activations=activations_bytes, rest=rest_bytes)
    return Layout(regions[chosen.activations], regions[chosen.rest])


def linker_script(memory: MemoryMap, layout: Layout) -> str:
    """The script: what does not fit into the part's memories does not link.

    The stack takes the lowest addresses, so that an overflow leaves the RAM and is caught. Nobody clears the stack and
    the activations.
    """
    flash, rest, activations = memory.flash.name, layout.rest.name, layout.activations.name
    regions = "\n".join(
        [_region(memory.flash, "rx"), *(_region(piece, "rw") for piece in sorted(memory.regions, key=_address))]
    )
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
    .activations (NOLOAD) : ALIGN(16) {{ *({ACTIVATIONS_SECTION}) }} > {activations} AT> {activations}
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


def _address(bank: Bank) -> int:
    return bank.address
