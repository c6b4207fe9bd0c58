"""Many single-op networks in one program, so that a table of cases costs one build a core."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from firmware_export.emulate import interface_of
from firmware_export.emulator.build import build
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface
from firmware_export.emulator.toolchain import WARNINGS, Toolchain
from firmware_export.emulator.unicorn import verify
from firmware_export.export import Export, Planner, export
from firmware_export.optimize import Optimize
from firmware_export.targets import Isa
from tests.kernels.case import Case
from tests.single_op import Array, litert_sequence

Outputs = tuple[tuple[bytes, ...], ...]  # (samples, outputs)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A case exported, with inputs and what the LiteRT reference makes of them."""

    case: Case
    export: Export
    inputs: tuple[tuple[Array, ...], ...]  # (samples, inputs)
    expected: Outputs

    @property
    def interface(self) -> Interface:
        return interface_of(self.export.program)

    @property
    def symbol(self) -> str:
        return self.export.program.name


def prepared(cases: Sequence[Case]) -> tuple[Prepared, ...]:
    """Each case exported in plain C under a name of its own, and its expected outputs."""
    return tuple(prepare(case, f"case_{index}") for index, case in enumerate(cases))


def exported_for(
    batch: Sequence[Prepared],
    isa: Isa,
    optimize: Optimize = Optimize.BALANCED,
    *,
    short_loops: bool = False,
    planner: Planner | None = None,
) -> tuple[Prepared, ...]:
    """The same cases with the kernels of an instruction set, chosen for a wish and a part, and planned."""
    if (isa, optimize, short_loops, planner) == (Isa.C, Optimize.BALANCED, False, None):
        return tuple(batch)
    wishes = {"isa": isa, "optimize": optimize, "short_loops": short_loops, "planner": planner}
    return tuple(replace(item, export=export(item.case.model, name=item.symbol, **wishes)) for item in batch)


def prepare(case: Case, symbol: str) -> Prepared:
    done = export(case.model, name=symbol)
    inputs = samples(done, case.seed)
    expected = tuple(map(to_bytes, litert_sequence(case.model, inputs)))
    return Prepared(case, done, inputs, expected)


def samples(done: Export, seed: int) -> tuple[tuple[Array, ...], ...]:
    """Random bytes twice, then the ends of the range and the zero point."""
    rng = np.random.default_rng(seed)
    ports = done.program.inputs
    random = [tuple(rng.integers(p.low, p.high + 1, p.shape).astype(p.dtype) for p in ports) for _ in range(2)]
    flat = [tuple(np.full(port.shape, getattr(port, value), port.dtype) for port in ports) for value in ("low", "high")]
    zero = tuple(np.full(port.shape, port.zero_point, port.dtype) for port in ports)
    return (*random, *flat, zero)


def to_bytes(arrays: Sequence[Array]) -> tuple[bytes, ...]:
    return tuple(np.ascontiguousarray(array).tobytes() for array in arrays)


def files(batch: Sequence[Prepared]) -> dict[str, str]:
    """All headers and one C file that includes them; `all_run` keeps every network in the program."""
    headers = {file: text for item in batch for file, text in item.export.files.items()}
    includes = "\n".join(f'#define {i.symbol.upper()}_IMPLEMENTATION\n#include "{i.symbol}.h"' for i in batch)
    runs = "\n".join(f"    (any_function){item.symbol}_run," for item in batch)
    text = f"""{includes}
typedef void (*any_function)(void);
any_function all_run(int32_t index);
static const any_function runs[] = {{
{runs}
}};
any_function all_run(int32_t index)
{{
    return runs[index];
}}
"""
    return headers | {"all.c": text}


def wrong_on_core(batch: Sequence[Prepared], toolchain: Toolchain) -> list[str]:
    """The cases whose outputs on an emulated core differ from the reference."""
    begins = tuple(function for item in batch for function in item.interface.begins(item.symbol))
    image = build(files(batch), name="all", toolchain=toolchain, also=begins)
    return [item.case.name for item in batch if emulated(image, item) != item.expected]


