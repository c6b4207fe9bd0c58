"""The pytest plugin: the fixture `edgeattn`, and the option that lowers budgets.

Every pytest in an environment with edgeattn loads this file, so it imports nothing more until a test asks for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from edgeattn.firmware_fixture import Firmware

Measured = dict[str, dict[str, int]]

UPDATE = "--edgeattn-update-budget"
FROM_WORKER = "edgeattn_measured"
MEASURED = pytest.StashKey[Measured]()
CHANGES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("edgeattn").addoption(
        UPDATE,
        action="store_true",
        help="Lower the numbers of [tool.edgeattn_budget.*] in pyproject.toml to what is measured; add missing ones.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is measured yet."""
    config.stash[MEASURED] = {}
    config.stash[CHANGES] = []


@pytest.fixture(scope="session")
def edgeattn(pytestconfig: pytest.Config) -> Firmware:
    """Networks that `edgeattn convert` wrote, on the cores they ship on: `edgeattn.network("firmware/kws.h")`."""
    from edgeattn.firmware_fixture import Firmware, Ratchet

    ratchet = Ratchet.LOWER if pytestconfig.getoption(UPDATE) else Ratchet.HOLD
    return Firmware(pytestconfig.rootpath, ratchet, pytestconfig.stash[MEASURED])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Take what a process of pytest-xdist measured."""
    measured = getattr(node, "workeroutput", {}).get(FROM_WORKER)  # a process that crashed has none
    if measured:
        from edgeattn.budget import keep_highest

        keep_highest(node.config.stash[MEASURED], measured)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Set the numbers, once, in the process that the user started."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[FROM_WORKER] = config.stash[MEASURED]
    elif config.getoption(UPDATE) and config.stash[MEASURED]:
        _lower(session, config.rootpath / "pyproject.toml")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was changed."""
    for line in config.stash[CHANGES]:
        terminalreporter.write_line(f"edgeattn: {line}")


def _lower(session: pytest.Session, file: Path) -> None:
    from edgeattn.budget_file import lower_budgets
    from edgeattn.errors import EdgeattnError

    measured: Measured = session.config.stash[MEASURED]
    try:
        changes = [str(change) for change in lower_budgets(file, measured)]
    except EdgeattnError as error:
        changes = [str(error)]
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    session.config.stash[CHANGES] += changes or ["every budget is what was measured, or below it"]
