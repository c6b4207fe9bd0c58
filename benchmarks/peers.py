"""What TensorFlow Lite Micro with CMSIS-NN takes for the same files, to compare with.

Measured in this project's emulators: GCC 12.2 at -O2, kernels for int8 only, one inference; cycles are this project's
estimate for a Cortex-M4 whose memory never waits. RAM is the arena that was used.
"""

from __future__ import annotations

from dataclasses import dataclass

INSTRUCTION_CORES = ("cortex-m0", "cortex-m3", "cortex-m7", "cortex-m55")


@dataclass(frozen=True)
class Peer:
    """One network: cycles, RAM and code on the M4; instructions on other cores."""

    cycles: int
    ram_bytes: int
    code_bytes: int
    instructions: dict[str, int]


def on_cores(*instructions: int) -> dict[str, int]:
    """Instructions by core."""
    return dict(zip(INSTRUCTION_CORES, instructions, strict=True))


# The least RAM that anybody has published for the MLPerf Tiny networks: input, activations and scratch.
PUBLISHED_RAM = {"ad01_int8": 1_160, "kws_ref_model": 16_500, "pretrainedResnet_quant": 46_500, "vww_96_int8": 40_509}

TFLM = {
    "ad01_int8": Peer(726_815, 2_580, 28_060, on_cores(1_763_264, 955_966, 583_242, 285_565)),
    "kws_ref_model": Peer(9_303_746, 22_820, 53_428, on_cores(28_995_531, 10_532_158, 7_643_182, 1_813_824)),
    "pretrainedResnet_quant": Peer(36_875_602, 54_996, 51_232, on_cores(97_557_644, 41_847_473, 30_026_756, 4_912_242)),
    "vww_96_int8": Peer(29_595_201, 100_708, 53_428, on_cores(86_904_122, 31_959_226, 24_025_564, 6_558_757)),
    "se_small_int8": Peer(17_986_514, 54_436, 67_396, on_cores(38_087_877, 15_993_387, 13_510_440, 7_165_209)),
}
