"""One emulated core with a program in flash and a buffer for everything the program may touch."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_CODE,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
    arm_const,
)

from firmware_export.emulator.buffers import GUARD, PAGE, Parity, Placement, Region, Wanted, place
from firmware_export.emulator.cores import emulated_core
from firmware_export.emulator.counter import BlockCounter
from firmware_export.emulator.faults import FPU_REGISTERS, REGISTERS, FaultWatch, fault_text
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface, LayerOutput, Sample
from firmware_export.errors import EmulationFault, ToolMissing
from firmware_export.targets import Fpu

RETURN_ADDRESS = 0x0FFF_0000  # unmapped; the core stops when it arrives here
ARGUMENT_REGISTERS = ("r0", "r1", "r2", "r3")
WORD = 4  # bytes: the alignment of what a program remembers
KEPT_REGISTERS = ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "sp")  # AAPCS: the callee restores them
KEPT_FPU_REGISTERS = tuple(f"s{index}" for index in range(16, 32))  # likewise, where there is an FPU
ALL_REGISTERS = {**REGISTERS, **FPU_REGISTERS}


@dataclass(frozen=True)
class Conditions:
    """How a call finds the world: nothing here may change what comes out of it."""

    placement: Placement = Placement.END
    fill: int = 0xA5  # every byte of activations, stack, outputs and free registers before a call
    buffer_alignment: int = 1  # of inputs and outputs, at least
    buffer_parity: Parity = Parity.ANY  # of their addresses
    activations_alignment: int = 16
    stack_bytes: int = 64 * 1024
    instruction_budget: int = 4_000_000_000  # of one call
    trace: str = ""  # a function (const char *name, const void *data, size_t bytes) whose calls are recorded
    layer_outputs: tuple[LayerOutput, ...] = ()  # to be read as soon as their layer has run; in the layers' order


@dataclass(frozen=True)
class TraceEvent:
    """One call of the trace function; `instructions` were executed since the call of the program began."""

    name: str
    data: bytes
    instructions: int


@dataclass(frozen=True)
class Call:
    """What one call of `<name>_run` gave and took."""

    status: int
    outputs: tuple[bytes, ...]
    instructions: int
    layers: Mapping[str, int]  # the instructions by layer; those between layers under BETWEEN_LAYERS
    stack_bytes: int
    arenas_used: Mapping[str, int]  # of each buffer for activations, the bytes from its start to the last one written
    trace: tuple[TraceEvent, ...]
    layer_outputs: Mapping[str, bytes]  # those that the conditions ask for

    @property
    def activations_used(self) -> int:
        """The same of all together."""
        return sum(self.arenas_used.values())


class Machine:
    """A core that holds one program; `call` may be called any number of times."""

    def __init__(self, image: Image, interface: Interface, conditions: Conditions) -> None:
        self._image = image
        self._interface = interface
        self._conditions = conditions
        self._engine = _engine(image.core)
        self._regions = _map_buffers(self._engine, interface, conditions)
        static = _map_program(self._engine, image)
        self._watch = FaultWatch((*self._regions.values(), *static))
        self._watch.attach(self._engine)
        self.counter = BlockCounter(self._engine, image)
        self._trace: list[TraceEvent] = []
        self._called_at = 0
        self._layers_at: dict[str, int] = {}
        self._layer_outputs: dict[str, bytes] = {}
        self._running: LayerOutput | None = None
        self._turns: dict[str, int] = {}
        for name in self._state:
            self._fill_region(self._regions[name])
        if conditions.trace:
            address = image.symbols[conditions.trace].address
            self._engine.hook_add(UC_HOOK_CODE, self._on_trace, begin=address, end=address)
        for watched in conditions.layer_outputs:
            address = image.layers[watched.layer][0].address
            self._engine.hook_add(UC_HOOK_CODE, self._on_layer, watched, begin=address, end=address)

    @property
    def engine(self) -> Uc:
        """The emulated core, for those who watch it."""
        return self._engine

    def call(self, sample: Sample) -> Call:
        """Call the program once. Raises EmulationFault, ValueError for a sample of the wrong sizes.

        What it remembers is as the call before left it.
        """
        self._interface.check(sample)
        self._fill(sample)
        arenas = self._interface.arenas
        before = self._set_registers((*arenas, *self._state, *self._names("input"), *self._names("output")))
        self._execute(self._image.entry)
        self._check_registers(before)
        self._check_spare_bytes()
        return self._result()

    def reset(self) -> bytes:
        """Call the function that begins a stream, and give what the program then remembers. Raises EmulationFault."""
        self._fill([bytes(size) for size in self._interface.input_bytes])
        before = self._set_registers(self._state)
        (name,) = self._interface.begins(self._image.name)
        self._execute(self._image.symbols[name].address)
        self._check_registers(before)
        self._check_spare_bytes()
        return self._read(self._regions["state"])

    def remember(self, state: bytes) -> None:
        """Let the program remember this."""
        self._engine.mem_write(self._regions["state"].address, state)

    @property
    def _state(self) -> tuple[str, ...]:
        return ("state",) if self._interface.state_bytes else ()

    def _names(self, kind: str) -> list[str]:
        return [name for name in self._regions if name.startswith(kind)]

    def _fill(self, sample: Sample) -> None:
        for region in self._regions.values():
            if region.name != "state":
                self._fill_region(region)
        for name, data in zip(self._names("input"), sample, strict=True):
            self._engine.mem_write(self._regions[name].address, bytes(data))

    def _fill_region(self, region: Region) -> None:
        self._engine.mem_write(region.mapped_address, bytes([self._conditions.fill]) * region.mapped_size)

    def _set_registers(self, buffers: Sequence[str]) -> dict[str, int]:
        arguments = [self._regions[name].address for name in buffers]
        in_registers, on_stack = arguments[:4], arguments[4:]
        stack = self._regions["stack"]
        top = stack.address + stack.size - -(-4 * len(on_stack) // 8) * 8  # AAPCS: sp is a multiple of 8 at a call
        self._engine.mem_write(top, struct.pack(f"<{len(on_stack)}I", *on_stack))
        unlike_the_stack = self._conditions.fill ^ 0x3C  # or a saved register would look like stack never written
        names = REGISTERS if self._image.fpu is Fpu.NONE else ALL_REGISTERS
        values = dict.fromkeys(names, unlike_the_stack * 0x0101_0101)
        values |= dict(zip(ARGUMENT_REGISTERS, in_registers, strict=False))
        values |= {"sp": top, "lr": RETURN_ADDRESS | 1}
        for name, value in values.items():
            self._engine.reg_write(ALL_REGISTERS[name], value)
        return values

    def _execute(self, function: int) -> None:
        self._trace.clear()
        self._layer_outputs, self._running, self._turns = {}, None, {}
        self._called_at = self.counter.instructions
        self._layers_at = self.counter.layer_instructions()
        self.counter.begin(self._conditions.instruction_budget)
        try:
            self._engine.emu_start(function | 1, RETURN_ADDRESS)
        except UcError as failure:
            raise self._fault(self._watch.reason or str(failure)) from None
        if self._watch.reason:
            raise self._fault(self._watch.reason)
        if self.counter.exhausted:
            raise self._fault(f"still running after {self._conditions.instruction_budget} instructions")

    def _fault(self, reason: str) -> EmulationFault:
        stack = self._regions["stack"]
        below_the_stack = range(stack.address - GUARD, stack.address)
        # A push that fails leaves sp as it was, so the address that was written counts as well.
        overflow = self._watch.address in below_the_stack or self._engine.reg_read(REGISTERS["sp"]) in below_the_stack
        told = f"stack overflow: {reason}" if overflow else reason
        return EmulationFault(fault_text(self._image, self._engine, told, self.counter.layer))

    def _check_registers(self, before: dict[str, int]) -> None:
        kept = [name for name in (*KEPT_REGISTERS, *KEPT_FPU_REGISTERS) if name in before]
        changed = [name for name in kept if self._engine.reg_read(ALL_REGISTERS[name]) != before[name]]
        if changed:
            raise self._fault(f"returned with changed registers that it had to keep: {', '.join(changed)}")

    def _check_spare_bytes(self) -> None:
        for region in self._regions.values():
            for address, size in region.spare():
                found = bytes(self._engine.mem_read(address, size))
                kept = len(found) - len(found.lstrip(bytes([self._conditions.fill])))
                if kept < size:
                    raise self._fault(f"wrote outside its buffers: {region.locate(address + kept)}")

    def _result(self) -> Call:
        fill = bytes([self._conditions.fill])
        self._read_layer()
        stack = self._read(self._regions["stack"])
        return Call(
            status=self._engine.reg_read(REGISTERS["r0"]),
            outputs=tuple(self._read(self._regions[name]) for name in self._names("output")),
            instructions=self.counter.instructions - self._called_at,
            layers={name: count - self._layers_at[name] for name, count in self.counter.layer_instructions().items()},
            stack_bytes=len(stack.lstrip(fill)),
            arenas_used={name: len(self._read(self._regions[name]).rstrip(fill)) for name in self._interface.arenas},
            trace=tuple(self._trace),
            layer_outputs=self._layer_outputs,
        )

    def _read(self, region: Region) -> bytes:
        return bytes(self._engine.mem_read(region.address, region.size))

    def _on_trace(self, engine: Uc, _address: int, _size: int, _data: Any) -> None:
        name, data, size = (engine.reg_read(REGISTERS[register]) for register in ARGUMENT_REGISTERS[:3])
        executed = self.counter.instructions - self._called_at
        self._trace.append(TraceEvent(_text(engine, name), bytes(engine.mem_read(data, size)), executed))

    def _on_layer(self, _engine: Uc, _address: int, _size: int, watched: LayerOutput) -> None:
        self._read_layer()
        self._running = watched

    def _read_layer(self) -> None:
        """What the layer left that ran until now: all of its result, or the rows of one turn."""
        watched = self._running
        if watched is None:
            return
        turn = self._turns.get(watched.layer, 0)
        offset, size = watched.part(turn)
        found = bytes(self._engine.mem_read(self._regions[watched.buffer].address + offset, size))
        before = self._layer_outputs.get(watched.layer, b"") if watched.rows else b""
        self._layer_outputs[watched.layer] = before + found
        self._turns[watched.layer] = turn + 1


def new_machine(image: Image, interface: Interface, conditions: Conditions) -> Machine:
    """A core before its first inference: what the program remembers was reset, on a core whose counts are not kept."""
    machine = Machine(image, interface, conditions)
    if interface.state_bytes:
        machine.remember(Machine(image, interface, conditions).reset())
    return machine


def _text(engine: Uc, address: int) -> str:
    text = bytearray()
    while byte := engine.mem_read(address + len(text), 1)[0]:
        text.append(byte)
    return text.decode()


def _engine(core: str) -> Uc:
    row = emulated_core(core)
    if not row.unicorn_model:
        raise ToolMissing(f"Unicorn has no {core}: run it in QEMU")
    model = getattr(arm_const, f"UC_CPU_ARM_{row.unicorn_model}")
    engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB)  # with UC_MODE_MCLASS the model would be ignored without a word
    engine.ctl_set_cpu_model(model)
    assert engine.ctl_get_cpu_model() == model
    return engine


def _map_buffers(engine: Uc, interface: Interface, conditions: Conditions) -> dict[str, Region]:
    regions = place(_wanted(interface, conditions))
    for region in regions:
        rights = UC_PROT_READ | (UC_PROT_WRITE if region.writable else 0)
        engine.mem_map(region.mapped_address, region.mapped_size, rights)
    return {region.name: region for region in regions}


def _wanted(interface: Interface, conditions: Conditions) -> list[Wanted]:
    placement, least, parity = conditions.placement, conditions.buffer_alignment, conditions.buffer_parity
    inputs = zip(_numbered("input", interface.input_bytes), interface.input_alignments, strict=True)
    outputs = zip(_numbered("output", interface.output_bytes), interface.output_alignments, strict=True)
    return [
        Wanted("stack", conditions.stack_bytes, 8, Placement.START, writable=True),  # it grows towards its guard
        *(
            Wanted(name, size, conditions.activations_alignment, placement, writable=True)
            for name, size in interface.arenas.items()
        ),
        *([Wanted("state", interface.state_bytes, WORD, placement, writable=True)] if interface.state_bytes else []),
        *(Wanted(*port, max(own, least), placement, writable=False, parity=parity) for port, own in inputs),
        *(Wanted(*port, max(own, least), placement, writable=True, parity=parity) for port, own in outputs),
    ]


def _numbered(name: str, sizes: Sequence[int]) -> list[tuple[str, int]]:
    return [(name if index == 0 else f"{name}_{index + 1}", size) for index, size in enumerate(sizes)]


def _map_program(engine: Uc, image: Image) -> list[Region]:
    regions = []
    for name, writable, rights in (
        ("flash", False, UC_PROT_READ | UC_PROT_EXEC),
        ("static data", True, UC_PROT_READ | UC_PROT_WRITE),
    ):
        segments = [segment for segment in image.segments if segment.writable is writable]
        if not segments:
            continue
        start = min(segment.address for segment in segments)
        size = max(segment.address + len(segment.data) for segment in segments) - start
        region = Region(name, start, size, start - start % PAGE, -(-(size + start % PAGE) // PAGE) * PAGE, writable)
        engine.mem_map(region.mapped_address, region.mapped_size, rights)
        for segment in segments:
            engine.mem_write(segment.address, segment.data)
        regions.append(region)
    return regions
