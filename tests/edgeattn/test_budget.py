"""Budgets in a user's pyproject.toml: what they may say, what exceeds them, how they are lowered."""

from __future__ import annotations

import pytest

from edgeattn.budget import Budget, asked_budget, check_budget, keep_highest, read_budget
from edgeattn.budget_file import lower_budgets
from edgeattn.errors import BudgetExceeded, OptionError

MEASURED = {"ram_bytes": 800, "flash_bytes": 2000, "instructions": 12345, "stack_bytes": 96}
KNOWN = "target, compiler, optimize, model_sha256, ram_bytes, flash_bytes, instructions, stack_bytes"


def pyproject(tmp_path, text: str):
    (tmp_path / "pyproject.toml").write_bytes(text.encode())
    return tmp_path / "pyproject.toml"


def test_a_table_is_read(tmp_path):
    file = pyproject(tmp_path, '[tool.edgeattn_budget.kws]\ntarget = "stm32f4"\noptimize = "ram"\nram_bytes = 1_000\n')
    assert read_budget(file, "kws") == Budget("kws", {"ram_bytes": 1000}, target="stm32f4", optimize="ram")


@pytest.mark.parametrize("text", ["", "[tool.other]\n", "[tool.edgeattn_budget.vww]\ninstructions = 1\n"])
def test_a_network_without_a_table_has_no_budget(text, tmp_path):
    assert read_budget(pyproject(tmp_path, text), "kws") is None


def test_a_repository_without_pyproject_has_no_budget(tmp_path):
    assert read_budget(tmp_path / "pyproject.toml", "kws") is None


def test_who_asks_for_a_budget_that_is_not_there_is_told_those_that_are(tmp_path):
    file = pyproject(tmp_path, "[tool.edgeattn_budget.vww]\ninstructions = 1\n")
    with pytest.raises(OptionError, match=r"no table \[tool.edgeattn_budget.kws\] \(budgets there: vww\)"):
        asked_budget(file, "kws")


