"""A network on an emulated core: which compiler flags it is built with, and that they are worth their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_export import Compiler, Emulated, Optimize, emulate, export, find, toolchain_for
from firmware_export.emulate import LEVELS
from firmware_export.targets import Fpu
from tests.firmware_export.emulator.headers import COMPILERS

NETWORK = Path(__file__).parents[1] / "golden" / "small_se.tflite"
EXPORTED = export(NETWORK.read_bytes(), name="small_se")
IMAGE = np.random.default_rng(0).integers(-128, 128, (1, 1, 6, 6, 3)).astype(np.int8)


def emulated(compiler: Compiler, optimize: Optimize) -> Emulated:
    exported = export(NETWORK.read_bytes(), name="small_se", isa=find("cortex-m4").isa, optimize=optimize)
    return emulate(exported, (IMAGE,), toolchain_for(find("cortex-m4"), compiler, optimize))


@pytest.mark.parametrize("optimize", Optimize)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_flags_used_are_told(compiler, optimize):
    assert emulated(compiler, optimize).compiler_flags == LEVELS[compiler][optimize]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_time_is_fastest_ram_smallest_and_balanced_between(compiler):
    time, balanced, ram = (emulated(compiler, wish) for wish in (Optimize.TIME, Optimize.BALANCED, Optimize.RAM))
    assert time.instructions <= balanced.instructions <= ram.instructions
    assert ram.sizes.code <= balanced.sizes.code <= time.sizes.code


def test_zigs_other_level_makes_more_code(monkeypatch):
    chosen = emulated(Compiler.ZIG, Optimize.BALANCED)
    monkeypatch.setitem(LEVELS[Compiler.ZIG], Optimize.BALANCED, "-O2")
    assert chosen.sizes.code < emulated(Compiler.ZIG, Optimize.BALANCED).sizes.code


def test_every_layer_that_computes_is_counted():
    result = emulated(Compiler.ZIG, Optimize.BALANCED)
    assert list(result.layers) == [layer.name for layer in EXPORTED.program.layers if layer.steps]
    assert 0 < result.instructions[0] - sum(result.layers.values()) < 100  # what run itself executes


def test_a_part_with_a_floating_point_unit_is_built_for_it():
    result = emulate(EXPORTED, (IMAGE,), toolchain_for(find("stm32f446re")))
    assert (result.core, result.fpu) == ("cortex-m4", Fpu.SINGLE)
    assert np.array_equal(result.outputs[0], emulated(Compiler.ZIG, Optimize.BALANCED).outputs[0])
