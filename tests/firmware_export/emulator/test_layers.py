"""Layers as the emulator sees them: each counted, its output read, its name in every fault."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_export.emulator import (
    BETWEEN_LAYERS,
    Compiler,
    Conditions,
    Image,
    Interface,
    LayerOutput,
    Toolchain,
    build,
    run,
)
from firmware_export.errors import EmulationFault
from firmware_export.export import Export, export
from firmware_export.interpreter import run_all
from firmware_export.kernels import source_text
from tests.firmware_export.emulator.headers import COMPILERS, CORES, Model, one_to_one

SMALL_SE = Path(__file__).parents[2] / "golden" / "small_se.tflite"
LEVELS = ("-O0", "-O1", "-Os", "-O2", "-O3")
NAKED = "__attribute__((naked))"


@cache
def small_se() -> Export:
    return export(SMALL_SE.read_bytes(), name="small_se")


@cache
def small_se_image(core: str, compiler: Compiler, optimize: str = "-O2") -> Image:
    return build(small_se().files, name="small_se", toolchain=Toolchain(core, compiler, optimize=optimize))


def interface(exported: Export) -> Interface:
    program = exported.program
    sizes = [tuple(port.elements for port in ports) for ports in (program.inputs, program.outputs)]
    return Interface(sizes[0], sizes[1], program.activations_bytes)


def sample(exported: Export) -> list[bytes]:
    rng = np.random.default_rng(5)
    return [rng.integers(-128, 128, port.elements).astype(np.int8).tobytes() for port in exported.program.inputs]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("optimize", LEVELS)
def test_every_layer_is_counted_and_the_counts_are_all_there_is(optimize, compiler):
    image = small_se_image("cortex-m4", compiler, optimize)
    (call,) = run(image, interface(small_se()), [sample(small_se())]).calls
    expected = [layer.name for layer in small_se().program.layers if layer.steps]
    assert next(iter(call.layers)) == BETWEEN_LAYERS
    assert set(call.layers) == {BETWEEN_LAYERS, *expected}
    assert sum(call.layers.values()) == call.instructions
    assert all(count > 0 for count in call.layers.values())
    slowest = ("conv2d", "mul") if optimize == "-O0" else ("conv2d",)  # assembly is what it is at any level
    assert max(call.layers, key=call.layers.__getitem__) in slowest


@pytest.mark.parametrize("core", CORES)
def test_counts_of_a_layer_are_the_same_in_every_call(core):
    image = small_se_image(core, Compiler.ZIG)
    first, second = run(image, interface(small_se()), [sample(small_se())] * 2).calls
    assert first.layers == second.layers


TWINS = Model(
    """    model_run_one(activations, input);
    model_run_other(activations, input);
    memcpy(output, activations, 6);
    return MODEL_OK;""",
    one_to_one(6, 6),
    definitions=source_text("support/ea_language.h")
    + "".join(
        f"EA_LAYER model_run_{name}(int8_t *to, const int8_t *from);\n"
        f"EA_LAYER model_run_{name}(int8_t *to, const int8_t *from)\n"
        "{\n    for (int i = 0; i < 6; i++)\n        to[i] = (int8_t)(from[i] ^ 5);\n}\n"
        for name in ("one", "other")
    ),
)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("optimize", LEVELS)
def test_equal_layers_stay_apart(optimize, compiler):
    """A compiler that merges or inlines equal functions would count both as one."""
    image = build(TWINS.files, name="model", toolchain=Toolchain("cortex-m4", compiler, optimize=optimize))
    (call,) = run(image, TWINS.interface, [[bytes(6)]]).calls
    assert call.layers["one"] == call.layers["other"] > 6


def test_a_layer_lasts_from_its_function_to_the_next_step_of_run():
    """Counted by hand: two instructions between layers before the first call, and so on."""
    lines = r"push {r4, lr}\n bl model_run_first\n nop\n bl model_run_second\n movs r0, #0\n pop {r4, pc}"
    functions = r"""__asm__(".text\n .thumb\n .syntax unified\n"
    ".type model_run_first, %function\n .thumb_func\n model_run_first: nop\n nop\n bx lr\n .size model_run_first, 6\n"
    ".type model_run_second, %function\n .thumb_func\n"
    "model_run_second: movs r0, #3\n 1: subs r0, #1\n bne 1b\n bx lr\n .size model_run_second, 8\n");"""
    hand = Model(f'    __asm__("{lines}");', one_to_one(1, 1), definitions=functions, attributes=NAKED)
    image = build(hand.files, name="model", toolchain=Toolchain("cortex-m0"))
    done = run(image, hand.interface, [[b"\0"]] * 3)
    assert [call.layers for call in done.calls] == [{BETWEEN_LAYERS: 6, "first": 3, "second": 1 + 2 * 3 + 1}] * 3
    loop = {block.address: block for block in done.blocks if block.layer == "second"}
    assert sorted((b.instructions, b.executions, b.taken) for b in loop.values()) == [(1, 3, 3), (2, 6, 3), (3, 3, 3)]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_output_of_every_layer_is_what_the_interpreter_computes(compiler):
    exported, inputs = small_se(), sample(small_se())
    layers = [(op, layer) for op, layer in zip(exported.graph.ops, exported.program.layers, strict=True) if layer.steps]
    buffers = {"arena": "activations", "output": "output"}
    watched = tuple(
        LayerOutput(layer.name, buffers[layer.output.base], layer.output.offset, layer.output_bytes)
        for _, layer in layers
    )
    image = small_se_image("cortex-m4", compiler)
    (call,) = run(image, interface(exported), [inputs], conditions=Conditions(layer_outputs=watched)).calls
    array = np.frombuffer(inputs[0], np.int8).reshape(exported.program.inputs[0].shape)
    values = run_all(exported.graph, [array])
    assert call.layer_outputs == {layer.name: values[op.outputs[0]].tobytes() for op, layer in layers}
    assert call.instructions == run(image, interface(exported), [inputs]).instructions[0]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_fault_names_the_layer(compiler):
    exported = small_se()
    image = small_se_image("cortex-m4", compiler)
    short = replace(interface(exported), activations_bytes=exported.program.activations_bytes - 16)
    with pytest.raises(EmulationFault, match=r"\) in layer conv2d"):
        run(image, short, [sample(exported)])
