"""What each TFLite op's options and constant inputs say, as attrs of the graph: a table a family, one row an op."""

from __future__ import annotations

from firmware_export.tflite_ops import (
    convolution,
    elementwise,
    gathering,
    layout,
    matmul,
    pooling,
    rearranging,
    reduction,
    resizing,
    slicing,
    softmax,
    transpose_conv,
    unary,
)
from firmware_export.tflite_ops.reader import Reader

FAMILIES = (
    convolution,
    elementwise,
    gathering,
    layout,
    matmul,
    pooling,
    rearranging,
    reduction,
    resizing,
    slicing,
    softmax,
    transpose_conv,
    unary,
)
READERS: dict[str, Reader] = {name: reader for family in FAMILIES for name, reader in family.READERS.items()}

BRANCHLESS = "MAXIMUM, MINIMUM, or an activation without a case distinction: SELU by GELU, for example"
SPLIT_CONVOLUTIONS = (
    "one dilated convolution with more filters, or by other dilations: TensorFlow's converter makes this op of "
    "convolutions of one dilation that read one tensor"
)
# What takes the place of ops that have no kernel here: LiteRT's reference has none in int8, or nothing needed one yet.
WAYS_OUT = {
    "ELU": "GELU, LEAKY_RELU or RELU",
    "CEIL": "-floor(-x)",
    "ROUND": "floor(x + 0.5)",
    "SUM": "MEAN and a multiplication by the number of values: LiteRT's reference kernel of SUM reads int8 as uint8",
    "LOG_SOFTMAX": "SOFTMAX and LOG",
    "L2_NORMALIZATION": "MUL by RSQRT of the MEAN of squares, as RMSNormalization does",
    "REDUCE_PROD": "MUL",
    "POW": "MUL or SQRT",
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"), SPLIT_CONVOLUTIONS),
    **dict.fromkeys(("GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "EQUAL", "NOT_EQUAL"), BRANCHLESS),
    **dict.fromkeys(("SELECT", "SELECT_V2", "WHERE"), BRANCHLESS),
}
