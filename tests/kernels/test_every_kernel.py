"""Every kernel, every case of its table, on every machine, byte for byte against the LiteRT reference."""

from __future__ import annotations

import importlib
import shutil
from functools import cache
from pathlib import Path

import pytest

from firmware_export import interpreter
from firmware_export.emulator.toolchain import Compiler, Toolchain
from firmware_export.optimize import Optimize
from firmware_export.targets import CORES as CORE_TABLE
from firmware_export.targets import Fpu, Isa
from tests.kernels.batch import (
    Prepared,
    compile_on_host,
    exported_for,
    prepared,
    to_bytes,
    wrong_on_core,
    wrong_on_host,
)
from tests.kernels.sanitized import SANITIZED

FAMILIES = sorted(path.stem.removesuffix("_cases") for path in Path(__file__).parent.glob("*_cases.py"))
each_family = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in FAMILIES]
)
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")
MORE_CORES = ("cortex-m3", "cortex-m7", "cortex-m33")  # of the same instructions as others, in other proportions
STANDARDS = ("-std=c99", "-std=c11", "-std=c++17")
LEVELS = ("-O0", "-Os", "-O3")
WISHED = ("convolution", "squeeze_excite")  # have kernels that -O chooses among


@cache
def family(name: str, isa: Isa = Isa.C) -> tuple[Prepared, ...]:
    if isa is Isa.C:
        return prepared(importlib.import_module(f"tests.kernels.{name}_cases").CASES)
    return exported_for(family(name), isa)


def family_on(name: str, core: str) -> tuple[Prepared, ...]:
    return family(name, CORE_TABLE[core].isa)


@each_family
def test_the_table_has_cases_of_different_names(name):
    names = [item.case.name for item in family(name)]
    assert len(set(names)) == len(names) > 5


@each_family
def test_the_interpreter_agrees_with_the_reference(name):
    wrong = [
        item.case.name
        for item in family(name)
        if tuple(map(to_bytes, interpreter.run_sequence(item.export.graph, item.inputs))) != item.expected
    ]
    assert not wrong


@pytest.mark.parametrize("isa", Isa)
@each_family
def test_a_pc_agrees_with_the_reference_under_sanitizers(name, isa, tmp_path):
    assert not wrong_on_host(family(name, isa), SANITIZED, tmp_path)


@pytest.mark.parametrize(
    "core", [pytest.param(core, marks=[pytest.mark.slow] if core in MORE_CORES else []) for core in CORES]
)
@each_family
def test_an_emulated_core_agrees_with_the_reference(name, core):
    assert not wrong_on_core(family_on(name, core), Toolchain(core))


@pytest.mark.slow
@each_family
def test_a_core_with_a_floating_point_unit_agrees_with_the_reference(name):
    assert not wrong_on_core(family_on(name, "cortex-m4"), Toolchain("cortex-m4", fpu=Fpu.SINGLE))


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@each_family
def test_every_optimisation_level_agrees_with_the_reference(name, level):
    assert not wrong_on_core(family_on(name, "cortex-m4"), Toolchain("cortex-m4", optimize=level))


@cache
def wished(name: str, wish: str) -> tuple[Prepared, ...]:
    optimize, short_loops = WISHES[wish]
    return exported_for(family(name), Isa.DSP, optimize, short_loops=short_loops)


ALIKE_CORES = ("cortex-m4", "cortex-m7", "cortex-m33")
WISHES = {"time": (Optimize.TIME, False), "time on a part": (Optimize.TIME, True), "ram": (Optimize.RAM, False)}
SLOW_WISH = "time on a part"  # shorter loops, and else what `time` has
each_wish = pytest.mark.parametrize(
    "wish", [pytest.param(wish, marks=[pytest.mark.slow] if wish == SLOW_WISH else []) for wish in WISHES]
)


@pytest.mark.parametrize(
    "core", [pytest.param(core, marks=[pytest.mark.slow] if core != "cortex-m4" else []) for core in ALIKE_CORES]
)
@each_wish
@pytest.mark.parametrize("name", WISHED)
def test_kernels_that_were_wished_for_agree_with_the_reference(name, wish, core):
    assert not wrong_on_core(wished(name, wish), Toolchain(core))


@each_wish
@pytest.mark.parametrize("name", WISHED)
def test_a_pc_agrees_on_kernels_that_were_wished_for_under_sanitizers(name, wish, tmp_path):
    assert not wrong_on_host(wished(name, wish), SANITIZED, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@each_wish
@pytest.mark.parametrize("name", WISHED)
def test_kernels_that_were_wished_for_agree_at_every_optimisation_level(name, wish, level):
    assert not wrong_on_core(wished(name, wish), Toolchain("cortex-m4", optimize=level))


@pytest.mark.arm
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed")
@pytest.mark.parametrize("core", ALIKE_CORES)
@each_wish
@pytest.mark.parametrize("name", WISHED)
def test_gcc_agrees_on_kernels_that_were_wished_for(name, wish, core):
    assert not wrong_on_core(wished(name, wish), Toolchain(core, Compiler.GCC))


@pytest.mark.slow
@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@each_wish
@pytest.mark.parametrize("name", WISHED)
def test_a_pc_compiler_says_nothing_of_kernels_that_were_wished_for(name, wish, compiler, standard, tmp_path):
    compile_on_host(wished(name, wish), host_command(compiler, standard, "-fsyntax-only"), tmp_path)


@pytest.mark.arm
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed")
@pytest.mark.parametrize("core", CORES)
@each_family
def test_gcc_agrees_with_the_reference(name, core):
    assert not wrong_on_core(family_on(name, core), Toolchain(core, Compiler.GCC))


@pytest.mark.arm
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed")
@each_family
def test_gcc_for_a_core_with_a_floating_point_unit_agrees_with_the_reference(name):
    assert not wrong_on_core(family_on(name, "cortex-m4"), Toolchain("cortex-m4", Compiler.GCC, fpu=Fpu.SINGLE))


@pytest.mark.parametrize(
    "standard", [pytest.param(one, marks=[pytest.mark.slow] if one == "-std=c11" else []) for one in STANDARDS]
)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("isa", Isa)
@each_family
def test_a_pc_compiler_says_nothing_in_any_standard(name, compiler, standard, isa, tmp_path):
    compile_on_host(family(name, isa), host_command(compiler, standard, "-fsyntax-only"), tmp_path)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@each_family
def test_cpp_agrees_with_the_reference(name, compiler, tmp_path):
    assert not wrong_on_host(family(name), host_command(compiler, "-std=c++17", "-O2"), tmp_path)


def host_command(compiler: str, standard: str, *flags: str) -> list[str]:
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"{compiler} is not installed")
    return [found, *flags, standard, "-x", "c++" if "++" in standard else "c"]
