"""Both emulators count the same instructions for every kernel, with both compilers."""

from __future__ import annotations

import importlib
from functools import cache, partial

import pytest

from firmware_export.emulator import Conditions, Toolchain, build, run
from firmware_export.emulator.boards import find_board
from firmware_export.emulator.firmware import Firmware
from firmware_export.emulator.qemu_counter import run_in_qemu
from firmware_export.kernels import KERNELS, Kernel
from firmware_export.optimize import Optimize
from firmware_export.targets import Isa
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.emulator.headers import COMPILERS
from tests.kernels.batch import Prepared, exported_for, prepare, to_bytes
from tests.kernels.case import Case
from tests.kernels.every_kernel_network import every_kernel_network
from tests.kernels.every_kernel_s16 import every_kernel_s16
from tests.kernels.plain_kernels_network import plain_kernels_network
from tests.kernels.squeeze_excite_models import Block, squeeze_excite
from tests.kernels.test_every_kernel import FAMILIES

BOARD = find_board("mps2-an505")
THREE_SQUEEZES = Block(squeezes=("MEAN", "AVERAGE_POOL_2D", "MAX_POOL_2D"))
NETWORKS = {
    "a layer of most kinds": every_kernel_network,
    "squeezes and an excitation in row loops": partial(squeeze_excite, THREE_SQUEEZES),
    "int16": every_kernel_s16,
    "what only plain kernels suit": plain_kernels_network,
}
PLAIN_C = [kernel for kernel in KERNELS if kernel.isa is Isa.C]
ON_BOTH = [kernel for kernel in KERNELS if kernel.isa is not Isa.MVE]  # Unicorn has no core with Helium


@cache
def prepared_case(family: str, index: int, isa: Isa, optimize: Optimize) -> Prepared:
    if (isa, optimize) != (Isa.C, Optimize.BALANCED):
        return exported_for([prepared_case(family, index, Isa.C, Optimize.BALANCED)], isa, optimize)[0]
    case = importlib.import_module(f"tests.kernels.{family}_cases").CASES[index]
    return prepare(case, f"case_{index}")


def case_of(kernel: Kernel) -> Prepared:
    """The first case that needs a kernel's function, where it serves the usual wish or its first one."""
    optimize = Optimize.BALANCED if Optimize.BALANCED in kernel.optimize else kernel.optimize[0]
    for family in FAMILIES:
        for index in range(len(importlib.import_module(f"tests.kernels.{family}_cases").CASES)):
            found = prepared_case(family, index, kernel.isa, optimize)
            if any(source.endswith(f"{kernel.function}.c") for source in found.export.program.sources):
                return found
    raise AssertionError(f"no case needs {kernel.function}")


@on_qemu
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("kernel", ON_BOTH, ids=lambda kernel: kernel.function)
def test_both_emulators_count_the_same_for_every_kernel(kernel, compiler):
    check_counts(case_of(kernel), Toolchain(BOARD.core, compiler))


def check_counts(case: Prepared, toolchain: Toolchain) -> None:
    samples = [to_bytes(sample) for sample in case.inputs]
    firmware = Firmware(case.symbol, case.export.files, case.interface, {})
    image = build(firmware.files, name=case.symbol, toolchain=toolchain)
    unicorn = run(image, case.interface, samples, conditions=Conditions(buffer_alignment=16))
    qemu = run_in_qemu(firmware, samples, board=BOARD, toolchain=toolchain)
    assert [call.layers for call in qemu.calls] == [call.layers for call in unicorn.calls]
    assert tuple(call.outputs for call in qemu.calls) == case.expected


@cache
def network(name: str) -> Prepared:
    return prepare(Case(name, NETWORKS[name](), seed=3), "every_kernel")


def test_the_networks_have_every_kernel():
    used = {layer.kernel for name in NETWORKS for layer in network(name).export.program.layers}
    assert used - {""} == {kernel.function for kernel in PLAIN_C}


@on_qemu
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_both_emulators_count_the_same_in_whole_networks(name, compiler):
    check_counts(network(name), Toolchain(BOARD.core, compiler))
