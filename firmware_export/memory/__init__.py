"""Where activations live: who takes turns, which bytes are in use when, one arena that holds them, and a proof of it.

A tensor lives in one of four memories. Graph inputs, and every reshape of one, stay in the caller's input, which is
const. Graph outputs, and every tensor reshaped into or out of one, are written straight to the caller's output. What
the network remembers from one inference to the next, its old value and then its new one, is in the caller's state. All
else, and the scratch of ops, are buffers of the arena; inputs and outputs are, too, where the caller asks for it.
"""

from firmware_export.memory.bounds import bytes_in_use, lower_bound
from firmware_export.memory.buffers import (
    ALIGN,
    Buffer,
    Lifetimes,
    Plan,
    decoded_name,
    lifetimes,
    row_bytes,
    scratch_name,
)
from firmware_export.memory.checking import check
from firmware_export.memory.planning import plan
from firmware_export.memory.schedule import Schedule, Segment, one_by_one
from firmware_export.memory.size import check_size
from firmware_export.memory.streams import best_schedule
from firmware_export.memory.turns import height_of

__all__ = [
    "ALIGN",
    "Buffer",
    "Lifetimes",
    "Plan",
    "Schedule",
    "Segment",
    "best_schedule",
    "bytes_in_use",
    "check",
    "check_size",
    "decoded_name",
    "height_of",
    "lifetimes",
    "lower_bound",
    "one_by_one",
    "plan",
    "row_bytes",
    "scratch_name",
]
