"""What a part is: a core, a clock and memories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firmware_export.targets.cores import Core, Fpu, Isa


@dataclass(frozen=True)
class Bank:
    """RAM that data may live in, as the processor addresses it."""

    name: str
    bytes: int
    address: int

    @property
    def end(self) -> int:
        """The first address after the bank."""
        return self.address + self.bytes


def join(banks: Sequence[Bank]) -> tuple[Bank, ...]:
    """The contiguous pieces of RAM: banks at adjacent addresses become one, named after all of them."""
    pieces: list[Bank] = []
    for bank in banks:
        before = pieces[-1] if pieces else None
        if before and before.end == bank.address:
            pieces[-1] = Bank(f"{before.name}_{bank.name}", before.bytes + bank.bytes, before.address)
        else:
            pieces.append(bank)
    return tuple(pieces)


@dataclass(frozen=True)
class Target:
    """A part, or a core alone where `ram` is empty: then nothing is known of its memory and clock.

    `flash_bytes` is 0 where there is no flash on the chip; `external_flash` is then that of its board, as the processor
    addresses it. `ram` stands in order of address; ITCM and backup RAM are left out. `source` is the datasheet.
    `stands_for` is the series whose name alone means this part. Raises ValueError for a row that contradicts itself.
    """

    name: str
    core: Core
    fpu: Fpu = Fpu.NONE
    mhz: int = 0
    flash_bytes: int = 0
    flash_address: int = 0x0800_0000
    external_flash: Bank | None = None
    ram: tuple[Bank, ...] = ()
    board: str = ""
    source: str = ""
    stands_for: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        wrong = [
            (self.fpu not in self.core.fpus, f"a {self.core.name} has no {self.fpu.value} FPU"),
            (self.mhz < 0 or self.flash_bytes < 0, "a negative clock or size"),
            (any(bank.bytes <= 0 for bank in self.ram), "an empty bank"),
            (any(bank.end > after.address for bank, after in pairwise(self.ram)), "banks overlap or are out of order"),
            (bool(self.ram) and not (self.mhz and self.source), "a part needs a clock and a datasheet"),
            (not self.name.startswith(self.stands_for), f"not of the series {self.stands_for}"),
        ]
        for is_wrong, reason in wrong:
            if is_wrong:
                raise ValueError(f"{self.name}: {reason}")

    @property
    def isa(self) -> Isa:
        """The best kernels the part runs."""
        return self.core.isa

    @property
    def short_loops(self) -> bool:
        """Whether loops of more than 500 bytes leave the cache: that of STM32's parts with an M4 has 1 KiB."""
        return self.core.name == "cortex-m4" and not self.is_generic

    @property
    def is_generic(self) -> bool:
        """Whether this is a core alone, without limits."""
        return not self.ram

    @property
    def ram_bytes(self) -> int:
        """All RAM, in however many pieces."""
        return sum(bank.bytes for bank in self.ram)

    @property
    def regions(self) -> tuple[int, ...]:
        """Bytes of each contiguous piece of RAM, largest first: banks at adjacent addresses are one."""
        return tuple(sorted((piece.bytes for piece in join(self.ram)), reverse=True))

    @property
    def largest_ram_bytes(self) -> int:
        """The largest contiguous piece of RAM: activations must fit in one."""
        return max(self.regions, default=0)
