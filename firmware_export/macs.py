"""Multiply-accumulates of an op: convolutions and matrix products; padding is counted as if it were image."""

from __future__ import annotations

from functools import singledispatch
from math import prod

from firmware_export.ir import (
    Attrs,
    BatchMatMul,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    Graph,
    Op,
    VariableFullyConnected,
)


def macs(op: Op, graph: Graph) -> int:
    """Multiply-accumulates of one execution of the op."""
    return _per_output(op.attrs, op, graph) * graph.tensors[op.outputs[0]].elements


@singledispatch
def _per_output(attrs: Attrs, op: Op, graph: Graph) -> int:
    return 0


@_per_output.register
def _(attrs: Conv2D, op: Op, graph: Graph) -> int:
    return prod(graph.tensors[op.inputs[1]].shape[1:])


@_per_output.register
def _(attrs: DepthwiseConv2D, op: Op, graph: Graph) -> int:
    return attrs.window.kernel[0] * attrs.window.kernel[1]


@_per_output.register
def _(attrs: FullyConnected | VariableFullyConnected, op: Op, graph: Graph) -> int:
    return graph.tensors[op.inputs[1]].shape[1]


@_per_output.register
def _(attrs: BatchMatMul, op: Op, graph: Graph) -> int:
    return graph.tensors[op.inputs[0]].shape[-2 if attrs.adj_x else -1]
