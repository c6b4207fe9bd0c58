"""The bodies of the functions that users call."""

from __future__ import annotations

import zlib

from firmware_export.emit.arenas import given_text, taken_text
from firmware_export.emit.constants import params_text
from firmware_export.emit.declarations import run_arguments
from firmware_export.emit.feeding import feeding_definitions
from firmware_export.emit.guards import guard_functions, lay_guards
from firmware_export.emit.remembering import reset_definition, state_checks
from firmware_export.emit.steps import calls_text, layer_function, row_function_text
from firmware_export.program import Port, Program


def definitions(program: Program) -> str:
    """Parameters, run, and what else users call."""
    name, upper = program.name, program.name.upper()
    structs = "\n".join(params_text(params) for params in program.params)
    rows = "".join(row_function_text(layer, program) for layer in program.layers)
    layers = "".join(layer_function(layer, program) for layer in program.layers)
    run = feeding_definitions(program) if program.feeding else run_definition(program)
    helpers = "\n".join(quantise_text(name, port) for port in program.ports if port.scale is not None)
    return f"""
{structs}
#if defined({upper}_TRACE)
#define {upper}_AFTER(layer, output, bytes) {name}_trace(layer, output, bytes)
#else
#define {upper}_AFTER(layer, output, bytes) ((void)0)
#endif

{guard_functions(program)}{rows}{layers}{run}{reset_definition(program)}{check_text(program)}
{helpers}"""


def run_definition(program: Program) -> str:
    """The body of run."""
    name = program.name
    return f"""enum {name}_status {name}_run({run_arguments(program)})
{{
{arena_text(program)}{state_checks(program)}{lay_guards(program)}{"".join(given_text(port) for port in program.inputs)}
{calls_text(program)}
{"".join(taken_text(port) for port in program.outputs)}    return {name.upper()}_OK;
}}

"""


def arena_text(program: Program) -> str:
    """The checks at the border of run."""
    upper = program.name.upper()
    pointers = {port.name: port.dtype.itemsize for port in program.ports}
    used = [arena for arena in program.arenas if arena.size > 0]
    first = "".join(f"    int8_t *const {arena.base} = (int8_t *){arena.name};\n" for arena in used)
    first = first or "    (void)activations;\n"
    pointers = {**{arena.name: 16 for arena in used}, **pointers}
    missing = " || ".join(f"{pointer} == NULL" for pointer in pointers)
    text = f"{first}    if ({missing})\n        return {upper}_NULL_POINTER;\n"
    askew = [f"(uintptr_t){pointer} % {size}u != 0u" for pointer, size in pointers.items() if size > 1]
    return text + (f"    if ({' || '.join(askew)})\n        return {upper}_MISALIGNED;\n" if askew else "")


def check_text(program: Program) -> str:
    """The CRC-32 of every constant, in the order in which they are printed."""
    name, upper = program.name, program.name.upper()
    if not program.consts:
        return f"enum {name}_status {name}_check(void)\n{{\n    return {upper}_OK;\n}}\n"
    crc = 0
    for const in program.consts:
        crc = zlib.crc32(const.data, crc)
    updates = "".join(
        f"    crc = {name}_crc32(crc, (const uint8_t *){const.symbol}, sizeof {const.symbol});\n"
        for const in program.consts
    )
    return f"""static uint32_t {name}_crc32(uint32_t crc, const uint8_t *bytes, size_t size)
{{
    for (size_t i = 0; i < size; i++) {{
        crc ^= bytes[i];
        for (int32_t bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }}
    return crc;
}}

enum {name}_status {name}_check(void)
{{
    uint32_t crc = 0xffffffffu;
{updates}    return crc == 0x{crc ^ 0xFFFFFFFF:08x}u ? {upper}_OK : {upper}_CORRUPTED;
}}
"""


def quantise_text(name: str, port: Port) -> str:
    """The conversion that users need at this port."""
    upper, suffix = name.upper(), port.name.upper()
    scale, zero_point = f"{upper}_{suffix}_SCALE", f"{upper}_{suffix}_ZERO_POINT"
    if port.name.startswith("output"):
        return f"""float {name}_dequantise{port.name.removeprefix("output")}({port.ctype} value)
{{
    return (float)(value - {zero_point}) * {scale};
}}
"""
    most = f"{port.high - port.low + 1}.0f"  # steps, more than any value is away from any zero point
    return f"""{port.ctype} {name}_quantise{port.name.removeprefix("input")}(float value)
{{
    const float steps = value / {scale};
    const float limited = steps > -{most} ? (steps < {most} ? steps : {most}) : (steps <= -{most} ? -{most} : 0.0f);
    const int32_t rounded = (int32_t)(limited < 0.0f ? limited - 0.5f : limited + 0.5f) + {zero_point};
    return ({port.ctype})(rounded < {port.low} ? {port.low} : rounded > {port.high} ? {port.high} : rounded);
}}
"""
