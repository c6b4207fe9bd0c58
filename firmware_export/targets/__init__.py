"""What the code can be made for: instruction sets, cores, and a table of STM32 parts with their memories."""

from firmware_export.targets.cores import CORES, Core, Fpu, Isa
from firmware_export.targets.find import find, generic
from firmware_export.targets.fit import (
    Arrangement,
    BankArrangement,
    Memory,
    Needs,
    Shortfall,
    arrange,
    arrange_banks,
    fits,
    fitting,
    shortfalls,
)
from firmware_export.targets.flash import FLASHES, Cache, Flash, flash_of
from firmware_export.targets.memories import COUPLED, memories
from firmware_export.targets.parts import TARGETS
from firmware_export.targets.target import Bank, Target, join

__all__ = [
    "CORES",
    "COUPLED",
    "FLASHES",
    "TARGETS",
    "Arrangement",
    "Bank",
    "BankArrangement",
    "Cache",
    "Core",
    "Flash",
    "Fpu",
    "Isa",
    "Memory",
    "Needs",
    "Shortfall",
    "Target",
    "arrange",
    "arrange_banks",
    "find",
    "fits",
    "fitting",
    "flash_of",
    "generic",
    "join",
    "memories",
    "shortfalls",
]
