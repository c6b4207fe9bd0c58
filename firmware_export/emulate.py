"""An exported network on an emulated core: compiled, linked, run, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from firmware_export.emulator import (
    Compiler,
    CycleEstimate,
    Interface,
    Sizes,
    Toolchain,
    build,
    estimate_cycles,
    flash_waits,
    run,
    verify,
)
from firmware_export.errors import EmulationFault
from firmware_export.export import Export
from firmware_export.program import Port, Program
from firmware_export.targets import Flash, Fpu, Target

Int8 = NDArray[np.int8]


class Optimize(Enum):
    """What the compiler is asked to favour."""

    TIME = "time"
    BALANCED = "balanced"
    RAM = "ram"


# What measured best over several networks and cores for today's plain C kernels. Zig has two levels only: -Os, and one
# behind -O1, -O2 and -O3: faster on dense layers, slower on depthwise and 1 x 1 convolutions, twice the code.
LEVELS = {
    Compiler.ZIG: {Optimize.TIME: "-Os", Optimize.BALANCED: "-Os", Optimize.RAM: "-Os"},
    Compiler.GCC: {Optimize.TIME: "-O3", Optimize.BALANCED: "-O2", Optimize.RAM: "-Os"},
}


@dataclass(frozen=True, eq=False)
class Emulated:
    """What an emulated core made of some inputs, and what it needed."""

    core: str
    fpu: Fpu
    compiler: str  # name and version
    compiler_flags: str  # the level of optimisation: who builds with it gets these figures
    outputs: tuple[Int8, ...]  # one array an output, (samples, *shape)
    instructions: tuple[int, ...]  # one a sample
    layers: Mapping[str, int]  # instructions of each layer that has any, the mean over the samples
    cycles: CycleEstimate  # of one inference, the mean over the samples
    stack_bytes: int
    activations_used: int
    sizes: Sizes


def toolchain_for(
    target: Target, compiler: Compiler = Compiler.ZIG, optimize: Optimize = Optimize.BALANCED
) -> Toolchain:
    """How users build for a part: its core, its floating-point unit, the level that does what is asked."""
    return Toolchain(target.core.name, compiler, LEVELS[compiler][optimize], fpu=target.fpu)


def emulate(exported: Export, inputs: Sequence[Int8], toolchain: Toolchain, flash: Flash | None = None) -> Emulated:
    """Build for a core and run every sample; inputs: one array an input, (samples, *shape).

    flash: what the part waits for, in the estimate of cycles; memory never waits where it is not known. The first
    sample runs three times, with memory filled and placed otherwise, so that a read of what nobody wrote shows. Raises
    BuildFailed, EmulationFault, and ToolMissing where the compiler is not installed or the core not emulated.
    """
    program, interface = exported.program, interface_of(exported.program)
    image = build(exported.files, name=program.name, toolchain=toolchain)
    samples = [tuple(array[i].tobytes() for array in inputs) for i in range(len(inputs[0]))]
    checked, done = verify(image, interface, samples[:1]), run(image, interface, samples)
    calls = (*checked.calls, *done.calls[1:])
    for call in calls:
        if call.status != 0:
            raise EmulationFault(f"{program.name}_run returned status {call.status} on {toolchain.core}")
    waits = flash_waits(image, interface, samples[0], flash) if flash else None
    return Emulated(
        core=toolchain.core,
        fpu=toolchain.fpu,
        compiler=image.compiler,
        compiler_flags=toolchain.optimize,
        outputs=arrays([call.outputs for call in calls], program.outputs),
        instructions=tuple(call.instructions for call in calls),
        layers={layer: round(mean(call.layers[layer] for call in calls)) for layer in image.layers},
        cycles=estimate_cycles(image, done, waits=waits),
        stack_bytes=max(call.stack_bytes for call in calls),
        activations_used=max(call.activations_used for call in calls),
        sizes=image.sizes,
    )


def interface_of(program: Program) -> Interface:
    """The sizes of a program's buffers."""
    return Interface(
        tuple(port.elements for port in program.inputs),
        tuple(port.elements for port in program.outputs),
        max(program.activations_bytes, 1),
    )


def arrays(outputs: Sequence[Sequence[bytes]], ports: Sequence[Port]) -> tuple[Int8, ...]:
    """Bytes (samples, outputs) as one array an output."""
    return tuple(
        np.stack([np.frombuffer(sample[index], np.int8).reshape(port.shape) for sample in outputs])
        for index, port in enumerate(ports)
    )
