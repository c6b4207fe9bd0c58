"""Set numbers of budgets in a pyproject.toml and leave every other character as it is."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgeattn.budget import SECTION, Numbers, lowered, parsed, read_budget, read_text, title
from edgeattn.errors import OptionError
from edgeattn.files import stage

NEXT_TABLE = re.compile(r"\s*\[")
COMMENT = r"\s*(#.*)?\s*"  # or none, and the end of the line


@dataclass(frozen=True)
class Change:
    """A number of one table; `before` is None where there was none."""

    table: str
    key: str
    before: int | None
    after: int

    def __str__(self) -> str:
        how = "set to" if self.before is None else f"{self.before:,} ->"
        return f"{title(self.table)} {self.key}: {how} {self.after:,}"


def lower_budgets(file: Path, measured: Mapping[str, Numbers]) -> tuple[Change, ...]:
    """Add the numbers that are missing and lower those that are too high; returns what changed.

    measured: numbers by the name of the table. Nothing is ever raised. Raises OptionError as `read_budget` does, and
    where a table is not written in the form `[tool.edgeattn_budget.<name>]` with a line for each number.
    """
    before = after = read_text(file)
    changes = tuple(change for name, numbers in measured.items() for change in _changes(file, name, numbers))
    for change in changes:
        after = set_number(after, change)
    if changes:
        _check(before, after, changes, file)
        _replace(file, after)
    return changes


def set_number(text: str, change: Change) -> str:
    """The text of a file with one number of one table changed, or added behind the table's last line."""
    lines = text.splitlines(keepends=True)
    name = re.escape(change.table)
    heading = re.compile(rf"\s*\[\s*tool\s*\.\s*{SECTION}\s*\.\s*[\"']?{name}[\"']?\s*\]{COMMENT}")
    start = next((index for index, line in enumerate(lines) if heading.fullmatch(line)), len(lines))
    end = next((index for index in range(start + 1, len(lines)) if NEXT_TABLE.match(lines[index])), len(lines))
    known = re.compile(rf"(?P<before>\s*{change.key}\s*=\s*)(?P<number>[0-9_]+)(?P<after>{COMMENT})")
    for index in range(start + 1, end):
        found = known.fullmatch(lines[index])
        if found:
            digits = f"{change.after:_}" if "_" in found["number"] else str(change.after)
            return "".join((*lines[:index], found["before"], digits, found["after"], *lines[index + 1 :]))
    return _with_line(lines[:end], f"{change.key} = {change.after}") + "".join(lines[end:])


def _with_line(lines: list[str], line: str) -> str:
    """Lines with one more behind the last that is not empty."""
    last = max((index for index, other in enumerate(lines) if other.strip()), default=-1)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    table = "".join(lines[: last + 1]).removesuffix("\n").removesuffix("\r")
    return "".join((table, newline, line, newline, *lines[last + 1 :]))


def _changes(file: Path, name: str, numbers: Numbers) -> list[Change]:
    budget = read_budget(file, name)
    limits = budget.limits if budget else {}
    return [Change(name, key, limits.get(key), number) for key, number in lowered(limits, numbers).items()]


def _check(before: str, after: str, changes: tuple[Change, ...], file: Path) -> None:
    """The new text must say what the old one said, but for these numbers: else a table is written in another form."""
    wanted = parsed(before, file)
    for change in changes:
        wanted.setdefault("tool", {}).setdefault(SECTION, {}).setdefault(change.table, {})[change.key] = change.after
    try:
        is_right = parsed(after, file) == wanted
    except OptionError:
        is_right = False
    if not is_right:
        titles = " and ".join(sorted({title(change.table) for change in changes}))
        raise OptionError(
            f"{file}: the numbers cannot be set without changing something else: write {titles} as a table with one "
            "line for each number"
        )


def _replace(file: Path, text: str) -> None:
    file = file.resolve()  # a link stays a link
    try:
        temporary = stage(file.parent, text.encode("utf-8"))
        shutil.copymode(file, temporary)
        os.replace(temporary, file)
    except OSError as error:
        raise OptionError(f"{file}: cannot be written ({error.strerror}): make it writable") from None
