"""From what a user types to a target."""

from __future__ import annotations

import re
from difflib import get_close_matches

from firmware_export.errors import UnknownTarget
from firmware_export.targets.cores import CORES, Core, Fpu
from firmware_export.targets.parts import TARGETS
from firmware_export.targets.target import Target

CORE = re.compile(r"(?:cortex)?(?P<core>m\d+(?:plus)?)(?P<fpu>f?)")
PACKAGE = re.compile(r"[a-z]([0-9x][a-z0-9]{0,3})?")  # what follows the flash size in an order code: T6, TX, H6TR


def find(text: str) -> Target:
    """The target a part, a line, a series, a core or a board names, in any case, `-` and `_` ignored.

    `stm32f446re`, also with its package as in `STM32F446RETx`, is a part; `stm32f446` the only part of that line in
    the table; `stm32f4` the part that stands for the series; `cortex-m4` or `m4f` a core without limits, the latter
    with a floating-point unit; `nucleo-f446re` the part on that board. Raises UnknownTarget for anything else.
    """
    wanted = _plain(text)
    for target in (_named(wanted), _packaged(wanted), _only_one_of_line(wanted), _core(wanted)):
        if target is not None:
            return target
    near = get_close_matches(wanted, _names(), n=4, cutoff=0.6)
    hint = f" Did you mean {', '.join(_names()[name] for name in near)}?" if near else ""
    raise UnknownTarget(
        f"unknown target {text!r}.{hint} `edgeattn targets` lists them all; for a part that is not there "
        f"name its core, such as cortex-m4, which has no limits of memory: there are {', '.join(CORES)}."
    )


def generic(core: Core, fpu: Fpu = Fpu.NONE) -> Target:
    """A core alone: no memory limits, no clock."""
    return Target(core.name if fpu is Fpu.NONE else f"{core.name}f", core, fpu)


def _plain(text: str) -> str:
    return re.sub(r"[-_\s]", "", text.lower().replace("+", "plus"))


def _named(wanted: str) -> Target | None:
    for target in TARGETS.values():
        if wanted and wanted in (_plain(target.name), _plain(target.board), _plain(target.stands_for)):
            return target
    return None


def _packaged(wanted: str) -> Target | None:
    for target in TARGETS.values():
        if wanted.startswith(target.name) and PACKAGE.fullmatch(wanted.removeprefix(target.name)):
            return target
    return None


def _only_one_of_line(wanted: str) -> Target | None:
    if len(wanted) < len("stm32f446"):
        return None
    parts = [target for target in TARGETS.values() if target.name.startswith(wanted)]
    return parts[0] if len(parts) == 1 else None


def _core(wanted: str) -> Target | None:
    match = CORE.fullmatch(wanted)
    core = CORES.get(f"cortex-{match['core']}") if match else None
    if not match or not core:
        return None
    units = [fpu for fpu in core.fpus if (fpu is not Fpu.NONE) == bool(match["fpu"])]
    return generic(core, units[0]) if units else None


def _names() -> dict[str, str]:
    parts = [name for row in TARGETS.values() for name in (row.name, row.board, row.stands_for) if name]
    return {_plain(name): name for name in (*parts, *CORES)}
