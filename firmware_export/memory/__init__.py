"""Where activations live: lifetimes, one arena that holds them, and a proof that it does.

A tensor lives in one of four memories. Graph inputs, and every reshape of one, stay in the caller's input, which is
const. Graph outputs, and every tensor reshaped into or out of one, are written straight to the caller's output. What
the network remembers from one inference to the next, its old value and then its new one, is in the caller's state. All
else, and the scratch of ops, are buffers of the arena.
"""

from firmware_export.memory.bounds import bytes_in_use, lower_bound
from firmware_export.memory.buffers import ALIGN, Buffer, Lifetimes, Plan, lifetimes, row_bytes, scratch_name
from firmware_export.memory.checking import check
from firmware_export.memory.planning import plan
from firmware_export.memory.size import check_size

__all__ = [
    "ALIGN",
    "Buffer",
    "Lifetimes",
    "Plan",
    "bytes_in_use",
    "check",
    "check_size",
    "lifetimes",
    "lower_bound",
    "plan",
    "row_bytes",
    "scratch_name",
]
