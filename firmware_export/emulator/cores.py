"""The Cortex-M cores that can be compiled for and emulated, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.errors import ToolMissing


@dataclass(frozen=True)
class EmulatedCore:
    """One core as Zig, GCC and Unicorn call it."""

    name: str
    zig_cpu: str
    gcc_cpu: str
    unicorn_model: str  # suffix of the UC_CPU_ARM_ constant


# No row uses a floating-point unit: the code is integer code, and every part of a core can run it.
EMULATED_CORES = {
    core.name: core
    for core in (
        EmulatedCore("cortex-m0", "cortex_m0", "cortex-m0", "CORTEX_M0"),
        EmulatedCore("cortex-m0plus", "cortex_m0plus", "cortex-m0plus", "CORTEX_M0"),  # the same instruction set
        EmulatedCore("cortex-m3", "cortex_m3", "cortex-m3", "CORTEX_M3"),
        EmulatedCore("cortex-m4", "cortex_m4", "cortex-m4", "CORTEX_M4"),
        EmulatedCore("cortex-m7", "cortex_m7", "cortex-m7", "CORTEX_M7"),
        EmulatedCore("cortex-m33", "cortex_m33+dsp", "cortex-m33", "CORTEX_M33"),  # Zig's cortex_m33 lacks DSP
    )
}


def emulated_core(name: str) -> EmulatedCore:
    """The row of a core. Raises ToolMissing, listing the cores there are, for any other name."""
    if name not in EMULATED_CORES:
        raise ToolMissing(f"no emulator for core {name!r}: there are {', '.join(EMULATED_CORES)}")
    return EMULATED_CORES[name]
