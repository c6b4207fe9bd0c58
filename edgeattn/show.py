"""A report for people: one screen in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from edgeattn.agreement import Agreement
from edgeattn.report import Report
from edgeattn.show_compression import show_compression
from firmware_export import TARGETS, Arena, CycleEstimate, Layer, Needs, Target

UNITS = ((1e6, " M"), (1e3, " k"), (1, ""))
LARGEST_LAYERS = 12
SMALLEST_PARTS = 10
Column = tuple[str, Literal["left", "right"]]
LAYER_COLUMNS: tuple[Column, ...] = (("layer", "left"), ("op", "left"), ("output", "left"))
PART_COLUMNS: tuple[Column, ...] = (
    ("part", "left"),
    ("core", "left"),
    ("MHz", "right"),
    ("flash", "right"),
    ("RAM", "right"),
    ("board", "left"),
)

# rich's own format loads its font from the web; a picture should look the same without.
SVG_WITHOUT_WEB_FONTS = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: 20.26px "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def show_report(report: Report, console: Console) -> None:
    """Print the whole report."""
    console.print(largest_layers(report))
    console.print(fit_table(report))
    console.print(summary(report))
    show_compression(report, console)
    show_warnings(report, console)


def show_warnings(report: Report, console: Console) -> None:
    """Print each warning in a frame."""
    for warning in report.warnings:
        console.print(Panel(escape(warning), title="warning", border_style="yellow", style="bold yellow"))


def picture(report: Report) -> bytes:
    """The report as an SVG: a terminal's window with what show_report prints."""
    console = Console(record=True, width=110, file=StringIO())
    show_report(report, console)
    title = f"edgeattn convert {report.model}"
    return console.export_svg(title=title, unique_id=report.name, code_format=SVG_WITHOUT_WEB_FONTS).encode()


def summary(report: Report) -> Table:
    """The claims, each in a line."""
    emulated, program, proof = report.proof.emulated, report.exported.program, report.proof
    sizes = emulated.sizes
    table = Table(title=f"{report.name} on {report.target.name}", show_header=False, title_justify="left")
    table.add_row("byte-exact", exactness(report))
    if proof.agreement is not None:
        table.add_row(f"float and {proof.agreement.candidate}", agreement_text(proof.agreement))
    table.add_row("LiteRT's default kernels", default_text(report))
    table.add_row("MACs", f"{program.macs:,}")
    if removed := report.exported.removed_channels:
        table.add_row("removed", removed_text(removed))
    built = f"{emulated.compiler} {emulated.compiler_flags}"
    table.add_row("instructions", f"{report.instructions:,} an inference on {emulated.core} ({built})")
    table.add_row("cycles", cycles_text(report))
    table.add_row(
        "RAM",
        f"{program.activations_bytes:,} activations + {emulated.stack_bytes:,} stack + "
        f"{report.needs.static_ram_bytes:,} input, output and static bytes",
    )
    if program.banks:
        table.add_row("banks", banks_text(program.banks))
    if program.state_bytes:
        table.add_row("state", f"{program.state_bytes:,} bytes for each stream; one stream is counted as static")
    table.add_row(
        "flash", f"{sizes.code:,} code + {sizes.weights:,} weights + {sizes.tables:,} tables = {sizes.flash:,} bytes"
    )
    if not report.target.is_generic:
        table.add_row(report.target.name, room_text(report.needs, report.target))
    if not report.prepared.model.is_quantised:
        table.add_row("calibrated with", escape(report.prepared.calibration.description))
        table.add_row("compared on", escape(report.prepared.validation.description))
    return table


def removed_text(removed: Mapping[str, int]) -> str:
    """How many channels the C does without."""
    channels, layers = sum(removed.values()), len(removed)
    return f"{channels:,} channels of {layers} layers, which are constant whatever the input or change nothing"


def banks_text(banks: Iterable[Arena]) -> str:
    """What each bank holds of the activations, the fastest first."""
    return ", ".join(f"{bank.name} {bank.size:,} of {bank.room:,} bytes" for bank in banks)


def cycles_text(report: Report) -> str:
    """The estimate with its error, and the time where the clock is known."""
    cycles = report.proof.emulated.cycles
    waits = "with the waits for flash" if cycles.waits else "without waits for flash"
    time = f": {report.milliseconds:.3g} ms at {report.target.mhz} MHz" if report.milliseconds else ""
    return f"about {spread(cycles)}, {waits}{time}"


