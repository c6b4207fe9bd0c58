"""`edgeattn bench`: what networks cost on the cores they ship on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import firmware_export
from edgeattn.conversion import DEFAULTS, Conversion, StandIn, bench_of, check_bytes, examine_on, silent
from edgeattn.proof import Say
from edgeattn.report import Report


def bench(
    models: Sequence[Path | str],
    targets: Sequence[str] = (DEFAULTS.target,),
    conversion: Conversion = DEFAULTS,
    *,
    say: Say = silent,
) -> tuple[Report, ...]:
    """Measure each model on each target, in this order. The C is the one that `convert` writes.

    Raises as `convert` does, but neither for memory that is too small nor for agreement that is too low. A core that
    nothing here emulates is ToolMissing: the figures of another one would not be its own.
    """
    strict = replace(conversion, stand_in=StandIn.REFUSED)
    for target in targets:  # before minutes of work
        bench_of(firmware_export.find(target), strict)
    reports = []
    for model in models:
        for report in examine_on(targets, model, strict, say=partial(say_of, say, Path(model).name)):
            check_bytes(report)  # figures of wrong code are worth nothing
            reports.append(report)
    return tuple(reports)


def say_of(say: Say, model: str, stage: str) -> None:
    """Progress with the name of the model it is about."""
    say(f"{model}: {stage}")
