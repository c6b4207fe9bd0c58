"""Compute at export what depends on no input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_export.interpreter.evaluate import evaluate
from firmware_export.ir import Graph


def fold_constants(graph: Graph) -> Graph:
    """Before: any graph. After: no op has constant inputs only; its output is a constant."""
    tensors = dict(graph.tensors)
    kept = []
    for op in graph.ops:
        arrays = [tensors[name].data for name in op.inputs]
        values = tuple(array for array in arrays if array is not None)
        if len(values) < len(arrays):
            kept.append(op)
            continue
        output = tensors[op.outputs[0]]
        inputs = tuple(tensors[name] for name in op.inputs)
        data = np.asarray(evaluate(op.attrs, (*inputs, output), values), dtype=output.dtype.numpy)
        tensors[output.name] = replace(output, data=data.reshape(output.shape))
    return replace(graph, ops=tuple(kept), tensors=tensors)
