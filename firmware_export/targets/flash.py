"""How fast the flash of a part is at its full clock, where a manual could be consulted."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.targets.target import Target


@dataclass(frozen=True)
class Cache:
    """Bytes kept of what was read last, in sets of so many lines; in one set of all lines where `ways` is 0."""

    bytes: int
    ways: int = 0


NO_CACHE = Cache(0)


@dataclass(frozen=True)
class Flash:
    """Wait states at the part's full clock, bytes that one read gives, and what stands between flash and core."""

    wait_states: int
    read_bytes: int
    instruction_cache: Cache
    data_cache: Cache
    prefetches: bool  # the next line of instructions is read ahead
    source: str
    is_unified: bool = False  # instructions and constants share one cache
    interface_cycles: int = 0  # of each read that waits, besides its wait states; 0 where nobody measured them

    @property
    def read_waits(self) -> int:
        """Cycles that a read takes longer than from memory without waits."""
        return self.wait_states + self.interface_cycles if self.wait_states else 0


# Fitted: with 2, dense and convolution code of the speed that was measured on a NUCLEO-L4R5ZI at 120 MHz comes to 1.26
# and 1.15 times its cycles without waits, where the board took 1.28 and 1.15 to 1.18 times; with 0, to 1.19 and 1.11.
L4_INTERFACE_CYCLES = 2


def art_l4(wait_states: int, source: str) -> Flash:
    """32 and 8 lines of 4 x 64 bits."""
    caches = (Cache(1024), Cache(256))
    return Flash(wait_states, 8, *caches, prefetches=True, source=source, interface_cycles=L4_INTERFACE_CYCLES)


def art_f4(wait_states: int, source: str) -> Flash:
    """64 and 8 lines of 128 bits."""
    return Flash(wait_states, 16, Cache(1024), Cache(128), prefetches=True, source=source)


L4 = "RM0351, RM0394: 4 wait states above 64 MHz in range 1; 32 and 8 cache lines of 4 x 64 bits"
F4 = "one wait state for each 30 MHz at 2.7 to 3.6 V; 64 and 8 cache lines of 128 bits"

# By the first letters of a part's name. A part without a row could not be looked up: its estimate has no waits.
FLASHES = {
    "stm32f100": Flash(0, 8, NO_CACHE, NO_CACHE, prefetches=True, source="PM0063: none up to 24 MHz"),
    "stm32f103": Flash(2, 8, Cache(16), NO_CACHE, prefetches=True, source="PM0075: 2 above 48 MHz; 2 x 64 bits"),
    "stm32f401": art_f4(2, f"RM0368: {F4}"),
    "stm32f405": art_f4(5, f"RM0090: {F4}"),
    "stm32f407": art_f4(5, f"RM0090: {F4}"),
    "stm32f411": art_f4(3, f"RM0383: {F4}"),
    "stm32f412": art_f4(3, f"RM0402: {F4}"),
    "stm32f429": art_f4(5, f"RM0090: {F4}"),
    "stm32f446": art_f4(5, f"RM0390: {F4}"),
    "stm32f469": art_f4(5, f"RM0386: {F4}"),
    "stm32l412": art_l4(4, L4),
    "stm32l432": art_l4(4, L4),
    "stm32l476": art_l4(4, L4),
    "stm32l496": art_l4(4, L4),
    "stm32l4r5": art_l4(5, "RM0432: 5 above 100 MHz; banks of 64 bits; cache lines taken to be the L4's"),
}


def flash_of(target: Target) -> Flash | None:
    """How fast the flash of a part is; none where that is not known."""
    return next((flash for prefix, flash in FLASHES.items() if target.name.startswith(prefix)), None)
