"""Whole images: what they hold, where it lies, and what is said when it does not fit."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from firmware_export.emulator import Toolchain, build
from firmware_export.emulator.boards import BOARDS, QEMU_BOARDS, REAL_BOARDS, find_board, part_board
from firmware_export.emulator.firmware import Firmware, overflows, silent_main
from firmware_export.emulator.memory_map import memory_map
from firmware_export.errors import BuildFailed, DoesNotFit, UnknownTarget
from firmware_export.targets import TARGETS
from tests.firmware_export.emulator.firmwares import CALL, VLDISCOVERY, firmware_of, image_on, with_activations
from tests.firmware_export.emulator.headers import COMPILERS, SATURATING_ADD, SOFT_FLOAT, WIDE_ARITHMETIC

KIB = 1024
F405 = part_board(TARGETS["stm32f405rg"])
WHOLE_F405 = replace(F405, memory=memory_map(TARGETS["stm32f405rg"]))
SILENT = Firmware("model", SATURATING_ADD.files, SATURATING_ADD.interface, silent_main())
by_compiler = pytest.mark.parametrize("compiler", COMPILERS)


def flash_of(image) -> bytes:
    return next(segment.data for segment in image.segments if not segment.writable)


@by_compiler
@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_flash_begins_with_the_stack_and_the_reset_vector(board, compiler):
    image = image_on(board, firmware_of(CALL), compiler)
    stack, reset = struct.unpack_from("<2I", flash_of(image))
    piece = board.memory.regions[0]
    assert stack == piece.address + 2048
    assert reset == image.symbols["ea_reset"].address | 1
    assert min(segment.address for segment in image.segments if not segment.writable) == board.memory.flash.address


@by_compiler
@pytest.mark.parametrize("part", TARGETS)
def test_every_part_links_a_small_network(part, compiler):
    board = part_board(TARGETS[part])
    image = image_on(board, SILENT, compiler)
    for segment in image.segments:
        banks = board.memory.regions if segment.writable else (board.memory.flash,)
        assert any(bank.address <= segment.address <= bank.end - len(segment.data) for bank in banks)


@by_compiler
@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m33", "cortex-m55"])
def test_the_network_is_the_same_code_as_where_it_is_measured(core, compiler):
    board = next(row for row in (*QEMU_BOARDS, *REAL_BOARDS) if row.core == core)
    alone = build(WIDE_ARITHMETIC.files, name="model", toolchain=Toolchain(core, compiler))
    image = image_on(board, firmware_of(CALL, WIDE_ARITHMETIC), compiler)
    sizes = {name: symbol.size for name, symbol in alone.symbols.items() if symbol.is_code}
    assert sizes
    assert {name: image.symbols[name].size for name in sizes} == sizes


@by_compiler
def test_helpers_of_the_compiler_are_linked(compiler):
    assert "model_run" in image_on(VLDISCOVERY, firmware_of(CALL, SOFT_FLOAT), compiler).symbols


# What does not fit

FULL_RAM = f"static uint8_t more[{6 * KIB}];\n{CALL.replace('return EA', 'more[inputs[0]] = 1; return more[1] + EA')}"


def aligned(amount: int) -> int:
    return -(-amount // 16) * 16


@by_compiler
def test_ram_is_missing_to_the_byte(compiler):
    too_much = replace(firmware_of(CALL), interface=with_activations(9008))
    with pytest.raises(DoesNotFit, match=r"model does not fit stm32f100rb: it lacks \d+ bytes of SRAM") as raised:
        image_on(VLDISCOVERY, too_much, compiler)
    missing = raised.value.missing["SRAM"]
    assert set(raised.value.missing) == {"SRAM"}
    assert 9008 + 2048 - 8 * KIB <= missing <= 9008 + 2048 - 8 * KIB + 64
    enough = 9008 - aligned(missing)
    image_on(VLDISCOVERY, replace(too_much, interface=with_activations(enough)), compiler)
    with pytest.raises(DoesNotFit):
        image_on(VLDISCOVERY, replace(too_much, interface=with_activations(enough + 16)), compiler)


@by_compiler
def test_the_stack_is_reserved(compiler):
    image_on(VLDISCOVERY, firmware_of(FULL_RAM, stack_bytes=1024), compiler)
    with pytest.raises(DoesNotFit) as raised:
        image_on(VLDISCOVERY, firmware_of(FULL_RAM, stack_bytes=4096), compiler)
    assert 2048 <= raised.value.missing["SRAM"] <= 2048 + 128


def weighty(size: int):
    definitions = f"ALIGNED static const int8_t model_weights_bias[{size}] = {{1}};"
    return replace(SATURATING_ADD, definitions=definitions, body=SATURATING_ADD.body.replace("& 7", "& 0x7f"))


@by_compiler
def test_flash_is_missing_to_the_byte(compiler):
    size = 128 * KIB
    with pytest.raises(DoesNotFit, match=r"lacks \d+ bytes of FLASH") as raised:
        image_on(VLDISCOVERY, firmware_of(CALL, weighty(size)), compiler)
    missing = raised.value.missing["FLASH"]
    assert set(raised.value.missing) == {"FLASH"}
    image_on(VLDISCOVERY, firmware_of(CALL, weighty(size - aligned(missing))), compiler)
    with pytest.raises(DoesNotFit):
        image_on(VLDISCOVERY, firmware_of(CALL, weighty(size - aligned(missing) + 16)), compiler)


@by_compiler
def test_both_memories_are_told_at_once(compiler):
    both = replace(firmware_of(CALL, weighty(200 * KIB)), interface=with_activations(10 * KIB))
    with pytest.raises(DoesNotFit) as raised:
        image_on(VLDISCOVERY, both, compiler)
    assert set(raised.value.missing) == {"FLASH", "SRAM"}


@by_compiler
def test_initialised_data_counts_in_flash_too(compiler):
    size = 16 * KIB  # links into 20 KiB of RAM; 64 KiB of flash hold it once more
    call = CALL.replace("return EA", "table[inputs[0]]++; return table[0] + EA")
    data = f"static uint8_t table[{size}] = {{1}};\n{call}"
    board = part_board(TARGETS["stm32f103c8"])
    image_on(board, firmware_of(data), compiler)
    with pytest.raises(DoesNotFit) as raised:
        image_on(board, firmware_of(data, weighty(60 * KIB)), compiler)
    assert set(raised.value.missing) == {"FLASH"}


@by_compiler
def test_ram_with_a_hole_does_not_hold_what_its_sum_would(compiler):
    assert TARGETS["stm32f405rg"].ram_bytes == 192 * KIB
    with pytest.raises(DoesNotFit) as raised:
        image_on(WHOLE_F405, replace(SILENT, interface=with_activations(150 * KIB)), compiler)
    assert raised.value.missing == {"SRAM1_SRAM2": 22 * KIB}


@by_compiler
def test_static_data_goes_where_there_is_room(compiler):
    arrays = CALL.replace("return EA", "more[inputs[0]] = 1; return more[1] + EA")
    crowded = firmware_of(f"static uint8_t more[{30 * KIB}];\n{arrays}", interface=with_activations(128 * KIB))
    image = image_on(WHOLE_F405, crowded, compiler)
    assert image.symbols["ea_activations"].address == 0x2000_0000
    assert image.symbols["more"].address >> 16 == 0x1000


def test_an_overflow_is_read_from_what_either_linker_says():
    gnu = "ld: a.out section `.bss' will not fit in region `RAM'\nld: region `RAM' overflowed by 384 bytes\n"
    lld = (
        "ld.lld: error: section '.text' will not fit in region 'FLASH': overflowed by 30 bytes\n"
        "ld.lld: error: section '.data' will not fit in region 'FLASH': overflowed by 152 bytes\n"
    )
    assert overflows(gnu) == {"RAM": 384}
    assert overflows(lld) == {"FLASH": 152}
    assert overflows("error: unknown type name 'int9_t'") == {}


# What cannot be built


@by_compiler
def test_a_header_that_does_not_compile_shows_the_file_and_the_message(compiler):
    broken = replace(SATURATING_ADD, body="    return MODEL_NONSENSE;")
    with pytest.raises(BuildFailed, match=r"(?s)model\.h:\d+:\d+: error: .*MODEL_NONSENSE"):
        image_on(VLDISCOVERY, firmware_of(CALL, broken), compiler)


def test_an_unknown_board_is_answered_with_the_list():
    with pytest.raises(UnknownTarget, match=r"'arduino'.*stm32vldiscovery, netduinoplus2, mps2-an385"):
        find_board("arduino")


# Tables


@pytest.mark.parametrize("board", REAL_BOARDS, ids=lambda board: board.name)
def test_the_serial_port_of_a_board_is_within_two_percent_of_its_speed(board):
    assert abs(board.uart.clock_hz / board.uart.divisor / 115_200 - 1) < 0.02


@pytest.mark.parametrize("board", [row for row in BOARDS.values() if row.uart.setup], ids=lambda board: board.name)
def test_a_register_write_clears_what_it_sets_over(board):
    for write in board.uart.setup:
        assert write.address % 4 == 0
        assert write.clear == 0 or write.set & ~write.clear == 0
