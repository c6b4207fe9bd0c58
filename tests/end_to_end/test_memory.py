"""`--memory`: activations over banks of RAM, from the command line to the report."""

from __future__ import annotations

import pytest

from tests.end_to_end.command import REPOSITORY, edgeattn

SMALL = REPOSITORY / "tests" / "golden" / "small_se.tflite"


def test_banks_are_in_the_header_and_in_the_reports(tmp_path):
    done = edgeattn("convert", SMALL, "--memory", "dtcm:400,sram:8K", "--target", "cortex-m7", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    report = done.report
    assert report["byte_exact"]
    banks = {bank["name"]: bank for bank in report["banks"]}
    assert {name: bank["room"] for name, bank in banks.items()} == {"dtcm": 400, "sram": 8192}
    assert all(0 < bank["bytes"] <= bank["room"] for bank in banks.values())
    assert sum(bank["bytes"] for bank in banks.values()) == report["activations_bytes"]
    text = (tmp_path / "build" / "small_se" / "small_se.h").read_text()
    for name, bank in banks.items():
        assert f"#define SMALL_SE_{name.upper()}_BYTES {bank['bytes']}\n" in text
    shown = edgeattn("convert", SMALL, "--memory", "dtcm:400,sram:8K", cwd=tmp_path, environment={"COLUMNS": "160"})
    assert f"dtcm {banks['dtcm']['bytes']} of 400 bytes" in shown.stdout


def test_the_banks_of_each_part_are_its_own(tmp_path):
    targets = ("--target", "stm32f405rg", "--target", "stm32f746ng", "--target", "stm32f401re")
    done = edgeattn("bench", SMALL, "--memory", "default", "--json", *targets, cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert [[bank["name"] for bank in report["banks"]] for report in done.report] == [["ccm"], ["dtcm"], ["sram"]]
    assert all("stm32f405rg" in report["fits"] for report in done.report)


def test_layers_are_compared_where_they_lie(tmp_path):
    done = edgeattn("validate", SMALL, "--memory", "a:100,b:200,c:8K", "--per-layer", "--json", cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.report["first_wrong_layer"] is None
    assert [bank["name"] for bank in done.report["banks"]] == ["a", "b", "c"]


WRONG = {
    "dtcm": 2,
    "dtcm:0": 2,
    "dtcm:1K,dtcm:1K": 2,
    "int:1K": 2,
    "default": 2,  # of a core
    "dtcm:16,sram:16": 5,
}


@pytest.mark.parametrize(("text", "code"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_told(text, code, tmp_path):
    done = edgeattn("convert", SMALL, "--memory", text, cwd=tmp_path)
    assert done.code == code
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert ("bytes of dtcm or" in done.stderr) == (code == 5)
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("network", ["mlperf_tiny/kws_ref_model.tflite", "se/se_small_int8.tflite"])
@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m7"])
def test_public_networks_give_the_same_bytes_from_two_banks(network, target, public, tmp_path):
    done = edgeattn(
        "convert", public(network), "--memory", "fast:3K,slow:32K", "--target", target, "--json", cwd=tmp_path
    )
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]
    assert [bank["name"] for bank in done.report["banks"]] == ["fast", "slow"]
