"""Programs on emulated cores: right results, exact counts, and a clear word about every wrong."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc, arm_const

from firmware_export.emulator import Compiler, Conditions, Interface, Parity, Placement, run, verify
from firmware_export.emulator.buffers import Wanted, place
from firmware_export.emulator.image import Segment
from firmware_export.emulator.machine import Machine
from firmware_export.errors import EmulationFault
from tests.firmware_export.emulator.headers import (
    COMPILERS,
    CORES,
    SATURATING_ADD,
    SOFT_FLOAT,
    THUMB2_CORES,
    TRACED,
    TWO_INPUTS_TWO_OUTPUTS,
    WIDE_ARITHMETIC,
    assembly,
    faulty,
    image_of,
    needs_arm_gcc,
)

BIAS = (100, -100, 1, 2, 3, 4, 5, 6)
LARGE = 0x7FFF_FFFF_FFFF_FFFF
PAIRS = ((7, 3), (-7, 3), (LARGE, -1), (-LARGE, 12345), (1 << 40, (1 << 33) + 1), (123456789 << 20, 97), (-5, 1 << 50))


def signed(value: int, bits: int = 64) -> int:
    return (value + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


def towards_zero(dividend: int, divisor: int) -> int:
    return abs(dividend) // abs(divisor) * (1 if (dividend < 0) == (divisor < 0) else -1)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_results_of_many_samples_are_right(core, compiler):
    values = [[(17 * sample + 31 * index) % 256 - 128 for index in range(8)] for sample in range(20)]
    samples = [[struct.pack("8b", *row)] for row in values]
    result = verify(image_of(SATURATING_ADD, core, compiler), SATURATING_ADD.interface, samples)
    expected = [tuple(max(-128, min(127, value + BIAS[value & 7])) for value in row) for row in values]
    assert [struct.unpack("8b", outputs[0]) for outputs in result.outputs] == expected
    assert result.activations_used == 8
    assert result.statuses == (0,) * 20


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_arguments_beyond_the_fourth_go_over_the_stack(core, compiler):
    image = image_of(TWO_INPUTS_TWO_OUTPUTS, core, compiler)
    result = verify(image, TWO_INPUTS_TWO_OUTPUTS.interface, [[b"\1\2\3", b"\5\6\7\x08\x09"]])
    assert result.outputs == ((b"\1\2\3", b"\6\7\x08\x09\x0a"),)
    assert result.statuses == (7,)
    assert result.stack_bytes >= 4


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_wide_products_quotients_and_shifts_are_right(core, compiler):
    samples = [[struct.pack("<qq", a, b)] for a, b in PAIRS]
    result = verify(image_of(WIDE_ARITHMETIC, core, compiler), WIDE_ARITHMETIC.interface, samples)
    for (a, b), (output,) in zip(PAIRS, result.outputs, strict=True):
        quotient = towards_zero(a, b)
        low_a, low_b = signed(a, 32), signed(b | 1, 32)
        assert struct.unpack("<qqqqQII", output) == (
            signed(a * b),
            quotient,
            a - quotient * b,
            a >> (b & 63),
            (a % 2**64) // (b % 2**64),
            (a % 2**32) // ((b % 2**32) | 1),
            (low_a - towards_zero(low_a, low_b) * low_b) % 2**32,
        )


@needs_arm_gcc
@pytest.mark.arm
def test_floats_are_linked_from_the_compilers_own_library():
    image = image_of(SOFT_FLOAT, "cortex-m0", Compiler.GCC)
    result = verify(image, SOFT_FLOAT.interface, [[struct.pack("<f", 3.0)]])
    assert struct.unpack("<f", result.outputs[0][0]) == (4.75,)


@pytest.mark.slow  # Zig builds its whole runtime library on first use
def test_floats_are_linked_from_zigs_own_library():
    image = image_of(SOFT_FLOAT, "cortex-m0", Compiler.ZIG)
    result = verify(image, SOFT_FLOAT.interface, [[struct.pack("<f", 3.0)]])
    assert struct.unpack("<f", result.outputs[0][0]) == (4.75,)


THUMB2_COUNTS = {
    "straight line": (r"movs r0, #0\n nop\n nop\n bx lr", 4),
    "wide and narrow": (r"movs r0, #0\n mov.w r1, #0x10000\n add.w r2, r1, r1\n bx lr", 4),
    "a block that is skipped": (
        r"movs r0, #0\n cmp r0, #1\n ittt eq\n addeq r0, #1\n addeq r0, #2\n moveq r0, #9\n bx lr",
        7,
    ),
    "half a block is skipped": (r"movs r0, #0\n cmp r0, #0\n ite eq\n moveq r1, #1\n movne r1, #2\n bx lr", 6),
    "a return that is skipped": (r"movs r0, #0\n cmp r0, #1\n it eq\n bxeq lr\n movs r1, #7\n bx lr", 6),
    "a branch that is taken": (r"movs r0, #0\n cmp r0, #0\n it eq\n bxeq lr\n movs r1, #7\n bx lr", 4),
}
THUMB1_COUNTS = {
    "ten rounds of three": (r"movs r0, #10\n 1: adds r1, r1, #1\n subs r0, r0, #1\n bne 1b\n bx lr", 1 + 10 * 3 + 1),
    "a call and back": (r"push {r4, lr}\n bl 1f\n movs r0, #0\n pop {r4, pc}\n 1: nop\n bx lr", 6),
}


@pytest.mark.parametrize("count", THUMB2_COUNTS, ids=str)
@pytest.mark.parametrize("core", THUMB2_CORES)
def test_instructions_equal_a_count_by_hand_with_it_blocks(core, count):
    lines, expected = THUMB2_COUNTS[count]
    model = assembly(lines)
    assert run(image_of(model, core), model.interface, [[b"\0"]] * 3).instructions == (expected,) * 3


@pytest.mark.parametrize("count", THUMB1_COUNTS, ids=str)
@pytest.mark.parametrize("core", CORES)
def test_instructions_equal_a_count_by_hand(core, count):
    lines, expected = THUMB1_COUNTS[count]
    model = assembly(lines)
    result = run(image_of(model, core), model.interface, [[b"\0"]] * 2)
    assert result.instructions == (expected, expected)
    assert sum(block.instructions * block.executions for block in result.blocks) == 2 * expected


def test_stack_is_measured_by_what_is_written():
    model = assembly(r"sub sp, #200\n str r0, [sp]\n add sp, #200\n bx lr")
    assert run(image_of(model, "cortex-m0"), model.interface, [[b"\0"]]).stack_bytes == 200


@pytest.mark.parametrize("compiler", COMPILERS)
def test_traced_layers_carry_name_values_and_count(compiler):
    image = image_of(TRACED, "cortex-m4", compiler)
    (call,) = run(image, TRACED.interface, [[b"\x10\x20\x30\x40"]], conditions=Conditions(trace="model_trace")).calls
    assert [(event.name, event.data) for event in call.trace] == [
        ("first", b"\x11\x21\x31\x41"),
        ("second", b"\x43\x33\x23\x13"),
    ]
    first, second = (event.instructions for event in call.trace)
    assert 0 < first < second < call.instructions


FAULTS = {
    "activations overrun": ("((volatile int8_t *)activations)[32] = 1;", "0 bytes after the end of activations"),
    "activations underrun": ("((volatile int8_t *)activations)[-1] = 1;", "1 bytes before the start of activations"),
    "input overread": ("*output = ((const volatile int8_t *)input)[6];", "read of.*0 bytes after the end of input"),
    "input underread": ("*output = ((const volatile int8_t *)input)[-3];", "3 bytes before the start of input"),
    "output overrun": ("((volatile int8_t *)output)[9] = 1;", "3 bytes after the end of output"),
    "write to input": ("*(volatile int8_t *)(uintptr_t)input = 1;", "write to read-only memory.*byte 0 of input"),
    "write to constants": ("*(volatile int8_t *)(uintptr_t)model_table = 1;", "write to read-only memory.*of flash"),
    "wild pointer": ("*(volatile int32_t *)0x12345678u = 1;", "write of 4 bytes at 0x12345678"),
    "undefined instruction": ('__asm__ volatile("udf #1");', "undefined instruction"),
    "breakpoint": ('__asm__ volatile("bkpt #1");', "BKPT"),
    "jump into data": ("((void (*)(void))((uintptr_t)activations | 1u))();", "holds no code"),
    "deep recursion": ("*output = (int8_t)model_deep(100000);", "stack overflow.*before the start of stack"),
    "endless loop": ("for (volatile int i = 0;; i++) { }", "still running after 100000 instructions"),
    "uninitialised activations": ("memset(output, ((int8_t *)activations)[5], 6);", "memory that nobody wrote"),
    "output left unwritten": ("output[0] = 1;", "memory that nobody wrote"),
}
ALL_FAULTS = faulty(
    "switch (input[0]) {\n"
    + "\n".join(f"case {index}: {{ {body} }} break;" for index, (body, _) in enumerate(FAULTS.values()))
    + "\ndefault: break;\n}",
    """static const int8_t model_table[4] = {1, 2, 3, 4};
