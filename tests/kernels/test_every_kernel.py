"""Every kernel, every case of its table, on every machine, byte for byte against the LiteRT reference."""

from __future__ import annotations

import importlib
import shutil
from functools import cache
from pathlib import Path

import pytest

from firmware_export import interpreter
from firmware_export.emulator.toolchain import Compiler, Toolchain, find_zig
from tests.kernels.batch import Prepared, prepared, to_bytes, wrong_on_core, wrong_on_host

FAMILIES = sorted(path.stem.removesuffix("_cases") for path in Path(__file__).parent.glob("*_cases.py"))
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")
LEVELS = ("-O0", "-Os", "-O3")
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@cache
def family(name: str) -> tuple[Prepared, ...]:
    return prepared(importlib.import_module(f"tests.kernels.{name}_cases").CASES)


def test_the_tables_have_cases():
    assert FAMILIES
    for name in FAMILIES:
        names = [item.case.name for item in family(name)]
        assert len(set(names)) == len(names), name


@pytest.mark.parametrize("name", FAMILIES)
def test_the_interpreter_agrees_with_the_reference(name):
    wrong = [
        item.case.name
        for item in family(name)
        if tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) != item.expected
    ]
    assert not wrong


@pytest.mark.parametrize("name", FAMILIES)
def test_a_pc_agrees_with_the_reference_under_sanitizers(name, tmp_path):
    compiler = shutil.which("gcc") or shutil.which("clang")
    command = [compiler, *SANITIZERS] if compiler else [*find_zig(), "cc", "-O1"]  # Zig traps undefined behaviour
    assert not wrong_on_host(family(name), [*command, "-std=c99"], tmp_path)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", FAMILIES)
def test_an_emulated_core_agrees_with_the_reference(name, core):
    assert not wrong_on_core(family(name), Toolchain(core))


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", FAMILIES)
def test_every_optimisation_level_agrees_with_the_reference(name, level):
    assert not wrong_on_core(family(name), Toolchain("cortex-m4", optimize=level))


@pytest.mark.arm
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed")
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", FAMILIES)
def test_gcc_agrees_with_the_reference(name, core):
    assert not wrong_on_core(family(name), Toolchain(core, Compiler.GCC))


@pytest.mark.parametrize("standard", ["-std=c99", "-std=c11", "-std=c++17"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_pc_compiler_says_nothing_in_any_standard(name, compiler, standard, tmp_path):
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"{compiler} is not installed")
    language = ("-x", "c++") if "++" in standard else ("-x", "c")
    assert not wrong_on_host(family(name), [found, "-O2", standard, *language], tmp_path)
