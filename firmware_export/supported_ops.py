"""Which TFLite ops run on the device: read off the tables that do the work."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_export.tflite_ops import READERS


@dataclass(frozen=True)
class SupportedOp:
    """One op of the TFLite format, and what may be said of it in one line."""

    name: str
    remark: str


REMARKS = {
    "CONV_2D": "any kernel, stride, dilation, padding; grouped; per-channel or per-tensor weights",
    "DEPTHWISE_CONV_2D": "any kernel, stride, dilation, padding, channel multiplier",
    "FULLY_CONNECTED": "any input rank; per-channel or per-tensor weights; with or without bias",
    "MEAN": "any axes, kept or not",
    "REDUCE_MAX": "any axes, kept or not",
    "ADD": "every broadcast, both operand orders",
    "SUB": "every broadcast, both operand orders",
    "MUL": "every broadcast, both operand orders: channel and spatial gates",
    "MINIMUM": "every broadcast, operands of one scale",
    "MAXIMUM": "every broadcast, operands of one scale",
    "LOGISTIC": "256-entry table",
    "TANH": "256-entry table",
    "HARD_SWISH": "256-entry table",
    "RELU": "256-entry table",
    "RELU6": "256-entry table",
    "RELU_N1_TO_1": "256-entry table",
    "QUANTIZE": "int8 to int8 by a table; from float32 at the network's edge",
    "DEQUANTIZE": "to float32 at the network's edge",
    "SOFTMAX": "last axis",
    "AVERAGE_POOL_2D": "any window, stride, padding",
    "MAX_POOL_2D": "any window, stride, padding",
    "PAD": "any axes",
    "PADV2": "any axes, any value",
    "RESHAPE": "costs nothing",
    "SQUEEZE": "costs nothing",
    "EXPAND_DIMS": "costs nothing",
    "CONCATENATION": "any axis, operands of one scale",
}
SUPPORTED_OPS = tuple(SupportedOp(name, REMARKS[name]) for name in sorted(READERS))
