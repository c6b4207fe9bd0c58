import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from firmware_export.errors import UnknownTarget
from firmware_export.targets import (
    CORES,
    TARGETS,
    Bank,
    Fpu,
    Isa,
    Memory,
    Needs,
    Shortfall,
    Target,
    find,
    fits,
    fitting,
    generic,
    shortfalls,
)

KIB = 1024
ROWS = pytest.mark.parametrize("row", TARGETS.values(), ids=TARGETS)

# The flash size as STM32 part numbers spell it: the last character, or the one before a revision digit.
FLASH_CODES = {"6": 32, "8": 64, "b": 128, "z": 192, "c": 256, "e": 512, "g": 1024, "i": 2048, "j": 4096, "0": 0}
ISA_OF_CORE = {
    "cortex-m0": Isa.C,
    "cortex-m0plus": Isa.C,
    "cortex-m3": Isa.C,
    "cortex-m4": Isa.DSP,
    "cortex-m7": Isa.DSP,
    "cortex-m33": Isa.DSP,
    "cortex-m55": Isa.MVE,
    "cortex-m85": Isa.MVE,
}
CORE_OF_SERIES = {
    "cortex-m0": ("f0",),
    "cortex-m0plus": ("c0", "g0", "l0", "u0"),
    "cortex-m3": ("f1", "f2", "l1"),
    "cortex-m4": ("f3", "f4", "g4", "l4", "wb5", "wl"),
    "cortex-m7": ("f7", "h7"),
    "cortex-m33": ("h5", "l5", "u5", "wba"),
    "cortex-m55": ("n6",),
}


# The table


def test_each_core_has_the_kernels_its_instructions_allow():
    assert {core.name: core.isa for core in CORES.values()} == ISA_OF_CORE
    assert {core.name for core in CORES.values() if core.fpus == (Fpu.NONE,)} == {
        "cortex-m0",
        "cortex-m0plus",
        "cortex-m3",
    }


@ROWS
def test_a_part_has_the_core_of_its_series(row):
    series = [core for core, names in CORE_OF_SERIES.items() if row.name.startswith(tuple(f"stm32{s}" for s in names))]
    assert [row.core.name] == series
    assert row.isa is ISA_OF_CORE[row.core.name]


@ROWS
def test_a_part_has_the_flash_its_name_says(row):
    assert row.flash_bytes == FLASH_CODES[row.name[-1]] * KIB
    assert row.flash_bytes or "external flash" in row.note


@ROWS
def test_a_part_says_where_its_figures_are_from(row):
    assert re.fullmatch(r"DS\d{4,5}|DocID\d{5,6}", row.source)


@ROWS
def test_banks_stand_apart_in_ram(row):
    assert all(bank.end <= after.address for bank, after in pairwise(row.ram))
    assert all(bank.bytes % KIB == 0 and bank.address % KIB == 0 for bank in row.ram)
    assert all(0x1000_0000 <= bank.address < bank.end <= 0x4000_0000 for bank in row.ram)
    assert len({bank.name for bank in row.ram}) == len(row.ram)


def test_no_two_rows_answer_to_one_name():
    names = [name for row in TARGETS.values() for name in (row.name, row.board, row.stands_for) if name]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(name == row.name == row.name.lower() for name, row in TARGETS.items())


def test_exactly_one_part_stands_for_each_series():
    series = {re.match(r"stm32(wba|wb|wl|[a-z]\d)", name)[0] for name in TARGETS}
    assert {row.stands_for for row in TARGETS.values() if row.stands_for} == series


