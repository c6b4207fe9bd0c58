"""Weights as codes: where it is done, what it is said to save, and every byte as before."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from firmware_export import Export, Isa, Kept, Optimize, Toolchain, emulate, export
from firmware_export.compression import choice
from firmware_export.errors import BadPlan
from firmware_export.memory import check, decoded_name
from firmware_export.planner import plan_of
from firmware_export.program import UnitLoop
from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.chain import Chain
from tests.end_to_end.conftest import public  # noqa: F401 - a fixture
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.emulator.headers import COMPILERS
from tests.kernels import convolution_cases, convolution_s16_cases, transpose_conv_cases
from tests.kernels.batch import Prepared, prepared, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.sanitized import SANITIZED
from tests.kernels.test_on_helium import wrong_on_board
from tests.single_op import model

MUCH = 1 << 20
CORES = {"cortex-m0": Isa.C, "cortex-m4": Isa.DSP}


def built(net: Chain, *outputs: int) -> bytes:
    return model(net.tensors, net.ops, outputs or None)


def dense(*units: int, spread: float, depth: int = 200) -> bytes:
    """Dense layers one behind the other, their weights in a normal distribution."""
    net, rng = Chain(), np.random.default_rng(5)
    x = net.add(tensor((1, depth), Affine(0.05, -20)))
    for count in units:
        x = net.dense(x, count)
        filters = net.constants()[0]
        filters[...] = rng.normal(0, spread, filters.shape).round().clip(-127, 127)
    return built(net)


DENSE = tuple(case for case in convolution_cases.CASES if case.name.startswith("fully connected"))
CHAINS = ((9, 17, 3), (8, 16, 5), (1, 40, 12))  # units: a tile, more, fewer, whole ones
TABLES = {  # a part of each: the kernels are the same, other than where they find their weights
    "convolution": convolution_cases.CASES[::4],
    "dense": (*DENSE, *(Case(f"dense {units}", dense(*units, spread=20, depth=13), 3) for units in CHAINS)),
    "of int16": convolution_s16_cases.CASES[::2],
    "transposed convolution": transpose_conv_cases.CASES[::3],
    "random networks": tuple(Case(f"seed {seed}", random_network(seed), seed) for seed in range(4, 20)),
}
each_table = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "convolution" else []) for name in TABLES]
)


@cache
def table(name: str) -> tuple[Prepared, ...]:
    return prepared(TABLES[name])


@pytest.fixture
def everything(monkeypatch):
    """Weights are compressed whether it pays or not."""
    monkeypatch.setattr(choice, "worthwhile", choice.grouped)


def compressed(name: str, isa: Isa, optimize: Optimize) -> tuple[Prepared, ...]:
    """The cases of a table that have weights, with all of them compressed."""
    wishes: Any = {"isa": isa, "optimize": optimize, "compress_weights": MUCH}
    items = [replace(item, export=export(item.case.model, name=item.symbol, **wishes)) for item in table(name)]
    return tuple(item for item in items if layers_of(item.export))


def layers_of(done: Export) -> list[str]:
    assert done.compression is not None
    return [layer.name for layer in done.compression.layers]


@pytest.mark.parametrize("isa", Isa)
@each_table
def test_a_pc_agrees_with_the_reference_under_sanitizers(everything, name, isa, tmp_path):
    items = compressed(name, isa, Optimize.RAM)
    assert len(items) > 3
    assert not wrong_on_host(items, SANITIZED, tmp_path)


@pytest.mark.parametrize("core", CORES)
@each_table
def test_an_emulated_core_agrees_with_the_reference(everything, name, core):
    assert not wrong_on_core(compressed(name, CORES[core], Optimize.RAM), Toolchain(core))


@on_qemu
@pytest.mark.parametrize("compiler", COMPILERS)
@each_table
def test_a_core_with_helium_agrees_with_the_reference(everything, name, compiler):
    assert not wrong_on_board(compressed(name, Isa.MVE, Optimize.BALANCED), compiler)


@pytest.mark.parametrize("standard", ["-std=c99", "-std=c++17"])
def test_a_compiler_says_nothing(everything, standard, tmp_path):
    command = ["g++" if "++" in standard else "gcc", standard, "-O1"]
    command += ["-x", "c++"] if "++" in standard else []
    assert not wrong_on_host(compressed("dense", Isa.DSP, Optimize.TIME), command, tmp_path)


def outputs(done: Export, core: str) -> tuple[bytes, int, int]:
    """What a core gives, the instructions that takes, and those for decoding."""
    (port,) = done.program.inputs
    inputs = np.random.default_rng(1).integers(-128, 128, (2, *port.shape)).astype(np.int8)
    emulated = emulate(done, (inputs,), Toolchain(core))
    return emulated.outputs[0].tobytes(), sum(emulated.instructions), emulated.decoding.instructions


@pytest.mark.parametrize("core", CORES)
def test_a_dense_layer_is_decoded_tile_by_tile_and_saves_what_is_said(core):
    content = dense(90, 30, spread=9)
    plain, small = (export(content, name="net", isa=CORES[core], compress_weights=most) for most in (None, MUCH))
    assert small.compression is not None
    first, _ = small.compression.layers
    assert first.ram_bytes < first.bytes // 10
    assert [type(layer.steps[0]) for layer in small.program.layers] == [UnitLoop, UnitLoop]
    assert small.program.activations_bytes - plain.program.activations_bytes == small.compression.activations_bytes
    before, after = outputs(plain, core), outputs(small, core)
    assert after[0] == before[0]
    assert 0 < after[2] < after[1] - before[1] + 3000
    toolchain, zeros = Toolchain(core, optimize="-Os"), np.zeros((1, 1, 200), np.int8)
    sizes = [emulate(done, (zeros,), toolchain).sizes.flash for done in (plain, small)]
    assert sizes[0] - sizes[1] == pytest.approx(small.compression.saved_bytes, abs=250)


def test_without_the_option_the_text_is_the_same_as_where_it_does_not_pay():
    content = dense(20, spread=60, depth=30)
    plain, asked = (export(content, name="net", compress_weights=most) for most in (None, MUCH))
    assert plain.files == asked.files
    assert plain.compression is None
    assert asked.compression is not None
    assert (asked.compression.layers, asked.compression.saved_bytes) == ((), 0)
    assert set(asked.compression.kept.values()) == {Kept.FLASH}


def test_noise_is_left_as_it_is_beside_what_is_coded():
    net, rng = Chain(), np.random.default_rng(5)
    x = net.dense(net.add(tensor((1, 200), Affine(0.05, -20))), 90)
    net.constants()[0][...] = rng.integers(-127, 128, (90, 200))
    net.dense(x, 90)
    net.constants()[0][...] = rng.integers(-3, 4, (90, 90))
    done = export(built(net), name="net", isa=Isa.DSP, compress_weights=MUCH)
    assert done.compression is not None
    assert [layer.bytes for layer in done.compression.layers] == [96 * 92 * 1]
    assert [*done.compression.kept.values()] == [Kept.FLASH]


def test_what_needs_more_memory_than_is_allowed_is_left_as_it_is():
    content = dense(90, spread=9, depth=900)
    told = export(content, name="net", isa=Isa.DSP, compress_weights=100).compression
    assert told is not None
    assert (told.layers, [*told.kept.values()], told.activations_bytes) == ((), [Kept.RAM], 0)
    enough = export(content, name="net", isa=Isa.DSP, compress_weights=8000).compression
    assert enough is not None
    assert len(enough.layers) == 1
    assert 100 < enough.activations_bytes <= 8000


def test_the_same_input_gives_the_same_text():
    content = dense(90, 30, spread=9)
    first, second = (export(content, name="net", isa=Isa.DSP, compress_weights=MUCH).files for _ in range(2))
    assert first == second


def test_a_plan_in_which_decoded_weights_are_written_over_is_caught(everything):
    found = 0
    for item in compressed("random networks", Isa.DSP, Optimize.RAM):
        graph = item.export.graph
        plan = plan_of(graph, Optimize.RAM)
        check(graph, plan)
        for op in graph.ops:
            if not op.decoded or not op.outputs or plan.storage.get(op.outputs[0]) not in plan.offsets:
                continue
            offsets = plan.offsets | {decoded_name(op): plan.offsets[plan.storage[op.outputs[0]]]}
            with pytest.raises(BadPlan):
                check(graph, replace(plan, offsets=offsets, total=plan.total + op.decoded))
            found += 1
    assert found > 10


# Sharing


def test_equal_filters_and_equal_tables_stand_in_flash_once():
    net = Chain()
    x = net.image((1, 5, 6, 8))
    ends = []
    for _ in range(3):
        ends.append(net.conv(x, 8))
        filters, biases = net.constants()
        filters[...] = np.arange(filters.size).reshape(filters.shape) % 50
        biases[...] = 3
    for isa in Isa:
        done = export(built(net, *ends), name="net", isa=isa)
        symbols = [const.symbol for const in done.program.consts if "_weights_" in const.symbol]
        assert all(symbol.endswith(done.program.layers[0].name) for symbol in symbols)
        (text,) = done.files.values()
        assert {*re.findall(r"net_weights_\w+", text)} >= {*symbols}
        assert not re.search(rf"net_weights_\w+_{done.program.layers[1].name}\b", text)


PUBLIC = {
    "mlperf_tiny/ad01_int8": (MUCH, 0.3),
    "mlperf_tiny/kws_ref_model": (MUCH, 0.05),
    "mlperf_tiny/vww_96_int8": (0, 0.06),
    "se/se_small_int8": (4096, 0.02),
}


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", PUBLIC)
def test_public_networks_give_the_same_bytes_in_less_flash(public, name, core):  # noqa: F811
    most, least = PUBLIC[name]
    if core == "cortex-m0" and "ad01" not in name:
        most, least = MUCH, 0.0
    content = public(f"{name}.tflite").read_bytes()
    wishes: Any = {"name": "net", "isa": CORES[core], "optimize": Optimize.RAM}
    plain, small = (export(content, **wishes, compress_weights=wanted) for wanted in (None, most))
    assert outputs(plain, core)[0] == outputs(small, core)[0]
    assert small.compression is not None
    assert small.compression.saved_bytes >= least * plain.program.weights_bytes
    assert small.program.activations_bytes <= plain.program.activations_bytes + most
