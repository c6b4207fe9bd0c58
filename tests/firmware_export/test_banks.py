"""Activations split over banks of RAM: byte for byte what one buffer gives, each bank guarded and proved alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_export import BankError, DoesNotFit, Export, Layout, Optimize, export, find, memory, missing_memory
from firmware_export.bank_option import read_banks
from firmware_export.device import firmware_project, read_network
from firmware_export.emulate import build_network, interface_of, toolchain_for
from firmware_export.emulator import Sanitizers, build_host, run_host, verify
from firmware_export.emulator.boards import part_board, qemu_board
from firmware_export.emulator.firmware import Firmware, build_firmware, silent_main
from firmware_export.emulator.linker_script import choose_layout, linker_script
from firmware_export.emulator.memory_map import memory_map
from firmware_export.emulator.qemu_counter import run_in_qemu
from firmware_export.errors import BadPlan, EmulationFault, HeaderError
from firmware_export.export import plan_of
from firmware_export.header import read_header
from firmware_export.layer_outputs import emulated_layer_outputs, layer_outputs
from firmware_export.memory import Bank, Plan
from firmware_export.memory.traffic import traffic_of
from firmware_export.targets import TARGETS, Isa, Needs, fits, memories, shortfalls
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.emulator.test_host import MODES, needs_sanitizers
from tests.firmware_export.test_generated_c import HOST, STANDARDS, build, command, output_of, whole
from tests.kernels.random_networks import random_network
from tests.kernels.squeeze_excite_models import Block, squeeze_excite
from tests.kernels.state_cases import a_delay_line_of_three, a_running_mean_behind_other_layers, case
from tests.single_op import litert_sequence

KIB = 1024
MODELS = {
    "squeeze and excitation": lambda: squeeze_excite(Block()),
    "read again later": lambda: squeeze_excite(Block(size=(8, 8, 16), x_is_read_later=True, producer="CONV_2D")),
    "remembers": lambda: case(a_running_mean_behind_other_layers).model,
    **{f"random {seed}": lambda seed=seed: random_network(seed) for seed in (1, 5, 8)},
}
each_model = pytest.mark.parametrize("name", MODELS)
ISAS = {"cortex-m4": Isa.DSP, "cortex-m7": Isa.DSP, "cortex-m0": Isa.C}


@dataclass(frozen=True, eq=False)
class Whole:
    """A network in one buffer: what its banks are cut from."""

    model: bytes
    export: Export
    plan: Plan

    @property
    def scratch(self) -> int:
        """Bytes of the largest scratch."""
        return max((op.scratch for op in self.export.graph.ops), default=0)

    @property
    def smallest(self) -> int:
        """Bytes of the smallest buffer."""
        return min(size for size in self.plan.sizes.values() if size)


@cache
def whole_of(name: str, optimize: Optimize = Optimize.BALANCED, isa: Isa = Isa.DSP) -> Whole:
    model = MODELS[name]()
    done = export(model, name="net", isa=isa, optimize=optimize)
    return Whole(model, done, plan_of(done.graph, optimize))


def banked(whole: Whole, banks: Sequence[Bank], **options: object) -> Export:
    return export(whole.model, name="net", banks=banks, **{"isa": Isa.DSP, **options})  # type: ignore[arg-type]


def samples_of(done: Export, count: int = 3) -> list[tuple[np.ndarray, ...]]:
    rng, ports = np.random.default_rng(3), done.program.inputs
    return [tuple(rng.integers(p.low, p.high + 1, p.shape).astype(p.dtype) for p in ports) for _ in range(count)]


def as_bytes(samples: Sequence[Sequence[np.ndarray]]) -> list[list[bytes]]:
    return [[np.ascontiguousarray(array).tobytes() for array in arrays] for arrays in samples]


def reference(whole: Whole, samples: Sequence[tuple[np.ndarray, ...]]) -> tuple[tuple[bytes, ...], ...]:
    return tuple(map(tuple, as_bytes(litert_sequence(whole.model, samples))))


# Splits, from what one buffer takes: bytes of each bank, fastest first.
SPLITS: dict[str, Callable[[Whole], list[int]]] = {
    "everything in the first": lambda w: [w.plan.total, 1],
    "smaller than every buffer": lambda w: [w.smallest - 1 or 1, w.plan.total],
    "scratch only": lambda w: [max(w.scratch, 1), 2 * w.plan.total],
    "a half": lambda w: [w.plan.total // 2, 2 * w.plan.total],
    "thirds": lambda w: [w.plan.total // 3, w.plan.total // 3, w.plan.total],
    "of odd sizes": lambda w: [w.plan.total // 2 + 5, w.plan.total // 4 + 3, w.plan.total + 1],
    "the slowest is the smallest": lambda w: [w.plan.total - 1, w.plan.total // 2],
}


def split_of(whole: Whole, split: str) -> list[Bank]:
    sizes = SPLITS[split](whole)
    names = ("fast", "middle", "slow") if len(sizes) > 2 else ("fast", "slow")
    return [Bank(name, size) for name, size in zip(names, sizes, strict=True)]


@each_model
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7", "cortex-m0"])
def test_banks_change_no_byte(name, core):
    whole = whole_of(name, isa=ISAS[core])
    samples = samples_of(whole.export)
    expected = reference(whole, samples)
    for split in SPLITS:
        done = banked(whole, split_of(whole, split), isa=ISAS[core])
        image = build_network(done, toolchain_for(find(core)))
        checked = verify(image, interface_of(done.program), as_bytes(samples))
        assert checked.statuses == (0,) * len(samples), split
        assert checked.outputs == expected, split
        for bank in done.program.banks:
            assert 0 < checked.arenas_used[bank.name] <= bank.size <= (bank.room or 0), split


@each_model
@pytest.mark.parametrize("sanitizers", MODES)
def test_banks_change_no_byte_on_this_computer(name, sanitizers):
    whole = whole_of(name)
    done = banked(whole, split_of(whole, "thirds"))
    samples = samples_of(done)
    program = build_host(done.files, name="net", interface=interface_of(done.program), sanitizers=sanitizers)
    assert run_host(program, as_bytes(samples)).outputs == reference(whole, samples)


@pytest.mark.parametrize("optimize", [Optimize.RAM, Optimize.TIME])
@pytest.mark.parametrize("split", ["a half", "thirds"])
def test_inputs_and_outputs_may_lie_in_banks(optimize, split):
    whole = whole_of("read again later", optimize)
    done = banked(whole, split_of(whole, split), optimize=optimize)
    samples = samples_of(done)
    image = build_network(done, toolchain_for(find("cortex-m4"), optimize=optimize))
    assert verify(image, interface_of(done.program), as_bytes(samples)).outputs == reference(whole, samples)
    held = [port for port in done.program.ports if port.offset is not None]
    assert bool(held) == (optimize is Optimize.RAM)
    assert all(port.arena in {bank.base for bank in done.program.banks} for port in held)


def test_every_layer_is_found_in_its_bank():
    whole = whole_of("read again later")
    done = banked(whole, split_of(whole, "a half"))
    inputs = list(samples_of(done)[0])
    expected = layer_outputs(done, inputs)
    got = emulated_layer_outputs(done, inputs, toolchain_for(find("cortex-m4")))
    assert len(got) > 4
    assert got == {name: expected[name] for name in got}


# The plan


@each_model
def test_the_hottest_go_to_the_fastest_bank(name):
    whole = whole_of(name)
    if not whole.scratch:
        pytest.skip("no scratch")
    plan = memory.split(whole.export.graph, whole.plan, split_of(whole, "scratch only"))
    traffic = traffic_of(whole.export.graph, plan.storage)
    heat = {name: traffic[name] / size for name, size in plan.sizes.items()}
    hottest = max(heat, key=lambda buffer: heat[buffer])
    assert plan.homes[hottest] == "fast" or plan.sizes[hottest] > whole.scratch
    colder = [heat[name] for name, bank in plan.homes.items() if bank == "fast"]
    left = [name for name, bank in plan.homes.items() if bank != "fast" and heat[name] > max(colder, default=0)]
    assert all(plan.sizes[name] > whole.scratch for name in left)


@each_model
@pytest.mark.parametrize("split", SPLITS)
def test_banks_that_hold_nothing_are_left_out_and_all_else_is_proved(name, split):
    whole = whole_of(name)
    banks = split_of(whole, split)
    plan = memory.split(whole.export.graph, whole.plan, banks)
    memory.check(whole.export.graph, plan)
    assert {bank.name for bank in plan.banks} == {*plan.homes.values()}
    assert plan.total == sum(bank.used for bank in plan.banks)
    if split == "everything in the first":
        assert [bank.name for bank in plan.banks] == ["fast"]
    if split == "smaller than every buffer":
        assert "fast" not in {bank.name for bank in plan.banks}


def test_the_proof_finds_what_is_wrong_in_a_bank():
    whole = whole_of("read again later")
    graph = whole.export.graph
    plan = memory.split(graph, whole.plan, split_of(whole, "a half"))
    fast, slow = plan.banks
    moved = {name: next(bank.name for bank in plan.banks if bank.name != home) for name, home in plan.homes.items()}
    wrong = {
        "bytes are missing": replace(plan, banks=(replace(fast, used=fast.used - 1), slow)),
        "more than the bank has": replace(plan, banks=(replace(fast, room=fast.used - 1), slow)),
        "a bank that is not there": replace(plan, banks=(slow,)),
        "the other bank": replace(plan, homes=moved),
        "all in one": replace(plan, homes=dict.fromkeys(plan.homes, "slow")),
        "a buffer without a bank": replace(plan, homes={}),
    }
    for broken in wrong.values():
        with pytest.raises(BadPlan):
            memory.check(graph, broken)


@each_model
def test_one_byte_too_few_is_refused_and_told(name):
    whole = whole_of(name)
    total = whole.plan.total
    with pytest.raises(
        DoesNotFit, match=r"net does not fit the memories only of [\d,]+: 1 bytes of only are missing"
    ) as e:
        banked(whole, [Bank("only", total - 1)])
    assert e.value.missing == {"only": 1}
    assert [bank.size for bank in banked(whole, [Bank("only", total)]).program.banks] == [total]


def test_with_what_is_missing_it_fits():
    whole = whole_of("read again later")
    rooms = {"fast": whole.plan.total // 3, "slow": whole.plan.total // 3}
    with pytest.raises(DoesNotFit) as refused:
        banked(whole, [Bank(*pair) for pair in rooms.items()])
    assert {*refused.value.missing} == {*rooms}
    for name, missing in refused.value.missing.items():
        assert banked(whole, [Bank(*pair) for pair in (rooms | {name: rooms[name] + missing}).items()]).program.banks


@pytest.mark.parametrize("bank", [0, 1])
def test_a_bank_one_byte_smaller_than_its_macro_faults(bank):
    whole = whole_of("read again later")
    done = banked(whole, split_of(whole, "a half"))
    interface = interface_of(done.program)
    short = tuple((name, size - (index == bank)) for index, (name, size) in enumerate(interface.banks))
    image = build_network(done, toolchain_for(find("cortex-m4")))
    with pytest.raises(EmulationFault, match=short[bank][0]):
        verify(image, replace(interface, banks=short), as_bytes(samples_of(done, 1)))


@needs_sanitizers
def test_a_bank_one_byte_smaller_is_seen_by_the_sanitizer():
    whole = whole_of("read again later")
    done = banked(whole, split_of(whole, "a half"))
    (name, size), *rest = interface_of(done.program).banks
    short = replace(interface_of(done.program), banks=((name, size - 1), *rest))
    program = build_host(done.files, name="net", interface=short, sanitizers=Sanitizers.ADDRESS_AND_UNDEFINED)
    with pytest.raises(EmulationFault, match="heap-buffer-overflow"):
        run_host(program, as_bytes(samples_of(done, 1)))


# The header

BANKED = cache(lambda: banked(whole_of("read again later"), split_of(whole_of("read again later"), "a half")))


@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig"])
@pytest.mark.parametrize("standard", STANDARDS)
def test_the_header_compiles_without_a_word(compiler, standard, tmp_path):
    main = f"{whole('net')}NET_DEFINE_FAST(fast);\nNET_DEFINE_SLOW(slow);\nint main(void)\n{{\n"
    main += "    static int8_t x[NET_INPUT_BYTES], y[NET_OUTPUT_BYTES], z[NET_OUTPUT_2_BYTES];\n"
    main += "    return net_run(fast, slow, x, y, z) == NET_OK ? 0 : 1;\n}\n"
    files = BANKED().files | {"main.c": main}
    assert output_of(build(tmp_path, files, [*command(compiler, standard), "-O1"], ["main.c"])) == ""


def test_pointers_are_checked_bank_by_bank(tmp_path):
    calls = ", ".join(
        f"net_run({arguments}, x, y, z)"
        for arguments in ("fast, slow", "NULL, slow", "fast, NULL", "fast + 1, slow", "fast, slow + 8", "fast, slow")
    )
    main = f"""#include <stdio.h>
{whole("net")}#define BIG static uint8_t
NET_ALIGNED BIG fast[NET_FAST_BYTES + 16], slow[NET_SLOW_BYTES + 16];
int main(void)
{{
    static int8_t x[NET_INPUT_BYTES], y[NET_OUTPUT_BYTES], z[NET_OUTPUT_2_BYTES];
    const int statuses[] = {{{calls}}};
    for (int i = 0; i < 6; i++)
        printf("%d", statuses[i]);
    return 0;
}}
"""
    assert output_of(build(tmp_path, BANKED().files | {"main.c": main}, HOST, ["main.c"])) == "011220"


def test_the_header_names_the_banks_in_place_of_activations():
    text = BANKED().files["net.h"]
    assert "net_run(void *fast, void *slow, const int8_t *input" in text
    for macro in ("FAST_BYTES", "SLOW_BYTES", "DEFINE_FAST(name)", "DEFINE_SLOW(name)", "FAST_SECTION", "SLOW_SECTION"):
        assert f"#define NET_{macro}" in text
    assert "ACTIVATIONS_" not in text
    assert max(map(len, text.splitlines())) <= 160


def test_without_banks_nothing_changes():
    whole = whole_of("read again later")
    assert banked(whole, []).files == whole.export.files
    assert banked(whole, split_of(whole, "a half")).files == BANKED().files


def test_a_network_without_activations_is_as_without_banks():
    model = case(a_delay_line_of_three).model
    assert export(model, name="net", banks=[Bank("fast", 4096)]).files == export(model, name="net").files


def written(done: Export, folder: Path) -> Path:
    for file, text in done.files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return folder / "net.h"


@pytest.mark.parametrize("layout", Layout)
def test_a_header_is_read_back(layout, tmp_path):
    whole = whole_of("read again later")
    done = banked(whole, split_of(whole, "a half"), layout=layout)
    read = read_header(written(done, tmp_path)).program
    assert interface_of(read) == interface_of(done.program)
    assert read.activations_bytes == sum(bank.size for bank in done.program.banks)


NONSENSE = {
    "a size that is missing": lambda text: text.replace("#define NET_SLOW_BYTES", "#define NET_SLOW_BITES", 1),
    "a size of nothing": lambda text: text.replace("#define NET_FAST_BYTES ", "#define NET_FAST_BYTES 0x", 1),
    "one bank twice": lambda text: text.replace("void *slow", "void *fast", 1),
    "no bank": lambda text: text.replace("void *fast, void *slow, ", "", 1),
}


@pytest.mark.parametrize("damage", NONSENSE.values(), ids=NONSENSE)
def test_a_damaged_header_is_not_believed(damage, tmp_path):
    path = written(BANKED(), tmp_path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(HeaderError):
        read_header(path)


# Parts

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
