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
    Tensor,
    TransposeConv,
    VariableFullyConnected,
)

Tensors = tuple[Tensor, ...]  # the op's inputs, then its output


def macs(op: Op, graph: Graph) -> int:
    """Multiply-accumulates of one execution of the op."""
    return _macs(op.attrs, graph.of((*op.inputs, *op.outputs)))


@singledispatch
def _macs(attrs: Attrs, tensors: Tensors) -> int:
    return 0


@_macs.register
def _(attrs: Conv2D, tensors: Tensors) -> int:
    return tensors[-1].elements * prod(tensors[1].shape[1:])


@_macs.register
def _(attrs: TransposeConv, tensors: Tensors) -> int:
    return tensors[1].elements * prod(tensors[0].shape[1:3])


@_macs.register
def _(attrs: DepthwiseConv2D, tensors: Tensors) -> int:
    return tensors[-1].elements * prod(attrs.window.kernel)


@_macs.register
def _(attrs: FullyConnected | VariableFullyConnected, tensors: Tensors) -> int:
    return tensors[-1].elements * tensors[1].shape[1]


@_macs.register
def _(attrs: BatchMatMul, tensors: Tensors) -> int:
    return tensors[-1].elements * tensors[0].shape[-2 if attrs.adj_x else -1]