MISTAKES = {
    "an unknown key": ("[tool.edgeattn_budget.kws]\nram = 1", rf"unknown keys \(ram\): those known are {KNOWN}"),
    "a number as text": ('[tool.edgeattn_budget.kws]\nram_bytes = "1"', "ram_bytes = '1' must be a number"),
    "a negative number": ("[tool.edgeattn_budget.kws]\nram_bytes = -1", "ram_bytes = -1 must be a number"),
    "a fraction": ("[tool.edgeattn_budget.kws]\nram_bytes = 1.5", "ram_bytes = 1.5 must be a number"),
    "a truth": ("[tool.edgeattn_budget.kws]\nram_bytes = true", "ram_bytes = True must be a number"),
    "a target as number": ("[tool.edgeattn_budget.kws]\ntarget = 4", "target = 4 must be a text"),
    "a value as table": ("[tool.edgeattn_budget]\nkws = 4", "is a value: write it as a table"),
    "a value as section": ("[tool]\nedgeattn_budget = 4", "tool.edgeattn_budget is a value"),
    "no TOML": ("[tool.edgeattn_budget.kws\n", "no valid TOML"),
    "a key twice": ("[tool.edgeattn_budget.kws]\nram_bytes = 1\nram_bytes = 2", "no valid TOML"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_table_with_a_mistake_is_refused(text, message, tmp_path):
    with pytest.raises(OptionError, match=message) as raised:
        read_budget(pyproject(tmp_path, text), "kws")
    assert "pyproject.toml" in str(raised.value)


def test_what_is_measured_may_be_the_limit():
    check_budget(Budget("kws", MEASURED), MEASURED, "kws on m4")


@pytest.mark.parametrize("key", MEASURED)
def test_one_more_than_the_limit_is_too_much(key):
    with pytest.raises(BudgetExceeded, match=rf"{key} +[\d,]+ +[\d,]+ +1\n"):
        check_budget(Budget("kws", {**MEASURED, key: MEASURED[key] - 1}), MEASURED, "kws on m4")


def test_the_failure_is_a_table():
    with pytest.raises(BudgetExceeded) as raised:
        check_budget(Budget("kws", {"ram_bytes": 1000, "instructions": 10000}), MEASURED, "kws on m4")
    assert str(raised.value).splitlines() == [
        "kws on m4 exceeds its budget:",
        "  what          budget  measured  over by",
        "  ram_bytes      1,000       800        -",
        "  instructions  10,000    12,345    2,345",
        "make it smaller, or raise the number in [tool.edgeattn_budget.kws]: --edgeattn-update-budget never does",
    ]


def test_a_budget_without_limits_holds_nothing_and_says_so():
    with pytest.raises(OptionError, match="sets no limit"):
        check_budget(Budget("kws", {}), MEASURED, "kws on m4")


def test_the_highest_of_several_measurements_counts():
    known = {"kws": {"ram_bytes": 5, "instructions": 5}}
    keep_highest(known, {"kws": {"ram_bytes": 4, "instructions": 6}, "vww": {"ram_bytes": 1}})
    assert known == {"kws": {"ram_bytes": 5, "instructions": 6}, "vww": {"ram_bytes": 1}}


WHOLE = """# budgets
[project]
name = "firmware"   # untouched
instructions = 99999

[ tool . edgeattn_budget . "kws" ]  # of the part
target = "stm32f4"
ram_bytes   =   1_000 # bytes
instructions=20000

stack_bytes = 90

[tool.edgeattn_budget.vww]
instructions = 99999
"""
LOWERED = (
    WHOLE.replace("1_000 # bytes", "800 # bytes")
    .replace("instructions=20000", "instructions=12345")
    .replace("stack_bytes = 90\n", "stack_bytes = 90\nflash_bytes = 2000\n")
)
TEXTS = {
    "of every form": (WHOLE, LOWERED),
    "with ends of line of Windows": (WHOLE.replace("\n", "\r\n"), LOWERED.replace("\n", "\r\n")),
    "without a last end of line": (
        '[tool.edgeattn_budget.kws]\ntarget = "m4"',
        '[tool.edgeattn_budget.kws]\ntarget = "m4"\nram_bytes = 800\nflash_bytes = 2000\ninstructions = 12345\n'
        "stack_bytes = 96\n",
    ),
    "with thousands": (
        "[tool.edgeattn_budget.kws]\nram_bytes = 800\nflash_bytes = 2_000\ninstructions = 1_000_000\nstack_bytes = 96",
        "[tool.edgeattn_budget.kws]\nram_bytes = 800\nflash_bytes = 2_000\ninstructions = 12_345\nstack_bytes = 96",
    ),
}


@pytest.mark.parametrize(("before", "after"), TEXTS.values(), ids=TEXTS)
def test_numbers_are_lowered_and_all_else_stays(before, after, tmp_path):
    file = pyproject(tmp_path, before)
    assert lower_budgets(file, {"kws": MEASURED})
    assert file.read_bytes().decode() == after
    assert lower_budgets(file, {"kws": MEASURED}) == ()


def test_what_changed_is_told(tmp_path):
    assert [str(change) for change in lower_budgets(pyproject(tmp_path, WHOLE), {"kws": MEASURED})] == [
        "[tool.edgeattn_budget.kws] ram_bytes: 1,000 -> 800",
        "[tool.edgeattn_budget.kws] flash_bytes: set to 2,000",
        "[tool.edgeattn_budget.kws] instructions: 20,000 -> 12,345",
    ]


OTHER_FORMS = {
    "in a line": "[tool.edgeattn_budget]\nkws = {instructions = 20000, ram_bytes = 1}",
    "as dotted keys": "[tool]\nedgeattn_budget.kws.instructions = 20000",
    "hexadecimal": "[tool.edgeattn_budget.kws]\ninstructions = 0x100000",
}


@pytest.mark.parametrize("text", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_a_table_in_another_form_is_refused_and_left_alone(text, tmp_path):
    file = pyproject(tmp_path, text)
    with pytest.raises(OptionError, match="cannot be set without changing something else"):
        lower_budgets(file, {"kws": MEASURED})
    assert file.read_text(encoding="utf-8") == text


def test_a_text_that_looks_like_the_table_is_left_alone(tmp_path):
    text = 'x = """\n[tool.edgeattn_budget.kws]\n"""\n[tool.edgeattn_budget.kws]\ninstructions = 20000\n'
    file = pyproject(tmp_path, text)
    with pytest.raises(OptionError, match="cannot be set without changing something else"):
        lower_budgets(file, {"kws": {"instructions": 1}})
    assert file.read_text(encoding="utf-8") == text


def test_a_link_stays_a_link_and_rights_stay_rights(tmp_path):
    file = pyproject(tmp_path, WHOLE)
    file.chmod(0o640)
    (tmp_path / "here").mkdir()
    link = tmp_path / "here" / "pyproject.toml"
    link.symlink_to(file)
    assert lower_budgets(link, {"kws": MEASURED})
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == LOWERED
    assert file.stat().st_mode & 0o777 == 0o640