# name: (core, FPU, MHz, flash KiB, RAM KiB, largest contiguous KiB), as on the datasheets' first pages
SPOT_CHECKS = {
    "stm32f030r8": ("cortex-m0", Fpu.NONE, 48, 64, 8, 8),
    "stm32f103c8": ("cortex-m3", Fpu.NONE, 72, 64, 20, 20),
    "stm32f303re": ("cortex-m4", Fpu.SINGLE, 72, 512, 80, 64),
    "stm32f407vg": ("cortex-m4", Fpu.SINGLE, 168, 1024, 192, 128),
    "stm32f429zi": ("cortex-m4", Fpu.SINGLE, 180, 2048, 256, 192),
    "stm32f446re": ("cortex-m4", Fpu.SINGLE, 180, 512, 128, 128),
    "stm32f469ni": ("cortex-m4", Fpu.SINGLE, 180, 2048, 384, 320),
    "stm32f746ng": ("cortex-m7", Fpu.SINGLE, 216, 1024, 320, 320),
    "stm32f767zi": ("cortex-m7", Fpu.DOUBLE, 216, 2048, 512, 512),
    "stm32g0b1re": ("cortex-m0plus", Fpu.NONE, 64, 512, 144, 144),
    "stm32g431kb": ("cortex-m4", Fpu.SINGLE, 170, 128, 32, 32),
    "stm32g474re": ("cortex-m4", Fpu.SINGLE, 170, 512, 128, 128),
    "stm32h563zi": ("cortex-m33", Fpu.SINGLE, 250, 2048, 640, 640),
    "stm32h743zi": ("cortex-m7", Fpu.DOUBLE, 480, 2048, 992, 512),
    "stm32h750vb": ("cortex-m7", Fpu.DOUBLE, 480, 128, 992, 512),
    "stm32l476rg": ("cortex-m4", Fpu.SINGLE, 80, 1024, 128, 96),
    "stm32l496zg": ("cortex-m4", Fpu.SINGLE, 80, 1024, 320, 320),
    "stm32l4r5zi": ("cortex-m4", Fpu.SINGLE, 120, 2048, 640, 640),
    "stm32n657x0": ("cortex-m55", Fpu.DOUBLE, 800, 0, 3840, 3840),
    "stm32u5a5zj": ("cortex-m33", Fpu.SINGLE, 160, 4096, 2512, 2496),
    "stm32wl55jc": ("cortex-m4", Fpu.NONE, 48, 256, 64, 64),
}


