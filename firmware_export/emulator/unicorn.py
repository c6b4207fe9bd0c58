"""Run a linked program on an emulated core: exact outputs, instruction counts and memory use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firmware_export.emulator.buffers import Parity, Placement
from firmware_export.emulator.counter import Block
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface, Sample
from firmware_export.emulator.machine import Call, Conditions, new_machine
from firmware_export.errors import EmulationFault


@dataclass(frozen=True)
class Run:
    """What came out of one call for each sample. High-water marks are the highest of all calls."""

    calls: tuple[Call, ...]
    blocks: tuple[Block, ...]  # of all calls together

    @property
    def outputs(self) -> tuple[tuple[bytes, ...], ...]:
        """(samples, outputs)."""
        return tuple(call.outputs for call in self.calls)

    @property
    def statuses(self) -> tuple[int, ...]:
        """What `<name>_run` returned, for each sample."""
        return tuple(call.status for call in self.calls)

    @property
    def instructions(self) -> tuple[int, ...]:
        """Instructions executed from the call to its return, for each sample."""
        return tuple(call.instructions for call in self.calls)

    @property
    def stack_bytes(self) -> int:
        """Stack written to, arguments on the stack included; 0 without samples."""
        return max((call.stack_bytes for call in self.calls), default=0)

    @property
    def arenas_used(self) -> dict[str, int]:
        """Of each buffer for activations, the bytes from its start to the last one written."""
        return highest([call.arenas_used for call in self.calls])

    @property
    def activations_used(self) -> int:
        """The same of all together."""
        return sum(self.arenas_used.values())


def run(image: Image, interface: Interface, samples: Sequence[Sample], *, conditions: Conditions | None = None) -> Run:
    """Call `<name>_run` once for each sample, in one core, with activations and stack filled anew for each.

    What it remembers was reset before the first, and stays from one to the next.

    Raises EmulationFault where a sane program would not have gone: outside its buffers, into its inputs or constants,
    to an instruction the core lacks, past the stack or the instruction budget, or back with registers it had to keep
    changed.
    """
    machine = new_machine(image, interface, conditions or Conditions())
    calls = tuple(machine.call(sample) for sample in samples)
    return Run(calls, machine.counter.blocks())


def verify(
    image: Image, interface: Interface, samples: Sequence[Sample], *, conditions: Conditions | None = None
) -> Run:
    """Run three times: buffers against the guard below, above, and at odd addresses; memory filled with two patterns.

    Odd is what an address is as a multiple of the least that the buffer's type allows.
    Returns the first run with the highest of all high-water marks. Raises EmulationFault as `run` does, and if two
    differ in an output or status: then memory was read that nobody had written, or an address made a difference.
    """
    given = conditions or Conditions()
    other_fill = given.fill ^ 0xFF
    first, *others = (
        run(image, interface, samples, conditions=one)
        for one in (
            replace(given, placement=Placement.START),
            replace(given, placement=Placement.END, fill=other_fill),
            replace(given, placement=Placement.END, buffer_parity=Parity.ODD),
        )
    )
    for other, reason in zip(others, DIFFERENCES, strict=True):
        for index, (one, two) in enumerate(zip(first.calls, other.calls, strict=True)):
            if (one.outputs, one.status) != (two.outputs, two.status):
                raise EmulationFault(f"{image.name}_run on {image.core}: sample {index} gives other results {reason}")
    every = zip(first.calls, *(other.calls for other in others), strict=True)
    return replace(first, calls=tuple(_highest_marks(calls) for calls in every))


DIFFERENCES = (
    "when memory holds other values before the call: it reads memory that nobody wrote",
    "when inputs and outputs lie at odd addresses: it needs them aligned more than their type",
)


def highest(marks: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Of each buffer the highest."""
    return {name: max(mark[name] for mark in marks) for name in (marks[0] if marks else ())}


def _highest_marks(calls: Sequence[Call]) -> Call:
    return replace(
        calls[0],
        stack_bytes=max(call.stack_bytes for call in calls),
        arenas_used=highest([call.arenas_used for call in calls]),
    )
