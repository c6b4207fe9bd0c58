"""The same headers on this computer, with and without sanitizers."""

from __future__ import annotations

import struct

import pytest

from firmware_export.emulator import HostProgram, Sanitizers, build_host, run, run_host, sanitizers_available
from firmware_export.errors import BuildFailed, EmulationFault, ToolMissing
from tests.firmware_export.emulator.headers import (
    SATURATING_ADD,
    TWO_INPUTS_TWO_OUTPUTS,
    WIDE_ARITHMETIC,
    Model,
    faulty,
    image_of,
)

needs_sanitizers = pytest.mark.skipif(not sanitizers_available(), reason="no compiler here has the sanitizers")
MODES = (
    pytest.param(Sanitizers.OFF, id="plain"),
    pytest.param(Sanitizers.ADDRESS_AND_UNDEFINED, id="sanitized", marks=needs_sanitizers),
)


def program_of(model: Model, sanitizers: Sanitizers) -> HostProgram:
    return build_host(model.files, name="model", interface=model.interface, sanitizers=sanitizers)


@pytest.mark.parametrize("sanitizers", MODES)
@pytest.mark.parametrize(
    ("model", "samples"),
    [
        (SATURATING_ADD, [[bytes(range(start, start + 8))] for start in range(0, 240, 8)]),
        (TWO_INPUTS_TWO_OUTPUTS, [[b"\1\2\3", b"\4\5\6\7\x08"], [b"\x0a\x1a\xff", bytes(5)]]),
        (WIDE_ARITHMETIC, [[struct.pack("<qq", -(10**17), 12345)]]),
    ],
    ids=["saturating add", "two inputs, two outputs", "wide arithmetic"],
)
def test_the_computer_and_the_core_agree(model, samples, sanitizers):
    on_host = run_host(program_of(model, sanitizers), samples)
    on_core = run(image_of(model, "cortex-m4"), model.interface, samples)
    assert on_host.outputs == on_core.outputs
    assert on_host.statuses == on_core.statuses


FAULTS = {
    "activations overrun": (faulty("((volatile int8_t *)activations)[32] = 1;"), "heap-buffer-overflow"),
    "input overread": (faulty("output[0] = ((const volatile int8_t *)input)[6];"), "heap-buffer-overflow"),
    "output underrun": (faulty("((volatile int8_t *)output)[-1] = 1;"), "heap-buffer-overflow"),
    "signed overflow": (
        faulty("volatile int32_t big = INT32_MAX; output[0] = (int8_t)((big + 1) & 1);"),
        "signed integer overflow",
    ),
    "shift too far": (faulty("output[0] = (int8_t)(1 << (input[0] + 40));"), "shift exponent"),
}


@needs_sanitizers
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_sanitizers_report_every_wrong_step(fault):
    model, message = FAULTS[fault]
    program = program_of(model, Sanitizers.ADDRESS_AND_UNDEFINED)
    with pytest.raises(EmulationFault, match=message):
        run_host(program, [[bytes(6)]])


def test_a_program_without_end_is_stopped():
    program = program_of(faulty("for (volatile int i = 0;; i++) { }"), Sanitizers.OFF)
    with pytest.raises(EmulationFault, match=r"no end after 0\.2 s"):
        run_host(program, [[bytes(6)]], timeout_seconds=0.2)


def test_unwritten_outputs_show_the_fill():
    program = program_of(faulty(""), Sanitizers.OFF)
    assert run_host(program, [[bytes(6)]], fill=0x3C).outputs == ((b"\x3c" * 6,),)


def test_a_header_that_does_not_compile_is_told():
    with pytest.raises(BuildFailed, match="undeclared"):
        program_of(faulty("undeclared = 1;"), Sanitizers.OFF)


def test_asking_for_sanitizers_that_are_not_here_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr("firmware_export.emulator.host._sanitizing_compiler", lambda: None)
    with pytest.raises(ToolMissing, match="apt install gcc"):
        program_of(SATURATING_ADD, Sanitizers.ADDRESS_AND_UNDEFINED)
