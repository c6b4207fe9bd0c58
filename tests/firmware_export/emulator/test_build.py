"""What build makes of a header, and what it says when it cannot."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_export.emulator import (
    Compiler,
    Conditions,
    Interface,
    Toolchain,
    build,
    compiler_version,
    find_compiler,
    run,
)
from firmware_export.emulator.cache import cache_folder
from firmware_export.errors import BuildFailed, EmulationFault, ToolMissing
from tests.firmware_export.emulator.headers import COMPILERS, CORES, SATURATING_ADD, image_of

OPTIMIZATIONS = ("-O0", "-O1", "-O2", "-O3", "-Os")


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("core", CORES)
def test_sizes_are_split_into_code_weights_and_tables(core, compiler):
    sizes = image_of(SATURATING_ADD, core, compiler).sizes
    assert sizes.weights == 8
    assert 30 <= sizes.code <= 400
    assert (sizes.data, sizes.bss, sizes.static_ram) == (0, 0, 0)
    assert sizes.flash == sizes.code + sizes.weights + sizes.tables


@pytest.mark.parametrize("compiler", COMPILERS)
def test_tables_data_and_bss_are_counted_apart(compiler):
    definitions = """static const int16_t model_gain[6] = {1, 2, 3, 4, 5, 6};
static volatile int32_t model_counter = 5;
static volatile int32_t model_history[3];"""
    body = """    (void)activations;
    model_history[input[0] & 1] = model_counter++;
    output[0] = (int8_t)model_gain[model_history[0] % 6];
    return MODEL_OK;"""
    sizes = image_of(replace(SATURATING_ADD, body=body, definitions=definitions), "cortex-m4", compiler).sizes
    assert (sizes.weights, sizes.tables, sizes.data, sizes.bss) == (0, 12, 4, 12)
    assert sizes.static_ram == 16


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("optimize", OPTIMIZATIONS)
def test_symbols_survive_every_optimization(optimize, compiler):
    image = image_of(SATURATING_ADD, "cortex-m0", compiler, optimize)
    assert image.symbols["model_run"].size > 20
    assert image.describe(image.entry + 4) == "model_run+0x4"


def test_what_run_does_not_call_is_dropped():
    other = "int model_other(int x);\nint model_other(int x) { return x * 3; }"
    model = replace(SATURATING_ADD, definitions=f"{SATURATING_ADD.definitions}\n{other}")
    assert "model_other" not in image_of(model, "cortex-m4").symbols


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_split_model_is_built_from_its_c_files(compiler):
    files = {
        "model.h": "#include <stdint.h>\nextern const int8_t model_weights_a[4];\n"
        "int model_run(void *activations, const int8_t *input, int8_t *output);\n",
        "model.c": '#include "model.h"\n'
        "int model_run(void *activations, const int8_t *input, int8_t *output)\n"
        "{ (void)activations; output[0] = model_weights_a[input[0] & 3]; return 0; }\n",
        "model_data.c": '#include "model.h"\n'
        "__attribute__((aligned(16))) const int8_t model_weights_a[4] = {1, 2, 3, 4};\n",
    }
    image = build(files, name="model", toolchain=Toolchain("cortex-m4", compiler))
    assert image.sizes.weights == 4


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_same_text_gives_the_same_bytes(compiler, tmp_path, monkeypatch):
    images = []
    for cache in ("one", "other"):
        monkeypatch.setenv("EDGEATTN_CACHE_DIR", str(tmp_path / cache))
        cache_folder.cache_clear()
        images.append(build(SATURATING_ADD.files, name="model", toolchain=Toolchain("cortex-m4", compiler)))
    cache_folder.cache_clear()
    assert images[0] == images[1]


GOLDEN = Path(__file__).parents[2] / "golden" / "small_se.h"


def misaligned(text: str) -> str:
    """A generated header whose arrays lie at addresses that are 1 modulo 16 and on."""
    start = text.index("#define SMALL_SE_IMPLEMENTED")
    section = '__attribute__((section(".rodata.odd")))'
    byte = f"static const int8_t %s {section} __attribute__((used, aligned(16))) = 1;\n"
    types = "".join(f"typedef {t} odd_{t} __attribute__((aligned(1)));\n" for t in ("int8_t", "int32_t", "uint32_t"))
    definitions = re.sub(r"SMALL_SE_ALIGNED static const (u?int\d+_t)", rf"{section} static const odd_\1", text[start:])
    last = definitions.index("static const struct")  # GCC lays them out backwards
    return text[:start] + types + byte % "first_byte" + definitions[:last] + byte % "last_byte" + definitions[last:]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_arrays_without_their_alignment_are_refused(compiler):
    files = {"small_se.h": misaligned(GOLDEN.read_text(encoding="utf-8"))}
    with pytest.raises(BuildFailed, match=r"small_se_\w+ lies at 0x\w+, which is \d+ modulo 16: kernels may load"):
        build(files, name="small_se", toolchain=Toolchain("cortex-m4", compiler))


def test_arrays_without_their_alignment_fault_on_a_core_that_needs_it(monkeypatch):
    """With Zig only: GCC gives every array 4 bytes of its own accord."""
    monkeypatch.setattr(sys.modules["firmware_export.emulator.build"], "check_alignment", lambda image: None)
    files = {"small_se.h": misaligned(GOLDEN.read_text(encoding="utf-8"))}
    image = build(files, name="small_se", toolchain=Toolchain("cortex-m0"))
    with pytest.raises(EmulationFault, match=r"unaligned access.*in layer conv2d"):
        run(image, Interface((108,), (288,), 344), [[bytes(108)]])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_misaligned_activations_are_told_by_the_network_itself(compiler):
    files = {"small_se.h": GOLDEN.read_text(encoding="utf-8")}
    image = build(files, name="small_se", toolchain=Toolchain("cortex-m4", compiler))
    interface, inputs = Interface((108,), (288,), 345), [[bytes(108)]]
    for alignment, status in ((16, 0), (1, 2)):
        conditions = Conditions(activations_alignment=alignment)  # against the guard, 345 bytes start at an odd address
        assert run(image, interface, inputs, conditions=conditions).statuses == (status,)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_code_is_split_into_kernels_and_helpers(compiler):
    files = {"small_se.h": GOLDEN.read_text(encoding="utf-8")}
    sizes = build(files, name="small_se", toolchain=Toolchain("cortex-m0", compiler, optimize="-Os")).sizes
    assert 50 < sizes.code - sizes.kernels < sizes.kernels  # the M0 calls helpers for products of 64 bits


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("    return MODEL_NONSENSE;", "MODEL_NONSENSE"),
        ("    output[0] = input[0] + activations;\n    return MODEL_OK;", "model.h:"),
        ("    (void)activations; output[0] = (int8_t)1; int x = *input; char c = x; return MODEL_OK;", "Werror"),
        (
            "    (void)activations; (void)input; int model_missing(void); output[0] = 1;"
            " return model_missing() ? MODEL_OK : MODEL_ODD;",
            "model_missing",
        ),
    ],
    ids=["unknown name", "wrong type", "a warning", "missing function"],
)
def test_the_compilers_message_is_told(change, message, compiler):
    with pytest.raises(BuildFailed, match=message):
        image_of(replace(SATURATING_ADD, body=change), "cortex-m4", compiler)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_failed_build_says_what_to_do_before_what_the_compiler_said(compiler):
    with pytest.raises(BuildFailed) as failed:
        image_of(replace(SATURATING_ADD, body="    return MODEL_NONSENSE;"), "cortex-m4", compiler)
    first, *rest = str(failed.value).splitlines()
    assert first.startswith("model does not build: try the other compiler (--compiler zig or gcc)")
    assert first.endswith("with these lines:")
    assert rest
    assert all(line.startswith("  ") for line in rest)


def test_a_header_without_run_is_refused():
    with pytest.raises(BuildFailed, match="model_run"):
        build({"model.h": "extern int model_nothing;\n"}, name="model", toolchain=Toolchain("cortex-m4"))


def test_an_unknown_core_is_answered_with_the_list():
    with pytest.raises(ToolMissing, match=r"cortex-m99.*cortex-m0, cortex-m0plus, cortex-m3"):
        image_of(SATURATING_ADD, "cortex-m99")


def test_a_missing_compiler_is_answered_with_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolMissing, match="apt install gcc-arm-none-eabi"):
        find_compiler(Compiler.GCC)
    monkeypatch.setattr("firmware_export.emulator.toolchain.find_spec", lambda name: None)
    with pytest.raises(ToolMissing, match="pip install ziglang"):
        find_compiler(Compiler.ZIG)


def test_the_compilers_version_is_recorded():
    assert image_of(SATURATING_ADD, "cortex-m4").compiler == compiler_version(Compiler.ZIG)
    assert compiler_version(Compiler.ZIG).startswith("zig 0.")


@pytest.mark.parametrize(
    ("core", "has_dsp"),
    [(core, core in ("cortex-m4", "cortex-m7", "cortex-m33")) for core in CORES],
)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_dsp_instructions_are_offered_on_the_cores_that_have_them(core, has_dsp, compiler):
    directive = "#ifndef __ARM_FEATURE_DSP" if has_dsp else "#ifdef __ARM_FEATURE_DSP"
    definitions = f"{SATURATING_ADD.definitions}\n{directive}\n#error wrong\n#endif"
    assert image_of(replace(SATURATING_ADD, definitions=definitions), core, compiler).core == core


def test_a_build_leaves_nothing_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(SATURATING_ADD.files, name="model", toolchain=Toolchain("cortex-m3"))
    assert list(tmp_path.iterdir()) == []
