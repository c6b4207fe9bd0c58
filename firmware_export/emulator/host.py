"""Run the same generated C on this computer, under the sanitizers where a compiler has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from firmware_export.emulator.build import with_implementation, write_sources
from firmware_export.emulator.interface import Interface, Sample
from firmware_export.emulator.toolchain import RUNTIME, WARNINGS, find_zig, run_tool
from firmware_export.errors import BuildFailed, EmulationFault, ToolMissing

SANITIZE = ("-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
PROGRAM = "host_program.exe"
MAIN = "host_main.c"
STATUS_BYTES = 4
SANITIZER_OPTIONS = {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}


class Sanitizers(Enum):
    """Whether every access and every operation is checked while the program runs."""

    OFF = "off"
    ADDRESS_AND_UNDEFINED = "address and undefined"


@dataclass(frozen=True)
class HostProgram:
    """A program for this computer that reads samples and writes outputs."""

    name: str
    interface: Interface
    program: bytes


@dataclass(frozen=True)
class HostRun:
    """What came out for each sample: (samples, outputs) and the status `<name>_run` returned."""

    outputs: tuple[tuple[bytes, ...], ...]
    statuses: tuple[int, ...]


def host_compiler(sanitizers: Sanitizers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The command of this computer's compiler and the flags for its sanitizers. Raises ToolMissing without them."""
    match sanitizers:
        case Sanitizers.OFF:
            return _compiler(), ("-fno-sanitize=all",)
        case Sanitizers.ADDRESS_AND_UNDEFINED:
            compiler = _sanitizing_compiler()
            if compiler is None:
                raise ToolMissing("no compiler here has the address and undefined sanitizers: apt install gcc")
            return compiler, SANITIZE


@cache
def sanitizers_available() -> bool:
    """Whether a compiler of this computer builds programs that run under both sanitizers."""
    return _sanitizing_compiler() is not None


def build_host(
    files: Mapping[str, str], *, name: str, interface: Interface, sanitizers: Sanitizers = Sanitizers.OFF
) -> HostProgram:
    """Compile for this computer, under the warnings generated code must not cause.

    Raises BuildFailed with the compiler's messages, ToolMissing where no compiler has the sanitizers.
    """
    compiler, flags = host_compiler(sanitizers)
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as temporary:
        folder = Path(temporary)
        sources = [*write_sources(with_implementation(files, name), folder=folder), MAIN]
        (folder / MAIN).write_text(_main_text(name, interface), encoding="utf-8")
        command = (*compiler, "-std=c11", "-O2", *WARNINGS, *flags, "-I", str(RUNTIME.parent), *sources, "-o", PROGRAM)
        run_tool(command, what=name, folder=folder)
        return HostProgram(name, interface, (folder / PROGRAM).read_bytes())


def run_host(
    program: HostProgram, samples: Sequence[Sample], *, fill: int = 0xA5, timeout_seconds: float = 300
) -> HostRun:
    """Run once for each sample, one after the other; activations and outputs hold `fill` bytes before each call.

    Raises EmulationFault with what a sanitizer said, or if the program died or ran out of time.
    """
    for sample in samples:
        program.interface.check(sample)
    stdin = b"".join(bytes(data) for sample in samples for data in sample)
    stdout = _execute(program, stdin, fill, timeout_seconds)
    return _read_results(program, stdout, len(samples))


def _execute(program: HostProgram, stdin: bytes, fill: int, timeout_seconds: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as folder:
        path = Path(folder) / PROGRAM
        path.write_bytes(program.program)
        path.chmod(0o700)
        try:
            done = subprocess.run(
                [path, str(fill)],
                input=stdin,
                capture_output=True,
                timeout=timeout_seconds,
                env={**os.environ, **SANITIZER_OPTIONS},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EmulationFault(f"{program.name}_run on this computer: no end after {timeout_seconds} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()[:20]
        raise EmulationFault(
            "\n  ".join((f"{program.name}_run on this computer: stopped with exit status {done.returncode}", *said))
        )
    return done.stdout


def _read_results(program: HostProgram, stdout: bytes, samples: int) -> HostRun:
    sizes = (STATUS_BYTES, *program.interface.output_bytes)
    if len(stdout) != samples * sum(sizes):
        raise EmulationFault(f"{program.name}_run on this computer: {len(stdout)} bytes from {samples} samples")
    fields, position = [], 0
    for size in sizes * samples:
        fields.append(stdout[position : position + size])
        position += size
    rows = [fields[start : start + len(sizes)] for start in range(0, len(fields), len(sizes))]
    statuses = tuple(int.from_bytes(row[0], sys.byteorder, signed=True) for row in rows)
    return HostRun(tuple(tuple(row[1:]) for row in rows), statuses)


def _main_text(name: str, interface: Interface) -> str:
    inputs, outputs = interface.input_bytes, interface.output_bytes
    arenas = interface.arenas
    arguments = [f"arenas[{index}]" for index in range(len(arenas))]
    arguments += ["&state"] if interface.state_bytes else []
    arguments += [f"(void *)inputs[{index}]" for index in range(len(inputs))]
    arguments += [f"(void *)outputs[{index}]" for index in range(len(outputs))]
    return f"""#include "{name}.h"
#include <stddef.h>
#include <stdint.h>

#define INPUTS {len(inputs)}u
#define OUTPUTS {len(outputs)}u
#define ARENAS {len(arenas)}u
#define RUN {name}_run({", ".join(arguments)})
{_begin_text(name, interface)}

static const size_t arena_bytes[ARENAS] = {{{", ".join(map(str, arenas.values()))}}};
static const size_t input_bytes[INPUTS] = {{{", ".join(map(str, inputs))}}};
static const size_t output_bytes[OUTPUTS] = {{{", ".join(map(str, outputs))}}};

#include "runtime/host_main.c"
"""


def _begin_text(name: str, interface: Interface) -> str:
    if not interface.state_bytes:
        return "#define BEGIN(fill) ((void)(fill))"
    return f"""#define BEGIN(fill) (memset(&state, fill, sizeof state), {name}_reset(&state))

static struct {name}_state state;"""


def _compiler() -> tuple[str, ...]:
    found = [path for path in map(shutil.which, ("gcc", "clang")) if path]
    return (found[0],) if found else (*find_zig(), "cc")


@cache
def _sanitizing_compiler() -> tuple[str, ...] | None:
    return next(((path,) for path in map(shutil.which, ("gcc", "clang")) if path and _sanitizes(path)), None)


def _sanitizes(compiler: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as temporary:
        folder = Path(temporary)
        (folder / "empty.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
        try:
            run_tool((compiler, *SANITIZE, "empty.c", "-o", PROGRAM), what="a test", folder=folder)
        except BuildFailed:
            return False
        return subprocess.run([folder / PROGRAM], capture_output=True, check=False).returncode == 0
