"""A program that holds an instruction its core lacks is refused, whatever the emulator would make of it."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module

import pytest

from firmware_export.emulator import Compiler, Image, Toolchain, build, run
from firmware_export.emulator.disassembly import disassemble
from firmware_export.emulator.scan import CORE_EXTENSIONS, available, foreign_instructions, refuse_foreign_instructions
from firmware_export.errors import BuildFailed
from firmware_export.targets import CORES as ALL_CORES
from firmware_export.targets import Fpu
from tests.firmware_export.emulator.headers import COMPILERS, CORES, SATURATING_ADD, Model, assembly, faulty, image_of

M0, M3, M4, M7, M33 = "cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"
V7M = (M3, M4, M7, M33)
DSP = (M4, M7, M33)
ANY = ("cortex-m0", "cortex-m0plus", *V7M)
ALL_FPUS = ((M4, Fpu.SINGLE), (M7, Fpu.SINGLE), (M7, Fpu.DOUBLE), (M33, Fpu.SINGLE))
BUILT = ((M4, Fpu.NONE), (M7, Fpu.NONE), (M33, Fpu.NONE), *ALL_FPUS)

# Each with the cores without a floating-point unit that have it.
INSTRUCTIONS = {
    "smlad r0, r1, r2, r3": DSP,
    "sxtb16 r0, r1, ror #8": DSP,
    "uxtab r0, r1, r2": DSP,
    "ssub8 r0, r1, r2": DSP,
    "pkhbt r0, r1, r2": DSP,
    "smlalbb r0, r1, r2, r3": DSP,
    "cbz r0, 2f; nop; 2:": V7M,
    "movw r0, #1234": V7M,
    "addw r0, r1, #1234": V7M,
    "it eq; moveq r0, r1": V7M,
    "ldrd r0, r1, [r2]": V7M,
    "udiv r0, r1, r2": V7M,
    "smull r0, r1, r2, r3": V7M,
    "add.w r0, r1, r2": V7M,
    "ldrsb r0, [r1, #-1]": V7M,
    "push.w {r4-r8}": V7M,
    "clz r0, r0": V7M,
    "lda r0, [r1]": (M33,),
    "tt r0, r1": (M33,),
    "lsls r0, r1, #3": ANY,
    "muls r0, r1, r0": ANY,
    "rev r0, r1": ANY,
    "dmb sy": ANY,
    "mrs r0, primask": ANY,
    "udf #1": ANY,
    "stm r0!, {r1, r2}": ANY,
}
FLOATING_POINT = {
    "vmul.f32 s0, s1, s2": ALL_FPUS,
    "vldr s0, [r0]": ALL_FPUS,
    "vpush {d8}": ALL_FPUS,
    "vmov d0, r0, r1": ALL_FPUS,
    "vcvtb.f16.f32 s0, s1": ALL_FPUS,
    "vmaxnm.f32 s0, s1, s2": tuple(pair for pair in ALL_FPUS if pair[0] != M4),
    "vmul.f64 d0, d1, d2": ((M7, Fpu.DOUBLE),),
}


def unscanned(model: Model, core: str) -> Image:
    with pytest.MonkeyPatch.context() as patch:
        build_module = import_module("firmware_export.emulator.build")
        patch.setattr(build_module, "refuse_foreign_instructions", lambda image: None)
        return build(model.files, name="model", toolchain=Toolchain(core))


@pytest.fixture(scope="module")
def image_of_all() -> Image:
    """All of the instructions above in one program, for no core in particular."""
    lines = r"\n nop\n ".join((*INSTRUCTIONS, *FLOATING_POINT))
    model = assembly(rf".fpu fpv5-d16\n b.w 1f\n {lines}\n 1: bx lr")
    return unscanned(model, M33)


@pytest.mark.parametrize("core", CORES)
def test_each_core_has_the_instructions_of_its_manual(image_of_all, core):
    found = {found.mnemonic for found, _ in foreign_instructions(replace(image_of_all, core=core))}
    for instruction, cores in INSTRUCTIONS.items():
        assert (instruction.split()[0] in found) == (core not in cores), instruction


@pytest.mark.parametrize(("core", "fpu"), BUILT)
def test_each_floating_point_unit_has_the_instructions_of_its_manual(image_of_all, core, fpu):
    found = {found.mnemonic for found, _ in foreign_instructions(replace(image_of_all, core=core, fpu=fpu))}
    for instruction, pairs in FLOATING_POINT.items():
        assert (instruction.split()[0] in found) == ((core, fpu) not in pairs), instruction


HELIUM = {
    "vldrb.u8 q0, [r0], #16": "Helium (MVE)",
    "vmlava.s8 r2, q0, q1": "Helium (MVE)",
    "vqrdmulh.s32 q0, q0, r1": "Helium (MVE)",
    "vmov q2[2], q2[0], r1, r2": "Helium (MVE)",
    "vctp.8 r0": "Helium (MVE)",
    "sqrshrl r0, r1, #64, r2": "Helium (MVE)",
    "csel r0, r1, r2, eq": "ARMv8.1-M",
    "dls lr, r0": "ARMv8.1-M",
    "vpush {d8}": "floating-point registers",
    "vldr s0, [r0]": "floating-point registers",
}


def test_helium_is_decoded_and_is_an_m55s_alone():
    lines = r"\n ".join(HELIUM)
    image = image_of(assembly(rf"b.w 1f\n {lines}\n 1: bx lr"), "cortex-m55")
    assert not list(foreign_instructions(image))
    found = {found.mnemonic: extension.value for found, extension in foreign_instructions(replace(image, core=M33))}
    assert found == {line.split()[0]: extension for line, extension in HELIUM.items()}


REFUSED = (
    (M3, "smlad r0, r1, r2, r3"),
    (M0, "cbz r0, 1f"),
    (M0, "movw r0, #1234"),
    (M0, ".inst.n 0xbf08"),  # it eq, which assemblers refuse on their own
    (M0, "ldrd r0, r1, [r2]"),
    (M0, "udiv r0, r1, r2"),
    (M4, "vmul.f32 s0, s1, s2"),
    (M4, "vldr s0, [r0]"),
)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(("core", "instruction"), REFUSED, ids=[f"{core}-{text}" for core, text in REFUSED])
def test_a_build_with_an_instruction_that_its_core_lacks_is_refused(core, instruction, compiler):
    directives = r".arch armv7e-m\n .fpu fpv4-sp-d16"
    mnemonic = "it" if instruction.startswith(".inst") else instruction.split()[0]
    with pytest.raises(BuildFailed, match=rf"`{mnemonic}.*\(model_run\+0x2\) is no .* of a {core} "):
        image_of(assembly(rf"{directives}\n b 1f\n {instruction}\n nop\n 1: bx lr"), core, compiler)


def test_the_emulator_alone_would_let_smlad_pass_on_a_cortex_m3():
    model = assembly(r".arch armv7e-m\n movs r0, #0\n strb r0, [r2]\n smlad r1, r0, r0, r0\n bx lr")
    with pytest.raises(BuildFailed, match=r"smlad r1, r0, r0, r0.*DSP extension"):
        image_of(model, M3)
    assert run(unscanned(model, M3), model.interface, [[b"\0"]]).statuses == (0,)


LITERALS = r"ldr r0, 1f\n bx lr\n .align 2\n 1: .word 0xf302fb21\n .word 0xffffffff"  # the first is an SMLAD


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_constants_between_the_code_are_not_read_as_instructions(core, compiler):
    image = image_of(assembly(LITERALS), core, compiler)
    code = [instruction.text for instruction in disassemble(image)]
    assert len(image.code_ranges) >= 1
    assert not any(text.startswith(("smlad", ".byte")) for text in code)


SWITCH = "switch (input[0]) {{ {cases} default: output[0] = 0; break; }}".format(
    cases=" ".join(f"case {i}: output[{i % 6}] = (int8_t)(input[1] * {i * i + 3} + {i}); break;" for i in range(24))
)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_jump_tables_between_the_code_are_not_read_as_instructions(core, compiler):
    assert image_of(faulty(SWITCH), core, compiler, "-O1").sizes.code > 100


@pytest.mark.parametrize("compiler", COMPILERS)
def test_bytes_that_are_no_instruction_are_refused(compiler):
    with pytest.raises(BuildFailed, match=r"\.byte.*no instruction known"):
        image_of(assembly(r"b 1f\n .inst.w 0xeffff0ff\n 1: bx lr"), M4, compiler)


def test_forty_kilobytes_are_read_in_less_than_a_third_of_a_second():
    lines = r".rept 3500\n smlad r0, r1, r2, r3\n ldrd r0, r1, [r2]\n adds r0, r1, r2\n strb r0, [r1]\n .endr"
    image = image_of(assembly(rf"b.w 1f\n {lines}\n 1: bx lr"), M4)
    assert image.sizes.code > 40_000
    assert min(seconds(lambda: refuse_foreign_instructions(image)) for _ in range(3)) < 0.3


def seconds(function) -> float:
    started = time.process_time()  # others on this machine do not count
    function()
    return time.process_time() - started


def test_every_core_of_the_targets_has_its_instruction_sets_told():
    assert set(CORE_EXTENSIONS) == set(ALL_CORES)
    for core in ALL_CORES.values():
        for fpu in core.fpus:
            assert bool(available(core.name, fpu) - available(core.name, Fpu.NONE)) == (fpu is not Fpu.NONE)


def test_a_compiler_for_another_core_is_noticed():
    toolchain = Toolchain(M0, Compiler.ZIG, flags=("-mcpu=cortex_m4",))
    with pytest.raises(BuildFailed, match=r"is no instruction of a cortex-m0 with no FPU \(ARMv7-M\)"):
        build(SATURATING_ADD.files, name="model", toolchain=toolchain)
