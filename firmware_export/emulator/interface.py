"""What `<name>_run` takes, in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Sample = Sequence[bytes]  # one bytes for each input


@dataclass(frozen=True)
class Interface:
    """Sizes of a model's inputs and outputs, in the order of its arguments, and of its activations."""

    input_bytes: tuple[int, ...]
    output_bytes: tuple[int, ...]
    activations_bytes: int

    def check(self, sample: Sample) -> None:
        """Raise ValueError if a sample's sizes are not those of the inputs."""
        sizes = tuple(len(data) for data in sample)
        if sizes != self.input_bytes:
            raise ValueError(f"a sample of {sizes} bytes for inputs of {self.input_bytes} bytes")


@dataclass(frozen=True)
class LayerOutput:
    """Where a layer leaves its result: `size` bytes at an offset in a buffer, such as activations or output_2."""

    layer: str
    buffer: str
    offset: int
    size: int
