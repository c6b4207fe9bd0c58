"""The generated C as a user's compiler and firmware meet it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from firmware_export.emulator.toolchain import WARNINGS, find_zig
from firmware_export.export import Layout, Names, export
from tests.single_op import TensorSpec, single_op

STANDARDS = ("c99", "c11", "c++17")


def network(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8)
    scales = tuple(rng.uniform(0.005, 0.02, 4).astype(np.float32).tolist())
    bias = rng.integers(-500, 500, 4).astype(np.int32)
    return single_op(
        "CONV_2D",
        [
            TensorSpec((1, 5, 6, 2), scale=(0.5,), zero_point=(3,)),
            TensorSpec(weights.shape, scale=scales, zero_point=(0,) * 4, axis=0, data=weights),
            TensorSpec((4,), "int32", scale=scales, zero_point=(0,) * 4, axis=0, data=bias),
        ],
        TensorSpec((1, 5, 6, 4), scale=(0.3,), zero_point=(-7,)),
        padding="SAME",
    )


ALPHA, BETA = export(network(1), name="alpha"), export(network(2), name="beta")
SPLIT = export(network(1), name="alpha", layout=Layout.SPLIT)


def command(compiler: str, standard: str) -> list[str]:
    if compiler == "zig":
        found = [*find_zig(), "cc"]
    elif path := shutil.which(compiler):
        found = [path]
    else:
        pytest.skip(f"{compiler} is not installed")
    language = ["-x", "c++"] if "++" in standard else ["-x", "c"]
    warnings = [flag for flag in WARNINGS if "++" not in standard or "prototypes" not in flag]
    return [*found, *language, f"-std={standard}", *warnings]


def build(folder: Path, files: dict[str, str], flags: list[str], sources: list[str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    program = folder / "program"
    done = subprocess.run(
        [*flags, *sources, "-o", program.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return program


def whole(name: str) -> str:
    """The lines that make a file hold the definitions."""
    return f'#define {name.upper()}_IMPLEMENTATION\n#include "{name}.h"\n'


def main_checking(*names: str) -> str:
    """A program that ends with 0 where the weights of every network are as they were exported."""
    tests = " && ".join(f"{name}_check() == {name.upper()}_OK" for name in names)
    return f"int main(void)\n{{\n    return {tests} ? 0 : 1;\n}}\n"


def output_of(program: Path) -> str:
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


HOST = command(next((name for name in ("gcc", "clang") if shutil.which(name)), "zig"), "c11")


@pytest.mark.parametrize(
    ("compiler", "standard", "level"),
    [
        *((compiler, standard, "-O2") for compiler in ("gcc", "clang") for standard in STANDARDS),
        *((compiler, "c11", level) for compiler in ("gcc", "clang", "zig") for level in ("-O0", "-Os")),
    ],
)
def test_the_header_compiles_without_a_word(compiler, standard, level, tmp_path):
    text = whole("alpha") + '#include "alpha.h"\n' + main_checking("alpha")
    program = build(tmp_path, ALPHA.files | {"main.c": text}, [*command(compiler, standard), level], ["main.c"])
    assert output_of(program) == ""


def test_three_files_compile_and_compute_what_one_does(tmp_path):
    calls = """
    int8_t x[ALPHA_INPUT_BYTES], y[ALPHA_OUTPUT_BYTES];
    ALPHA_DEFINE_ACTIVATIONS(activations);
    for (int i = 0; i < ALPHA_INPUT_BYTES; i++)
        x[i] = (int8_t)(i * 7 % 256 - 128);
    if (alpha_check() != ALPHA_OK || alpha_run(activations, x, y) != ALPHA_OK)
        return 1;
    for (int i = 0; i < ALPHA_OUTPUT_BYTES; i++)
        printf("%d ", y[i]);
    return 0;
