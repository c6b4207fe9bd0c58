"""The two cross compilers: how each is found and called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from firmware_export.emulator.cache import ZIG, cache_folder, cached_file
from firmware_export.emulator.cores import emulated_core, fpu_names
from firmware_export.errors import BuildFailed, ToolMissing
from firmware_export.targets import Fpu

RUNTIME = Path(__file__).parent / "runtime"
LINKER_SCRIPT = RUNTIME / "link.ld"

WARNINGS = (
    *("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wcast-qual"),
    *("-Wstrict-prototypes", "-Wmissing-prototypes", "-pedantic", "-Werror"),
)

# Left to itself Zig adds to a freestanding build: no builtins (memcpy of four bytes becomes a call), a frame pointer,
# unwind tables, and sanitizers and a stack protector at -O0. A user's project has none of them.
ZIG_LIKE_A_PROJECT = (
    *("-fhosted", "-fbuiltin", "-fomit-frame-pointer", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables"),
    *("-fno-sanitize=all", "-fno-stack-protector"),
)

WHAT_NOW = ": try the other compiler (--compiler zig or gcc), and report it as a bug in edgeattn with these lines:"


class Compiler(Enum):
    """A cross compiler for Cortex-M."""

    ZIG = "zig"
    GCC = "gcc"


@dataclass(frozen=True)
class Toolchain:
    """A compiler, the core it compiles for, and how. `flags` come last, so they may overrule the defaults."""

    core: str
    compiler: Compiler = Compiler.ZIG
    optimize: str = "-O2"
    standard: str = "-std=c11"
    flags: tuple[str, ...] = ()
    fpu: Fpu = Fpu.NONE  # of the part: with one, floats are passed in its registers, as users build for such a part


def find_compiler(compiler: Compiler) -> tuple[str, ...]:
    """The command that starts a compiler. Raises ToolMissing, with the command that installs it."""
    match compiler:
        case Compiler.ZIG:
            return (*find_zig(), "cc")
        case Compiler.GCC:
            found = shutil.which("arm-none-eabi-gcc")
            if found is None:
                raise ToolMissing(
                    "arm-none-eabi-gcc is not installed: apt install gcc-arm-none-eabi libnewlib-arm-none-eabi"
                )
            return (found,)


def find_zig() -> tuple[str, ...]:
    """The command that starts Zig. Raises ToolMissing, with the command that installs it."""
    if find_spec("ziglang") is None:
        raise ToolMissing("Zig's compiler is not installed: pip install ziglang")
    return (sys.executable, "-m", "ziglang")


@cache
def compiler_version(compiler: Compiler) -> str:
    """The compiler's name and version, such as `gcc 12.2.1`."""
    match compiler:
        case Compiler.ZIG:
            command = [*find_zig(), "version"]
        case Compiler.GCC:
            command = [*find_compiler(compiler), "-dumpfullversion"]
    return f"{compiler.value} {subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()}"


def core_flags(toolchain: Toolchain) -> tuple[str, ...]:
    """The flags that name the core and its FPU. Raises ToolMissing for a core or FPU that is not emulated."""
    core = emulated_core(toolchain.core)
    names = fpu_names(core, toolchain.fpu)
    hard = toolchain.fpu is not Fpu.NONE
    match toolchain.compiler:
        case Compiler.ZIG:
            target = "thumb-freestanding-eabihf" if hard else "thumb-freestanding-eabi"
            return ("-target", target, f"-mcpu={core.zig_cpu}{names.zig_feature}", *ZIG_LIKE_A_PROJECT)
        case Compiler.GCC:
            fpu = (f"-mfpu={names.gcc_fpu}", "-mfloat-abi=hard") if hard else (f"-mfloat-abi={core.gcc_float_abi}",)
            return (f"-mcpu={core.gcc_cpu}{names.gcc_feature}", "-mthumb", *fpu)


@cache
def check_macros(toolchain: Toolchain) -> None:
    """Raise BuildFailed where a compiler does not define what says that a core's instructions may be used."""
    wanted = emulated_core(toolchain.core).macros
    if not wanted:
        return
    command = (*find_compiler(toolchain.compiler), *core_flags(toolchain), *("-dM", "-E", "-x", "c", os.devnull))
    defined = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    missing = ", ".join(macro for macro in wanted if macro not in defined)
    if missing:
        version = compiler_version(toolchain.compiler)
        raise BuildFailed(f"{version} does not define {missing} for {toolchain.core}: use the other compiler")


def small_runtime(core: str, fpu: Fpu = Fpu.NONE) -> Path:
    """The object file of the helpers Zig's code calls on a core, compiled on first use."""
    source = RUNTIME / "runtime.c"
    flags = (*core_flags(Toolchain(core, fpu=fpu)), "-O2", "-g0", "-fno-builtin", "-ffunction-sections")
    flags = (*flags, "-Wall", "-Werror")
    recipe = "\n".join((compiler_version(Compiler.ZIG), *flags, source.read_text(encoding="utf-8")))

    def make(path: Path) -> None:
        command = (*find_compiler(Compiler.ZIG), *flags, "-c", str(source), "-o", path.name)
        run_tool(command, what="the small runtime", folder=path.parent)

    return cached_file(f"runtime-{core}.o", recipe=recipe, make=make)


def run_tool(command: Sequence[str | Path], *, what: str, folder: Path) -> None:
    """Run a compiler in a folder. Raises BuildFailed with the compiler's first messages."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=_environment(folder), check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout or f"exit status {done.returncode}").strip().splitlines()
        raise BuildFailed("\n  ".join((f"{what} does not build{WHAT_NOW}", *lines[:20])), output=done.stderr)


def _environment(folder: Path) -> dict[str, str]:
    # What Zig builds once per target it shares between processes under its own locks; objects go with the build.
    zig = {"ZIG_GLOBAL_CACHE_DIR": str(cache_folder() / ZIG), "ZIG_LOCAL_CACHE_DIR": str(folder / "zig-cache")}
    return {**os.environ, **zig, "LC_ALL": "C"}  # messages are read by build and by people who search for them
