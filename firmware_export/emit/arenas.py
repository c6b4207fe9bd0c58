"""What a header says of the memory for activations: one buffer of the caller's, or one in each of several banks."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_export.program import Arena, Port, Program


def arena_names(program: Program) -> tuple[str, ...]:
    """The first arguments of run."""
    return tuple(arena.name for arena in program.arenas)


def arena_usage(program: Program) -> str:
    """The lines of the example in the banner that define buffers."""
    upper = program.name.upper()
    return "".join(f" *     {upper}_DEFINE_{name.upper()}({name});\n" for name in arena_names(program))


def arena_sizes(program: Program) -> str:
    """The macros of sizes; each bank's with a comment of what it is."""
    return bank_comments(program) + "".join(
        f"#define {program.name.upper()}_{arena.name.upper()}_BYTES {max(arena.size, 1)}\n" for arena in program.arenas
    )


def bank_comments(program: Program) -> str:
    """Where activations are split, into what."""
    if not program.banks:
        return ""
    rooms = "".join(f" *     {arena.name}: of {arena.room} bytes\n" for arena in program.banks)
    return f"""
/* Activations are split over banks of RAM, the fastest first; it holds what is read and written most. Each bank is an
 * argument of {program.name}_run with macros of its own, in place of ACTIVATIONS:
{rooms} */
"""


def placed_words(program: Program) -> str:
    """What sections may be given to."""
    return f"weights and {'banks' if program.banks else 'activations'}"


def arena_sections(program: Program) -> str:
    """The macros that place each arena, empty where the user has not defined them."""
    return "".join(section_text(f"{program.name.upper()}_{name.upper()}") for name in arena_names(program))


def section_text(prefix: str) -> str:
    """One such macro."""
    return f"#if !defined({prefix}_SECTION)\n#define {prefix}_SECTION\n#endif\n"


def arena_definitions(program: Program) -> str:
    """The macros that define each arena's buffer."""
    return "".join(definition_text(program, arena) for arena in program.arenas)


def definition_text(program: Program, arena: Arena) -> str:
    """One such macro."""
    upper, own = program.name.upper(), f"{program.name.upper()}_{arena.name.upper()}"
    what = "A buffer" if arena.room is None else f"A buffer for {arena.name}"
    return f"""/* {what} that fits {program.name}_run, placed in {own}_SECTION. */
#define {upper}_DEFINE_{arena.name.upper()}(name) \\
    {upper}_ALIGNED static uint8_t name[{own}_BYTES] {own}_SECTION
"""


def arena_contract(program: Program) -> str:
    """What run asks of the arenas."""
    upper = program.name.upper()
    needed = "16-byte aligned, needed only during the call"
    if not program.banks:
        return f"activations: {upper}_ACTIVATIONS_BYTES bytes, {needed}"
    sizes = "".join(f" * {arena.name}: {upper}_{arena.name.upper()}_BYTES bytes,\n" for arena in program.banks)
    return f"Banks of activations:\n{sizes} * each {needed}"


def held_words(program: Program) -> str:
    """Where inputs and outputs may lie besides memory of their own."""
    return "the bank" if program.banks else "the activations"


def offset_text(port: Port) -> str:
    """Where an input or output lies; in which bank, where there are several."""
    bank = port.arena.removeprefix("arena").removeprefix("_")
    return f"{port.offset} /* in {bank} */" if bank else str(port.offset)


def given_text(port: Port) -> str:
    """An input that lies in the activations is copied there, where it does not lie there yet."""
    if port.offset is None:
        return ""
    there, name = f"{port.arena} + {port.offset}", port.name
    return f"    if ((const void *){name} != (void *)({there}))\n        memcpy({there}, {name}, {port.nbytes});\n"


def taken_text(port: Port) -> str:
    """An output that lies in the activations is copied to where the caller wants it."""
    if port.offset is None:
        return ""
    there = f"{port.arena} + {port.offset}"
    return f"    if ((void *){port.name} != (void *)({there}))\n        memcpy({port.name}, {there}, {port.nbytes});\n"


def and_words(words: Sequence[str]) -> str:
    """a, b and c."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
