"""BATCH_MATMUL, and FULLY_CONNECTED whose weights are computed at run time."""

from __future__ import annotations

import numpy as np

from firmware_export import ir
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import DType, Tensor
from firmware_export.tflite_node import (
    Node,
    constant,
    require,
    require_int8,
)
from firmware_export.tflite_ops.reader import Read, Reader, clamp
from firmware_export.tflite_shapes import Shape, product, require_shape

RANKS = range(2, 6)  # what the reference multiplies
DEEPEST = 1 << 15  # products of two int8 values, with their zero points, whose sum is an int32


def read_batch_matmul(node: Node) -> Read:
    require(node, node.options is not None, "has no options")
    a, b = node.inputs
    check_operands(node, a, b)
    if len(a.shape) not in RANKS or len(b.shape) not in RANKS:
        raise UnsupportedOp(
            f"layer {node.where!r}: BATCH_MATMUL multiplies tensors of rank {len(a.shape)} and {len(b.shape)}; "
            f"the reference takes ranks {RANKS[0]} to {RANKS[-1]}, so reshape first"
        )
    adj_x, adj_y = bool(node.options.AdjX()), bool(node.options.AdjY())
    rows, depth = matrix(a, turned=adj_x)
    b_depth, columns = matrix(b, turned=adj_y)
    require(node, depth == b_depth, "multiplies matrices that do not fit")
    check_depth(node, depth)
    batches = met(node, a.shape[:-2], b.shape[:-2])
    require_shape(node, (*batches, rows, columns))
    return ir.BatchMatMul(adj_x, adj_y), node.inputs


def met(node: Node, a: Shape, b: Shape) -> Shape:
    """The batches of the result."""
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        raise ModelError(
            f"layer {node.where!r}: {node.kind} has batches that do not meet: convert the model again"
        ) from None


def matrix(tensor: Tensor, *, turned: bool) -> tuple[int, int]:
    """Rows and columns of the matrices that a tensor holds, as they are multiplied."""
    rows, columns = tensor.shape[-2:]
    return (columns, rows) if turned else (rows, columns)


def read_variable_fully_connected(node: Node) -> Read:
    """Weights computed at run time: [units, depth], of one scale and any zero point; a bias is constant."""
    x, weights = node.inputs[:2]
    check_operands(node, x, weights)
    require(node, len(weights.shape) == 2, "has weights that are not [units, depth]")
    units, depth = weights.shape
    check_depth(node, depth)
    require(node, node.options is None or node.options.WeightsFormat() == 0, "has shuffled weights")
    require(node, x.elements % depth == 0, "has an input that its weights do not divide")
    require_shape(node, product(node, units, depth))
    if len(node.inputs) > 2:
        bias = constant(node, 2)
        require(node, bias.dtype is DType.INT32 and bias.elements == units, "has a bias of another type or size")
    return ir.VariableFullyConnected(clamp(node)), node.inputs


def check_operands(node: Node, *tensors: Tensor) -> None:
    """Refuse matrices that have a scale a channel: the reference multiplies by one scale."""
    if any(tensor.quant is not None and len(tensor.quant.scale) > 1 for tensor in tensors):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} multiplies by a matrix with a scale for each channel, "
            "for which the reference has no formula; use a Dense layer for constant weights"
        )
    require_int8(node, *tensors, node.output)


def check_depth(node: Node, depth: int) -> None:
    """Refuse sums that could leave int32."""
    if depth > DEEPEST:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} adds up {depth} products; {DEEPEST} is the limit, so multiply in parts"
        )


READERS = {
    "BATCH_MATMUL": Reader(
        "BatchMatMulOptions",
        (2, 2),
        read_batch_matmul,
        "two activations, or an activation and a constant, either turned",
        broadcast="every form of the batch",
    ),
}
