"""Cycle estimates equal what one works out by hand from the manuals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firmware_export.emulator import EMULATED_CORES, Conditions, Interface, Toolchain, build, run
from firmware_export.emulator.cycles import block_cycles, estimate_cycles
from firmware_export.emulator.flash_waits import FlashWatch, flash_waits
from firmware_export.emulator.kinds import step_of
from firmware_export.emulator.machine import Machine
from firmware_export.emulator.timings import TIMINGS
from firmware_export.targets import FLASHES, TARGETS, flash_of
from tests.firmware_export.emulator.headers import COMPILERS, CORES, TRACED, assembly, image_of

M0, M0PLUS, M3, M4, M7, M33 = CORES
GOLDEN = Path(__file__).parents[2] / "golden" / "small_se.h"


def cycles(lines: str, core: str, calls: int = 1) -> int:
    model = assembly(lines)
    image = image_of(model, core)
    return estimate_cycles(image, run(image, model.interface, [[b"\0"]] * calls)).total


LOOP = r"movs r0, #10\n 1: adds r1, r1, #1\n subs r0, r0, #1\n bne 1b\n bx lr"
LOADS = r"ldrb r0, [r1]\n ldrb r3, [r1]\n ldrb r0, [r1]\n bx lr"
COMPUTED_ADDRESS = r"mov r3, r1\n ldrb r0, [r3]\n bx lr"
LOAD_AND_STORE = r"ldrb r0, [r1]\n strb r0, [r2]\n bx lr"
INDEXED = r"movs r3, #0\n ldrb r0, [r1, r3]\n strb r0, [r2, r3]\n bx lr"
LOADED_ADDRESS = r"push {r1}\n ldr r3, [sp]\n ldrb r0, [r3]\n pop {r1}\n bx lr"
LIST = r"push {r4, r5, lr}\n pop {r4, r5, pc}"
PRODUCT = r"movs r0, #3\n muls r0, r0, r0\n bx lr"
TAKEN = r"movs r0, #0\n cmp r0, #0\n beq 1f\n nop\n 1: bx lr"
NOT_TAKEN = r"movs r0, #0\n cmp r0, #0\n bne 1f\n nop\n 1: bx lr"
CALL = r"push {r4, lr}\n bl 1f\n pop {r4, pc}\n 1: bx lr"
WIDE_PRODUCT = r"movs r0, #3\n smull r0, r3, r0, r0\n bx lr"
SKIPPED = r"movs r0, #0\n cmp r0, #1\n itt eq\n addeq r0, #1\n addeq r0, #2\n bx lr"
DIVISION = r"movs r0, #9\n udiv r0, r0, r0\n bx lr"
PAIR = r"push {r4, r5}\n ldrd r4, r5, [sp]\n strd r4, r5, [sp]\n pop {r4, r5}\n bx lr"
DSP = r"movs r0, #3\n smlad r0, r0, r0, r0\n smlad r0, r0, r0, r0\n bx lr"

BY_HAND = (
    (LOOP, {M0: 1 + 30 + 9 * 2 + 3, M0PLUS: 1 + 30 + 9 + 2, M3: 52, M4: 52, M33: 52}),
    (LOOP, {M7: 3 + 8 * 3 + 2 + 2}),  # two a cycle: movs and adds, subs and bne; then adds and subs, bne
    (LOADS, {M0: 6 + 3, M0PLUS: 6 + 2, M3: 2 + 1 + 1 + 3, M4: 7, M33: 3 + 3, M7: 1 + 1 + 1}),
    (COMPUTED_ADDRESS, {M0: 1 + 2 + 3, M0PLUS: 5, M3: 1 + 3 + 3, M4: 7, M33: 1 + 1 + 3}),
    (LOAD_AND_STORE, {M0: 2 + 2 + 3, M0PLUS: 6, M3: 2 + 1 + 3, M4: 6, M33: 1 + 2 + 3}),
    (INDEXED, {M0: 1 + 2 + 2 + 3, M0PLUS: 7, M3: 1 + 3 + 1 + 3, M4: 8, M33: 1 + 1 + 2 + 3}),
    (LOADED_ADDRESS, {M0: 2 + 2 + 2 + 2 + 3, M0PLUS: 10, M3: 2 + 2 + 2 + 2 + 3, M4: 11, M33: 2 + 1 + 2 + 2 + 3}),
    (LIST, {M0: 4 + 4 + 3, M0PLUS: 4 + 4 + 2, M3: 4 + 4 + 3, M4: 11}),
    (PRODUCT, {core: 1 + 1 + 3 for core in (M0, M3, M4, M33)}),
    (TAKEN, {M0: 1 + 1 + 3 + 3, M0PLUS: 1 + 1 + 2 + 2, M3: 8, M4: 8}),
    (NOT_TAKEN, {M0: 1 + 1 + 1 + 1 + 3, M0PLUS: 6, M3: 7, M4: 7}),
    (CALL, {M0: 3 + 4 + 3 + 6, M0PLUS: 3 + 3 + 2 + 5, M3: 3 + 3 + 3 + 6, M4: 15}),
    (WIDE_PRODUCT, {M3: 1 + 4 + 3, M4: 1 + 1 + 3}),
    (SKIPPED, {M3: 5 + 3, M4: 8}),
    (DIVISION, {M3: 1 + 7 + 3, M4: 11}),
    (PAIR, {M3: 3 + 3 + 3 + 3 + 3, M4: 15}),
    (DSP, {M4: 1 + 1 + 1 + 3, M7: 1 + 2 + 1 + 1}),
)
CASES = [(lines, core, expected) for lines, by_core in BY_HAND for core, expected in by_core.items()]


@pytest.mark.parametrize(("lines", "core", "expected"), CASES)
def test_cycles_equal_a_count_by_hand(lines, core, expected):
    assert cycles(lines, core) == expected


HELIUM_BY_HAND = (
    ((("vldrb.u8", "q0, [r0]"), ("vmlava.s8", "r2, q0, q1")), 2 + 1),  # two units overlap
    ((("vldrb.u8", "q0, [r0]"), ("vldrb.u8", "q1, [r1]")), 2 + 2),  # one does not
    ((("vmlava.s8", "r2, q0, q1"), ("le", "lr, #0")), 2 + 1),
    ((("ldr", "r0, [r1]"), ("adds", "r0, r0, #1")), 1 + 2),
)


@pytest.mark.parametrize(("code", "expected"), HELIUM_BY_HAND)
def test_vectors_overlap_where_they_use_different_units(code, expected):
    steps = [step_of(mnemonic, operands, 4) for mnemonic, operands in code]
    assert block_cycles(steps, TIMINGS["cortex-m55"]) == expected


def test_a_figure_is_of_one_inference_whatever_was_run():
    assert cycles(LOOP, M4, calls=3) == cycles(LOOP, M4)


@pytest.mark.parametrize("core", CORES)
def test_every_core_has_a_table_with_a_source_and_an_error(core):
    model = assembly(LOOP)
    image = image_of(model, core)
    estimate = estimate_cycles(image, run(image, model.interface, [[b"\0"]]))
    assert 0 < estimate.error < 0.5
    assert TIMINGS[core].source in estimate.model
    assert "memory that never waits" in estimate.model


def test_every_emulated_core_has_a_table():
    assert set(TIMINGS) >= set(EMULATED_CORES)


def test_milliseconds_come_from_the_clock():
    model = assembly(LOOP)
    image = image_of(model, M4)
    assert estimate_cycles(image, run(image, model.interface, [[b"\0"]])).milliseconds(0.052) == 1.0


CONSTANTS = (
    r"b 1f\n .align 5\n 1: adr r3, 2f\n ldr r0, [r3]\n ldr r0, [r3, #4]\n ldr r0, [r3, #16]\n ldr r0, [r3, #20]\n"
    r" ldr r0, [r3]\n bx lr\n .align 5\n 2: .space 64"
)


def waits(lines: str, flash) -> int:
    model = assembly(lines)
    return sum(flash_waits(image_of(model, M4), model.interface, [b"\0"], flash).values())


def test_each_line_of_constants_is_waited_for_once_while_it_is_kept():
    instructions_only = replace(FLASHES["stm32f405"], prefetches=False)
    nops = CONSTANTS.replace("ldr r0, [r3]", "nop").replace("ldr r0, [r3, #4]", "nop")
    nops = nops.replace("ldr r0, [r3, #16]", "nop").replace("ldr r0, [r3, #20]", "nop")
    assert waits(CONSTANTS, instructions_only) - waits(nops, instructions_only) == 2 * 5


def test_a_loop_is_fetched_once_where_instructions_are_kept():
    flash = replace(FLASHES["stm32f405"], prefetches=False)
    assert waits(LOOP, flash) == 5  # ten bytes, aligned to sixteen


def test_lines_read_ahead_are_waited_for_less():
    flash = FLASHES["stm32f405"]
    straight = r"nop\n " * 64 + "bx lr"
    assert 0 < waits(straight, flash) < waits(straight, replace(flash, prefetches=False)) == 9 * 5


# Unicorn issue 2309: the two instructions behind the branch would be taken for the rest of the IT block, and skipped.
READ_IN_IT_BLOCK = (
    r"movs r3, #0\n cmp r3, #1\n itt ne\n ldrne r0, 2f\n cmpne r3, r3\n bne 1f\n"
    r" movs r0, #7\n strb r0, [r2]\n 1: movs r0, #0\n bx lr\n .align 2\n 2: .word 5"
)


@pytest.mark.parametrize("core", [M3, M4, M7, M33])
def test_watching_reads_inside_it_blocks_does_not_change_what_follows(core):
    model = assembly(READ_IN_IT_BLOCK)
    image = image_of(model, core)
    (call,) = run(image, model.interface, [[b"\7"]]).calls
    machine = Machine(image, model.interface, Conditions())
    FlashWatch(machine.engine, machine.counter, image, FLASHES["stm32f405"])
    assert machine.call([b"\7"]) == call


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_a_network_whose_reads_are_watched_gives_the_same_bytes(core, compiler):
    files = {"small_se.h": GOLDEN.read_text(encoding="utf-8")}
    image = build(files, name="small_se", toolchain=Toolchain(core, compiler))
    interface, sample = Interface((108,), (288,), 344), [bytes(range(108))]
    (call,) = run(image, interface, [sample]).calls
    machine = Machine(image, interface, Conditions())
    watch = FlashWatch(machine.engine, machine.counter, image, FLASHES["stm32l4r5"])
    assert machine.call(sample) == call
    assert set(watch.waits()) == set(machine.counter.layers)
    assert all(waits > 0 for layer, waits in watch.waits().items() if layer)


@pytest.mark.parametrize("name", ["stm32f103", "stm32f405", "stm32l4r5"])
def test_more_wait_states_never_cost_less(name):
    counts = [waits(CONSTANTS, replace(FLASHES[name], wait_states=states)) for states in range(8)]
    assert counts[0] == 0
    assert counts == sorted(counts)


def test_waits_are_added_to_the_layer_that_waits():
    image = image_of(TRACED, M4)
    one = run(image, TRACED.interface, [[b"\1\2\3\4"]])
    waiting = flash_waits(image, TRACED.interface, [b"\1\2\3\4"], FLASHES["stm32l4r5"])
    without, with_waits = estimate_cycles(image, one), estimate_cycles(image, one, waits=waiting)
    assert sum(waiting.values()) > 0
    assert with_waits.total == without.total + sum(waiting.values())
    assert "with the waits for flash" in with_waits.model


def test_every_row_of_the_flash_table_belongs_to_a_part():
    for name in FLASHES:
        assert any(target.name.startswith(name) for target in TARGETS.values()), name
    assert flash_of(TARGETS["stm32f446re"]).wait_states == 5
    assert flash_of(TARGETS["stm32n657x0"]) is None
