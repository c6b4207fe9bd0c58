"""Which TFLite ops run on the device: read off the tables that do the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firmware_export import tflite_variables
from firmware_export.targets import CORES
from firmware_export.tflite_ops import READERS, unary
from firmware_export.tflite_ops.reader import INT8_OR_INT16
from firmware_export.tflite_ops.unary import FLOAT_FUNCTIONS as FLOAT_FUNCTIONS  # may stay in float32 between int8

CONVOLUTION, LOOP, TABLE = "convolution behind it", "loop before it", "table of 256"
FUSED = {  # into what the passes may put an op
    **dict.fromkeys(unary.READERS.keys() - {"DEQUANTIZE"}, TABLE),
    **dict.fromkeys(("ADD", "SUB", "DIV", "MINIMUM", "MAXIMUM"), TABLE),
    **dict.fromkeys(("PAD", "PADV2"), CONVOLUTION),
    **dict.fromkeys(("MEAN", "REDUCE_MAX", "AVERAGE_POOL_2D", "MAX_POOL_2D"), LOOP),
    "MUL": f"{CONVOLUTION}, {TABLE}",
}
COLUMNS = ("op", "types", "broadcast", "cores", "fused into", "remark")


@dataclass(frozen=True)
class SupportedOp:
    """One op of the TFLite format, and what may be said of it in one line."""

    name: str
    types: tuple[str, ...]  # of activations
    broadcast: str  # which inputs may repeat along an axis; "": none
    cores: tuple[str, ...]
    fused: str  # into what it may go, so that it costs little or nothing of its own; "": nothing
    remark: str


def ops() -> Iterator[SupportedOp]:
    """Every op that is read, on every core: each kernel has a form in plain C."""
    cores = tuple(CORES)
    for name, reader in READERS.items():
        yield SupportedOp(name, reader.types, reader.broadcast, cores, FUSED.get(name, ""), reader.remark)
    for name, remark in tflite_variables.REMARKS.items():
        yield SupportedOp(name, INT8_OR_INT16, "", cores, "", remark)


SUPPORTED_OPS = tuple(sorted(ops(), key=lambda op: op.name))


def supported_ops_table() -> str:
    """The table as text that reads well in a terminal and in a README."""
    rows = [
        (
            op.name,
            ", ".join(op.types),
            op.broadcast,
            "all" if len(op.cores) == len(CORES) else ", ".join(op.cores),
            op.fused,
            op.remark,
        )
        for op in SUPPORTED_OPS
    ]
    widths = [max(len(row[column]) for row in (COLUMNS, *rows)) for column in range(len(COLUMNS))]
    lines = [COLUMNS, tuple("-" * width for width in widths), *rows]
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)