@pytest.mark.parametrize(("name", "figures"), SPOT_CHECKS.items(), ids=SPOT_CHECKS)
def test_a_part_has_the_figures_of_its_datasheet(name, figures):
    row = TARGETS[name]
    sizes = (row.flash_bytes, row.ram_bytes, row.largest_ram_bytes)
    assert (row.core.name, row.fpu, row.mhz, *(size // KIB for size in sizes)) == figures


F446 = TARGETS["stm32f446re"]
CONTRADICTIONS = {
    "an FPU on an M0": ({"core": CORES["cortex-m0"]}, "cortex-m0 has no single FPU"),
    "a double FPU on an M4": ({"fpu": Fpu.DOUBLE}, "cortex-m4 has no double FPU"),
    "banks that overlap": ({"ram": (Bank("A", 16, 0), Bank("B", 16, 15))}, "overlap"),
    "banks out of order": ({"ram": (Bank("A", 16, 16), Bank("B", 16, 0))}, "out of order"),
    "an empty bank": ({"ram": (Bank("A", 0, 0),)}, "empty bank"),
    "negative flash": ({"flash_bytes": -1}, "negative"),
    "no clock": ({"mhz": 0}, "needs a clock"),
    "no datasheet": ({"source": ""}, "needs a clock and a datasheet"),
    "another series": ({"stands_for": "stm32f7"}, "not of the series"),
}


@pytest.mark.parametrize(("changes", "message"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_row_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(ValueError, match=f"^stm32f446re: .*{message}"):
        replace(F446, **changes)


# Finding

SPELLINGS = {
    "stm32f446re": "stm32f446re",
    "STM32F446RE": "stm32f446re",
    "STM32F446RETx": "stm32f446re",
    "stm32f446ret6": "stm32f446re",
    "STM32_F446-RE": "stm32f446re",
    "stm32f446": "stm32f446re",
    "stm32f4": "stm32f446re",
    "STM32F4": "stm32f446re",
    "nucleo-f446re": "stm32f446re",
    "NUCLEO_F446RE": "stm32f446re",
    "stm32n657x0h3q": "stm32n657x0",
    "stm32n6": "stm32n657x0",
    "stm32wb": "stm32wb55rg",
    "stm32wba": "stm32wba52cg",
    "stm32l4r5zit6": "stm32l4r5zi",
    "stm32vldiscovery": "stm32f100rb",
    "bluepill": "stm32f103c8",
    "b-u585i-iot02a": "stm32u585ai",
    "cortex-m4": "cortex-m4",
    "Cortex_M4": "cortex-m4",
    "m4": "cortex-m4",
    "cortex_m4f": "cortex-m4f",
    "m7": "cortex-m7",
    "cortex-m0+": "cortex-m0plus",
    "cortex-m0plus": "cortex-m0plus",
    "cortex-m55": "cortex-m55",
}


@pytest.mark.parametrize(("text", "name"), SPELLINGS.items(), ids=SPELLINGS)
def test_find_accepts(text, name):
    assert find(text).name == name


@pytest.mark.parametrize("name", [name for row in TARGETS.values() for name in (row.name, row.board) if name])
def test_every_part_and_board_is_found(name):
    assert name in (find(name).name, find(name).board)


def test_a_core_is_a_target_without_limits():
    core = find("cortex-m4")
    assert core == generic(CORES["cortex-m4"])
    assert core.is_generic
    assert (core.fpu, find("m4f").fpu) == (Fpu.NONE, Fpu.SINGLE)
    assert shortfalls(core, Needs(10**9, 1, 1, 10**9)) == ()


# text: what the error must suggest
UNKNOWN = {
    "stm32f446rx": "stm32f446re",
    "nucleo-f446": "nucleo-f446re",
    "stm32f103": "stm32f103rb",  # two parts of that line
    "cortex-m1": "cortex-m",
    "cortex-m0f": "cortex-m0",  # there is none with an FPU
    "esp32": "",
    "": "",
    "-": "",
    "stm32": "",
    "stm32f446re!": "stm32f446re",
    "stm32h999": "stm32h7",
    "bluepil": "bluepill",
}


@pytest.mark.parametrize(("text", "suggestion"), UNKNOWN.items(), ids=UNKNOWN)
def test_an_unknown_target_is_an_error_with_a_way_out(text, suggestion):
    with pytest.raises(UnknownTarget) as raised:
        find(text)
    assert repr(text) in str(raised.value)
    assert "`edgeattn targets`" in str(raised.value)
    assert "name its core, such as cortex-m4" in str(raised.value)
    assert suggestion in str(raised.value).replace(repr(text), "")


# Fitting

SPLIT = Target(
    "split",
    CORES["cortex-m4"],
    mhz=1,
    flash_bytes=1000,
    source="none",
    ram=(Bank("CCM", 64, 0x1000), Bank("SRAM1", 112, 0x2000), Bank("SRAM2", 16, 0x2070)),
)
RAM, FLASH = Memory.RAM, Memory.FLASH

# activations, stack, static, flash: shortfalls on 64 + 128 bytes of RAM and 1000 of flash
FITS = {
    "nothing": ((0, 0, 0, 0), ()),
    "all RAM of the larger region": ((100, 20, 8, 1000), ()),
    "activations fill it, the rest is elsewhere": ((128, 60, 4, 1000), ()),
    "activations in the smaller region": ((64, 100, 28, 1000), ()),
    "one byte of activations too many": ((129, 64, 0, 0), (Shortfall(RAM, 1),)),
    "one byte of stack too many": ((128, 65, 0, 0), (Shortfall(RAM, 1),)),
    "one byte of static data too many": ((128, 32, 33, 0), (Shortfall(RAM, 1),)),
    "stack and static data are not torn apart": ((100, 60, 28, 0), (Shortfall(RAM, 24),)),
    "enough in total but in no region": ((150, 0, 0, 0), (Shortfall(RAM, 22),)),
    "one byte of flash too many": ((0, 0, 0, 1001), (Shortfall(FLASH, 1),)),
    "both": ((130, 0, 0, 1010), (Shortfall(RAM, 2), Shortfall(FLASH, 10))),
}


@pytest.mark.parametrize(("amounts", "missing"), FITS.values(), ids=FITS)
def test_what_a_part_lacks_is_said_to_the_byte(amounts, missing):
    assert SPLIT.regions == (128, 64)
    assert shortfalls(SPLIT, Needs(*amounts)) == missing
    assert fits(SPLIT, Needs(*amounts)) is not bool(missing)


@ROWS
def test_a_part_holds_its_largest_region_and_not_a_byte_more(row):
    assert fits(row, Needs(row.largest_ram_bytes, 0, 0, row.flash_bytes))
    assert shortfalls(row, Needs(row.largest_ram_bytes + 1, 0, 0, 0)) == (Shortfall(RAM, 1),)
    if row.flash_bytes:
        assert shortfalls(row, Needs(0, 0, 0, row.flash_bytes + 1)) == (Shortfall(FLASH, 1),)


def test_fitting_lists_the_parts_that_hold_a_network():
    large = [row.name for row in fitting(Needs(700 * KIB, 2 * KIB, 0, 4096 * KIB))]
    assert large == ["stm32n657x0", "stm32u5a5zj"]
    assert [row.name for row in fitting(Needs(0, 0, 0, 0))] == list(TARGETS)
    assert "stm32f401re" in [row.name for row in fitting(Needs(90 * KIB, 6 * KIB, 0, 512 * KIB))]
    assert "stm32f401re" not in [row.name for row in fitting(Needs(90 * KIB, 6 * KIB, 1, 512 * KIB))]
