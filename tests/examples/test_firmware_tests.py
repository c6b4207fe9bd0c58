"""The firmware repository in examples: its own tests pass, and fail with a sentence where something is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

from edgeattn.conversion import Conversion, convert
from edgeattn.runners import run_litert
from firmware_export import Isa, Layout, export
from tests.end_to_end.command import edgeattn
from tests.test_import_directions import HEAVY

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "firmware_tests"
MODEL = ROOT / "tests" / "golden" / "small_se.tflite"
HEADER = "firmware/small_se.h"
BUDGET = "pyproject.toml"
TESTS = "tests/test_firmware.py"

GOLDEN_TEST = "test_the_outputs_are_those_of_the_reference"
BUDGET_TEST = "test_the_network_stays_in_its_budget"


@pytest.fixture(scope="module", autouse=True)
def _installed():
    plugins = {point.value for point in entry_points(group="pytest11")}
    assert "edgeattn.pytest_plugin" in plugins, "the plugin is not installed: pip install -e '.[test]'"


@pytest.fixture
def repository(tmp_path) -> Path:
    """A copy of the example."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return shutil.copytree(EXAMPLE, tmp_path / "repository", ignore=ignored)


def python(*arguments: str, cwd: Path) -> str:
    """What Python prints, after its exit status."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    return f"{done.returncode}\n{done.stdout}"


def run_tests(repository: Path, *options: str) -> str:
    return python("-m", "pytest", "-p", "no:cacheprovider", *options, cwd=repository)


def edit(repository: Path, file: str, pattern: str, text: str) -> None:
    path = repository / file
    edited, count = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    assert count == 1, f"{pattern} stands {count} times in {file}"
    path.write_text(edited, encoding="utf-8")


def spoil_output(repository: Path) -> None:
    """Change one byte that the network must give."""
    file = repository / "tests" / "small_se.npz"
    with np.load(file) as archive:
        arrays = dict(archive)
    arrays["c_outputs_1"][2, 1, 3, 5] ^= 1
    np.savez_compressed(file, **arrays)


def test_the_header_is_what_convert_writes_today(tmp_path):
    convert(MODEL, Conversion(output=tmp_path, target="stm32f446re"))
    assert (tmp_path / "small_se.h").read_bytes() == (EXAMPLE / HEADER).read_bytes(), (
        f"edgeattn convert tests/golden/small_se.tflite -o FOLDER, then copy small_se.h to {EXAMPLE / HEADER}"
    )


def test_the_outputs_it_keeps_are_those_of_the_reference_kernels():
    with np.load(EXAMPLE / "tests" / "small_se.npz") as archive:
        inputs, outputs = archive["m_inputs_1"], archive["c_outputs_1"]
    assert len(set(inputs.reshape(-1))) > 100
    assert np.array_equal(run_litert(MODEL.read_bytes(), (inputs,))[0].reshape(outputs.shape), outputs)


def test_outputs_saved_by_validate_are_taken(repository):
    done = edgeattn("validate", MODEL, "-q", "--save", repository / "tests" / "small_se.npz", cwd=repository)
    assert (done.code, done.stderr) == (0, "")
    assert run_tests(repository, "-k", GOLDEN_TEST).startswith("0\n")


def test_it_passes_from_any_folder(repository):
    assert "7 passed" in run_tests(repository / "tests")


def test_a_network_in_several_files_in_two_folders_passes(repository):
    exported = export(MODEL.read_bytes(), name="small_se", isa=Isa.DSP, short_loops=True, layout=Layout.SPLIT)
    (repository / HEADER).unlink()
    for folder in ("Inc", "Src"):
        (repository / folder).mkdir()
    for file, text in exported.files.items():
        (repository / ("Inc" if file.endswith(".h") else "Src") / file).write_text(text, encoding="utf-8")
    edit(repository, TESTS, r'"firmware/small_se.h"', '"Inc/small_se.h", sources="Src"')
    assert "7 passed" in run_tests(repository)


def test_a_second_part_has_a_table_of_its_own(repository):
    edit(repository, TESTS, r"check_budget\(\)", 'check_budget("on_m0")')
    said = run_tests(repository, "-k", BUDGET_TEST)
    assert "there is no table [tool.edgeattn_budget.on_m0] (budgets there: small_se)" in said
    with (repository / BUDGET).open("a", encoding="utf-8") as file:
        file.write('\n[tool.edgeattn_budget.on_m0]\ntarget = "stm32f030r8"\ncompiler = "zig"\n')
    said = run_tests(repository, "-k", BUDGET_TEST, "--edgeattn-update-budget")
    assert said.startswith("0\n"), said
    table = (repository / BUDGET).read_text(encoding="utf-8").partition("[tool.edgeattn_budget.on_m0]")[2]
    number = re.search(r"^instructions = (\d+)$", table, re.MULTILINE)
    assert number
    assert int(number[1]) > 90_000  # a core without the M4's instructions needs more


def test_what_the_readme_shows_works(repository):
    shown = (ROOT / "README.md").read_text(encoding="utf-8").replace("kws", "small_se")
    blocks = shown.split("<!-- firmware tests -->")[1].split("<!-- end of firmware tests -->")[0]
    code, table = re.findall(r"```(?:python|toml)\n(.*?)```", blocks, re.DOTALL)
    (repository / TESTS).write_text(code, encoding="utf-8")
    (repository / BUDGET).write_text(table, encoding="utf-8")
    assert "1 passed" in run_tests(repository)


def test_every_file_is_small():
    sizes = [path.stat().st_size for path in EXAMPLE.rglob("*") if path.is_file() and "cache" not in str(path)]
    assert sum(sizes) < 90_000


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_it_passes_as_it_is_and_changes_nothing(processes, repository):
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    said = run_tests(repository, *processes)
    assert said.startswith("0\n")
    assert "7 passed" in said
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


FAILURES = {
    "a budget of RAM": (
        [(BUDGET, "ram_bytes = 1200", "ram_bytes = 700")],
        BUDGET_TEST,
        [
            r"small_se on stm32f446re \(zig \S+ -Os\) exceeds",
            r"ram_bytes +700 +1,\d+ +\d+\n",
            r"flash_bytes .* -\n",
        ],
    ),
    "a budget of instructions": (
        [(BUDGET, "instructions = 26_000", "instructions = 7_000")],
        BUDGET_TEST,
        [r"instructions +7,000 +\d+,\d+ +\d+,\d+\n", r"or raise the number in \[tool.edgeattn_budget.small_se\]"],
    ),
    "an unknown key": (
        [(BUDGET, "ram_bytes", "ram")],
        BUDGET_TEST,
        [r"unknown keys \(ram\): those known are target, compiler, .*instructions"],
    ),
    "an unknown part": (
        [(BUDGET, "stm32f446re", "cortex-m5")],
        BUDGET_TEST,
        ["unknown target 'cortex-m5'.*there are cortex-m0, cortex-m0plus, cortex-m3, cortex-m4, cortex-m7, cortex-m33"],
    ),
    "a part that is too small": (
        [(HEADER, "ACTIVATIONS_BYTES 432", "ACTIVATIONS_BYTES 900000"), (BUDGET, "ram_bytes = 1200", "")],
        BUDGET_TEST,
        [r"small_se on stm32f446re .* does not fit: it lacks [\d,]+ bytes of \w+"],
    ),
    "another model": (
        [(BUDGET, "ram_bytes = 1200", 'model_sha256 = "00"')],
        BUDGET_TEST,
        [r"firmware/small_se.h was made from the model with SHA-256 0e7c43c2\w+, and .* is for 00: restore the header"],
    ),
    "C that does not compile": (
        [(HEADER, r"    return SMALL_SE_OK;\n}\n\nstatic", "    return SMALL_SE_FINE;\n}\n\nstatic")],
        GOLDEN_TEST,
        [
            r"firmware/small_se.h does not build for stm32f446re with zig",
            r"small_se\.h:\d+:\d+: error: .*SMALL_SE_FINE",
        ],
    ),
    "a write outside the buffers": (
        [(HEADER, r"(    small_se_run_mean\(arena\);)", r"    arena[100000] = 1;\n\1")],
        GOLDEN_TEST,
        [r"small_se_run.* on cortex-m4", "pc", "r0"],
    ),
    "a loop without end": (
        [(HEADER, r"(    small_se_run_mean\(arena\);)", r"    for (volatile int i = 0; i == 0;) {}\n\1")],
        "test_most_of_the_time",
        [r"small_se_run.* on cortex-m4", "instructions"],
    ),
    "a layer that reads what nobody wrote": (
        [(HEADER, r"(    small_se_run_conv2d\(.*;\n)", r"    const int8_t odd = arena[400];\n\1    arena[0] = odd;\n")],
        GOLDEN_TEST,
        ["gives other results when memory holds other values before the call"],
    ),
    "a weight": (
        [(HEADER, r"(weights_filter_conv2d\[\d+\] \w+ = \{\n    )\S+,", r"\g<1>0x01,")],
        GOLDEN_TEST,
        ["firmware/small_se.h: the weights were changed since edgeattn wrote them", "restore the file"],
    ),
    "a header of somebody else": (
        [(HEADER, r"\A.*", "/* mine")],
        GOLDEN_TEST,
        ["firmware/small_se.h: no header that edgeattn wrote"],
    ),
    "a header that is not there": (
        [(TESTS, "firmware/small_se.h", "firmware/none.h")],
        GOLDEN_TEST,
        ["firmware/none.h: there is no such file"],
    ),
}


@pytest.mark.parametrize(("edits", "test", "messages"), FAILURES.values(), ids=FAILURES)
def test_it_fails_with_a_sentence_below_the_line_that_failed(edits, test, messages, repository):
    for file, pattern, text in edits:
        edit(repository, file, pattern, text)
    said = run_tests(repository, "-k", test)
    assert said.startswith("1\n"), said
    for message in messages:
        assert re.search(message, said), said
    assert re.search(r"^>  +(small_se|return|result = small_se|result)\b.*\n( +\^+\n)?(E .*\n)+", said, re.MULTILINE), (
        said
    )
    assert "Traceback" not in said
    assert "edgeattn/firmware_fixture.py" not in said


def test_a_byte_that_differs_is_told_with_its_place(repository):
    spoil_output(repository)
    said = run_tests(repository, "-k", GOLDEN_TEST)
    assert said.startswith("1\n")
    assert re.search(r"small_se on stm32f446re \(zig \S+ -Os\) does not give the outputs in small_se.npz", said)
    assert re.search(r"output: 1 of 1,152 bytes differ, first in sample 2 at \[1, 3, 5\]: -?\d+ instead of -?\d+", said)


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_budgets_are_lowered_when_asked_and_never_raised(processes, repository):
    edit(repository, BUDGET, "ram_bytes = 1200\n", "")
    edit(repository, BUDGET, "stack_bytes = 280", "stack_bytes = 1")
    said = run_tests(repository, "--edgeattn-update-budget", *processes)
    assert said.startswith("1\n")
    assert re.search(r"stack_bytes +1 +\d+ +\d+\n", said)
    assert re.search(r"edgeattn: \[tool.edgeattn_budget.small_se\] instructions: 26,000 -> \d+,\d+\n", said)
    edit(repository, BUDGET, "stack_bytes = 1\n", "stack_bytes = 280\n")
    assert run_tests(repository).startswith("0\n")
    number = re.search(r"^instructions = (\S+) # of one inference$", (repository / BUDGET).read_text(), re.MULTILINE)
    assert number
    edit(repository, BUDGET, number[1], str(int(number[1]) - 1))
    assert run_tests(repository, "-k", BUDGET_TEST).startswith("1\n")


def test_a_pyproject_that_cannot_be_rewritten_fails_the_run(repository):
    edit(
        repository,
        BUDGET,
        r"\[tool.edgeattn_budget.small_se\]\n",
        '[tool]\nedgeattn_budget."small_se" = {target = "m4"}\n[x]\n',
    )
    said = run_tests(repository, "--edgeattn-update-budget", "-k", BUDGET_TEST)
    assert said.startswith("1\n"), said
    assert "edgeattn: " in said
    assert "cannot be set without changing something else" in said


def test_who_does_not_ask_for_the_fixture_pays_nothing(tmp_path, monkeypatch):
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    script = (
        "import sys, pytest\n"
        "assert pytest.main(['-q', '-p', 'edgeattn.pytest_plugin']) == 0\n"
        "assert 'edgeattn.pytest_plugin' in sys.modules\n"
        "print('imported:', *sorted({name for name in sys.modules if name.split('.')[0] in sys.argv[1:]}))\n"
    )
    heavy = sorted({*HEAVY, "firmware_export", "tomllib"})
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others may import what they like
    said = python("-c", script, *heavy, cwd=tmp_path)
    assert said.startswith("0\n"), said
    assert said.endswith("imported:\n"), said