def spread(cycles: CycleEstimate) -> str:
    """An estimate with its error, in as many digits as that leaves."""
    scale, unit = next(((scale, unit) for scale, unit in UNITS if cycles.total >= scale), UNITS[-1])
    return f"{cycles.total / scale:.3g}{unit} ±{cycles.error:.0%}"


def room_text(needs: Needs, target: Target) -> str:
    """How much of a part's memory the network takes."""
    flash = f"of {target.flash_bytes:,} bytes" if target.flash_bytes else "bytes, external"
    return f"RAM {needs.ram_bytes:,} of {target.ram_bytes:,} bytes, flash {needs.flash_bytes:,} {flash}"


def exactness(report: Report) -> str:
    """Whether the C computes what LiteRT's reference kernels do."""
    compared = f"{report.proof.inputs_compared} inputs, emulated {report.proof.emulated.core}"
    if report.byte_exact:
        return f"[bold green]yes[/], against LiteRT's reference kernels ({compared})"
    return f"[bold red]NO[/]: {report.proof.differing_bytes} bytes differ ({compared})"


def agreement_text(agreement: Agreement) -> str:
    """The metrics in a line."""
    return (
        f"cos {agreement.cos:.4f}, acc {agreement.acc:.1%}, rmse {agreement.rmse:.4g}, mae {agreement.mae:.4g}, "
        f"l2r {agreement.l2r:.4g}, nse {agreement.nse:.4f} on {agreement.samples} samples "
        f"(worst: sample {agreement.worst_sample}, off by {agreement.worst_error:.4g})"
    )


def default_text(report: Report) -> str:
    """How far the interpreter that people try first is from the reference."""
    differing = report.proof.default_differing
    if differing is None:
        return "did not survive this network"
    share = differing / report.proof.values
    return f"{differing:,} of {report.proof.values:,} output bytes differ from the reference ({share:.1%})"


def largest_layers(report: Report) -> Table:
    """The layers with the most MACs, in the network's order, with their share of all MACs as a bar."""
    layers = report.exported.program.layers
    total = max(report.exported.program.macs, 1)
    largest = sorted(layers, key=lambda layer: -layer.macs)[:LARGEST_LAYERS]
    table = table_of(*LAYER_COLUMNS, ("MACs", "right"), ("", "left"))
    table.title = f"the {len(largest)} largest of {len(layers)} layers (`edgeattn analyze` shows all)"
    for layer in layers:
        if layer in largest:
            table.add_row(*layer_cells(layer), f"{layer.macs:,}", "█" * round(20 * layer.macs / total))
    return table


def every_layer(layers: Iterable[Layer]) -> Table:
    """Shape, MACs, weights and RAM of every layer."""
    table = table_of(*LAYER_COLUMNS, ("MACs", "right"), ("weights", "right"), ("RAM in use", "right"))
    for layer in layers:
        numbers = (layer.macs, layer.weights_bytes, layer.activations_bytes)
        table.add_row(*layer_cells(layer), *(f"{number:,}" for number in numbers))
    return table


def layer_cells(layer: Layer) -> tuple[str, ...]:
    """What names a layer."""
    return escape(layer.name), layer.kind, "x".join(map(str, layer.output_shape))


def table_of(*columns: Column) -> Table:
    """An empty table that breaks long names, and marks a number that it has to cut."""
    table = Table(title_justify="left")
    for heading, justify in columns:
        overflow: Literal["fold", "ellipsis"] = "fold" if justify == "left" else "ellipsis"
        table.add_column(heading, justify=justify, overflow=overflow, no_wrap=justify == "right")
    return table


def fit_table(report: Report) -> Table:
    """The smallest parts that have the memory."""
    smallest = sorted(report.fits, key=lambda target: (target.ram_bytes, target.flash_bytes))[:SMALLEST_PARTS]
    table = targets_table(smallest)
    table.title, table.title_justify = f"fits {len(report.fits)} of {len(TARGETS)} parts, the smallest first", "left"
    if more := len(report.fits) - len(smallest):
        table.caption, table.caption_justify = f"and {more} more (`edgeattn targets`)", "left"
    return table


def target_row(target: Target) -> tuple[str, ...]:
    """A part in a table."""
    return (
        target.name,
        target.core.name,
        str(target.mhz),
        f"{target.flash_bytes // 1024} KiB" if target.flash_bytes else "external",
        f"{target.ram_bytes // 1024} KiB",
        target.board,
    )


def targets_table(targets: Iterable[Target]) -> Table:
    """Parts as `--target` knows them."""
    table = table_of(*PART_COLUMNS)
    for target in targets:
        table.add_row(*target_row(target))
    return table
