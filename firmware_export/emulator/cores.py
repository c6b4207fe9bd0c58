"""The Cortex-M cores that can be compiled for and emulated, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware_export.errors import ToolMissing
from firmware_export.targets import Fpu


@dataclass(frozen=True)
class FpuNames:
    """One floating-point unit as Zig and GCC call it; none where both are empty."""

    zig_feature: str = ""
    gcc_fpu: str = ""
    gcc_feature: str = ""


NO_FPU: Mapping[Fpu, FpuNames] = {Fpu.NONE: FpuNames()}
FPV4 = {Fpu.SINGLE: FpuNames("+vfp4d16sp", "fpv4-sp-d16")}
FPV5 = {Fpu.SINGLE: FpuNames("+fp_armv8d16sp", "fpv5-sp-d16")}
HELIUM = {  # neither compiler's plain name of the core has all of it in every case
    Fpu.NONE: FpuNames("+mve", gcc_feature="+nofp"),
    Fpu.DOUBLE: FpuNames("+mve_fp+fp_armv8d16", "auto"),
}
FPV5_DOUBLE = {Fpu.DOUBLE: FpuNames("+fp_armv8d16", "fpv5-d16")}


@dataclass(frozen=True)
class EmulatedCore:
    """One core as Zig, GCC and Unicorn call it. Where Unicorn has none, QEMU runs it."""

    name: str
    zig_cpu: str
    gcc_cpu: str
    unicorn_model: str = ""  # suffix of the UC_CPU_ARM_ constant; none where Unicorn has no such core
    fpus: Mapping[Fpu, FpuNames] = field(default_factory=lambda: NO_FPU)
    gcc_float_abi: str = "soft"  # of floats where there is no floating-point unit
    macros: tuple[str, ...] = ()  # what the compiler must define, or it would leave out instructions without a word


EMULATED_CORES = {
    core.name: core
    for core in (
        EmulatedCore("cortex-m0", "cortex_m0", "cortex-m0", "CORTEX_M0"),
        EmulatedCore("cortex-m0plus", "cortex_m0plus", "cortex-m0plus", "CORTEX_M0"),  # the same instruction set
        EmulatedCore("cortex-m3", "cortex_m3", "cortex-m3", "CORTEX_M3"),
        EmulatedCore("cortex-m4", "cortex_m4", "cortex-m4", "CORTEX_M4", {**NO_FPU, **FPV4}),
        EmulatedCore("cortex-m7", "cortex_m7", "cortex-m7", "CORTEX_M7", {**NO_FPU, **FPV5, **FPV5_DOUBLE}),
        # Zig's cortex_m33 lacks DSP.
        EmulatedCore("cortex-m33", "cortex_m33+dsp", "cortex-m33", "CORTEX_M33", {**NO_FPU, **FPV5}),
        EmulatedCore(
            "cortex-m55",
            "cortex_m55",
            "cortex-m55",
            fpus=HELIUM,
            gcc_float_abi="hard",  # GCC has no Helium without it
            macros=("__ARM_FEATURE_DSP", "__ARM_FEATURE_MVE"),
        ),
    )
}


def emulated_core(name: str) -> EmulatedCore:
    """The row of a core. Raises ToolMissing, listing the cores there are, for any other name."""
    if name not in EMULATED_CORES:
        raise ToolMissing(f"no emulator for core {name!r}: there are {', '.join(EMULATED_CORES)}")
    return EMULATED_CORES[name]


def fpu_names(core: EmulatedCore, fpu: Fpu) -> FpuNames:
    """What compilers call a core's floating-point unit. Raises ToolMissing for one the core is never built with."""
    if fpu not in core.fpus:
        built = ", ".join(unit.value for unit in core.fpus)
        raise ToolMissing(f"no {core.name} has a {fpu.value} precision floating-point unit: there are {built}")
    return core.fpus[fpu]
