"""An exported network on an emulated core: compiled, linked, run, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_export.emulator import (
    Call,
    Compiler,
    CycleEstimate,
    Firmware,
    Image,
    Interface,
    QemuCall,
    QemuRun,
    Run,
    Sample,
    Sizes,
    Toolchain,
    build,
    emulated_core,
    estimate_cycles,
    find_qemu,
    flash_waits,
    qemu_board,
    run,
    run_in_qemu,
    verify,
)
from firmware_export.errors import DoesNotFit, EmulationFault, ToolMissing
from firmware_export.export import Export
from firmware_export.header import Declared, Header
from firmware_export.optimize import Optimize
from firmware_export.program import Port, Program
from firmware_export.targets import Flash, Fpu, Target

Stored = NDArray[Any]  # of an input's or output's own type
DECODER = "ea_decode_u8_c"  # the function that decodes compressed weights


# What measured best over several networks and cores. Zig has two levels only: -Os, and one
# behind -O1, -O2 and -O3: faster on dense layers, slower on depthwise and 1 x 1 convolutions, twice the code.
LEVELS = {
    Compiler.ZIG: {Optimize.TIME: "-Os", Optimize.BALANCED: "-Os", Optimize.RAM: "-Os"},
    Compiler.GCC: {Optimize.TIME: "-O3", Optimize.BALANCED: "-O2", Optimize.RAM: "-Os"},
}


class Emulator(Enum):
    """What runs the program."""

    BEST = "best"  # Unicorn where it has the core, else QEMU
    UNICORN = "unicorn"  # the network alone, every buffer guarded
    QEMU = "qemu"  # a whole firmware on a board


@dataclass(frozen=True)
class Decoding:
    """What decoding weights takes of one inference, the mean over the samples; nothing where none are compressed."""

    layers: Mapping[str, int] = field(default_factory=dict)  # instructions, of those that decode
    cycles: int = 0  # estimated, without waits for flash

    @property
    def instructions(self) -> int:
        """Of all layers."""
        return sum(self.layers.values())


@dataclass(frozen=True, eq=False)
class Emulated:
    """What an emulated core made of some inputs, and what it needed."""

    core: str
    fpu: Fpu
    emulator: Emulator
    compiler: str  # name and version
    compiler_flags: str  # the level of optimisation: who builds with it gets these figures
    outputs: tuple[Stored, ...]  # one array an output, (samples, *shape)
    instructions: tuple[int, ...]  # one a sample
    layers: Mapping[str, int]  # instructions of each layer that has any, the mean over the samples
    cycles: CycleEstimate  # of one inference, the mean over the samples
    stack_bytes: int
    sizes: Sizes
    decoding: Decoding = field(default_factory=Decoding)  # of compressed weights, in the figures above


def toolchain_for(
    target: Target, compiler: Compiler = Compiler.ZIG, optimize: Optimize = Optimize.BALANCED
) -> Toolchain:
    """How users build for a part: its core, its floating-point unit, the level that does what is asked."""
    return Toolchain(target.core.name, compiler, LEVELS[compiler][optimize], fpu=target.fpu)


def emulator_of(core: str, wanted: Emulator = Emulator.BEST) -> Emulator:
    """The emulator that runs a core. Raises ToolMissing where there is none, or none is installed."""
    has_unicorn = bool(emulated_core(core).unicorn_model)
    if wanted is Emulator.UNICORN and not has_unicorn:
        raise ToolMissing(f"Unicorn has no {core}: leave the choice of an emulator open, and QEMU runs it")
    if wanted is not Emulator.QEMU and has_unicorn:
        return Emulator.UNICORN
    qemu_board(core)
    find_qemu()
    return Emulator.QEMU


def emulate(
    exported: Export | Header,
    inputs: Sequence[Stored],
    toolchain: Toolchain,
    *,
    flash: Flash | None = None,
    emulator: Emulator = Emulator.BEST,
) -> Emulated:
    """Build for a core and run every sample; inputs: one array an input, (samples, *shape).

    flash: what the part waits for, in the estimate of cycles; memory never waits where it is not known, or in QEMU.
    A network that remembers is reset first, and runs the samples as one stream.
    In Unicorn the first sample runs three times, with memory filled and placed otherwise, so that a read of what nobody
    wrote shows. Raises BuildFailed, EmulationFault, and ToolMissing where a compiler or emulator is not installed, the
    core not emulated, or QEMU's board too small.
    """
    program = exported.program
    image = build_network(exported, toolchain)
    samples = [tuple(array[i].tobytes() for array in inputs) for i in range(len(inputs[0]))]
    match emulator_of(toolchain.core, emulator):
        case Emulator.UNICORN:
            counted = in_unicorn(image, program, samples, flash)
        case _:
            counted = in_qemu(exported, samples, toolchain)
    for call in counted.calls:
        if call.status != 0:
            raise EmulationFault(f"{program.name}_run returned status {call.status} on {toolchain.core}")
    return Emulated(
        core=toolchain.core,
        fpu=toolchain.fpu,
        emulator=counted.emulator,
        compiler=image.compiler,
        compiler_flags=toolchain.optimize,
        outputs=arrays([call.outputs for call in counted.calls], program.outputs),
        instructions=tuple(call.instructions for call in counted.calls),
        layers={layer: round(mean(call.layers[layer] for call in counted.calls)) for layer in image.layers},
        cycles=counted.cycles,
        stack_bytes=max(call.stack_bytes for call in counted.calls),
        sizes=image.sizes,
        decoding=counted.decoding,
    )


@dataclass(frozen=True)
class Counted:
    """What either emulator gave."""

    emulator: Emulator
    calls: Sequence[Call | QemuCall]
    cycles: CycleEstimate
    decoding: Decoding


def in_unicorn(image: Image, program: Program | Declared, samples: Sequence[Sample], flash: Flash | None) -> Counted:
    """Run and measure an image that is the network alone."""
    interface = interface_of(program)
    checks = 3 if interface.state_bytes else 1  # the first sample finds what a reset left
    checked, done = verify(image, interface, samples[:checks]), run(image, interface, samples)
    waits = flash_waits(image, interface, samples[0], flash) if flash else None
    calls = (*checked.calls, *done.calls[checks:])
    return Counted(Emulator.UNICORN, calls, estimate_cycles(image, done, waits=waits), decoding_of(image, done))


def in_qemu(exported: Export | Header, samples: Sequence[Sample], toolchain: Toolchain) -> Counted:
    """Run and measure a whole firmware with the network."""
    program, board = exported.program, qemu_board(toolchain.core)
    firmware = Firmware(program.name, exported.files, interface_of(program), main={})
    try:
        done = run_in_qemu(firmware, samples, board=board, toolchain=toolchain)
    except DoesNotFit as failure:
        raise ToolMissing(f"QEMU's largest board with a {board.core} is too small: {failure}") from failure
    return Counted(Emulator.QEMU, done.calls, estimate_cycles(done.image, done), decoding_of(done.image, done))


def decoding_of(image: Image, run: Run | QemuRun) -> Decoding:
    """The blocks of the decoder alone."""
    decoder = image.symbols.get(DECODER)
    if decoder is None:
        return Decoding()
    code = range(decoder.address, decoder.address + decoder.size)
    blocks = tuple(block for block in run.blocks if block.address in code)
    layers = dict.fromkeys((block.layer for block in blocks), 0)
    for block in blocks:
        layers[block.layer] += block.instructions * block.executions
    means = {layer: round(instructions / len(run.calls)) for layer, instructions in layers.items()}
    return Decoding(means, estimate_cycles(image, replace(run, blocks=blocks)).total)


def interface_of(program: Program | Declared) -> Interface:
    """The sizes of a program's buffers."""
    return Interface(
        tuple(port.nbytes for port in program.inputs),
        tuple(port.nbytes for port in program.outputs),
        max(program.activations_bytes, 1),
        state_bytes=program.state_bytes,
        alignments=tuple(port.dtype.itemsize for port in (*program.inputs, *program.outputs)),
        banks=tuple((bank.name, bank.size) for bank in program.banks),
    )


def build_network(exported: Export | Header, toolchain: Toolchain) -> Image:
    """Compile and link a network alone, with all that a firmware calls of it for an inference."""
    name = exported.program.name
    return build(exported.files, name=name, toolchain=toolchain, also=interface_of(exported.program).begins(name))


def arrays(outputs: Sequence[Sequence[bytes]], ports: Sequence[Port]) -> tuple[Stored, ...]:
    """Bytes (samples, outputs) as one array an output."""
    return tuple(
        np.stack([np.frombuffer(sample[index], port.dtype).reshape(port.shape) for sample in outputs])
        for index, port in enumerate(ports)
    )
