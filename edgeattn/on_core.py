"""A network as firmware has it, on an emulated core: what tests of firmware ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

import firmware_export
from edgeattn.errors import OptionError
from firmware_export import (
    BuildFailed,
    Compiler,
    CycleEstimate,
    DoesNotFit,
    Emulated,
    Header,
    Needs,
    Optimize,
    Port,
    Target,
    Toolchain,
)

Stored = NDArray[Any]  # of an input's or output's own type
Array = NDArray[np.generic]
Choice = TypeVar("Choice", bound=Enum)

COMPILER_LINES = 20


@dataclass(frozen=True)
class Build:
    """For what and how a network is compiled; "" where that is left open."""

    target: str = ""
    compiler: str = ""
    optimize: str = ""

    def or_else(self, other: Build) -> Build:
        """These choices, and the other's where there is none."""
        return Build(self.target or other.target, self.compiler or other.compiler, self.optimize or other.optimize)


@dataclass(frozen=True, eq=False)
class Result:
    """What a network gave and what it cost. Outputs: one array an output, (samples, *shape)."""

    name: str
    target: Target
    toolchain: Toolchain
    emulated: Emulated
    needs: Needs

    @property
    def outputs(self) -> tuple[Stored, ...]:
        """One array an output, (samples, *shape)."""
        return self.emulated.outputs

    @property
    def output(self) -> Stored:
        """The first output, for networks that have only one."""
        return self.emulated.outputs[0]

    @property
    def instructions(self) -> int:
        """Instructions of one inference, the most of any sample."""
        return max(self.emulated.instructions)

    @property
    def layers(self) -> Mapping[str, int]:
        """Instructions by layer, the mean over the samples."""
        return self.emulated.layers

    @property
    def cycles(self) -> CycleEstimate:
        """Estimated cycles of one inference, the mean over the samples."""
        return self.emulated.cycles

    @property
    def ram_bytes(self) -> int:
        """Activations, stack, static data, one buffer for each input and output, and one state."""
        return self.needs.ram_bytes

    @property
    def flash_bytes(self) -> int:
        """Linked code, weights and tables."""
        return self.needs.flash_bytes

    @property
    def stack_bytes(self) -> int:
        """The deepest that the stack was."""
        return self.needs.stack_bytes

    @property
    def numbers(self) -> dict[str, int]:
        """What a budget may limit."""
        keys = ("ram_bytes", "flash_bytes", "instructions", "stack_bytes")
        return {key: getattr(self, key) for key in keys}

    def __str__(self) -> str:
        return f"{self.name} on {self.target.name} ({self.emulated.compiler} {self.emulated.compiler_flags})"


def run_on_core(header: Header, inputs: object, build: Build, path: Path) -> Result:
    """Build a network and run it on samples, as `firmware_export.emulate` does, faults and all.

    inputs: an array an input, of its type, of one sample or of (samples, *shape). Raises OptionError for inputs and
    choices that make no sense, firmware_export.ExportError: BuildFailed with the compiler's words.
    """
    program = header.program
    rows = samples_of(inputs, program.inputs, program.name)
    target, toolchain = toolchain_of(build, program.name)
    try:
        emulated = firmware_export.emulate(header, rows, toolchain, flash=firmware_export.flash_of(target))
    except BuildFailed as failure:
        if not failure.output:
            raise
        lines = failure.output.strip().splitlines()[:COMPILER_LINES]
        what = f"{path} does not build for {target.name} with {toolchain.compiler.value}:"
        raise BuildFailed("\n  ".join((what, *lines)), output=failure.output) from None
    buffers = sum(port.nbytes for port in (*program.inputs, *program.outputs))
    needs = Needs(
        activations_bytes=program.activations_bytes,
        stack_bytes=emulated.stack_bytes,
        static_ram_bytes=emulated.sizes.static_ram + buffers + program.state_bytes,
        flash_bytes=emulated.sizes.flash,
        banks=tuple((bank.name, bank.size) for bank in program.banks),
    )
    return Result(program.name, target, toolchain, emulated, needs)


def check_fits(header: Header, result: Result) -> None:
    """Link a firmware with the network into the part's memories; DoesNotFit says by how much it does not fit.

    A core alone has no limits.
    """
    if result.target.is_generic:
        return
    missing = firmware_export.missing_memory(header, result.target, result.toolchain, result.stack_bytes)
    if missing:
        words = " and ".join(f"{amount:,} bytes of {memory}" for memory, amount in missing.items())
        raise DoesNotFit(f"{result} does not fit: it lacks {words}; choose a larger part", missing=missing)


