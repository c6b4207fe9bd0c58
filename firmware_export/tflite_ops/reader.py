"""How one op is read: a row of the tables beside this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Attrs, Clamp, Tensor
from firmware_export.quantised_math import RANGES, Activation, Affine, activation_clamp
from firmware_export.tflite_node import Node, require_clippable, require_int8

ACTIVATIONS: dict[int, Activation] = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}
INT8_OR_INT16 = ("int8", "int16")
MANY = 1 << 12  # inputs or outputs of one op

Read = tuple[Attrs, tuple[Tensor, ...]]  # the attrs, and the inputs that stay inputs


@dataclass(frozen=True)
class Reader:
    """How to read one op: its options table, how many inputs it may have, and the function that does it.

    An op of several outputs is read once for each: it becomes an op of one output for each.
    """

    options: str | None
    inputs: tuple[int, int]
    read: Callable[[Node], Read]
    remark: str  # what may be said of it in one line
    outputs: tuple[int, int] = (1, 1)
    types: tuple[str, ...] = ("int8",)  # of activations, as users read them
    broadcast: str = ""  # which inputs may repeat along an axis, as users read it


def clamp(node: Node, require_types: Callable[..., None] = require_int8) -> Clamp:
    """The output's clamp by the fused activation; require_types: of the first input and the output."""
    code = node.options.FusedActivationFunction() if node.options is not None else 0
    if code not in ACTIVATIONS:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has fused activation number {code}; use relu, relu6 or none"
        )
    require_types(node, node.inputs[0], node.output)
    if ACTIVATIONS[code] in ("RELU6", "RELU_N1_TO_1"):
        require_clippable(node)
    limits = RANGES[node.output.dtype.value]
    return Clamp(*activation_clamp(ACTIVATIONS[code], Affine(node.output.scale, node.output.zero_point), limits))
