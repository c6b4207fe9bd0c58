"""What a device did, for people: a few lines, and a table of layers where they were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgeattn.comparison import LayerComparison
from edgeattn.device_report import DeviceReport, cycles_dict, paired


def show_device(report: DeviceReport, console: Console) -> None:
    """Print the report."""
    if report.layers:
        console.print(layers_table(report))
    console.print(summary(report))


def summary(report: DeviceReport) -> Table:
    """The claims, each in a line."""
    table = Table(title=f"{report.name} on {report.device}", show_header=False, title_justify="left")
    exact = "yes" if report.byte_exact else "[bold red]NO[/]"
    table.add_row("byte-exact", f"{exact}: {report.differing_bytes} bytes differ over {len(report.runs)} inputs")
    table.add_row("cycles", cycles_text(report))
    table.add_row("model", f"{report.model}, SHA-256 {report.info.model_sha256[:12]}")
    return table


def cycles_text(report: DeviceReport) -> str:
    """The device's own measurement."""
    cycles = cycles_dict(report)
    if cycles is None:
        return "not counted: the device has no cycle counter"
    duration = f", {cycles['ms']:.3f} ms at {report.info.clock_hz / 1e6:g} MHz" if cycles["ms"] is not None else ""
    return f"{cycles['mean']:,} ({cycles['min']:,} to {cycles['max']:,}){duration}"


def show_layers(layers: Sequence[LayerComparison], console: Console) -> None:
    """Print how every layer in the emulator compares with LiteRT's; nothing where none was asked for."""
    if not layers:
        return
    table = Table(title="layers of input 0, against LiteRT's reference kernels", title_justify="left")
    table.add_column("layer")
    for column in ("bytes", "that differ"):
        table.add_column(column, justify="right")
    for layer in layers:
        differing = f"[bold red]{layer.difference.bytes:,}[/]" if layer.difference else "0"
        table.add_row(escape(layer.name), f"{layer.size:,}", differing)
    console.print(table)


def layers_table(report: DeviceReport) -> Table:
    """Every layer of one input."""
    table = Table(title=f"layers of input {report.layers_of}", title_justify="left")
    table.add_column("layer")
    for column in ("bytes", "that differ", "cycles"):
        table.add_column(column, justify="right")
    for layer, run in paired(report):
        differing = f"[bold red]{layer.difference.bytes:,}[/]" if layer.difference else "0"
        cycles = f"{run.cycles:,}" if run and run.cycles is not None else ""
        table.add_row(layer.name, f"{layer.size:,}", differing, cycles)
    return table
