"""The results as one table: for the terminal, for a README, as a picture."""

from collections.abc import Sequence
from io import StringIO

from measuring import Result
from rich.console import Console
from rich.table import Table

from edgeattn.show import SVG_WITHOUT_WEB_FONTS

COLUMNS = (
    "attention",
    "float",
    "int8",
    "lost",
    "same class",
    "cos",
    "RAM",
    "flash",
    "instructions",
    "price: instructions",
    "price: RAM",
    "byte-exact",
)
BAR = 20  # characters of the dearest block


def cells(result: Result, base: Result) -> tuple[str, ...]:
    """One row: accuracies in per cent of the test set, memory in bytes, the price as difference to the base."""
    cost, lost = result.cost, result.float_accuracy - result.int8_accuracy
    return (
        result.name,
        f"{result.float_accuracy:.2%}",
        f"{result.int8_accuracy:.2%}",
        f"{lost:.2%}",
        f"{result.agreement.acc:.1%}",
        f"{result.agreement.cos:.4f}",
        f"{cost.ram_bytes:,}",
        f"{cost.flash_bytes:,}",
        f"{cost.instructions:,}",
        f"{cost.instructions - base.cost.instructions:,}",
        f"{cost.ram_bytes - base.cost.ram_bytes:,}",
        "NO" if cost.differing_bytes else "yes",
    )


def result_table(results: Sequence[Result]) -> Table:
    """All results; the first is the base of the prices."""
    table = Table(*COLUMNS)
    for column in table.columns[1:]:
        column.justify = "right"
    for result in results:
        table.add_row(*cells(result, results[0]))
    return table


def markdown_text(results: Sequence[Result]) -> str:
    """The same table for a README."""
    rule = ("---", *("---:" for _ in COLUMNS[1:]))
    rows = (COLUMNS, rule, *(cells(result, results[0]) for result in results))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def picture(results: Sequence[Result]) -> bytes:
    """An SVG: what each block costs in instructions as bars, beside what the network reaches."""
    base = results[0].cost.instructions
    dearest = max(1, *(result.cost.instructions - base for result in results))
    table = Table("attention", "float", "int8", "RAM", "instructions", "of which the attention")
    for column in table.columns[1:5]:
        column.justify = "right"
    for result in results:
        price = result.cost.instructions - base
        bar = "█" * max(price > 0, round(BAR * price / dearest))
        name, floats, int8, *_ = cells(result, results[0])
        table.add_row(
            name, floats, int8, f"{result.cost.ram_bytes:,}", f"{result.cost.instructions:,}", f"{bar} {price:,}"
        )
    console = Console(record=True, width=100, file=StringIO())
    console.print(table)
    return console.export_svg(
        title="attention blocks on a Cortex-M4", unique_id="attention_zoo", code_format=SVG_WITHOUT_WEB_FONTS
    ).encode()
