"""Graph + inputs -> outputs in exact integer NumPy: what the C must compute, said a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from firmware_export.interpreter import (  # noqa: F401 -- each registers its ops
    convolution,
    elementwise,
    function,
    layout,
    lookup,
    matmul,
    pooling,
    reduction,
    softmax,
)
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Graph


def run(graph: Graph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Run a network; inputs and outputs are int8 arrays of the graph's shapes."""
    values = run_all(graph, inputs)
    return tuple(values[name] for name in graph.outputs)


def run_all(graph: Graph, inputs: Sequence[Array]) -> Mapping[str, Array]:
    """Run a network and keep the value of every tensor."""
    values: dict[str, Array] = {name: t.data for name, t in graph.tensors.items() if t.data is not None}
    for name, array in zip(graph.inputs, inputs, strict=True):
        values[name] = np.reshape(array, graph.tensors[name].shape)
    for op in graph.ops:
        output = graph.tensors[op.outputs[0]]
        arrays = tuple(values[name] for name in op.inputs)
        result = evaluate(op.attrs, (*graph.of(op.inputs), output), arrays)
        values[output.name] = result.astype(output.dtype.numpy).reshape(output.shape)
    return values
