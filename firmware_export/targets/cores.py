"""The Cortex-M cores."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Isa(Enum):
    """Instruction sets that kernels are written for."""

    C = "c"
    DSP = "dsp"
    MVE = "mve"


class Fpu(Enum):
    """The widest floating-point number the hardware computes with."""

    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"


@dataclass(frozen=True)
class Core:
    """A core as Arm names it, the best kernels it runs, and the floating-point units it is built with."""

    name: str
    isa: Isa
    fpus: tuple[Fpu, ...] = (Fpu.NONE,)


# DSP is an option of the M33 and Helium one of the M55 and M85: every STM32 with such a core has it.
CORES = {
    core.name: core
    for core in (
        Core("cortex-m0", Isa.C),
        Core("cortex-m0plus", Isa.C),
        Core("cortex-m3", Isa.C),
        Core("cortex-m4", Isa.DSP, (Fpu.NONE, Fpu.SINGLE)),
        Core("cortex-m7", Isa.DSP, (Fpu.NONE, Fpu.SINGLE, Fpu.DOUBLE)),
        Core("cortex-m33", Isa.DSP, (Fpu.NONE, Fpu.SINGLE)),
        Core("cortex-m55", Isa.MVE, (Fpu.NONE, Fpu.DOUBLE)),
        Core("cortex-m85", Isa.MVE, (Fpu.NONE, Fpu.DOUBLE)),
    )
}
