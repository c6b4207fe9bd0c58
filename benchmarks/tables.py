"""Measurements as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from peers import INSTRUCTION_CORES, TFLM

Costs = dict[str, dict[str, Any]]  # of one network: `edgeattn bench --json` by core
M4 = "cortex-m4"
SHOWN = ("cortex-m0", "cortex-m3", M4, "cortex-m7", "cortex-m55")


def bench_table(networks: dict[str, str], measured: dict[str, Costs]) -> str:
    """Instructions and cycles by core; RAM, stack, code and data on the M4."""
    cores = [core.removeprefix("cortex-").upper() for core in SHOWN]
    rows = ([networks[name], *map(speed, of_cores(costs)), *sizes(costs[M4])] for name, costs in measured.items())
    return table(("network", *cores, "RAM", "stack", "code", "data"), rows)


def peer_table(networks: dict[str, str], measured: dict[str, Costs]) -> str:
    """TensorFlow Lite Micro's cost, this project's, and their ratio."""
    header = (
        "network",
        "cycles, M4",
        *(f"instructions, {core[7:].upper()}" for core in INSTRUCTION_CORES),
        "RAM",
        "code",
    )
    return table(
        header, (compared(networks[name], TFLM[name], costs) for name, costs in measured.items() if name in TFLM)
    )


def compared(label: str, peer: Any, costs: Costs) -> list[str]:
    """One row: both figures and their ratio."""
    own = costs[M4]
    pairs = [(own["cycles_estimate"], peer.cycles)]
    pairs += [(costs[core]["instructions"], peer.instructions[core]) for core in INSTRUCTION_CORES]
    pairs += [(own["activations_bytes"], peer.ram_bytes), (own["flash_bytes"]["code"], peer.code_bytes)]
    return [label, *(f"{short(theirs)} → {short(ours)}: **{ours / theirs:.2f}**" for ours, theirs in pairs)]


def attention_table(networks: dict[str, str], measured: dict[str, Costs]) -> str:
    """The share of a network's cycles on the M4 that its attention blocks take."""
    shares = (
        (name, sum(block["cycles_share"] for block in costs[M4]["attention"])) for name, costs in measured.items()
    )
    return table(("network", "attention"), ([networks[name], f"{share:.1%}"] for name, share in shares if share))


def of_cores(costs: Costs) -> list[dict[str, Any]]:
    """In the order of the columns."""
    return [costs[core] for core in SHOWN]


def speed(cost: dict[str, Any]) -> str:
    """Instructions / estimated cycles."""
    return f"{cost['instructions']:,} / {cost['cycles_estimate'] / 1e6:.3g} M"


def sizes(cost: dict[str, Any]) -> list[str]:
    """RAM, stack, code and data in bytes."""
    flash = cost["flash_bytes"]
    numbers = (cost["activations_bytes"], cost["stack_bytes"], flash["code"], flash["weights"] + flash["tables"])
    return [f"{number:,}" for number in numbers]


def short(number: int) -> str:
    """Three digits, with k or M."""
    return f"{number / 1e6:.3g} M" if number >= 1_000_000 else f"{number / 1e3:.3g} k"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace("| --- ", "|---").replace("|--- |", "|---|")
