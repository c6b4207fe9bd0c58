"""Generated C in, a linked program for one core out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from elftools.common.exceptions import ELFError

from firmware_export.emulator.cache import cached_file
from firmware_export.emulator.image import Image, check_alignment, read_image
from firmware_export.emulator.scan import refuse_foreign_instructions
from firmware_export.emulator.toolchain import (
    LINKER_SCRIPT,
    RUNTIME,
    WARNINGS,
    Compiler,
    Toolchain,
    check_macros,
    compiler_version,
    core_flags,
    find_compiler,
    run_tool,
    small_runtime,
)
from firmware_export.errors import BuildFailed

# Without -g1 Zig strips the symbols at -Os.
ALWAYS = ("-ffunction-sections", "-fdata-sections", "-g1", *WARNINGS)
SCRIPT = "image.ld"


@dataclass(frozen=True)
class Program:
    """C files by name and how they are put together. Whatever `entry` does not need is dropped."""

    name: str
    files: Mapping[str, str]
    script: str  # text for the linker
    entry: str
    also: tuple[str, ...] = ()  # functions that are kept beside it


def build(files: Mapping[str, str], *, name: str, toolchain: Toolchain, also: tuple[str, ...] = ()) -> Image:
    """Compile and link `<name>_run`, the functions `also`, and all they call; whatever they do not need is dropped.

    files: text by file name. Where none is a `.c` file, `<name>.h` is included once with its implementation.
    Raises as `link` does.
    """
    script = LINKER_SCRIPT.read_text(encoding="utf-8")
    return link(Program(name, with_implementation(files, name), script, entry=f"{name}_run", also=also), toolchain)


def link(program: Program, toolchain: Toolchain) -> Image:
    """Compile and link a program. Every program for one toolchain is compiled alike: the same C, the same machine code.

    What was built before is not built again. Raises BuildFailed with the compiler's messages or the first instruction
    that the core does not have, ToolMissing where the compiler or the core is not there.
    """
    version = compiler_version(toolchain.compiler)
    recipe = json.dumps([version, repr(toolchain), core_flags(toolchain), *ALWAYS, *runtime_texts(), asdict(program)])

    def make(path: Path) -> None:
        check_macros(toolchain)
        sources = write_sources(program.files, folder=path.parent)
        (path.parent / SCRIPT).write_text(program.script, encoding="utf-8")
        _link(path, sources, program, toolchain)

    def read() -> Image:
        elf = cached_file(f"{toolchain.core}.elf", recipe=recipe, make=make)
        try:
            return read_image(
                elf.read_bytes(), name=program.name, core=toolchain.core, compiler=version, fpu=toolchain.fpu
            )
        except ELFError:  # what was kept is damaged
            elf.unlink(missing_ok=True)
            raise

    try:
        image = read()
    except ELFError:
        image = read()
    check_alignment(image)
    refuse_foreign_instructions(image)
    return image


@cache
def runtime_texts() -> tuple[str, ...]:
    """The project's own part of every image."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(RUNTIME.iterdir()) if path.is_file())


def write_sources(files: Mapping[str, str], *, folder: Path) -> list[str]:
    """Write files into a folder and return the names of those to compile."""
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return sorted(file for file in files if file.endswith(".c"))


def with_implementation(files: Mapping[str, str], name: str) -> dict[str, str]:
    """The files of a model, with a C file that holds the definitions where it is a single header."""
    if any(file.endswith(".c") for file in files):
        return dict(files)
    return {**files, f"{name}_implementation.c": f'#define {name.upper()}_IMPLEMENTATION\n#include "{name}.h"\n'}


def _link(image: Path, sources: list[str], program: Program, toolchain: Toolchain) -> None:
    folder = image.parent
    command = [
        *find_compiler(toolchain.compiler),
        *core_flags(toolchain),
        *(toolchain.standard, toolchain.optimize, *ALWAYS, f"-fdebug-prefix-map={folder}=."),
        *toolchain.flags,
        *sources,
        *("-T", SCRIPT, "-Wl,--gc-sections", f"-Wl,-e,{program.entry}"),
        *(f"-Wl,-u,{symbol}" for symbol in program.also),
        *("-o", image.name),
    ]
    match toolchain.compiler:
        case Compiler.GCC:
            run_tool([*command, "-nostartfiles", "--specs=nano.specs"], what=program.name, folder=folder)
        case Compiler.ZIG:
            _link_with_zig(command, program.name, folder, toolchain)


def _link_with_zig(command: list[str], name: str, folder: Path, toolchain: Toolchain) -> None:
    command = [*command, "-isystem", str(RUNTIME)]
    try:
        run_tool([*command, "-nostdlib", str(small_runtime(toolchain.core, toolchain.fpu))], what=name, folder=folder)
    except BuildFailed as failure:
        if "undefined symbol: __" not in str(failure):
            raise
        # A helper the small runtime lacks, such as soft floats: Zig's whole library, built once per core in some 10 s.
        run_tool(command, what=name, folder=folder)