"""
    main = f'#include <stdio.h>\n#include "alpha.h"\nint main(void)\n{{{calls}}}\n'
    one, three = tmp_path / "one", tmp_path / "three"
    one.mkdir()
    three.mkdir()
    single = build(one, ALPHA.files | {"main.c": f"#define ALPHA_IMPLEMENTATION\n{main}"}, HOST, ["main.c"])
    split = build(three, SPLIT.files | {"main.c": main}, HOST, ["main.c", "alpha.c", "alpha_data.c"])
    assert output_of(single) == output_of(split) != ""


def test_two_networks_live_in_one_file_and_share_their_kernels(tmp_path):
    text = whole("alpha") + whole("beta") + main_checking("alpha", "beta")
    program = build(tmp_path, ALPHA.files | BETA.files | {"main.c": text}, HOST, ["main.c"])
    assert output_of(program) == ""


def test_two_networks_in_two_files_link(tmp_path):
    files = {
        "a.c": whole("alpha"),
        "b.c": whole("beta"),
        "main.c": '#include "alpha.h"\n#include "beta.h"\n' + main_checking("alpha", "beta"),
    }
    program = build(tmp_path, ALPHA.files | BETA.files | files, HOST, list(files))
    assert output_of(program) == ""


STATUSES = """
    static int8_t x[ALPHA_INPUT_BYTES], y[ALPHA_OUTPUT_BYTES];
    ALPHA_DEFINE_ACTIVATIONS(activations);
    printf("%d %d %d", alpha_run(activations, NULL, y), alpha_run(activations, x, NULL), alpha_run(activations, x, y));
    return 0;
"""


def test_a_null_pointer_is_a_status_not_a_crash(tmp_path):
    main = f'#include <stdio.h>\n#define ALPHA_IMPLEMENTATION\n#include "alpha.h"\nint main(void)\n{{{STATUSES}}}\n'
    assert output_of(build(tmp_path, ALPHA.files | {"main.c": main}, HOST, ["main.c"])) == "1 1 0"


def test_a_flipped_bit_in_the_weights_is_found(tmp_path):
    text = ALPHA.files["alpha.h"]
    start = text.index("alpha_weights_filter_conv2d[")
    first = text.index("0x", start)
    digit = text[first + 3]
    damaged = text[: first + 3] + ("1" if digit == "0" else "0") + text[first + 4 :]
    main = whole("alpha") + "int main(void)\n{\n    return alpha_check() == ALPHA_CORRUPTED ? 0 : 1;\n}\n"
    output_of(build(tmp_path, {"alpha.h": damaged, "main.c": main}, HOST, ["main.c"]))


def test_quantise_rounds_and_clips_as_documented(tmp_path):
    values = ["-1e30f", "-66.0f", "-0.76f", "-0.25f", "0.0f", "0.24f", "0.25f", "61.9f", "62.1f", "1e30f", "NAN"]
    prints = "\n".join(f'    printf("%d ", alpha_quantise({value}));' for value in values)
    main = (
        f'#include <math.h>\n#include <stdio.h>\n#define ALPHA_IMPLEMENTATION\n#include "alpha.h"\n'
        f"int main(void)\n{{\n{prints}\n    return 0;\n}}\n"
    )
    printed = output_of(build(tmp_path, ALPHA.files | {"main.c": main}, HOST, ["main.c"]))
    # scale 0.5, zero point 3: value / 0.5 rounded half away from zero, plus 3, clipped
    assert [int(word) for word in printed.split()] == [-128, -128, 1, 2, 3, 3, 4, 127, 127, 127, 3]


def test_trace_calls_the_user_after_every_layer(tmp_path):
    main = """#include <stdio.h>
