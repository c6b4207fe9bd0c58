"""Small hand-written models in the form the generator gives its own, and what each takes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache

import pytest

from firmware_export.emulator import EMULATED_CORES, Compiler, Image, Interface, Toolchain, build

CORES = tuple(name for name, core in EMULATED_CORES.items() if core.unicorn_model)
THUMB2_CORES = tuple(core for core in CORES if not core.startswith("cortex-m0"))

needs_arm_gcc = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not here")
COMPILERS = (
    pytest.param(Compiler.ZIG, id="zig"),
    pytest.param(Compiler.GCC, id="gcc", marks=(pytest.mark.arm, needs_arm_gcc)),
)

UNUSED = "__attribute__((unused))"
ONE_TO_ONE = "void *activations, const int8_t *input, int8_t *output"
TWO_TO_TWO = "void *activations, const int8_t *input, const int8_t *input_2, int8_t *output, int8_t *output_2"


@dataclass(frozen=True)
class Model:
    """Definitions and a body of `model_run`, in C."""

    body: str
    interface: Interface
    definitions: str = ""
    parameters: str = ONE_TO_ONE
    attributes: str = ""

    @property
    def files(self) -> dict[str, str]:
        """The header, as `build` takes it."""
        return {"model.h": _header(self)}


def _header(model: Model) -> str:
    return f"""#ifndef MODEL_H
#define MODEL_H
#include <stddef.h>
#include <stdint.h>
enum model_status {{ MODEL_OK = 0, MODEL_ODD = 7 }};
{model.attributes} enum model_status model_run({model.parameters});
#endif
#ifdef MODEL_IMPLEMENTATION
#include <string.h>
#define ALIGNED __attribute__((aligned(16)))
{model.definitions}
enum model_status model_run({model.parameters})
{{
{model.body}
}}
#endif
"""


@cache
def image_of(model: Model, core: str, compiler: Compiler = Compiler.ZIG, optimize: str = "-O2") -> Image:
    """The model built for a core, once."""
    return build(model.files, name="model", toolchain=Toolchain(core, compiler, optimize=optimize))


def one_to_one(inputs: int, outputs: int, activations: int = 16) -> Interface:
    """The interface of a model with one input and one output."""
    return Interface((inputs,), (outputs,), activations)


USE_ALL = "(void)activations; (void)input; (void)output;"

SATURATING_ADD = Model(
    """    int8_t *sum = activations;
    memcpy(sum, input, 8);
    for (int i = 0; i < 8; i++) {
        const int wide = sum[i] + model_weights_bias[input[i] & 7];
        output[i] = (int8_t)(wide < -128 ? -128 : wide > 127 ? 127 : wide);
    }
    return MODEL_OK;""",
    one_to_one(8, 8, activations=8),
    definitions="ALIGNED static const int8_t model_weights_bias[8] = {100, -100, 1, 2, 3, 4, 5, 6};",
)

TWO_INPUTS_TWO_OUTPUTS = Model(
    """    (void)activations;
    for (int i = 0; i < 3; i++)
        output[i] = input[i];
    for (int i = 0; i < 5; i++)
        output_2[i] = (int8_t)(input_2[i] + input[0]);
    return MODEL_ODD;""",
    Interface((3, 5), (3, 5), 0),
    parameters=TWO_TO_TWO,
)

WIDE_ARITHMETIC = Model(
    """    int64_t a, b, results[5];
    uint32_t small[2];
    (void)activations;
    memcpy(&a, input, 8);
    memcpy(&b, input + 8, 8);
    results[0] = (int64_t)((uint64_t)a * (uint64_t)b);
    results[1] = a / b;
    results[2] = a % b;
    results[3] = a >> (b & 63);
    results[4] = (int64_t)((uint64_t)a / (uint64_t)b);
    small[0] = (uint32_t)a / ((uint32_t)b | 1u);
    small[1] = (uint32_t)((int32_t)a % ((int32_t)b | 1));
    memcpy(output, results, sizeof results);
    memcpy(output + sizeof results, small, sizeof small);
    return MODEL_OK;""",
    one_to_one(16, 48),
)

SOFT_FLOAT = Model(
    """    float value;
    (void)activations;
    memcpy(&value, input, 4);
    value = value * 1.5f + 0.25f;
    memcpy(output, &value, 4);
    return MODEL_OK;""",
    one_to_one(4, 4),
)

TRACED = Model(
    """    int8_t *layer = activations;
    for (int i = 0; i < 4; i++)
        layer[i] = (int8_t)(input[i] ^ 1);
    model_trace("first", layer, 4);
    for (int i = 0; i < 4; i++)
        output[i] = (int8_t)(layer[3 - i] ^ 2);
    model_trace("second", output, 4);
    return MODEL_OK;""",
    one_to_one(4, 4),
    definitions="""void model_trace(const char *name, const void *data, size_t bytes);
__attribute__((noinline)) void model_trace(const char *name, const void *data, size_t bytes)
{
    __asm__ volatile("" : : "r"(name), "r"(data), "r"(bytes) : "memory");
}""",
)


def faulty(body: str, definitions: str = "") -> Model:
    """A model of 6 input bytes, 6 output bytes and 32 bytes of activations whose body does something wrong."""
    return Model(f"    {USE_ALL}\n    {body}\n    return MODEL_OK;", one_to_one(6, 6, 32), definitions)


def assembly(lines: str) -> Model:
    """A model that is exactly these instructions."""
    parameters = ", ".join(f"{UNUSED} {parameter}" for parameter in ONE_TO_ONE.split(", "))
    pieces = "\n".join(f'"{line}\\n"' for line in lines.split(r"\n"))
    return Model(
        f"    __asm__({pieces});", one_to_one(1, 1), parameters=parameters, attributes="__attribute__((naked))"
    )
