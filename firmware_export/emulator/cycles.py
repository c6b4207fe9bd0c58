"""Estimated cycles of an inference, from how often each block of code was executed and how often it branched.

Exact are the executions; an estimate is what an instruction costs. A core's table and what flash adds stand apart, so
that a reader sees which part of a figure rests on what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from firmware_export.emulator.disassembly import disassemble
from firmware_export.emulator.image import Image
from firmware_export.emulator.kinds import ADDRESSING, Step, step_of
from firmware_export.emulator.qemu_counter import QemuRun
from firmware_export.emulator.timings import TIMINGS, Cost, Issue, Kind, Timing
from firmware_export.emulator.unicorn import Run

DEFAULT = {Kind.LOAD_PC: Cost(2, taken=2)}
SPARED = (Kind.LOAD, Kind.STORE_INDEXED)
COMPUTED = (Kind.ALU, Kind.MULTIPLY, Kind.MULTIPLY_ACCUMULATE, Kind.LONG_MULTIPLY, Kind.LONG_MULTIPLY_ACCUMULATE)
LATE = (Kind.LOAD, Kind.LOAD_PAIR, Kind.MULTIPLY, Kind.MULTIPLY_ACCUMULATE)
ALONE = (Kind.LOAD_MULTIPLE, Kind.STORE_MULTIPLE, Kind.DIVIDE, Kind.SYSTEM, Kind.BARRIER, Kind.FLOAT_MULTIPLE)
STORES = (Kind.STORE, Kind.STORE_INDEXED, Kind.STORE_PAIR, Kind.FLOAT_STORE)
PRODUCTS = (Kind.MULTIPLY, Kind.MULTIPLY_ACCUMULATE, Kind.LONG_MULTIPLY, Kind.LONG_MULTIPLY_ACCUMULATE)
VECTORS = (Kind.VECTOR, Kind.VECTOR_MULTIPLY, Kind.VECTOR_LOAD, Kind.VECTOR_STORE)


@dataclass(frozen=True)
class CycleEstimate:
    """Cycles of one inference and of each layer in it; the true figure is likely within `error` of `total`."""

    total: int
    layers: Mapping[str, int]
    error: float
    model: str  # what the figure rests on, to be shown with it
    waits: Mapping[str, int] = field(default_factory=dict)  # of these, cycles spent waiting for flash; empty: left out

    def milliseconds(self, mhz: float) -> float:
        """The time it takes at a clock."""
        return self.total / (mhz * 1000)


def estimate_cycles(
    image: Image, run: Run | QemuRun, timing: Timing | None = None, waits: Mapping[str, int] | None = None
) -> CycleEstimate:
    """Estimate the cycles of one of the run's inferences, on average.

    timing: the core's own where none is given. waits: cycles that each layer waits for flash, as `flash_waits` counts
    them; without them memory never waits.
    """
    table = timing or TIMINGS[image.core]
    cycles: dict[str, float] = {}
    code = {instruction.address: instruction for instruction in disassemble(image)}
    for block in run.blocks:
        steps, address = [], block.address
        while address < block.address + block.bytes:
            instruction = code[address]
            steps.append(step_of(instruction.mnemonic, instruction.operands, instruction.bytes))
            address += instruction.bytes
        spent = block_cycles(steps, table) * block.executions + _cost(table, steps[-1]).taken * block.taken
        cycles[block.layer] = cycles.get(block.layer, 0) + spent
    waits = waits or {}
    layers = {layer: round(spent / len(run.calls)) + waits.get(layer, 0) for layer, spent in cycles.items()}
    memory = "with the waits for flash" if waits else "with memory that never waits"
    model = f"{table.core}, {memory}, within {table.error:.0%}: {table.reason}. Source: {table.source}"
    return CycleEstimate(sum(layers.values()), layers, table.error, model, waits)


def block_cycles(steps: Sequence[Step], timing: Timing) -> float:
    """Cycles from the first instruction of a block to its last, if that does not branch."""
    if timing.issue is Issue.DUAL:
        return _dual_cycles(steps, timing)
    before: Sequence[Step | None] = [None, *steps[:-1]]
    return sum(_behind(step, previous, timing) for previous, step in zip(before, steps, strict=True))


def _cost(timing: Timing, step: Step) -> Cost:
    return timing.costs.get(step.kind) or DEFAULT.get(step.kind) or timing.costs[Kind.ALU]


def _alone(step: Step, timing: Timing) -> float:
    cost = _cost(timing, step)
    return cost.cycles + cost.each * step.listed


def _behind(step: Step, previous: Step | None, timing: Timing) -> float:
    cycles = _alone(step, timing)
    if previous is None:
        return cycles
    if timing.issue is Issue.PIPELINED:
        return cycles + _pipelined(step, previous)
    if timing.issue is Issue.LOAD_USE:
        return cycles + _load_use(step, previous)
    return cycles


def _pipelined(step: Step, previous: Step) -> int:
    if previous.kind is Kind.LOAD:
        return -1 if step.kind in SPARED and not previous.writes & step.address else 0
    return 1 if previous.kind in COMPUTED and step.kind in ADDRESSING and previous.writes & step.address else 0


def _load_use(step: Step, previous: Step) -> int:
    if previous.kind in VECTORS and step.kind in VECTORS:
        return -1 if previous.kind is not step.kind else 0
    return 1 if previous.kind is Kind.LOAD and previous.writes & step.reads else 0


def _dual_cycles(steps: Sequence[Step], timing: Timing) -> float:
    """Two instructions a cycle, in order, each when what it reads is there."""
    ready: dict[str, float] = {}
    start, length = 0.0, 0.0  # of the group that starts together
    group: list[Step] = []
    for step in steps:
        needed = max((ready.get(register, 0) for register in step.reads), default=0)
        if len(group) == 1 and needed <= start and _pairs(group[0], step):
            group.append(step)
        else:
            start, length, group = max(start + length, needed), 0, [step]
        length = max(length, _alone(step, timing))
        ready |= dict.fromkeys(step.writes, start + (2 if step.kind in LATE else 1))
    return start + length


def _pairs(first: Step, second: Step) -> bool:
    if first.kind in ALONE or second.kind in ALONE or first.writes & second.reads:
        return False
    return not any(first.kind in unit and second.kind in unit for unit in (STORES, PRODUCTS, (Kind.BRANCH, Kind.CALL)))
