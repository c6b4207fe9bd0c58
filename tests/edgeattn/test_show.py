"""What people read in the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from edgeattn.report import as_dict
from edgeattn.show import show_report
from edgeattn.show_analysis import show_analysis
from firmware_export import TARGETS
from tests.edgeattn.reports import AGREEMENT, report_of


def shown(show, report) -> str:
    console = Console(file=StringIO(), width=120)
    show(report, console)
    return console.file.getvalue()


# 10 activations at most, 100 stack, 12 static, 20 of input and output; 1234 of flash
def test_the_part_asked_for_is_shown_with_what_it_has():
    report = report_of(AGREEMENT, target="stm32f446re")
    ram = report.needs.ram_bytes
    assert ram == report.exported.program.activations_bytes + 100 + 12 + 20
    text = shown(show_report, report)
    assert f"RAM {ram} of 131,072 bytes, flash 1,234 of 524,288 bytes" in text
    keys = ("needed_ram_bytes", "target_ram_bytes", "needed_flash_bytes", "target_flash_bytes")
    assert [as_dict(report)[key] for key in keys] == [ram, 131_072, 1234, 524_288]


def test_external_flash_and_a_core_alone_have_no_figure():
    external, core = report_of(AGREEMENT, target="stm32n657x0"), report_of(AGREEMENT, target="cortex-m4")
    assert "flash 1,234 bytes, external" in shown(show_report, external)
    assert "RAM 1" not in shown(show_report, core)
    assert as_dict(external)["target_flash_bytes"] is None
    assert as_dict(core)["target_ram_bytes"] is None


@pytest.mark.parametrize("stack_bytes", [100, 1 << 20])
def test_the_parts_that_are_not_listed_are_counted(stack_bytes):
    report = report_of(AGREEMENT, stack_bytes=stack_bytes)
    text = shown(show_report, report)
    listed = [name for name in TARGETS if f" {name} " in text]
    more = len(report.fits) - len(listed)
    assert f"fits {len(report.fits)} of {len(TARGETS)} parts" in text
    assert (f"and {more} more (`edgeattn targets`)" in text) == (more > 0)
    assert (more > 0) == (stack_bytes == 100)


@pytest.mark.parametrize("show", [show_report, show_analysis])
def test_what_is_missing_on_the_part_is_a_warning(show):
    report = report_of(AGREEMENT, target="bluepill", stack_bytes=30 * 1024)
    missing = report.needs.ram_bytes - 20 * 1024
    warning = report.warnings[0]
    assert f"net does not fit stm32f103c8: {missing:,} bytes of RAM too few" in warning
    assert "convert refuses it" in warning
    words = shown(show, report).replace("│", " ").split()
    assert " ".join(warning.split()) in " ".join(words)
