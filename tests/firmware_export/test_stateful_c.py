"""Networks that remember as firmware meets them: streams side by side, resets, and states that nobody has reset."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_export import Toolchain, emulate, export, read_header
from firmware_export.emulate import Emulator, interface_of
from firmware_export.emulator import Sanitizers, build_host, run_host, sanitizers_available
from firmware_export.errors import EmulationFault, HeaderError
from firmware_export.export import Layout
from tests.firmware_export.emulator.firmwares import on_qemu
from tests.firmware_export.test_generated_c import ALPHA, STANDARDS, build, command, output_of, whole
from tests.kernels.sanitized import SANITIZED
from tests.kernels.state_cases import a_delay_line_of_three, a_running_sum_is_the_output, case
from tests.single_op import litert_sequence
from tests.stateful import Stateful, int8

MODEL = case(a_delay_line_of_three).model
DELAY = export(MODEL, name="delay")
OTHER = export(case(a_running_sum_is_the_output).model, name="total")
ROW = int8(1, 4)
STATE_BYTES = 4 + 3 * 4  # a mark, and three rows
SAMPLES = np.random.default_rng(4).integers(-128, 128, (7, 1, 4)).astype(np.int8)


def reference(rows: list[int]) -> list[bytes]:
    """What LiteRT makes of these samples as one stream."""
    return [outputs[0].tobytes() for outputs in litert_sequence(MODEL, [[SAMPLES[row]] for row in rows])]


def printing(body: str) -> str:
    """A program that runs the delay line; STEP(state, sample) prints what comes out."""
    values = ", ".join(f"{{{', '.join(map(str, row.ravel().tolist()))}}}" for row in SAMPLES)
    return f"""{whole("delay")}{whole("total")}
#include <stdio.h>
static const int8_t samples[{len(SAMPLES)}][DELAY_INPUT_BYTES] = {{{values}}};
DELAY_DEFINE_ACTIVATIONS(activations);
static void step(struct delay_state *state, int sample)
{{
    int8_t y[DELAY_OUTPUT_BYTES];
    const enum delay_status status = delay_run(activations, state, samples[sample], y);
    for (int i = 0; i < DELAY_OUTPUT_BYTES; i++)
        printf("%02x", status == DELAY_OK ? (unsigned)(uint8_t)y[i] : 255u - (unsigned)status);
    printf("\\n");
}}
int main(void)
{{
    (void)step;
{body}    return 0;
}}
"""


def printed(body: str, folder: Path, compiler: list[str] | None = None) -> list[str]:
    files = DELAY.files | OTHER.files | {"main.c": printing(body)}
    flags = compiler if compiler else [*SANITIZED, "-x", "c"]
    return output_of(build(folder, files, flags, ["main.c"])).split()


STREAMS = """    struct delay_state a, b;
    delay_reset(&a);
    delay_reset(&b);
    step(&a, 0); step(&b, 5); step(&a, 1); step(&b, 4); step(&a, 2); step(&b, 3);
"""


def test_two_streams_side_by_side_know_nothing_of_each_other(tmp_path):
    lines = printed(STREAMS, tmp_path)
    assert [bytes.fromhex(line) for line in lines[::2]] == reference([0, 1, 2])
    assert [bytes.fromhex(line) for line in lines[1::2]] == reference([5, 4, 3])


def test_a_reset_in_the_middle_begins_again(tmp_path):
    body = """    struct delay_state a;
    delay_reset(&a);
    step(&a, 0); step(&a, 1);
    delay_reset(&a);
    step(&a, 2); step(&a, 3); step(&a, 4);
"""
    assert [bytes.fromhex(line) for line in printed(body, tmp_path)] == [*reference([0, 1]), *reference([2, 3, 4])]


def test_a_copy_of_a_state_goes_on_where_the_stream_was(tmp_path):
    body = """    struct delay_state a, b;
    delay_reset(&a);
    step(&a, 0); step(&a, 1);
    b = a;
    step(&a, 2); step(&b, 3);
