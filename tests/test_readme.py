"""What the README says is what the tool says."""

from __future__ import annotations

from pathlib import Path

from firmware_export import SUPPORTED_OPS, TARGETS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def between(mark: str) -> str:
    return README.split(f"<!-- {mark} -->")[1].split(f"<!-- end of {mark} -->")[0].strip()


def test_the_table_of_ops_is_the_registry():
    rows = "\n".join(f"| {op.name} | {op.remark} |" for op in SUPPORTED_OPS)
    assert between("supported ops") == f"| op | remark |\n|---|---|\n{rows}"


def test_the_number_of_parts_is_the_table():
    assert f"A table of {len(TARGETS)} STM32 parts" in README
