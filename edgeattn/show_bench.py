"""Measurements for people: what each layer costs, and a network on several targets side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from edgeattn.report import Report
from edgeattn.show import Column, spread, table_of
from edgeattn.show_compression import show_compression

BAR = 10  # characters that mean all
LAYER_COSTS: tuple[Column, ...] = (
    ("layer", "left"),
    ("op", "left"),
    ("MACs", "right"),
    ("instructions", "right"),
    ("cycles", "right"),
    ("share", "left"),
)
TARGET_COSTS: tuple[Column, ...] = (
    ("target", "left"),
    ("instructions", "right"),
    ("cycles", "right"),
    ("ms", "right"),
    ("RAM", "right"),
    ("stack", "right"),
    ("code", "right"),
    ("weights", "right"),
    ("tables", "right"),
)
LEGEND = """\
One inference; cycles and ms are estimates. RAM: activations; the caller's input and output come on top. code: kernels \
and what they call; with weights and tables that is flash. Built with """


def show_bench(reports: Sequence[Report], console: Console) -> None:
    """Print each network's table, the layers too where there is one target, and what the figures rest on."""
    for _, group in groupby(reports, key=lambda report: id(report.prepared)):  # files may share a name
        targets = list(group)
        if len(targets) == 1:
            console.print(layer_costs(targets[0]))
        console.print(target_costs(targets))
        for report in targets:
            show_compression(report, console)
    built = dict.fromkeys(f"{r.proof.emulated.compiler} {r.proof.emulated.compiler_flags}" for r in reports)
    console.print(f"{LEGEND}{', '.join(built)}.", style="dim")
    for model in dict.fromkeys(report.proof.emulated.cycles.model for report in reports):
        console.print(f"Cycles: {escape(model)}.", style="dim")
    for warning in dict.fromkeys(warning for report in reports for warning in report.warnings):
        console.print(Panel(escape(warning), title="warning", border_style="yellow", style="bold yellow"))


def layer_costs(report: Report) -> Table:
    """Every layer that computes, with its share of the cycles as a bar."""
    emulated = report.proof.emulated
    table = narrow_table(f"{report.name} on {report.target.name}, layer by layer", LAYER_COSTS)
    for layer in report.exported.program.layers:
        if layer.name not in emulated.layers:
            continue
        cycles = emulated.cycles.layers.get(layer.name, 0)
        share = cycles / max(emulated.cycles.total, 1)
        costs = (layer.macs, emulated.layers[layer.name], cycles)
        bar = f"{share:4.0%} {'█' * round(BAR * share)}"
        table.add_row(escape(layer.name), layer.kind, *(f"{cost:,}" for cost in costs), bar)
    return table


def target_costs(reports: Sequence[Report]) -> Table:
    """A network's figures, one row a target."""
    macs = reports[0].exported.program.macs
    table = narrow_table(f"{reports[0].name}: {macs:,} MACs", TARGET_COSTS)
    for report in reports:
        emulated = report.proof.emulated
        table.add_row(
            report.target.name,
            f"{report.instructions:,}",
            spread(emulated.cycles),
            "" if report.milliseconds is None else f"{report.milliseconds:,.1f}",
            f"{report.exported.program.activations_bytes:,}",
            f"{emulated.stack_bytes:,}",
            f"{emulated.sizes.code:,}",
            f"{emulated.sizes.weights:,}",
            f"{emulated.sizes.tables:,}",
        )
    return table


def narrow_table(title: str, columns: Sequence[Column]) -> Table:
    """An empty table that fits a terminal of 80 characters."""
    table = table_of(*columns)
    table.title, table.box, table.collapse_padding, table.pad_edge = title, SIMPLE_HEAD, True, False
    return table