def toolchain_of(build: Build, name: str) -> tuple[Target, Toolchain]:
    """What the choices mean. Raises OptionError, and UnknownTarget with the cores there are."""
    if not build.target:
        raise OptionError(
            f'{name}: for which core? Name one in the test, target="cortex-m4", or in [tool.edgeattn_budget.{name}]'
        )
    target = firmware_export.find(build.target)
    compiler = _choice(Compiler, build.compiler, Compiler.ZIG)
    return target, firmware_export.toolchain_for(target, compiler, _choice(Optimize, build.optimize, Optimize.BALANCED))


def samples_of(inputs: object, ports: Sequence[Port], name: str) -> tuple[Stored, ...]:
    """One array an input, (samples, *shape), from what a test gives. Raises OptionError where it does not fit."""
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    if len(given) != len(ports):
        names = ", ".join(port.name for port in ports)
        raise OptionError(f"{name} has {len(ports)} inputs ({names}) and was given {len(given)} arrays: give each one")
    arrays = tuple(rows_of(array, port, name) for array, port in zip(given, ports, strict=True))
    counts = [len(array) for array in arrays]
    if len(set(counts)) > 1:
        raise OptionError(f"{name}: the inputs differ in their number of samples ({', '.join(map(str, counts))})")
    return arrays


def rows_of(array: object, port: Port, name: str) -> Stored:
    """An array of the port's type as (samples, *shape). Raises OptionError for another type, and another shape."""
    if not isinstance(array, np.ndarray) or array.dtype != port.dtype:
        kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
        known = f"{name}: {port.name} is an array of {port.dtype}"
        raise OptionError(f"{known}, not {kind}: `quantise` makes it from real values")
    flat = (port.elements,)
    if array.shape in (port.shape, flat):
        return array.reshape(1, *port.shape)
    if len(array.shape) and len(array) and array.shape[1:] in (port.shape, flat, (1, *port.shape)):
        return array.reshape(-1, *port.shape)
    wanted = ", ".join(("samples", *map(str, port.shape)))
    raise OptionError(f"{name}: {port.name} has the shape {array.shape}, expected ({wanted})")


def quantised(values: object, port: Port) -> Stored:
    """Real values as `<name>_quantise` stores them, to the byte: halves away from zero, clipped, NaN as 0."""
    scale, zero_point = scale_of(port)
    floats, most = np.asarray(values).astype(np.float32), np.float32(port.high - port.low + 1)
    with np.errstate(all="ignore"):
        steps = np.nan_to_num(floats / np.float32(scale), nan=0.0, posinf=float(most), neginf=-float(most))
    limited = np.clip(steps, -most, most)
    rounded = np.trunc(limited + np.copysign(np.float32(0.5), limited)).astype(np.int32)
    stored: Stored = np.clip(rounded + zero_point, port.low, port.high).astype(port.dtype)
    return stored


def dequantised(values: Stored, port: Port) -> NDArray[np.float32]:
    """Stored values as `<name>_dequantise` reads them."""
    scale, zero_point = scale_of(port)
    reals: NDArray[np.float32] = (values.astype(np.int32) - zero_point).astype(np.float32) * np.float32(scale)
    return reals


def scale_of(port: Port) -> tuple[float, int]:
    """The scale and zero point. Raises OptionError where the port holds plain integers."""
    if port.scale is None or port.zero_point is None:
        raise OptionError(f"{port.name} holds plain {port.dtype} numbers, with no scale: use them as they are")
    return port.scale, port.zero_point


def random_inputs(header: Header, samples: int = 1) -> tuple[Stored, ...]:
    """The same bytes each time, of every value."""
    generator = np.random.default_rng(0)
    ports = header.program.inputs
    return tuple(
        generator.integers(port.low, port.high + 1, (samples, *port.shape)).astype(port.dtype) for port in ports
    )


def numbered(ports: Sequence[Port], number: int, what: str) -> Port:
    """The port of a number, from 1 on. Raises OptionError for a number that there is not."""
    if not 1 <= number <= len(ports):
        raise OptionError(f"there is no {what} {number}: they are numbered from 1 to {len(ports)}")
    return ports[number - 1]


def _choice(kind: type[Choice], text: str, usual: Choice) -> Choice:
    if not text:
        return usual
    known = [one.value for one in kind]
    if text not in known:
        raise OptionError(f"{kind.__name__.lower()} {text!r}: there are {', '.join(known)}")
    return kind(text)
