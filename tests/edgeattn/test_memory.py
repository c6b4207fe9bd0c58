"""RAM over time as it is shown: in the terminal, as a picture, in words and in JSON."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from edgeattn.conversion import Conversion, analyse
from edgeattn.memory_axis import axis_of
from edgeattn.memory_facts import memory_facts, plan_texts
from edgeattn.memory_picture import memory_page, memory_svg
from edgeattn.report import as_dict
from edgeattn.show_memory import LABEL, letters_of, map_of, show_memory
from firmware_export import Export, Optimize, Role, Timeline, WhatIf, export, optimized_for_ram, ram_of, what_ifs
from tests.edgeattn.reports import report_of
from tests.streamed import streamed

SMALL = Path(__file__).parents[1] / "golden" / "small_se.tflite"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def exported() -> Export:
    return export(streamed(), name="net")


@pytest.fixture(scope="module")
def timeline(exported) -> Timeline:
    return exported.timeline


@pytest.fixture(scope="module")
def advice(exported) -> tuple[WhatIf, ...]:
    ram = optimized_for_ram(export(streamed(), name="net", optimize=Optimize.RAM))
    return (ram, *what_ifs(exported, Optimize.BALANCED))


def shown(exported: Export, advice: tuple[WhatIf, ...] = (), width: int = 80, **options) -> str:
    console = Console(file=StringIO(), width=width, **options)
    ram_bytes = ram_of(exported.graph, exported.plan)
    show_memory(exported.timeline, advice, ram_bytes=ram_bytes, console=console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 200])
def test_the_map_fits_the_terminal_and_marks_the_peak(exported, timeline, advice, width):
    lines = shown(exported, advice, width).splitlines()
    assert max(map(len, lines)) <= width
    (mark,) = (line for line in lines if "^" in line)
    assert f"peak: {timeline.peak_layer}, {timeline.in_use[timeline.peak]:,} B" in mark
    columns = map_of(timeline, min(width, 150) - LABEL).columns
    assert columns[mark.index("^") - LABEL] == timeline.peak


def test_without_colour_every_buffer_at_the_peak_has_its_letter_in_the_map(exported, timeline):
    text = shown(exported)
    assert "\x1b" not in text
    drawn = "".join(line[LABEL:] for line in text.splitlines() if line[LABEL - 1 : LABEL] == "|")
    letters = letters_of(timeline)
    capitals = {letters[buffer] for buffer in timeline.alive_at_peak}
    assert len(capitals) == len(timeline.alive_at_peak)
    large = {letters[buffer] for buffer in timeline.alive_at_peak if buffer.size > timeline.total / 8}
    assert large
    assert large <= set(drawn)


def test_with_colour_each_letter_stands_on_one(exported):
    assert "\x1b[" in shown(exported, force_terminal=True, color_system="truecolor")


def test_the_plan_is_told_in_words(exported, timeline):
    bound, moment, *others = plan_texts(timeline)
    assert bound.startswith(f"peak {timeline.total:,} B, lower bound {timeline.bound:,} B: ")
    assert f"while {timeline.peak_layer} runs" in moment
    rings = [buffer for buffer in timeline.buffers if buffer.is_ring]
    (kept,) = (text for text in others if text.startswith("rows kept in stream 1: "))
    assert all(f"{ring.name} {ring.rows_kept} of {ring.rows}" in kept for ring in rings)


def test_advice_tells_what_was_planned(exported, advice):
    text = shown(exported, advice, width=120)
    for one in advice:
        assert f"{one.activations_bytes:,}" in text
    assert "-O ram" in text
    assert "an input of half the sides (24x24 -> 12x12)" in text


def test_a_network_without_activations_has_no_map():
    assert shown(report_of().exported).splitlines() == [
        "no activations: the network needs no RAM but its input and output"
    ]


def test_long_stretches_leave_room_for_short_ones(timeline):
    axis = axis_of(timeline)
    assert (axis.edges[0], axis.edges[-1], len(axis.edges)) == (0, 1, len(timeline.turns) + 1)
    assert list(axis.edges) == sorted(axis.edges)
    assert all(axis.moment(axis.middle(moment)) == moment for moment in range(len(timeline.turns)))


def test_the_picture_names_the_peak_and_every_buffer(timeline):
    root = ElementTree.fromstring(memory_svg(timeline, name="net & co"))
    told = [title.text for title in root.iter(f"{SVG}title")]
    for buffer in timeline.buffers:
        rows = f", keeps {buffer.rows_kept} of {buffer.rows} rows" if buffer.rows > 1 else ""
        assert any(text.startswith(f"{buffer.name}: {buffer.size:,} B at {buffer.offset:,}{rows}") for text in told)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert any(text.startswith(f"peak: {timeline.peak_layer} runs") for text in texts)
    assert any(text.startswith("net & co: peak ") for text in texts)


def test_the_same_network_gives_the_same_picture(timeline, advice):
    again = export(streamed(), name="net").timeline
    assert memory_svg(again, name="net") == memory_svg(timeline, name="net")
    pages = [memory_page(each, advice, name="net", ram_bytes=1) for each in (again, timeline)]
    assert pages[0] == pages[1]


def test_the_facts_are_those_of_the_plan(exported, timeline, advice):
    facts = memory_facts(timeline, advice)
    assert facts["activations_bytes"] == exported.program.activations_bytes
    assert facts["lower_bound_bytes"] == exported.plan.bound
    assert facts["peak_layer"] == timeline.peak_layer
    (stream,) = facts["streams"]
    assert [ring["rows_kept"] for ring in stream["rings"]] == list(exported.plan.rings.values())
    assert all(
        {"name", "layer", "offset", "bytes", "rows_kept", "rows", "first", "last"} <= set(one)
        for one in facts["buffers"]
    )
    assert len(facts["advice"]) == len(advice)


def test_a_report_carries_the_facts():
    assert as_dict(report_of())["memory"]["activations_bytes"] == 0


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_analyse_writes_the_picture_that_was_asked_for(tmp_path, suffix):
    place = tmp_path / "art" / f"ram{suffix}"
    report = analyse(SMALL, Conversion(picture=place))
    begin = {".svg": "<svg ", ".html": "<!DOCTYPE html>"}[suffix]
    assert place.read_text(encoding="utf-8").startswith(begin)
    assert [buffer.role for buffer in report.exported.timeline.buffers].count(Role.INPUT) == 0
    smaller = export(SMALL.read_bytes(), name="net", isa=report.target.isa, optimize=Optimize.RAM)
    assert report.what_ifs[0] == optimized_for_ram(smaller)
