"""Guard bytes between buffers: a plan for debugging, in which nothing lies where something else has lain."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.memory.buffers import ALIGN, Plan

GUARD_BYTES = ALIGN


def guarded(plan: Plan) -> Plan:
    """The same turns with every buffer alone, GUARD_BYTES behind each and before the first."""
    offsets: dict[str, int] = {}
    guards = [0]
    for name in plan.offsets:
        offsets[name] = guards[-1] + GUARD_BYTES
        guards.append(offsets[name] + -(-plan.sizes[name] // ALIGN) * ALIGN)
    return replace(plan, offsets=offsets, total=guards[-1] + GUARD_BYTES, guards=tuple(guards))