#define ALPHA_TRACE
#define ALPHA_IMPLEMENTATION
#include "alpha.h"
void alpha_trace(const char *layer, const int8_t *output, size_t bytes)
{
    printf("%s %d %d\\n", layer, (int)bytes, output[0]);
}
int main(void)
{
    static int8_t x[ALPHA_INPUT_BYTES], y[ALPHA_OUTPUT_BYTES];
    ALPHA_DEFINE_ACTIVATIONS(activations);
    const int ok = alpha_run(activations, x, y) == ALPHA_OK;
    printf("%d", y[0]);
    return ok ? 0 : 1;
}
"""
    lines = output_of(build(tmp_path, ALPHA.files | {"main.c": main}, HOST, ["main.c"])).split()
    assert lines[:2] == ["conv2d", "120"]
    assert lines[2] == lines[3]


def test_the_same_model_gives_the_same_bytes():
    assert export(network(1), name="alpha").files == ALPHA.files


def test_every_global_symbol_carries_the_models_name(tmp_path):
    nm = shutil.which("nm")
    if nm is None:
        pytest.skip("nm is not installed")
    program = build(tmp_path, ALPHA.files | {"a.c": whole("alpha")}, HOST, ["-c", "a.c"])
    listed = subprocess.run([nm, "-g", "--defined-only", program], capture_output=True, text=True, check=True).stdout
    symbols = [line.split()[-1] for line in listed.splitlines() if line]
    assert symbols
    assert all(symbol.startswith("alpha_") for symbol in symbols)


def test_lines_stay_short_and_nothing_tells_the_machine_or_the_day():
    for text in (*ALPHA.files.values(), *SPLIT.files.values()):
        assert max(map(len, text.splitlines())) <= 160
        assert str(Path.home()) not in text


@pytest.mark.parametrize("name", ["9lives", "Fashion SE", "émile", "___", "int"])
def test_any_file_name_becomes_a_c_name(name, tmp_path):
    done = export(network(1), name=name)
    symbol = done.program.name
    build(tmp_path, done.files | {"main.c": whole(symbol) + main_checking(symbol)}, HOST, ["main.c"])


NASTY = {
    "end of a comment": "a */ int stolen; /*",
    "comment in a comment": "/* a /* b",
    "new line": "a\n#error b\r\nc",
    "trigraph that continues the line": "a??/\n??/",
    "backslash": "a\\",
    "not ASCII": "Gerät\u202e\u2028\x00",
    "very long": "a" * 5000,
    "nothing": "",
}


@pytest.mark.parametrize("compiler", ["gcc", "zig"])
@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_what_a_stranger_calls_an_input_stays_inside_its_comment(name, compiler, tmp_path):
    done = export(network(1), name="alpha", names=Names(inputs=[name], outputs=[name]))
    text = done.files["alpha.h"]
    comments = [line for line in text.splitlines() if line.startswith(("/* input:", "/* output:"))]
    assert [line[-4:] for line in comments] == ['" */', '" */']
    assert text.isascii()
    assert max(map(len, comments)) <= 120
    uncommented = [line for line in text.splitlines() if line not in comments]
    known = export(network(1), name="alpha", names=Names(inputs=["x"], outputs=["y"])).files["alpha.h"]
    assert uncommented == [line for line in known.splitlines() if line not in ('/* input: "x" */', '/* output: "y" */')]
    flags = [*command(compiler, "c99"), "-Wtrigraphs", "-Wcomment"]
    build(tmp_path, done.files | {"main.c": whole("alpha") + main_checking("alpha")}, flags, ["main.c"])


def test_each_port_is_called_as_in_the_model():
    image = TensorSpec((1, 2, 2, 1), scale=(0.5,), zero_point=(0,))
    names = Names(inputs=["audio", "net/camera:0"], outputs=["alarm"])
    text = export(single_op("ADD", [image, image], image), name="two", names=names).files["two.h"]
    for comment in ('/* input: "audio" */', '/* input_2: "net/camera:0" */', '/* output: "alarm" */'):
        port = comment.split(":")[0].removeprefix("/* ").upper()
        assert f"{comment}\n#define TWO_{port}_BYTES " in text
