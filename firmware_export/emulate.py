"""An exported network on an emulated core: compiled, linked, run, measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from firmware_export.emulator import Compiler, Interface, Sizes, Toolchain, build, run, verify
from firmware_export.errors import EmulationFault
from firmware_export.export import Export
from firmware_export.program import Port

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
    compiler: str  # name and version
    compiler_flags: str  # the level of optimisation: who builds with it gets these figures
    outputs: tuple[Int8, ...]  # one array an output, (samples, *shape)
    instructions: tuple[int, ...]  # one a sample
    stack_bytes: int
    activations_used: int
    sizes: Sizes


def emulate(
    exported: Export,
    inputs: Sequence[Int8],
    *,
    core: str,
    compiler: Compiler = Compiler.ZIG,
    optimize: Optimize = Optimize.BALANCED,
) -> Emulated:
    """Build for a core and run every sample; inputs: one array an input, (samples, *shape).

    The first sample runs twice, with memory filled and placed otherwise, so that a read of what nobody wrote shows.
    Raises BuildFailed, EmulationFault, and ToolMissing where the compiler is not installed or the core not emulated.
    """
    program = exported.program
    toolchain = Toolchain(core, compiler, optimize=LEVELS[compiler][optimize])
    image = build(exported.files, name=program.name, toolchain=toolchain)
    interface = Interface(
        tuple(port.elements for port in program.inputs),
        tuple(port.elements for port in program.outputs),
        max(program.activations_bytes, 1),
    )
    samples = [tuple(array[i].tobytes() for array in inputs) for i in range(len(inputs[0]))]
    first, rest = verify(image, interface, samples[:1]), run(image, interface, samples[1:])
    for status in (*first.statuses, *rest.statuses):
        if status != 0:
            raise EmulationFault(f"{program.name}_run returned status {status} on {core}")
    return Emulated(
        core=core,
        compiler=image.compiler,
        compiler_flags=toolchain.optimize,
        outputs=arrays((*first.outputs, *rest.outputs), program.outputs),
        instructions=(*first.instructions, *rest.instructions),
        stack_bytes=max(first.stack_bytes, rest.stack_bytes),
        activations_used=max(first.activations_used, rest.activations_used),
        sizes=image.sizes,
    )


def arrays(outputs: Sequence[Sequence[bytes]], ports: Sequence[Port]) -> tuple[Int8, ...]:
    """Bytes (samples, outputs) as one array an output."""
    return tuple(
        np.stack([np.frombuffer(sample[index], np.int8).reshape(port.shape) for sample in outputs])
        for index, port in enumerate(ports)
    )
