"""Turn every function of one byte into a table of 256."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_export.interpreter.evaluate import evaluate
from firmware_export.ir import DType, Function, Graph, Lookup, Op

EVERY_INT8 = np.arange(-128, 128, dtype=np.int8)


def tabulate_unary(graph: Graph) -> Graph:
    """Before: functions of one int8 tensor. After: Lookup, its table computed by the reference formula."""
    return replace(graph, ops=tuple(tabulated(op, graph) for op in graph.ops))


def tabulated(op: Op, graph: Graph) -> Op:
    """The op as a table, where it is one."""
    if not isinstance(op.attrs, Function):
        return op
    tensors = graph.of((*op.inputs, *op.outputs))
    if any(tensor.dtype not in (DType.INT8, DType.UINT8) for tensor in tensors):
        return op
    x, output = (replace(tensor, shape=EVERY_INT8.shape) for tensor in tensors)
    table = evaluate(op.attrs, (x, output), (EVERY_INT8.view(x.dtype.numpy),)).astype(output.dtype.numpy).view(np.int8)
    return replace(op, attrs=Lookup(tuple(int(value) for value in table), op.kind))
