"""RAM of the public networks on the Cortex-M4, by what users ask for with -O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peers import PUBLISHED_RAM, TFLM
from tables import M4, table

from edgeattn.bench import bench
from edgeattn.conversion import Conversion
from edgeattn.proof import Say
from edgeattn.report import Report, as_dict
from firmware_export import Delivery, Optimize, UnsupportedOp, ram_of


@dataclass(frozen=True)
class Ram:
    """One network: bytes with input and output, and cycles, by wish; bytes where rows are fed, if they can be."""

    bytes: dict[Optimize, int]
    bound: int  # below which no arena is at `-O ram`, for its turns
    cycles: dict[Optimize, int]
    fed: int | None

    @property
    def ratchet(self) -> dict[str, int]:
        """What may not grow."""
        return {"ram_bytes": self.bytes[Optimize.RAM], **({} if self.fed is None else {"fed_ram_bytes": self.fed})}


def ram(path: Path, conversion: Conversion, say: Say) -> Ram:
    """Measure one network, each time in the emulator and byte-exact."""
    reports = {wish: report_of(path, replace(conversion, optimize=wish), say) for wish in Optimize}
    return Ram(
        bytes={wish: ram_of(report.exported.graph, report.exported.plan) for wish, report in reports.items()},
        bound=reports[Optimize.RAM].exported.plan.bound,
        cycles={wish: as_dict(report)["cycles_estimate"] for wish, report in reports.items()},
        fed=fed(path, replace(conversion, optimize=Optimize.RAM, delivery=Delivery.ROWS), say),
    )


def report_of(path: Path, conversion: Conversion, say: Say) -> Report:
    """One report."""
    (report,) = bench([path], (M4,), conversion, say=say)
    return report


def fed(path: Path, conversion: Conversion, say: Say) -> int | None:
    """Bytes where the input comes row by row; its output lies in the activations."""
    try:
        return report_of(path, conversion, say).exported.plan.total
    except UnsupportedOp:
        return None


def ram_table(networks: dict[str, str], measured: dict[str, Ram]) -> str:
    """RAM beside others', and what it costs."""
    header = (
        "network",
        "TFLM",
        "best published",
        "`-O ram`",
        "bound",
        "`-O ram --feed-rows`",
        "`-O balanced`",
        "`-O time`",
        "cycles: ram / balanced / time",
    )
    return table(header, (row(networks[name], name, one) for name, one in measured.items()))


def row(label: str, name: str, one: Ram) -> Iterable[str]:
    """One network."""
    peers = (TFLM[name].ram_bytes if name in TFLM else None, PUBLISHED_RAM.get(name))
    cycles = " / ".join(f"{one.cycles[wish] / 1e6:.3g} M" for wish in (Optimize.RAM, Optimize.BALANCED, Optimize.TIME))
    own = (one.bytes[Optimize.RAM], one.bound, one.fed, one.bytes[Optimize.BALANCED], one.bytes[Optimize.TIME])
    numbers: list[Any] = [*peers, *own]
    return [label, *("-" if number is None else f"{number:,}" for number in numbers), cycles]
