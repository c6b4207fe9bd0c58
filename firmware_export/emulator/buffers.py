"""Where each buffer of an emulated call lies: every one alone, with unmapped memory on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

PAGE = 4096
GUARD = 1 << 20  # unmapped bytes between two regions
FIRST_ADDRESS = 0x6000_0000


class Placement(Enum):
    """Which side of a buffer touches unmapped memory; the other side may have spare bytes, which are watched."""

    START = "start"
    END = "end"


class Parity(Enum):
    """Whether a buffer may start at any multiple of its alignment, or at an odd one: a byte's at an odd address."""

    ANY = "any"
    ODD = "odd"  # as many bytes beside the guard are spare, where it has to be


@dataclass(frozen=True)
class Region:
    """A buffer and the whole pages mapped for it."""

    name: str
    address: int
    size: int
    mapped_address: int
    mapped_size: int
    writable: bool

    def spare(self) -> tuple[tuple[int, int], ...]:
        """(address, size) of the mapped bytes before and after the buffer."""
        end = self.address + self.size
        after = self.mapped_address + self.mapped_size - end
        return ((self.mapped_address, self.address - self.mapped_address), (end, after))

    def distance(self, address: int) -> int:
        """How many bytes an address lies outside the buffer."""
        return max(self.address - address, address - (self.address + self.size - 1), 0)

    def locate(self, address: int) -> str:
        """An address in words, such as `3 bytes after the end of input`."""
        offset = address - self.address
        if offset < 0:
            return f"{-offset} bytes before the start of {self.name} ({self.size} bytes)"
        if offset >= self.size:
            return f"{offset - self.size} bytes after the end of {self.name} ({self.size} bytes)"
        return f"byte {offset} of {self.name} ({self.size} bytes)"


@dataclass(frozen=True)
class Wanted:
    """A buffer to be placed: its address is a multiple of `alignment`."""

    name: str
    size: int
    alignment: int
    placement: Placement
    writable: bool
    parity: Parity = Parity.ANY


def place(buffers: Sequence[Wanted]) -> tuple[Region, ...]:
    """Give each buffer its own pages, in order, with a guard before, between and after."""
    regions = []
    address = FIRST_ADDRESS
    for buffer in buffers:
        mapped_size = (buffer.size + 2 * buffer.alignment) // PAGE * PAGE + PAGE
        start = address if buffer.placement is Placement.START else address + mapped_size - buffer.size
        start -= start % buffer.alignment
        if buffer.parity is Parity.ODD and start // buffer.alignment % 2 == 0:
            start += buffer.alignment if buffer.placement is Placement.START else -buffer.alignment
        regions.append(Region(buffer.name, start, buffer.size, address, mapped_size, buffer.writable))
        address += mapped_size + GUARD
    return tuple(regions)


def nearest(regions: Sequence[Region], address: int) -> str:
    """An address in words, told from the buffer it was most likely meant for; empty where none is near."""
    region = min(regions, key=lambda candidate: candidate.distance(address))
    return region.locate(address) if region.distance(address) < GUARD // 2 else ""