static int model_deep(int n);
__attribute__((noinline)) static int model_deep(int n)
{
    volatile int8_t frame[64];
    frame[n & 63] = 1;
    return n ? model_deep(n - 1) + frame[0] : 0;
}""",
)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("core", CORES)
def test_every_wrong_step_is_told(core, fault, compiler):
    sample = [bytes([list(FAULTS).index(fault), 0, 0, 0, 0, 0])]
    conditions = Conditions(instruction_budget=100_000)
    with pytest.raises(EmulationFault, match=FAULTS[fault][1]) as caught:
        verify(image_of(ALL_FAULTS, core, compiler), ALL_FAULTS.interface, [sample], conditions=conditions)
    assert f"model_run on {core}" in str(caught.value)


@pytest.mark.parametrize("core", CORES)
def test_a_register_that_is_not_restored_is_told(core):
    model = assembly(r"movs r4, #1\n movs r0, #0\n strb r0, [r2]\n bx lr")
    with pytest.raises(EmulationFault, match="changed registers that it had to keep: r4"):
        run(image_of(model, core), model.interface, [[b"\0"]])


def test_a_fault_names_the_function_the_offset_and_the_registers():
    model = assembly(r"nop\n nop\n ldr r5, 1f\n str r5, [r5]\n bx lr\n .align 2\n 1: .word 0x12345678")
    with pytest.raises(EmulationFault, match=r"model_run\+0x6 \(pc=0x08\w+\)\n.*r5=0x12345678, r6=.*sp=.*lr="):
        run(image_of(model, "cortex-m0"), model.interface, [[b"\0"]])


@pytest.mark.parametrize("placement", Placement)
def test_spare_bytes_beside_a_buffer_are_watched(placement):
    offset = 40 if placement is Placement.START else -40
    model = faulty(f"((volatile int8_t *)output)[{offset}] = 1;")
    with pytest.raises(EmulationFault, match=r"wrote outside its buffers: (40|34) bytes (before|after)"):
        run(image_of(model, "cortex-m4"), model.interface, [[bytes(6)]], conditions=Conditions(placement=placement))


@pytest.mark.parametrize("core", CORES)
def test_an_unaligned_word_faults_only_where_the_core_cannot_read_it(core):
    model = assembly(r"ldr r0, [r1]\n movs r0, #0\n strb r0, [r2]\n bx lr")
    interface = Interface((5,), (1,), 0)  # against the guard above, five bytes start at an odd address
    image = image_of(model, core)
    if core in THUMB2_CORES:
        assert run(image, interface, [[bytes(5)]]).statuses == (0,)
    else:
        with pytest.raises(EmulationFault, match="unaligned access"):
            run(image, interface, [[bytes(5)]])


def test_a_network_that_needs_aligned_inputs_is_told():
    body = r"ldrb r3, [r1]\n movs r0, #1\n ands r0, r1\n strb r0, [r2]\n movs r0, #0\n bx lr"  # tells its address
    model = assembly(body)
    with pytest.raises(
        EmulationFault, match="sample 0 gives other results when inputs and outputs lie at odd addresses"
    ):
        verify(image_of(model, "cortex-m4"), Interface((4,), (1,), 0), [[bytes(4)]])
    word = assembly(r"ldr r0, [r1]\n movs r0, #0\n strb r0, [r2]\n bx lr")
    assert run(image_of(word, "cortex-m0"), Interface((4,), (1,), 0), [[bytes(4)]]).statuses == (0,)
    with pytest.raises(EmulationFault, match="unaligned access"):
        verify(image_of(word, "cortex-m0"), Interface((4,), (1,), 0), [[bytes(4)]])


@pytest.mark.parametrize("parity", Parity)
@pytest.mark.parametrize("placement", Placement)
@pytest.mark.parametrize("size", [1, 2, 4095, 4096, 4097])
def test_every_byte_of_a_buffer_is_mapped_wherever_it_lies(size, placement, parity):
    (region,) = place([Wanted("input", size, 1, placement, writable=True, parity=parity)])
    assert all(spare >= 0 for _, spare in region.spare())
    assert sum(spare for _, spare in region.spare()) == region.mapped_size - size
    assert parity is Parity.ANY or region.address % 2 == 1
    guarded = region.spare()[0 if placement is Placement.START else 1][1]
    assert guarded <= (1 if parity is Parity.ODD else 0)


def test_unicorn_in_its_m_class_mode_forgets_the_core_that_was_asked_for_so_it_is_not_used():
    """The day this fails the mode can be used again."""
    engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
    engine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M0)
    engine.mem_map(0x1000, 0x1000)
    engine.mem_write(0x1000, bytes.fromhex("90fbf1f2"))  # SDIV r2, r0, r1: no instruction of the M0
    engine.reg_write(arm_const.UC_ARM_REG_R0, 42)
    engine.reg_write(arm_const.UC_ARM_REG_R1, 6)
    engine.emu_start(0x1001, 0x1004)
    assert engine.reg_read(arm_const.UC_ARM_REG_R2) == 7


@pytest.mark.parametrize("core", CORES)
def test_the_core_that_runs_is_the_one_that_was_asked_for(core):
    hand = assembly("bx lr")
    image = replace(image_of(hand, "cortex-m4"), core=core)
    code = bytes.fromhex("2a200621 90fbf1f2 1370")  # 42 / 6: SDIV r2, r0, r1; STRB r3, [r2], at address 7
    image = replace(image, segments=tuple(with_code(segment, image.entry, code) for segment in image.segments))
    expected = r"undefined instruction" if core not in THUMB2_CORES else r"write of 1 bytes at 0x00000007"
    with pytest.raises(EmulationFault, match=expected):
        run(image, hand.interface, [[b"\0"]])


def with_code(segment: Segment, address: int, code: bytes) -> Segment:
    """The segment with other code at an address, where it holds that address."""
    start = address - segment.address
    if not 0 <= start < len(segment.data):
        return segment
    data = segment.data[:start] + code + segment.data[start + len(code) :]
    return replace(segment, data=data)


def test_hooks_that_come_after_the_code_was_translated_are_called_too():
    """Unicorn forgets them unless its translations are thrown away: so every hook is set before a core first runs."""
    hand = assembly(r"movs r0, #0\n strb r0, [r2]\n bx lr")
    machine = Machine(image_of(hand, "cortex-m4"), hand.interface, Conditions())
    machine.call([b"\0"])
    called: list[int] = []
    machine.engine.hook_add(UC_HOOK_CODE, lambda *arguments: called.append(arguments[1]))
    machine.call([b"\0"])
    before = len(called)
    machine.engine.ctl_flush_tb()
    machine.call([b"\0"])
    assert (before, len(called)) == (0, 3)


def test_a_sample_of_the_wrong_size_is_refused():
    with pytest.raises(ValueError, match=r"\(7,\) bytes for inputs of \(8,\)"):
        run(image_of(SATURATING_ADD, "cortex-m4"), SATURATING_ADD.interface, [[bytes(7)]])


def test_static_data_is_loaded_and_survives_between_calls():
    model = faulty("memset(output, (int)model_calls++, 6);", "static volatile uint32_t model_calls = 41;")
    result = run(image_of(model, "cortex-m4"), model.interface, [[bytes(6)]] * 3)
    assert [outputs[0][0] for outputs in result.outputs] == [41, 42, 43]
