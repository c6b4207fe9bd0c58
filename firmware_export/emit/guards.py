"""Guard bytes between the buffers of a build for debugging. Nothing for other networks."""

from __future__ import annotations

from firmware_export.program import Program

PATTERN = "0xc5u"


def guard_functions(program: Program) -> str:
    """The functions that lay guards, and look after them."""
    if not program.guards:
        return ""
    name, count = program.name, len(program.guards)
    offsets = ", ".join(map(str, program.guards))
    return f"""
/* Where guard bytes lie between the buffers. */
static const int32_t {name}_guards[{count}] = {{{offsets}}};

static void {name}_lay_guards(int8_t *arena)
{{
    for (int32_t i = 0; i < {count}; i++)
        memset(arena + {name}_guards[i], (int)({PATTERN}), {program.guard_bytes});
}}

static int32_t {name}_is_overrun(const int8_t *arena)
{{
    for (int32_t i = 0; i < {count}; i++)
        for (int32_t k = 0; k < {program.guard_bytes}; k++)
            if ((uint8_t)arena[{name}_guards[i] + k] != {PATTERN})
                return 1;
    return 0;
}}
"""


def lay_guards(program: Program) -> str:
    """The call that begins an inference."""
    return f"    {program.name}_lay_guards(arena);\n" if program.guards else ""


def look_at_guards(program: Program, margin: str = "    ") -> str:
    """What follows a layer."""
    if not program.guards:
        return ""
    name = program.name
    return f"{margin}if ({name}_is_overrun(arena))\n{margin}    return {name.upper()}_OVERRUN;\n"
