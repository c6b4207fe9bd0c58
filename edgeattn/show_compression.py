"""What compressing weights saved, and what it costs, for people; nothing where nobody asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgeattn.report import Report
from firmware_export import Compression, Kept

REASONS = {Kept.FLASH: "would take more flash", Kept.RAM: "need more RAM to be decoded in"}


def show_compression(report: Report, console: Console) -> None:
    """Print what was asked for and came of it."""
    compression = report.exported.compression
    if compression is None:
        return
    if compression.layers:
        console.print(layers_table(report, compression))
    for sentence in sentences(report, compression):
        console.print(escape(sentence))


def layers_table(report: Report, compression: Compression) -> Table:
    """One row a layer whose weights are coded."""
    table = Table(title=f"{report.name} on {report.target.name}: weights compressed", title_justify="left")
    table.add_column("layer", overflow="fold")
    for heading in ("bytes", "coded", "saved", "decoded at a time", "instructions"):
        table.add_column(heading, justify="right")
    decoding = report.proof.emulated.decoding.layers
    for layer in compression.layers:
        numbers = (layer.bytes, layer.coded_bytes, layer.bytes - layer.coded_bytes, layer.ram_bytes)
        table.add_row(escape(layer.name), *(f"{number:,}" for number in (*numbers, decoding.get(layer.name, 0))))
    return table


def sentences(report: Report, compression: Compression) -> Iterator[str]:
    """What it all comes to."""
    asked = f"with at most {compression.most_ram_bytes:,} bytes of RAM more"
    if not compression.layers:
        yield f"weights are not compressed: {asked} it saves no flash"
    else:
        yield (
            f"compressed weights save about {compression.saved_bytes:,} bytes of flash, the decoder and "
            f"{compression.codes_bytes:,} bytes of codes taken off; activations grew by "
            f"{compression.activations_bytes:,} bytes"
        )
        yield price(report)
    for why, reason in REASONS.items():
        names = [name for name, kept in compression.kept.items() if kept is why]
        if names:
            yield f"left as they were, since they {reason}: {', '.join(names)}"


def price(report: Report) -> str:
    """What decoding takes of an inference."""
    decoding, cycles = report.proof.emulated.decoding, report.proof.emulated.cycles
    share = decoding.instructions / max(report.instructions, 1)
    part = decoding.cycles / max(cycles.total, 1)
    return (
        f"decoding takes {decoding.instructions:,} instructions an inference ({share:.0%}), "
        f"about {part:.0%} of the cycles"
    )
