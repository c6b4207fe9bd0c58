"""Which parts a network fits, and by how much it misses the others.

Activations need one contiguous region of RAM, or one for each of the banks that they are split over: the one of the
bank's name, where the part has it. The stack and the static data stand together, as linker scripts put
them: either in the same region as the activations or in another one, never torn apart. So a part that could only hold
the network with a stack in a third bank is said not to fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from firmware_export.targets.memories import memories
from firmware_export.targets.parts import TARGETS
from firmware_export.targets.target import Bank, Target


class Memory(Enum):
    """What a part may have too little of."""

    RAM = "RAM"
    FLASH = "flash"


@dataclass(frozen=True)
class Needs:
    """Memory that a network takes, in bytes. banks: where activations are split, the share of each by its name."""

    activations_bytes: int
    stack_bytes: int
    static_ram_bytes: int
    flash_bytes: int
    banks: tuple[tuple[str, int], ...] = ()

    @property
    def ram_bytes(self) -> int:
        """All RAM, in however many pieces."""
        return self.activations_bytes + self.stack_bytes + self.static_ram_bytes


@dataclass(frozen=True)
class Shortfall:
    """Bytes of a memory that a part lacks."""

    memory: Memory
    bytes: int


@dataclass(frozen=True)
class Arrangement:
    """Which region (its index) holds the activations, which the stack and the static data, and the bytes missing."""

    missing_bytes: int
    activations: int
    rest: int


def shortfalls(target: Target, needs: Needs) -> tuple[Shortfall, ...]:
    """What the target lacks; nothing where the network fits.

    A core alone has no limits, and a part without flash on the chip none of flash.
    """
    missing = {
        Memory.RAM: _missing_ram(target, needs),
        Memory.FLASH: max(0, needs.flash_bytes - target.flash_bytes) if target.flash_bytes else 0,
    }
    return tuple(Shortfall(memory, amount) for memory, amount in missing.items() if amount)


def fits(target: Target, needs: Needs) -> bool:
    """Whether RAM and flash are enough."""
    return not shortfalls(target, needs)


def fitting(needs: Needs) -> tuple[Target, ...]:
    """The parts of the table that the network fits, in the table's order."""
    return tuple(target for target in TARGETS.values() if fits(target, needs))


def arrange(regions: Sequence[int], *, activations: int, rest: int) -> Arrangement:
    """Choose the regions that miss the least: together in the first one if that is enough, then apart.

    regions: bytes of each; activations, rest: bytes that must each stay in one piece.
    """
    together = [Arrangement(max(0, activations + rest - room), index, index) for index, room in enumerate(regions)]
    apart = [
        Arrangement(max(0, activations - room) + max(0, rest - other_room), index, other)
        for index, room in enumerate(regions)
        for other, other_room in enumerate(regions)
        if other != index
    ]
    return min(together + apart, key=lambda arrangement: arrangement.missing_bytes)


@dataclass(frozen=True)
class BankArrangement:
    """The piece of RAM that holds each bank of activations, that for the stack and static data, and bytes missing."""

    missing_bytes: int
    banks: tuple[tuple[str, Bank], ...]
    rest: Bank


def arrange_banks(ram: Sequence[Bank], banks: Mapping[str, int], *, rest: int) -> BankArrangement:
    """Each bank in the piece of RAM of its name; others, the largest first, and then the rest, where most is left."""
    pieces = {piece.name.lower(): piece for piece in memories(ram, apart=banks)}
    left = {name: piece.bytes for name, piece in pieces.items()}
    chosen = {}
    for bank, size in sorted(banks.items(), key=lambda pair: (pair[0] not in pieces, -pair[1])):
        chosen[bank] = bank if bank in pieces else max(left, key=lambda name: left[name])
        left[chosen[bank]] -= size
    last = max(left, key=lambda name: left[name])
    left[last] -= rest
    missing = -sum(min(room, 0) for room in left.values())
    return BankArrangement(missing, tuple((bank, pieces[chosen[bank]]) for bank in banks), pieces[last])


def _missing_ram(target: Target, needs: Needs) -> int:
    activations, rest = needs.activations_bytes, needs.stack_bytes + needs.static_ram_bytes
    if target.is_generic:
        return 0
    if needs.banks:
        return arrange_banks(target.ram, dict(needs.banks), rest=rest).missing_bytes
    return arrange(target.regions, activations=activations, rest=rest).missing_bytes
