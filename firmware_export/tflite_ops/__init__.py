"""What each TFLite op's options and constant inputs say, as attrs of the graph: a table a family, one row an op."""

from __future__ import annotations

from firmware_export.tflite_ops import convolution, elementwise, layout, pooling, reduction, softmax, unary
from firmware_export.tflite_ops.reader import Reader

FAMILIES = (
    convolution,
    elementwise,
    layout,
    pooling,
    reduction,
    softmax,
    unary,
)
READERS: dict[str, Reader] = {name: reader for family in FAMILIES for name, reader in family.READERS.items()}
