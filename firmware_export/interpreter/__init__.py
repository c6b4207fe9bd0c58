"""Graph + inputs -> outputs in exact integer NumPy: what the C must compute, said a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from firmware_export.interpreter import (
    convolution,
    elementwise,
    function,
    layout,
    lookup,
    matmul,
    pooling,
    reduction,
    resizing,
    softmax,
    squeeze_excite,
)
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Graph


def run(graph: Graph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Run a network; inputs and outputs are int8 arrays of the graph's shapes. What it remembers is as it begins."""
    values = run_all(graph, inputs)
    return tuple(values[name] for name in graph.outputs)


def run_sequence(graph: Graph, samples: Sequence[Sequence[Array]]) -> list[tuple[Array, ...]]:
    """The outputs of inferences one after the other: each finds what the one before remembered."""
    outputs, remembered = [], initial_states(graph)
    for inputs in samples:
        values = run_all(graph, inputs, remembered)
        remembered = {state.before: values[state.after] for state in graph.states}
        outputs.append(tuple(values[name] for name in graph.outputs))
    return outputs


def initial_states(graph: Graph) -> Mapping[str, Array]:
    """What a network remembers before its first inference."""
    return {state.before: state.initial for state in graph.states}


def run_all(
    graph: Graph, inputs: Sequence[Array], remembered: Mapping[str, Array] | None = None
) -> Mapping[str, Array]:
    """Run a network and keep the value of every tensor; `remembered` where this is not the first inference."""
    values: dict[str, Array] = {name: t.data for name, t in graph.tensors.items() if t.data is not None}
    values |= initial_states(graph) if remembered is None else remembered
    for name, array in zip(graph.inputs, inputs, strict=True):
        values[name] = np.reshape(array, graph.tensors[name].shape)
    for op in graph.ops:
        output = graph.tensors[op.outputs[0]]
        arrays = tuple(values[name] for name in op.inputs)
        result = evaluate(op.attrs, (*graph.of(op.inputs), output), arrays)
        values[output.name] = result.astype(output.dtype.numpy).reshape(output.shape)
    return values