"""
    lines = [bytes.fromhex(line) for line in printed(body, tmp_path)]
    assert lines[2:] == [reference([0, 1, 2])[2], reference([0, 1, 3])[2]]


@pytest.mark.parametrize(
    ("state", "status"),
    {
        "no state": ("struct delay_state *state = NULL;", 1),
        "zeros": ("static struct delay_state zeros; struct delay_state *state = &zeros;", 4),
        "garbage": ("struct delay_state a; memset(&a, 0xa5, sizeof a); struct delay_state *state = &a;", 4),
        "another network's": (
            "struct total_state t; total_reset(&t); uint32_t room[DELAY_STATE_BYTES]; memcpy(room, &t, sizeof t); "
            "struct delay_state *state = (struct delay_state *)(void *)room;",
            4,
        ),
        "an odd address": (
            "uint32_t room[DELAY_STATE_BYTES]; "
            "struct delay_state *state = (struct delay_state *)((uintptr_t)room + 1);",
            2,
        ),
    }.values(),
    ids=["no state", "zeros", "garbage", "another network's", "an odd address"],
)
def test_a_state_that_cannot_be_is_a_status(state, status, tmp_path):
    body = f"    {state}\n    step(state, 0);\n    delay_reset(NULL);\n"
    assert printed(body, tmp_path) == [f"{255 - status:02x}" * DELAY.program.outputs[0].elements]


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_header_compiles_without_a_word(compiler, standard, tmp_path):
    lines = printed(STREAMS, tmp_path, [*command(compiler, standard), "-O2"])
    assert [bytes.fromhex(line) for line in lines[::2]] == reference([0, 1, 2])


def test_the_state_is_as_large_as_its_macro_says_and_no_larger(tmp_path):
    body = '    printf("%d %d\\n", (int)sizeof(struct delay_state), DELAY_STATE_BYTES);\n'
    assert printed(body, tmp_path) == [str(STATE_BYTES)] * 2
    assert DELAY.program.state_bytes == STATE_BYTES


def test_three_files_remember_as_one_does():
    done = export(MODEL, name="delay", layout=Layout.SPLIT)
    samples = [[sample.tobytes()] for sample in SAMPLES]
    program = build_host(done.files, name="delay", interface=interface_of(done.program))
    assert [outputs[0] for outputs in run_host(program, samples).outputs] == reference(list(range(len(SAMPLES))))


@pytest.mark.skipif(not sanitizers_available(), reason="no compiler here has the sanitizers")
@pytest.mark.parametrize("fill", [0x00, 0xA5])
def test_whatever_memory_held_before_the_reset_makes_no_difference(fill):
    samples = [[sample.tobytes()] for sample in SAMPLES]
    program = build_host(
        DELAY.files,
        name="delay",
        interface=interface_of(DELAY.program),
        sanitizers=Sanitizers.ADDRESS_AND_UNDEFINED,
    )
    done = run_host(program, samples, fill=fill)
    assert [outputs[0] for outputs in done.outputs] == reference(list(range(len(SAMPLES))))


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m33"])
def test_a_core_runs_the_samples_as_one_stream_from_the_beginning_each_time(core):
    for _ in range(2):
        done = emulate(DELAY, (SAMPLES,), Toolchain(core))
        assert [output.tobytes() for output in done.outputs[0]] == reference(list(range(len(SAMPLES))))


@on_qemu
@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4", "cortex-m55"])
def test_a_board_runs_the_samples_as_one_stream(core):
    done = emulate(DELAY, (SAMPLES,), Toolchain(core), emulator=Emulator.QEMU)
    assert [output.tobytes() for output in done.outputs[0]] == reference(list(range(len(SAMPLES))))


DAMAGE = {
    "a reset that forgets a part": (
        "    memset(kept + 4, ",
        "    if (kept == NULL) memset(kept + 4, ",
        "gives other results when memory holds other values before the call",
    ),
    "a reset that writes too far": (
        "    state->words[0] = 0x",
        "    ((volatile int8_t *)kept)[DELAY_STATE_BYTES] = 0;\n    state->words[0] = 0x",
        "0 bytes after the end of state",
    ),
}


@pytest.mark.parametrize(("old", "new", "sentence"), DAMAGE.values(), ids=DAMAGE)
def test_the_emulator_sees_a_reset_that_is_wrong(old, new, sentence):
    net = Stateful()
    x, variable = net.tensor(ROW), net.variable("v", np.full((1, 4), 7))
    value = net.read(variable, ROW)
    net.assign(variable, x)
    done = export(net.build(value), name="delay")
    (text,) = done.files.values()
    assert old in text
    wrong = replace(done, files={"delay.h": text.replace(old, new)})
    with pytest.raises(EmulationFault, match=sentence):
        emulate(wrong, (SAMPLES,), Toolchain("cortex-m4"))


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "delay.h"


def test_a_header_tells_that_its_network_remembers(tmp_path):
    header = read_header(written(tmp_path, DELAY.files))
    assert header.program.state_bytes == STATE_BYTES
    done = emulate(header, (SAMPLES.reshape(-1, 4),), Toolchain("cortex-m3"))
    assert [output.tobytes() for output in done.outputs[0]] == reference(list(range(len(SAMPLES))))


HEADERS = {
    "no size": ("#define DELAY_STATE_BYTES 16\n", "", "are not those of delay_run in it"),
    "a senseless size": ("#define DELAY_STATE_BYTES 16\n", "#define DELAY_STATE_BYTES -4\n", "which makes no sense"),
    "no argument": (
        "(void *activations, struct delay_state *state, const",
        "(void *activations, const",
        "are not those",
    ),
}


@pytest.mark.parametrize(("old", "new", "sentence"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_contradicts_itself_is_refused(old, new, sentence, tmp_path):
    (text,) = DELAY.files.values()
    with pytest.raises(HeaderError, match=sentence):
        read_header(written(tmp_path, {"delay.h": text.replace(old, new)}))


def test_a_network_that_remembers_nothing_shows_nothing_of_it():
    text = "".join(ALPHA.files.values())
    assert ALPHA.program.state_bytes == 0
    assert not re.search("state|reset", text.lower())