def emulated(image: Image, item: Prepared) -> Outputs:
    own = replace(image, name=item.symbol, entry=image.symbols[f"{item.symbol}_run"].address)
    run = verify(own, item.interface, [to_bytes(sample) for sample in item.inputs])
    assert set(run.statuses) == {0}, item.case.name
    return run.outputs


def wrong_on_host(batch: Sequence[Prepared], command: Sequence[str], folder: Path) -> list[str]:
    """The cases whose outputs on this machine differ; `command` compiles, with sanitizers where it can."""
    compile_on_host(batch, command, folder)
    return [item.case.name for index, item in enumerate(batch) if on_host(folder, index, item) != item.expected]


def compile_on_host(batch: Sequence[Prepared], command: Sequence[str], folder: Path) -> None:
    """Build a program of all cases; a warning is an error."""
    sources: Mapping[str, str] = files(batch) | {"all.c": host_text(batch)}
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    warnings = [flag for flag in WARNINGS if "c++" not in command or "prototypes" not in flag]
    done = subprocess.run(
        [*command, *warnings, "all.c", "-o", "all"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:4000]


def on_host(folder: Path, index: int, item: Prepared) -> Outputs:
    given = b"".join(b"".join(to_bytes(sample)) for sample in item.inputs)
    done = subprocess.run([folder / "all", str(index)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, f"{item.case.name}: {done.stderr.decode()[:2000]}"
    sizes = item.interface.output_bytes * len(item.inputs)
    ends = np.cumsum(sizes).tolist()
    pieces = [done.stdout[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    count = len(item.interface.output_bytes)
    return tuple(tuple(pieces[start : start + count]) for start in range(0, len(pieces), count))


def host_text(batch: Sequence[Prepared]) -> str:
    """A program that runs the network of a given number on samples from its standard input.

    Every buffer is allocated with its exact size, so that the address sanitizer sees a byte too many.
    """
    includes = "\n".join(f'#define {i.symbol.upper()}_IMPLEMENTATION\n#include "{i.symbol}.h"' for i in batch)
    functions = "\n".join(host_function(item) for item in batch)
    rows = "\n".join(f"    run_{item.symbol}," for item in batch)
    return f"""#include <stdio.h>
#include <stdlib.h>
{includes}
{functions}
static int (*const runs[])(void) = {{
{rows}
}};
int main(int argc, char **argv)
{{
    return argc == 2 ? runs[atoi(argv[1])]() : 2;
}}
"""


def host_function(item: Prepared) -> str:
    interface, symbol = item.interface, item.symbol
    buffers = [(f"x{i}", size) for i, size in enumerate(interface.input_bytes)]
    results = [(f"y{i}", size) for i, size in enumerate(interface.output_bytes)]
    types = [port.ctype for port in item.export.program.ports]
    allocate = "".join(
        f"    {ctype} *{name} = ({ctype} *)malloc({size});\n"
        for ctype, (name, size) in zip(types, (*buffers, *results), strict=True)
    )
    read = " && ".join(f"fread({name}, 1, {size}, stdin) == {size}" for name, size in buffers)
    write = "".join(f"        fwrite({name}, 1, {size}, stdout);\n" for name, size in results)
    state = f"    struct {symbol}_state state;\n    {symbol}_reset(&state);\n" if interface.state_bytes else ""
    first = ("activations", "&state") if state else ("activations",)
    arguments = ", ".join((*first, *(name for name, _ in (*buffers, *results))))
    free = "".join(f"    free({name});\n" for name, _ in (*buffers, *results))
    return f"""static int run_{symbol}(void)
{{
    void *activations = malloc({symbol.upper()}_ACTIVATIONS_BYTES);
{state}{allocate}    int status = {symbol}_check() != {symbol.upper()}_OK;
    while (status == 0 && {read}) {{
        status = {symbol}_run({arguments}) != {symbol.upper()}_OK;
{write}    }}
{free}    free(activations);
    return status;
}}
"""
