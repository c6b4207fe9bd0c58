"""The kernel tables and random networks on a core with Helium, in QEMU, byte for byte against the LiteRT reference."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache

import pytest

from firmware_export.emulator import Toolchain
from firmware_export.emulator.boards import find_board
from firmware_export.emulator.firmware import Firmware, build_firmware, report_main
from firmware_export.emulator.qemu import run_report
from firmware_export.emulator.toolchain import Compiler
from firmware_export.targets import Isa
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.emulator.headers import COMPILERS
from tests.kernels.batch import Prepared, exported_for, prepared
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.test_every_kernel import FAMILIES
from tests.kernels.together import firmware_of_all, outputs_of, parts, samples_of_all

NOT_OPTIMISED_STACK_BYTES = 16 << 10  # GCC keeps every intermediate vector there
BOARD = find_board("mps3-an547")
VECTORS = (
    "convolution",
    "elementwise",
    "lookup",
    "matmul",
    "pooling",
    "reduction",
    "squeeze_excite",
)  # have kernels of Helium
SEEDS = range(1000, 1060)
by_compiler = pytest.mark.parametrize("compiler", COMPILERS)


@cache
def family(name: str) -> tuple[Prepared, ...]:
    return exported_for(prepared(importlib.import_module(f"tests.kernels.{name}_cases").CASES), Isa.MVE)


def wrong_on_board(batch: Sequence[Prepared], compiler: Compiler, optimize: str = "-O2") -> list[str]:
    """The cases whose outputs differ from the reference."""
    return [
        case
        for part in parts(batch)
        for case, outputs in run_on_board(part, Toolchain(BOARD.core, compiler, optimize)).items()
        if outputs != next(item.expected for item in part if item.case.name == case)
    ]


def run_on_board(part: Sequence[Prepared], toolchain: Toolchain):
    firmware = firmware_of_all(part)
    stack_bytes = firmware.stack_bytes if toolchain.optimize != "-O0" else NOT_OPTIMISED_STACK_BYTES
    main = report_main(firmware.interface, samples_of_all(part))
    whole = Firmware(firmware.name, firmware.files, firmware.interface, main, stack_bytes)
    report = run_report(build_firmware(whole, board=BOARD, toolchain=toolchain), BOARD)
    assert set(report.statuses) == {0}
    return outputs_of(report.outputs, part)


@on_qemu
@by_compiler
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in VECTORS else [pytest.mark.slow]) for name in FAMILIES]
)
def test_a_core_with_helium_agrees_with_the_reference(name, compiler):
    assert not wrong_on_board(family(name), compiler)


@pytest.mark.slow
@on_qemu
@by_compiler
@pytest.mark.parametrize("level", ["-O0", "-Os", "-O3"])
@pytest.mark.parametrize("name", VECTORS)
def test_every_optimisation_level_agrees_with_the_reference(name, level, compiler):
    assert not wrong_on_board(family(name), compiler, level)


@pytest.mark.slow
@on_qemu
@by_compiler
def test_random_networks_on_a_core_with_helium_give_the_reference_bytes(compiler):
    cases = [Case(f"seed {seed}", random_network(seed), seed) for seed in SEEDS]
    assert not wrong_on_board(exported_for(prepared(cases), Isa.MVE), compiler)
