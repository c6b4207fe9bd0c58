"""Reports put together by hand: no model is run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgeattn.agreement import Agreement
from edgeattn.calibration import Samples, Source
from edgeattn.models import ModelFacts, ModelKind, Port
from edgeattn.proof import Proof
from edgeattn.quantise import Prepared
from edgeattn.report import Report
from firmware_export import CycleEstimate, Emulated, Emulator, Optimize, export, find
from firmware_export.emulator import Sizes
from firmware_export.targets import Fpu
from tests.single_op import TensorSpec, single_op

SAMPLES = Samples((np.arange(10, dtype=np.float32).reshape(1, 10),), Source.FILE, "1 of 1 samples of s.npz")
AGREEMENT = Agreement(
    "float", "int8", samples=100, rmse=0, mae=0, l2r=0, nse=1, cos=1, acc=1, worst_sample=0, worst_error=0
)
SIZES = Sizes(code=1000, weights=200, tables=30, data=4, bss=8, kernels=900)
CYCLES = CycleEstimate(80, {"tanh": 75}, 0.1, "by hand")


def report_of(
    *parts: Agreement, target: str = "cortex-m4", shape: tuple[int, ...] = (1, 10), stack_bytes: int = 100
) -> Report:
    """A report on a TANH of that shape, its outputs in such agreement."""
    value = TensorSpec(shape, scale=(1 / 128,), zero_point=(0,))
    tflite = single_op("TANH", [value], value)
    port = Port("x", shape, "int8", 1 / 128, 0)
    facts = ModelFacts("net", ModelKind.KERAS_H5, (port,), (port,), (), 0, is_quantised=False)
    built = "cortex-m4", Fpu.NONE, Emulator.UNICORN, "zig 0.1", "-Os"
    emulated = Emulated(*built, (), (50, 70), {"tanh": 55}, CYCLES, stack_bytes, SIZES)
    proof = Proof(parts[0] if parts else None, parts, (), (), emulated, 8, 0, 0, 80, ())
    prepared = Prepared(facts, tflite, SAMPLES, SAMPLES, None)
    return Report(Path("net.h5").name, find(target), Optimize.BALANCED, prepared, export(tflite, name="net"), proof)
