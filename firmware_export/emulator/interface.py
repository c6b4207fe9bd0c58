"""What `<name>_run` takes, in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Sample = Sequence[bytes]  # one bytes for each input


@dataclass(frozen=True)
class Interface:
    """Sizes of a model's inputs and outputs, in the order of its arguments, of its activations and its state.

    banks: name and size of each bank of RAM that activations are split over.
    """

    input_bytes: tuple[int, ...]
    output_bytes: tuple[int, ...]
    activations_bytes: int
    state_bytes: int = 0  # of what it remembers, which `<name>_reset` fills before the first inference
    alignments: tuple[int, ...] = ()  # of the inputs' and outputs' addresses; any address suits them where empty
    banks: tuple[tuple[str, int], ...] = ()

    @property
    def arenas(self) -> dict[str, int]:
        """The bytes of each buffer for activations: the banks, or one for all; by the names of its first arguments."""
        return dict(self.banks) or {"activations": self.activations_bytes}

    @property
    def input_alignments(self) -> tuple[int, ...]:
        """What each input's address must be a multiple of."""
        return self.alignments[: len(self.input_bytes)] or (1,) * len(self.input_bytes)

    @property
    def output_alignments(self) -> tuple[int, ...]:
        """What each output's address must be a multiple of."""
        return self.alignments[len(self.input_bytes) :] or (1,) * len(self.output_bytes)

    def begins(self, name: str) -> tuple[str, ...]:
        """The function that has to be called once before `<name>_run`, where there is one."""
        return (f"{name}_reset",) if self.state_bytes else ()

    def check(self, sample: Sample) -> None:
        """Raise ValueError if a sample's sizes are not those of the inputs."""
        sizes = tuple(len(data) for data in sample)
        if sizes != self.input_bytes:
            raise ValueError(f"a sample of {sizes} bytes for inputs of {self.input_bytes} bytes")


@dataclass(frozen=True)
class Rows:
    """How a result comes in rows: so many at a time of all, in a ring that keeps so many."""

    together: int
    height: int
    kept: int


@dataclass(frozen=True)
class LayerOutput:
    """Where a layer leaves its result: `size` bytes at an offset in a buffer, such as activations or output_2."""

    layer: str
    buffer: str
    offset: int
    size: int
    rows: Rows | None = None  # where it leaves some rows of the result at a time

    def part(self, turn: int) -> tuple[int, int]:
        """The offset and size of what one turn leaves."""
        if self.rows is None:
            return self.offset, self.size
        row, first = self.size // self.rows.height, turn * self.rows.together
        count = min(self.rows.together, self.rows.height - first)
        return self.offset + first % self.rows.kept * row, count * row
