"""SOFTMAX."""

from __future__ import annotations

import math

from firmware_export import ir
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import DType
from firmware_export.tflite_node import (
    Node,
    require,
    require_activations,
)
from firmware_export.tflite_ops.reader import INT8_OR_INT16, Read, Reader
from firmware_export.tflite_ops.unary import read_unary

LONGEST_INT16 = (1 << 16) - 1  # exponentials of at most 2**15 - 1, so that their sum is an int32


def read_softmax(node: Node) -> Read:
    beta = float(node.options.Beta()) if node.options is not None else 1.0
    attrs, inputs = read_unary(ir.Softmax(beta), node, require_activations)
    output = node.output
    require(node, math.isfinite(beta) and len(output.shape) > 0, "has a beta that is no number, or no axis")
    if output.dtype is DType.INT16:
        require(node, node.options is not None, "has no options")  # the reference takes its beta for 0
        require(node, abs(output.scale * 32768 - 1) <= 0.001, "must give scale 1/32768")
        require(
            node, beta > 0 and output.shape[-1] <= LONGEST_INT16, "has no positive beta, or a row too long to add up"
        )
        return attrs, inputs
    fits = abs(output.scale * 256 - 1) <= 0.001 and output.zero_point == -128
    require(node, fits, "must give scale 1/256 and zero point -128")
    if beta * node.inputs[0].scale <= 2.0**-26:
        raise UnsupportedOp(
            f"layer {node.where!r}: SOFTMAX cannot tell its inputs apart: beta {beta:g} times their scale "
            f"{node.inputs[0].scale:g} is below 2**-26; calibrate with more samples, or scale the logits up"
        )
    return attrs, inputs


READERS = {
    "SOFTMAX": Reader("SoftmaxOptions", (1, 1), read_softmax, "last axis", types=INT8_OR_INT16),
}
