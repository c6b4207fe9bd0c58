"""Program -> C text. Everything was decided in `lower`; nothing here depends on what the model computes."""

from __future__ import annotations

import re

from firmware_export.emit.constants import constants, declaration
from firmware_export.emit.declarations import banner, declarations
from firmware_export.emit.definitions import definitions
from firmware_export.kernels import source_text
from firmware_export.program import Program


def header(program: Program) -> str:
    """The one self-contained header: declarations always, definitions under `<NAME>_IMPLEMENTATION`."""
    upper = program.name.upper()
    return f"""{banner(program, usage_single(program))}
#ifndef {upper}_H
#define {upper}_H
{declarations(program)}
#endif /* {upper}_H */

#if defined({upper}_IMPLEMENTATION) && !defined({upper}_IMPLEMENTED)
#define {upper}_IMPLEMENTED
{support(program)}
{constants(program, "static ")}
{definitions(program)}
#endif /* {upper}_IMPLEMENTATION */
"""


def split_files(program: Program) -> dict[str, str]:
    """The same as three files: `<name>.h`, `<name>.c`, `<name>_data.c`."""
    name, upper = program.name, program.name.upper()
    usage = f"Add {name}.c and {name}_data.c to the build."
    externs = "\n".join(f"extern {declaration(const)};" for const in program.consts)
    return {
        f"{name}.h": f"{banner(program, usage)}\n#ifndef {upper}_H\n#define {upper}_H\n"
        f"{declarations(program)}\n#endif /* {upper}_H */\n",
        f"{name}.c": f'{banner(program, usage)}\n#include "{name}.h"\n{support(program)}\n{externs}\n'
        f"{definitions(program)}",
        f"{name}_data.c": f'{banner(program, usage)}\n#include "{name}.h"\n{externs}\n\n{constants(program, "")}',
    }


def usage_single(program: Program) -> str:
    """How to use the one header."""
    return (
        f"In exactly one source file: #define {program.name.upper()}_IMPLEMENTATION before #include "
        f'"{program.name}.h".\n * Everywhere else include it as it is.'
    )


def support(program: Program) -> str:
    """The kernels' own text, each file under its guard, so that two networks in one file share them."""
    files = "\n".join(without_own_includes(source_text(path)) for path in program.sources)
    return f"\n#include <string.h>\n{wishes(program)}\n{files}"


def wishes(program: Program) -> str:
    """Macros that kernels ask for; they hold for all networks of one source file."""
    short = "\n#ifndef EA_SHORT_LOOPS /* as they fit small caches */\n#define EA_SHORT_LOOPS\n#endif\n"
    small = "\n#ifndef EA_SMALL /* even where it takes more instructions */\n#define EA_SMALL\n#endif\n"
    return short * program.has_short_loops + small * program.is_small


def without_own_includes(text: str) -> str:
    """A kernel file as part of one translation unit, in which what it includes stands above it."""
    return re.sub(r'^#include ".*"\n', "", text, flags=re.MULTILINE)
