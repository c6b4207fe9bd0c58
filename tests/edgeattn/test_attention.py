"""What is said of gates, on values that are known, and of blocks in a report."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from edgeattn.attention import Gates
from edgeattn.conversion import analyse
from edgeattn.report import as_dict
from edgeattn.show_analysis import advice, show_attention
from firmware_export import GateValues
from tests.kernels.squeeze_excite_models import Block, squeeze_excite

SIGMOID = GateValues(index=7, zero_point=-128, low=-128, high=127)


def gates(rows: list[list[int]]) -> Gates:
    return Gates(np.array(rows, np.int8), SIGMOID)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("analysis") / "block.tflite"
    path.write_bytes(squeeze_excite(Block()))
    return analyse(path)


def test_gates_are_counted():
    found = gates([[-128, 5, 127, 0], [-128, 5, -128, 1], [-128, 5, 3, 2]])
    assert (found.count, found.dead, found.constant, found.levels) == (4, 1, 2, 7)
    assert found.saturated == pytest.approx(5 / 12)


def test_the_ends_are_those_of_the_gates_own_function():
    narrow = Gates(np.array([[-40, 0, 30, 1]], np.int8), GateValues(7, -128, -40, 30))
    assert (narrow.saturated, narrow.dead, narrow.constant) == (0.5, 0, 0)  # one sample tells nothing of change


def test_a_block_is_in_the_report_with_its_price_and_its_gate(report):
    (block,) = as_dict(report)["attention"]
    assert (block["kind"], block["macs"]) == ("channel", 2 * 8 * 4)
    assert block["instructions"] == sum(report.proof.emulated.layers[layer] for layer in block["layers"])
    assert 0 < block["cycles_share"] < 1
    assert block["gate"]["gates"] == 8
    assert block["gate"]["samples"] == report.prepared.calibration.count


def test_only_an_analysis_measures_gates(report):
    assert as_dict(replace(report, gates={}))["attention"][0]["gate"] is None


def test_the_gate_is_what_the_reference_computes(report):
    """The emulator's output of the gate's layer for the same sample, through another way."""
    (name,) = report.gates
    assert report.gates[name].values.shape == (report.prepared.calibration.count, 8)
    assert report.gates[name].levels > 1


ADVICE = {
    "are saturated": gates([[-128, 127] * 8, [-128, 127] * 8]),
    "values of 256": gates([[0, 1] * 8, [1, 0] * 8]),
    "the same on every sample": gates([[*range(16)], [*range(16)]]),
}


@pytest.mark.parametrize("words", ADVICE)
def test_a_bad_gate_gets_advice(report, words):
    assert any(words in sentence for sentence in advice(replace(report, gates={"se": ADVICE[words]})))


def test_a_good_gate_gets_none(report):
    good = gates([[*range(-60, 60, 5)], [*range(-58, 62, 5)]])
    assert list(advice(replace(report, gates={"se": good}))) == []


def test_a_network_without_attention_says_nothing_of_it(report):
    console = Console(file=StringIO())
    show_attention(
        replace(report, exported=replace(report.exported, graph=replace(report.exported.graph, ops=()))), console
    )
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]


def test_a_table_names_the_block(report):
    console = Console(file=StringIO(), width=120)
    show_attention(report, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "attention: 1 block" in text
    assert report.attention[0].block.name in text
