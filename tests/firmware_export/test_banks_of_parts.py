"""Banks of RAM as they are asked for, and where parts, linker scripts and whole firmwares have them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_export import BankError, Export, find, missing_memory
from firmware_export.bank_option import read_banks
from firmware_export.device import firmware_project, read_network
from firmware_export.emulate import interface_of, toolchain_for
from firmware_export.emulator.boards import part_board, qemu_board
from firmware_export.emulator.firmware import Firmware, build_firmware, silent_main
from firmware_export.emulator.linker_script import choose_layout, linker_script
from firmware_export.emulator.memory_map import memory_map
from firmware_export.emulator.qemu_counter import run_in_qemu
from firmware_export.memory import Bank
from firmware_export.targets import TARGETS, Needs, fits, memories, shortfalls
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.test_banks import as_bytes, banked, reference, samples_of, split_of, whole_of, written

KIB = 1024

DEFAULTS = {
    "stm32f030r8": [("sram", 8)],
    "stm32f405rg": [("ccm", 64), ("sram", 128)],
    "stm32f746ng": [("dtcm", 64), ("sram", 256)],
    "stm32h743zi": [("dtcm", 128), ("axi", 512), ("sram", 288), ("sram4", 64)],
    "stm32l476rg": [("sram1", 96), ("sram2", 32)],
    "stm32n657x0": [("sram", 3840)],
}


@pytest.mark.parametrize(("part", "banks"), DEFAULTS.items(), ids=DEFAULTS)
@pytest.mark.parametrize("word", ["default", "auto", "DEFAULT"])
def test_the_banks_of_a_part(part, banks, word):
    assert [(bank.name, bank.room // KIB) for bank in read_banks(word, find(part))] == banks


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_every_part_has_banks_that_can_be_asked_for(target):
    banks = read_banks("default", target)
    assert read_banks(",".join(f"{bank.name}:{bank.room}" for bank in banks), target) == banks
    assert sum(bank.room for bank in banks) == target.ram_bytes


def test_banks_that_are_named_stay_alone():
    ram = TARGETS["stm32f405rg"].ram
    assert [bank.name for bank in memories(ram, apart=("sram2",))] == ["CCM", "SRAM1", "SRAM2"]
    assert [bank.name for bank in memories(TARGETS["stm32n657x0"].ram, apart=("axisram3",))] == [
        "SRAM",
        "AXISRAM4_AXISRAM5_AXISRAM6",
        "AXISRAM3",
    ]


READ = {
    "dtcm:64K,sram:256K": [("dtcm", 65536), ("sram", 262144)],
    "DTCM:64KiB, SRAM:1M": [("dtcm", 65536), ("sram", 1 << 20)],
    "a:100": [("a", 100)],
    "ram_1:2kb,ram_2:3MB": [("ram_1", 2048), ("ram_2", 3 << 20)],
    "": [],
}


@pytest.mark.parametrize(("text", "banks"), READ.items(), ids=READ)
def test_banks_are_read(text, banks):
    assert [(bank.name, bank.room) for bank in read_banks(text, find("cortex-m4"))] == banks


REFUSED = {
    "dtcm": "is not NAME:SIZE",
    "dtcm:": "is not NAME:SIZE",
    "dtcm:64G": "is not NAME:SIZE",
    "dtcm:-1": "is not NAME:SIZE",
    "dtcm:1.5K": "is not NAME:SIZE",
    "dtcm:64K,": "is not NAME:SIZE",
    "dtcm:64K;sram:1K": "is not NAME:SIZE",
    ":64K": "is no name in C",
    "1st:64K": "is no name in C",
    "d-tcm:64K": "is no name in C",
    "_dtcm:64K": "is no name in C",
    "d__tcm:64K": "is no name in C",
    "été:64K": "is no name in C",
    f"{'a' * 32}:1K": "is no name in C",
    "dtcm:0": "0 bytes",
    "dtcm:0K": "0 bytes",
    "dtcm:2048M": "the limit",
    "dtcm:1K,DTCM:2K": "two banks dtcm",
    "int:1K": "another meaning",
    "class:1K": "another meaning",
    "input:1K": "another meaning",
    "inputs:1K": "another meaning",
    "output_2:1K": "another meaning",
    "state:1K": "another meaning",
    "activations:1K": "another meaning",
    "arena_x:1K": "another meaning",
    "uint8_t:1K": "another meaning",
    "memcpy:1K": "another meaning",
    ",".join(f"b{index}:1K" for index in range(9)): "too many",
    "default": "cortex-m4 is a core",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=range(len(REFUSED)))
def test_nonsense_is_refused(text, reason):
    with pytest.raises(BankError, match=reason):
        read_banks(text, find("cortex-m4"))


@pytest.mark.parametrize("banks", [[Bank("net_run", 9999)], [Bank("net", 9999)], [Bank("a", 9), Bank("a", 9)]])
def test_names_that_meet_the_network_s_own_are_refused(banks):
    with pytest.raises(BankError):
        banked(whole_of("remembers"), banks)


# Firmware


def firmware_of(done: Export, stack: int = 1024) -> Firmware:
    return Firmware("net", done.files, interface_of(done.program), silent_main(), stack)


PLACES = {
    "stm32f405rg": ("ccm", "sram", 0x1000_0000, 0x2000_0000),
    "stm32f746ng": ("dtcm", "sram", 0x2000_0000, 0x2001_0000),
    "stm32h743zi": ("dtcm", "axi", 0x2000_0000, 0x2400_0000),
}


@pytest.mark.parametrize(("part", "expected"), PLACES.items(), ids=PLACES)
def test_the_linker_puts_each_bank_where_the_part_has_it(part, expected):
    whole = whole_of("read again later")
    half = whole.plan.total // 2
    fast, slow, first, second = expected
    done = banked(whole, [Bank(fast, half), Bank(slow, 2 * whole.plan.total)])
    target = find(part)
    image = build_firmware(firmware_of(done), board=part_board(target), toolchain=toolchain_for(target))
    ram = {bank.name.lower(): bank for bank in memories(target.ram)}
    for name, address in ((fast, first), (slow, second)):
        assert ram[name].address == address
        assert ram[name].address <= image.symbols[f"ea_bank_{name}"].address < ram[name].end


def test_a_bank_that_is_too_large_for_the_part_is_told():
    whole = whole_of("read again later")
    done = banked(whole, [Bank("ccm", whole.plan.total)])
    target = replace(find("stm32f334r8"))  # CCM of 4 KiB
    missing = missing_memory(done, target, toolchain_for(target), 512)
    assert {*missing} == ({"CCM"} if whole.plan.total > 4 * KIB else set())


NEEDS = {  # banks in KiB, stack in KiB: bytes missing of an STM32F405 with 64 KiB of CCM and 128 of SRAM
    "both full but for the stack": ((("ccm", 60), ("sram", 128)), 4, 0),
    "the stack finds no room": ((("ccm", 60), ("sram", 128)), 6, 2),
    "more than the bank": ((("ccm", 65), ("sram", 10)), 4, 1),
    "another name goes where most is left": ((("fast", 64), ("slow", 128)), 0, 0),
    "banks of their own": ((("sram1", 112), ("sram2", 16), ("ccm", 60)), 4, 0),
    "one bank of two": ((("sram1", 113),), 4, 1),
}


@pytest.mark.parametrize(("banks", "stack", "missing"), NEEDS.values(), ids=NEEDS)
def test_a_part_fits_bank_by_bank(banks, stack, missing):
    sizes = tuple((name, kib * KIB) for name, kib in banks)
    needs = Needs(sum(size for _, size in sizes), stack * KIB, 0, 1000, banks=sizes)
    target = find("stm32f405rg")
    assert fits(target, needs) == (not missing)
    assert sum(lack.bytes for lack in shortfalls(target, needs)) == missing * KIB


def test_the_script_has_a_section_for_each_bank():
    memory_of_part = memory_map(find("stm32f746ng"))
    layout = choose_layout(memory_of_part, activations_bytes=0, rest_bytes=4096, banks={"dtcm": 1000, "other": 2000})
    script = linker_script(memory_of_part, layout)
    assert ".bank_dtcm (NOLOAD) : ALIGN(16) { *(.bss.ea_bank_dtcm) } > DTCM AT> DTCM" in script
    assert ".bank_other (NOLOAD) : ALIGN(16) { *(.bss.ea_bank_other) } > SRAM AT> SRAM" in script
    assert script.index("DTCM (rw) : ORIGIN = 0x20000000, LENGTH = 65536") < script.index(
        "SRAM (rw) : ORIGIN = 0x20010000, LENGTH = 262144"
    )


@on_qemu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7", "cortex-m55"])
def test_a_whole_firmware_runs_with_banks(core):
    target = find(core)
    whole = whole_of("read again later", isa=target.isa)
    done = banked(whole, split_of(whole, "a half"), isa=target.isa)
    samples = samples_of(done)
    firmware = replace(firmware_of(done), main={})
    result = run_in_qemu(firmware, as_bytes(samples), board=qemu_board(core), toolchain=toolchain_for(target))
    assert tuple(call.outputs for call in result.calls) == reference(whole, samples)


def test_a_device_project_defines_each_bank(tmp_path):
    whole = whole_of("read again later")
    done = banked(whole, [Bank("sram2", whole.plan.total // 2), Bank("sram1", 2 * whole.plan.total)])
    project = firmware_project(read_network(written(done, tmp_path)), "nucleo-l476rg")
    text = project.files["network.c"].decode()
    assert "NET_DEFINE_SRAM2(ea_bank_sram2);\nNET_DEFINE_SRAM1(ea_bank_sram1);\n" in text
    assert "net_run(ea_bank_sram2, ea_bank_sram1, " in text
    assert "*(.bss.ea_bank_sram2) } > SRAM2" in project.files["firmware.ld"].decode()
    assert "net.elf" in project.files
