"""A graph between two passes keeps its promises, or the network is damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from firmware_export.errors import ModelError
from firmware_export.ir import Graph, Op, Relu
from firmware_export.passes.verify import verify
from tests.same_bytes import graph_of, int8, op

CHAIN = graph_of([int8() for _ in range(3)], [op("TANH", 0, 1), op("RELU", 1, 2)])
X, MIDDLE, Y = (f"tensor_{i}" for i in range(3))


def with_op(*inputs_and_output: str) -> Graph:
    *inputs, output = inputs_and_output
    return replace(CHAIN, ops=(*CHAIN.ops, Op("more", Relu(0.0, None), tuple(inputs), (output,))))


def renamed(graph: Graph) -> Graph:
    return replace(graph, ops=tuple(replace(op, name="same") for op in graph.ops))


def test_a_sound_graph_passes():
    verify(CHAIN)


DAMAGES: dict[str, Callable[[], Graph]] = {
    "is listed twice": lambda: replace(CHAIN, inputs=(X, X)),
    "no input or no output": lambda: replace(CHAIN, outputs=()),
    "names a tensor that does not exist: 'ghost'": lambda: with_op("ghost", "ghost"),
    "before it is computed": lambda: replace(CHAIN, ops=CHAIN.ops[::-1]),
    "writes 'tensor_2', which already has a value": lambda: with_op(X, Y),
    "writes 'tensor_0', which already has a value": lambda: with_op(MIDDLE, X),
    "the output 'tensor_2' is never computed": lambda: replace(CHAIN, ops=CHAIN.ops[:1]),
    "two layers have one name": lambda: renamed(CHAIN),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_damage_is_named(words):
    with pytest.raises(ModelError, match=words):
        verify(DAMAGES[words]())
