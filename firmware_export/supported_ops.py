"""Which TFLite ops run on the device: read off the tables that do the work."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export import tflite_variables
from firmware_export.tflite_ops import READERS
from firmware_export.tflite_ops.reader import Reader
from firmware_export.tflite_ops.unary import FLOAT_FUNCTIONS as FLOAT_FUNCTIONS  # may stay in float32 between int8


@dataclass(frozen=True)
class SupportedOp:
    """One op of the TFLite format, and what may be said of it in one line."""

    name: str
    remark: str


def remark_of(reader: Reader) -> str:
    """What is said of an op, and of its types where int8 is not the only one."""
    others = [dtype for dtype in reader.types if dtype != "int8"]
    return "; ".join((reader.remark, *(f"also {dtype}" for dtype in others)))


REMARKS = {**{name: remark_of(reader) for name, reader in READERS.items()}, **tflite_variables.REMARKS}
SUPPORTED_OPS = tuple(SupportedOp(name, REMARKS[name]) for name in sorted(REMARKS))
