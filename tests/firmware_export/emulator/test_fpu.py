"""Parts with a floating-point unit run code that uses it, with the same results as parts without."""

from __future__ import annotations

import struct
from functools import cache

import pytest

from firmware_export.emulator import Compiler, Image, Toolchain, build, run, verify
from firmware_export.emulator.disassembly import disassemble
from firmware_export.errors import BuildFailed, EmulationFault, ToolMissing
from firmware_export.targets import Fpu
from tests.firmware_export.emulator.headers import (
    COMPILERS,
    SATURATING_ADD,
    SOFT_FLOAT,
    WIDE_ARITHMETIC,
    Model,
    assembly,
    needs_arm_gcc,
)

WITH_FPU = (
    ("cortex-m4", Fpu.SINGLE),
    ("cortex-m7", Fpu.SINGLE),
    ("cortex-m7", Fpu.DOUBLE),
    ("cortex-m33", Fpu.SINGLE),
)
each_fpu = pytest.mark.parametrize(("core", "fpu"), WITH_FPU, ids=[f"{core}-{fpu.value}" for core, fpu in WITH_FPU])


@cache
def built(model: Model, core: str, fpu: Fpu, compiler: Compiler = Compiler.ZIG) -> Image:
    return build(model.files, name="model", toolchain=Toolchain(core, compiler, fpu=fpu))


@pytest.mark.parametrize("compiler", COMPILERS)
@each_fpu
def test_floats_are_computed_by_the_unit(core, fpu, compiler):
    image = built(SOFT_FLOAT, core, fpu, compiler)
    assert any(instruction.mnemonic.endswith(".f32") for instruction in disassemble(image))
    assert not any(name.startswith("__aeabi_f") for name in image.symbols)
    result = verify(image, SOFT_FLOAT.interface, [[struct.pack("<f", 3.0)]])
    assert struct.unpack("<f", result.outputs[0][0]) == (4.75,)


@pytest.mark.parametrize("compiler", COMPILERS)
@each_fpu
def test_integer_code_gives_the_same_bytes_with_and_without_the_unit(core, fpu, compiler):
    for model, sample in ((SATURATING_ADD, bytes(range(8))), (WIDE_ARITHMETIC, struct.pack("<qq", -(10**17), 12345))):
        with_unit, without = (
            verify(built(model, core, unit, compiler), model.interface, [[sample]]) for unit in (fpu, Fpu.NONE)
        )
        assert with_unit.outputs == without.outputs


@needs_arm_gcc
@pytest.mark.arm
def test_floats_are_computed_by_functions_where_there_is_no_unit():
    image = built(SOFT_FLOAT, "cortex-m4", Fpu.NONE, Compiler.GCC)
    result = verify(image, SOFT_FLOAT.interface, [[struct.pack("<f", 3.0)]])
    assert struct.unpack("<f", result.outputs[0][0]) == (4.75,)
    assert not any(instruction.mnemonic.startswith("v") for instruction in disassemble(image))


@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"])
def test_code_that_uses_a_unit_the_core_lacks_is_refused(core):
    with pytest.raises(BuildFailed, match=rf"vadd.f32 s0, s0, s0.* of a {core} with no FPU"):
        built(assembly(r".fpu fpv4-sp-d16\n vadd.f32 s0, s0, s0\n bx lr"), core, Fpu.NONE)


@each_fpu
@pytest.mark.parametrize("register", ["s16", "s23", "s31"])
def test_a_register_of_the_unit_that_is_not_restored_is_told(core, fpu, register):
    model = assembly(rf"movs r0, #0\n strb r0, [r2]\n vmov {register}, r0\n bx lr")
    with pytest.raises(EmulationFault, match=f"changed registers that it had to keep: {register}"):
        run(built(model, core, fpu), model.interface, [[b"\0"]])


@each_fpu
def test_registers_of_the_unit_that_are_saved_or_free_may_be_used(core, fpu):
    model = assembly(
        r"movs r0, #0\n strb r0, [r2]\n vpush {d8-d15}\n vmov s31, r0\n vmov s16, r0\n vpop {d8-d15}\n"
        r" vmov s0, r0\n vmov s15, r0\n bx lr"
    )
    assert verify(built(model, core, fpu), model.interface, [[b"\0"]]).stack_bytes == 64


def test_a_unit_that_a_core_is_never_built_with_is_refused():
    with pytest.raises(ToolMissing, match=r"no cortex-m4 has a double precision .* there are none, single"):
        built(SATURATING_ADD, "cortex-m4", Fpu.DOUBLE)
