"""QEMU counts what Unicorn counts, to the instruction, in every layer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_export.emulator import Conditions, Toolchain, build, run
from firmware_export.emulator.boards import QEMU_BOARDS, find_board
from firmware_export.emulator.firmware import Firmware
from firmware_export.emulator.qemu_counter import QemuRun, run_in_qemu
from firmware_export.emulator.unicorn import Run
from tests.firmware_export.emulator.firmwares import BOARD_IDS, VLDISCOVERY, on_qemu
from tests.firmware_export.emulator.headers import COMPILERS, SATURATING_ADD, TWO_INPUTS_TWO_OUTPUTS, Model
from tests.firmware_export.emulator.test_qemu import expected_outputs, small_se_firmware, small_se_samples

ALIGNED = Conditions(buffer_alignment=16)  # as in the firmware: memcpy takes longer for other addresses
BOARDS_OF_BOTH = [board for board in QEMU_BOARDS if board.core != "cortex-m55"]
IDS_OF_BOTH = [board.name for board in BOARDS_OF_BOTH]
by_compiler = pytest.mark.parametrize("compiler", COMPILERS)


def firmware_for(model: Model) -> Firmware:
    return Firmware("model", model.files, model.interface, {})


def counts(result: Run | QemuRun) -> tuple[list[tuple[int, dict[str, int]]], dict[str, int], dict[str, int]]:
    """Instructions of each call, in all and by layer; then, of all blocks, instructions and branches by layer."""
    instructions: dict[str, int] = {}
    taken: dict[str, int] = {}
    for block in result.blocks:
        instructions[block.layer] = instructions.get(block.layer, 0) + block.instructions * block.executions
        taken[block.layer] = taken.get(block.layer, 0) + block.taken
    return [(call.instructions, dict(call.layers)) for call in result.calls], instructions, taken


def in_both(firmware: Firmware, samples, board, toolchain: Toolchain) -> tuple[Run, QemuRun]:
    image = build(firmware.files, name=firmware.name, toolchain=toolchain)
    unicorn = run(image, firmware.interface, samples, conditions=ALIGNED)
    return unicorn, run_in_qemu(firmware, samples, board=board, toolchain=toolchain)


@on_qemu
@by_compiler
@pytest.mark.parametrize("board", BOARDS_OF_BOTH, ids=IDS_OF_BOTH)
def test_both_emulators_count_the_same_in_every_layer(board, compiler):
    unicorn, qemu = in_both(small_se_firmware(), small_se_samples(), board, Toolchain(board.core, compiler))
    assert counts(qemu) == counts(unicorn)
    assert len(qemu.calls[0].layers) > 4
    assert min(call.instructions for call in qemu.calls) > 10_000


@on_qemu
@by_compiler
@pytest.mark.parametrize("optimize", ["-O0", "-O3", "-Os"])
def test_both_emulators_count_the_same_at_every_level(optimize, compiler):
    toolchain = Toolchain("cortex-m3", compiler, optimize)
    unicorn, qemu = in_both(small_se_firmware(), small_se_samples()[:2], VLDISCOVERY, toolchain)
    assert counts(qemu) == counts(unicorn)


@on_qemu
@by_compiler
@pytest.mark.parametrize("board", QEMU_BOARDS, ids=BOARD_IDS)
def test_counting_changes_no_output(board, compiler):
    qemu = run_in_qemu(small_se_firmware(), small_se_samples(), board=board, toolchain=Toolchain(board.core, compiler))
    assert tuple(call.outputs for call in qemu.calls) == tuple((output,) for output in expected_outputs())
    assert [call.instructions for call in qemu.calls] == [sum(call.layers.values()) for call in qemu.calls]


@on_qemu
@by_compiler
def test_two_inputs_and_outputs_are_told_apart(compiler):
    samples = [(b"\x01\x02\x03", b"\x10\x20\x30\x40\x50"), (b"\xff\0\0", b"\x80\x7f\0\x01\x02")]
    unicorn, qemu = in_both(
        firmware_for(TWO_INPUTS_TWO_OUTPUTS), samples, VLDISCOVERY, Toolchain("cortex-m3", compiler)
    )
    assert [call.outputs for call in qemu.calls] == [call.outputs for call in unicorn.calls]
    assert [call.status for call in qemu.calls] == [7, 7]
    assert counts(qemu) == counts(unicorn)


# Enough code for several of QEMU's pages of 1 KiB: of the block at a page's end QEMU 7.2 tells a halfword too much.
LONG = replace(
    SATURATING_ADD,
    body="""    (void)activations; (void)input; (void)output;
    __asm__ volatile(".rept 2000\\n nop\\n nop.w\\n .endr");
    return MODEL_OK;""",
)


@on_qemu
@by_compiler
def test_no_instruction_is_counted_twice_where_a_block_ends_with_its_page(compiler):
    board = find_board("mps2-an385")
    unicorn, qemu = in_both(firmware_for(LONG), [(bytes(8),)], board, Toolchain("cortex-m3", compiler))
    assert counts(qemu) == counts(unicorn)
    assert qemu.calls[0].instructions > 4000


@on_qemu
@by_compiler
def test_instructions_skipped_in_it_blocks_are_counted(compiler):
    body = """    (void)activations; (void)output;
    __asm__ volatile("cmp %0, #0\\n itttt ne\\n movne r3, #1\\n movne r3, #2\\n movne r3, #3\\n movne r3, #4"
                     : : "r"((int)input[0]) : "r3", "cc");
    return MODEL_OK;"""
    model = replace(SATURATING_ADD, body=body)
    samples = [(bytes(8),), (bytes([1] * 8),)]
    unicorn, qemu = in_both(firmware_for(model), samples, VLDISCOVERY, Toolchain("cortex-m3", compiler))
    assert counts(qemu) == counts(unicorn)
    assert qemu.calls[0].instructions == qemu.calls[1].instructions
