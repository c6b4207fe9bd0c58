"""What a user's repository allows a network to cost: `[tool.edgeattn_budget.<name>]` in its pyproject.toml."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from edgeattn.errors import BudgetExceeded, OptionError

SECTION = "edgeattn_budget"
NUMBERS = ("ram_bytes", "flash_bytes", "instructions", "stack_bytes")
CHOICES = ("target", "compiler", "optimize", "model_sha256")
UPDATE = "--edgeattn-update-budget"

Numbers = Mapping[str, int]


@dataclass(frozen=True)
class Budget:
    """How a network is built and what it may cost; a choice is "" where the table leaves it open."""

    name: str
    limits: Numbers
    target: str = ""
    compiler: str = ""
    optimize: str = ""
    model_sha256: str = ""


def read_budget(file: Path, name: str) -> Budget | None:
    """The table of a network; None where there is none. Raises OptionError for one that cannot be meant so."""
    tables = _tables(file)
    if name not in tables:
        return None
    table, where = tables[name], f"{file.name}: {title(name)}"
    if not isinstance(table, dict):
        raise OptionError(f"{where} is a value: write it as a table")
    unknown = [key for key in table if key not in (*CHOICES, *NUMBERS)]
    if unknown:
        known = ", ".join((*CHOICES, *NUMBERS))
        raise OptionError(f"{where} has unknown keys ({', '.join(unknown)}): those known are {known}")
    for key, value in table.items():
        _check_value(where, key, value)
    choices = {key: table[key] for key in CHOICES if key in table}
    return Budget(name, {key: table[key] for key in NUMBERS if key in table}, **choices)


def asked_budget(file: Path, name: str) -> Budget:
    """The table of a network that must have one. Raises OptionError as `read_budget` does, and where it is missing."""
    budget = read_budget(file, name)
    if budget is None:
        there = ", ".join(_tables(file)) or "none"
        raise OptionError(
            f"{file}: there is no table {title(name)} (budgets there: {there}): add it with a line such as "
            f'target = "stm32f446re", and `pytest {UPDATE}` fills in the numbers'
        )
    return budget


def title(name: str) -> str:
    """The line that begins a network's table."""
    return f"[tool.{SECTION}.{name}]"


def check_budget(budget: Budget, measured: Numbers, what: str) -> None:
    """Raise BudgetExceeded with a table where a number is above its limit, OptionError where there are no limits."""
    if not budget.limits:
        raise OptionError(f"{title(budget.name)} sets no limit: `pytest {UPDATE}` fills in what is measured now")
    if any(measured[key] > limit for key, limit in budget.limits.items()):
        raise BudgetExceeded(
            f"{what} exceeds its budget:\n{_comparison(budget.limits, measured)}\n"
            f"make it smaller, or raise the number in {title(budget.name)}: {UPDATE} never does"
        )


def lowered(limits: Numbers, measured: Numbers) -> Numbers:
    """The limits that a ratchet sets anew: those that were not there, and those that are now too generous."""
    return {key: number for key, number in measured.items() if key not in limits or number < limits[key]}


def keep_highest(known: dict[str, dict[str, int]], more: Mapping[str, Numbers]) -> None:
    """Join what was measured elsewhere, by the name of the table: the highest number of each kind stays."""
    for name, numbers in more.items():
        before = known.setdefault(name, dict(numbers))
        before.update({key: max(before[key], number) for key, number in numbers.items()})


def _comparison(limits: Numbers, measured: Numbers) -> str:
    rows = [("what", "budget", "measured", "over by")]
    for key, limit in limits.items():
        over = measured[key] - limit
        rows.append((key, f"{limit:,}", f"{measured[key]:,}", f"{over:,}" if over > 0 else "-"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_row(row, widths) for row in rows)


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    numbers = (text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join(("", row[0].ljust(widths[0]), *numbers))


def _tables(file: Path) -> dict[str, Any]:
    section = parsed(read_text(file), file).get("tool", {}).get(SECTION, {}) if file.is_file() else {}
    if not isinstance(section, dict):
        raise OptionError(f"{file.name}: tool.{SECTION} is a value: write {title('<network>')}")
    return section


def read_text(file: Path) -> str:
    """The text of a file with its line ends. Raises OptionError where it is not UTF-8 or cannot be read."""
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{file}: cannot be read ({error}): make it readable, in UTF-8") from None


def parsed(text: str, file: Path) -> dict[str, Any]:
    """TOML as a value. Raises OptionError with the parser's words."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{file}: no valid TOML ({error}): correct it") from None


def _check_value(where: str, key: str, value: object) -> None:
    if key in CHOICES and not isinstance(value, str):
        raise OptionError(f"{where}: {key} = {value!r} must be a text in quotes")
    if key in NUMBERS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise OptionError(f"{where}: {key} = {value!r} must be a number of 0 or more")
