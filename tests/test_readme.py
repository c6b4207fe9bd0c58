"""What the README says is what the tool says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from click.testing import CliRunner

from edgeattn.cli import cli
from firmware_export import CORES, TARGETS, Bank, Delivery, Names, Optimize, export, read_banks
from firmware_export.kernels import KERNELS
from firmware_export.targets import Isa
from tests.kernels.sanitized import SANITIZED
from tests.kernels.state_cases import a_delay_line_of_three, a_running_mean_behind_other_layers, case
from tests.single_op import TensorSpec, single_op

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def between(mark: str) -> str:
    return README.split(f"<!-- {mark} -->")[1].split(f"<!-- end of {mark} -->")[0].strip()


def test_the_table_of_ops_is_what_the_command_prints():
    done = CliRunner().invoke(cli, ["supported-ops"])
    assert done.exit_code == 0
    assert between("supported ops") == done.output.strip()


def test_the_table_of_ops_is_json_as_well():
    rows = json.loads(CliRunner().invoke(cli, ["supported-ops", "--json"]).output)
    (mul,) = [row for row in rows if row["op"] == "MUL"]
    assert set(mul) == {"op", "types", "broadcast", "cores", "fused", "remark"}
    assert (mul["types"], mul["cores"]) == (["int8", "int16"], list(CORES))


def test_every_op_runs_on_every_core():
    """As the table says: each kind of op has a kernel in plain C."""
    plain = {attrs for kernel in KERNELS if kernel.isa is Isa.C for attrs in kernel.ops}
    assert plain == {attrs for kernel in KERNELS for attrs in kernel.ops}


def test_the_number_of_parts_is_the_table():
    assert f"A table of {len(TARGETS)} STM32 parts" in README


def test_networks_that_remember_are_called_in_c_as_it_says():
    header = export(case(a_delay_line_of_three).model, name="keyword").files["keyword.h"]
    code = between("streams")
    used = set(re.findall(r"\bkeyword_\w+|\bKEYWORD_\w+", code)) | {"KEYWORD_NOT_RESET"}
    assert len(used) == 5
    assert [word for word in used if not re.search(rf"\b{word}\b", header)] == []
    assert "keyword_run(void *activations, struct keyword_state *state, const int8_t *input, int8_t *output)" in header


def test_rows_are_fed_in_c_as_it_says(tmp_path):
    model = (Path(__file__).parent / "golden" / "small_se.tflite").read_bytes()
    done = export(model, name="keyword", optimize=Optimize.RAM, delivery=Delivery.ROWS)
    main = f"""#define KEYWORD_IMPLEMENTATION
#include "keyword.h"
KEYWORD_DEFINE_ACTIVATIONS(activations);
static int8_t scores[KEYWORD_OUTPUT_BYTES];
static void read_row(int8_t *row)
{{
    memset(row, 0, KEYWORD_ROW_BYTES);
}}
int main(void)
{{
{between("rows").removeprefix("```c").removesuffix("```")}
    return keyword_finish(activations, scores) == KEYWORD_NOT_BEGUN ? 0 : 1;
}}
"""
    for name, text in (done.files | {"main.c": main}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    compiler = [word for word in SANITIZED if not word.startswith("-std")]
    subprocess.run([*compiler, "-std=c99", "-Wall", "-Werror", "main.c", "-o", "main"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"], check=False).returncode == 0


def test_inputs_in_the_activations_have_the_macro_that_it_names():
    model = (Path(__file__).parent / "golden" / "small_se.tflite").read_bytes()
    assert "#define KEYWORD_INPUT_OFFSET " in export(model, name="keyword", optimize=Optimize.RAM).files["keyword.h"]
    assert "`KEYWORD_INPUT_OFFSET`" in README


def test_banks_are_called_in_c_as_it_says():
    model = case(a_running_mean_behind_other_layers).model
    sizes = {"dtcm": 16, "sram": 4096}
    done = export(model, name="keyword", banks=[Bank(*pair) for pair in sizes.items()])
    assert [bank.name for bank in done.program.banks] == list(sizes)
    header = done.files["keyword.h"]
    used = set(re.findall(r"\bkeyword_\w+|\bKEYWORD_\w+", between("banks"))) - {"KEYWORD_ACTIVATIONS_BYTES"}
    assert len(used) == 6
    assert [word for word in used if not re.search(rf"\b{word}\b", header)] == []
    assert "ACTIVATIONS" not in re.sub("in place of ACTIVATIONS", "", header)


def test_the_banks_of_every_part_are_in_the_table():
    rows = re.findall(r"^\| ([A-Z].*|all others) \| (`.*`) \|$", README, re.MULTILINE)
    banks = {name: re.findall(r"`(\w+)`", names) for parts, names in rows for name in parts.split(", ")}
    for target in TARGETS.values():
        line = target.name.removeprefix("stm32").upper()
        known = next((found for name, found in banks.items() if line.startswith(name)), banks["all others"])
        assert [bank.name for bank in read_banks("default", target)] == known, target.name


def test_several_inputs_are_called_in_c_as_it_says():
    value = TensorSpec((1, 4), scale=(0.5,), zero_point=(0,))
    names = Names(inputs=["audio", "motion"], outputs=["alarm"])
    header = export(single_op("ADD", [value, value], value), name="sensor", names=names).files["sensor.h"]
    code = between("several inputs")
    assert "int8_t *input, const int8_t *input_2, int8_t *output)" in header
    assert "sensor_run(activations, sound, motion, alarm);" in code
    used = set(re.findall(r"\bsensor_\w+|\bSENSOR_\w+", code)) - {"SENSOR_OUTPUT_2_BYTES"}
    assert len(used) == 6
    assert [word for word in used if not re.search(rf"\b{word}\b", header)] == []
    assert [text for text in re.findall(r'\w+: "\w+"', code) if f"/* {text} */" not in header] == []
