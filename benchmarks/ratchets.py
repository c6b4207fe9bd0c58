"""What of a network's costs may not grow: written by the benchmark, held by the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

RATCHETS = Path(__file__).resolve().parents[1] / "tests" / "end_to_end" / "ratchets.json"

SMALLEST = "cortex-m4 at -O ram"


def ratchet(cost: dict[str, Any]) -> dict[str, int]:
    """The numbers of a report that are held."""
    return {
        "instructions": cost["instructions"],
        "code_bytes": cost["flash_bytes"]["code"],
        "stack_bytes": cost["stack_bytes"],
        "ram_bytes": cost["activations_bytes"],
    }
