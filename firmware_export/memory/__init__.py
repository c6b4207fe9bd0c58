"""Where activations live: who takes turns, which bytes are in use when, one arena that holds them, and a proof of it.

A tensor lives in one of four memories. Graph inputs, and every reshape of one, stay in the caller's input, which is
const. Graph outputs, and every tensor reshaped into or out of one, are written straight to the caller's output. What
the network remembers from one inference to the next, its old value and then its new one, is in the caller's state. All
else, and the scratch of ops, are buffers of the arena; inputs and outputs are, too, where the caller asks for it. There
is one arena, or one in each of several banks of RAM.
"""

from firmware_export.memory.banks import split
from firmware_export.memory.bounds import bytes_in_use, lower_bound
from firmware_export.memory.buffers import (
    ALIGN,
    Bank,
    Buffer,
    Lifetimes,
    Plan,
    decoded_name,
    lifetimes,
    row_bytes,
    scratch_name,
)
from firmware_export.memory.checking import check
from firmware_export.memory.guards import GUARD_BYTES, guarded
from firmware_export.memory.joining import joined
from firmware_export.memory.planning import plan, planned
from firmware_export.memory.schedule import Schedule, Segment, alone, one_by_one
from firmware_export.memory.size import check_size
from firmware_export.memory.streams import Room, best_schedule, best_schedules
from firmware_export.memory.timeline import PlacedBuffer, Role, Stretch, Timeline, timeline
from firmware_export.memory.turns import height_of

__all__ = [
    "ALIGN",
    "GUARD_BYTES",
    "Bank",
    "Buffer",
    "Lifetimes",
    "PlacedBuffer",
    "Plan",
    "Role",
    "Room",
    "Schedule",
    "Segment",
    "Stretch",
    "Timeline",
    "alone",
    "best_schedule",
    "best_schedules",
    "bytes_in_use",
    "check",
    "check_size",
    "decoded_name",
    "guarded",
    "height_of",
    "joined",
    "lifetimes",
    "lower_bound",
    "one_by_one",
    "plan",
    "planned",
    "row_bytes",
    "scratch_name",
    "split",
    "timeline",
]
