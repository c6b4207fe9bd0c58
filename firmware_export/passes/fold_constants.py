"""Compute at export what depends on no input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_export.interpreter.evaluate import evaluate
from firmware_export.ir import (
    AveragePool2D,
    BatchMatMul,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    Graph,
    MaxPool2D,
    Op,
    TransposeConv,
    VariableFullyConnected,
)
from firmware_export.macs import macs

MOST_WORK = 1 << 22  # values that one op looks at, and bytes that all folded constants take


def fold_constants(graph: Graph) -> Graph:
    """Before: any graph. After: no op has constant inputs only; its output is a constant.

    Left to the firmware is what would take much of this machine's time or of the firmware's flash.
    """
    tensors = dict(graph.tensors)
    kept = []
    room = MOST_WORK
    for op in graph.ops:
        arrays = [tensors[name].data for name in op.inputs]
        values = tuple(array for array in arrays if array is not None)
        output = tensors[op.outputs[0]]
        if len(values) < len(arrays) or max(work(op, graph), output.nbytes) > room:
            kept.append(op)
            continue
        room -= output.nbytes
        inputs = tuple(tensors[name] for name in op.inputs)
        data = np.asarray(evaluate(op.attrs, (*inputs, output), values), dtype=output.dtype.numpy)
        tensors[output.name] = replace(output, data=data.reshape(output.shape))
    return replace(graph, ops=tuple(kept), tensors=tensors)


def work(op: Op, graph: Graph) -> int:
    """Values that an op looks at."""
    sizes = [tensor.elements for tensor in graph.of((*op.inputs, *op.outputs))]
    match op.attrs:
        case Conv2D() | DepthwiseConv2D() | AveragePool2D() | MaxPool2D():
            rows, columns = op.attrs.window.kernel
            return sizes[-1] * rows * columns * graph.tensors[op.inputs[0]].shape[3]
        case TransposeConv() | FullyConnected() | VariableFullyConnected() | BatchMatMul():
            return macs(op, graph)
        case _:
            return sum(sizes)
