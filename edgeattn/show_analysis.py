"""An analysis for people: every layer, and the attention blocks: their price, their gates, what that means for int8."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgeattn.attention import BlockCost, Gates
from edgeattn.report import Report
from edgeattn.show import Column, every_layer, fit_table, show_warnings, summary, table_of
from edgeattn.show_compression import show_compression
from edgeattn.show_memory import show_memory

COLUMNS: tuple[Column, ...] = (
    ("block", "left"),
    ("attends", "left"),
    ("MACs", "right"),
    ("share", "right"),
    ("cycles", "right"),
    ("share", "right"),
    ("saturated", "right"),
    ("levels", "right"),
    ("dead", "right"),
    ("constant", "right"),
)
LEGEND = """\
saturated: share of the gate's values at the ends of what it can give; levels: distinct values, of 256; dead: gates \
that are 0 on every sample; constant: gates that never change. On {samples} calibration samples: {description}"""
MANY_SATURATED, FEW_LEVELS, MANY_CONSTANT = 0.25, 16, 0.5


def show_analysis(report: Report, console: Console) -> None:
    """Print every layer, the attention blocks, what fits, and RAM over time."""
    console.print(every_layer(report.exported.program.layers))
    show_attention(report, console)
    console.print(fit_table(report))
    console.print(summary(report))
    show_compression(report, console)
    show_memory(report.exported.timeline, report.what_ifs, ram_bytes=report.ram_bytes, console=console)
    show_warnings(report, console)


def show_attention(report: Report, console: Console) -> None:
    """Print every block, and advice where a gate is badly quantised; nothing where there is no block."""
    if not report.attention:
        return
    console.print(block_table(report))
    if report.gates:
        samples = max(len(gates.values) for gates in report.gates.values())
        description = escape(report.prepared.calibration.description)
        console.print(LEGEND.format(samples=samples, description=description), style="dim")
    for sentence in advice(report):
        console.print(escape(sentence), style="yellow")


def block_table(report: Report) -> Table:
    """One row a block, and their sum where there are several."""
    costs = report.attention
    table = table_of(*COLUMNS)
    share = sum(cost.cycles_share for cost in costs)
    table.title = f"attention: {len(costs)} {'block' if len(costs) == 1 else 'blocks'}, {share:.0%} of the cycles"
    for cost in costs:
        table.add_row(*cost_cells(cost), *gate_cells(report.gates.get(cost.block.name)))
    return table


def cost_cells(cost: BlockCost) -> tuple[str, ...]:
    """What names a block, and what it costs."""
    numbers = (f"{cost.macs:,}", f"{cost.macs_share:.1%}", f"{cost.cycles:,}", f"{cost.cycles_share:.1%}")
    return (escape(cost.block.name), cost.block.kind.value, *numbers)


def gate_cells(gates: Gates | None) -> tuple[str, ...]:
    """What a gate does; empty where there is none."""
    if gates is None:
        return ("", "", "", "")
    counts = (f"{count} of {gates.count}" for count in (gates.dead, gates.constant))
    return (f"{gates.saturated:.0%}", f"{gates.levels}", *counts)


def advice(report: Report) -> Iterator[str]:
    """What to change where a gate loses too much in int8."""
    for name, gates in report.gates.items():
        if gates.saturated > MANY_SATURATED:
            yield (
                f"{name}: {gates.saturated:.0%} of its gates are saturated: train with a clip before the gate "
                "(SqueezeExcite(clip=4)), or calibrate with samples like those of the application"
            )
        elif gates.levels < FEW_LEVELS and gates.count >= FEW_LEVELS:
            yield (
                f"{name}: its gates take {gates.levels} values of 256, so that int8 hardly tells them apart: the "
                "layers before the gate have outliers in their range; clip them, or try --activations int16"
            )
        if gates.constant > MANY_CONSTANT * gates.count and len(gates.values) > 1:
            yield (
                f"{name}: {gates.constant} of {gates.count} gates are the same on every sample: this block attends to "
                "little, and costs what it costs; leave it out, or train longer"
            )
