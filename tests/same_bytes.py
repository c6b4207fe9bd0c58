"""Small graphs for the tests of passes, and the check that a pass keeps every output byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from firmware_export import interpreter
from firmware_export.ir import DType, Graph
from firmware_export.passes.verify import verify
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from tests.affines import random_int8, tensor
from tests.single_op import Array, OpSpec, TensorSpec, model

EVERY = (1, 2, 128)  # an input that may hold every value
HALF = Affine(0.5, 3)
SIXTEENTH = Affine(0.0625, -20)


def int8(affine: Affine = HALF, shape: tuple[int, ...] = EVERY) -> TensorSpec:
    """A tensor that is not constant."""
    return tensor(shape, affine)


def op(name: str, inputs: tuple[int, ...] | int, output: int) -> OpSpec:
    """One op without options."""
    return OpSpec(name, inputs if isinstance(inputs, tuple) else (inputs,), (output,), {})


def graph_of(tensors: Sequence[TensorSpec], ops: Sequence[OpSpec], outputs: Sequence[int] | None = None) -> Graph:
    """The graph that the reader makes of a model."""
    return read_tflite(model(tensors, ops, outputs), name="tiny")


def inputs_of(graph: Graph, seed: int) -> list[Array]:
    """Random inputs; reals where an input is float32."""
    steps = [random_int8(seed + i, *tensor.shape) for i, tensor in enumerate(graph.of(graph.inputs))]
    reals = [graph.tensors[name].dtype is DType.FLOAT32 for name in graph.inputs]
    return [x * np.float32(0.25) if real else x for x, real in zip(steps, reals, strict=True)]


def kinds(graph: Graph) -> list[str]:
    """The types of the ops' attributes in order."""
    return [type(op.attrs).__name__ for op in graph.ops]


def apply(step: Callable[[Graph], Graph], graph: Graph) -> Graph:
    """The graph after a pass, which verifies and gives the same bytes for the same inputs."""
    after = step(graph)
    verify(after)
    for seed in range(3):
        inputs = inputs_of(graph, seed)
        pairs = zip(interpreter.run(graph, inputs), interpreter.run(after, inputs), strict=True)
        for expected, result in pairs:
            np.testing.assert_array_equal(result, expected)
    return after
