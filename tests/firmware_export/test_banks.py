"""Activations split over banks of RAM: byte for byte what one buffer gives, each bank guarded and proved alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_export import DoesNotFit, Export, Layout, Optimize, export, find, memory
from firmware_export.emulate import build_network, interface_of, toolchain_for
from firmware_export.emulator import Sanitizers, build_host, run_host, verify
from firmware_export.errors import BadPlan, EmulationFault, HeaderError
from firmware_export.header import read_header
from firmware_export.layer_outputs import emulated_layer_outputs, layer_outputs
from firmware_export.memory import Bank, Plan
from firmware_export.memory.traffic import traffic_of
from firmware_export.planner import plan_of
from firmware_export.targets import Isa
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
@pytest.mark.parametrize(
    "core", ["cortex-m4", *(pytest.param(core, marks=pytest.mark.slow) for core in ("cortex-m7", "cortex-m0"))]
)
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
