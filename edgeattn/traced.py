"""What TensorFlow's graph of a float model tells: loops, variables, what computes each output. Runs in the child."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

LOOPS = frozenset({"While", "StatelessWhile"})
ASSIGNMENTS = frozenset({"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"})
PASSED_ON = frozenset({"Identity", "IdentityN", "StopGradient", "PreventGradient"})  # no name of the user's is in these
CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})


def loops(function: Any) -> tuple[str, ...]:
    """The nodes of a concrete function, and of those it calls, that repeat a part of the graph: net/layer/while."""
    graph = function.graph.as_graph_def()
    nodes = chain(graph.node, *(inner.node_def for inner in graph.library.function))
    return tuple(node.name for node in nodes if node.op in LOOPS)


def remembers(function: Any) -> bool:
    """Whether a concrete function, or one that it calls, assigns a variable."""
    graph = function.graph.as_graph_def()
    nodes = chain(graph.node, *(inner.node_def for inner in graph.library.function))
    return any(node.op in ASSIGNMENTS for node in nodes)


def makers(function: Any) -> tuple[str, ...]:
    """The node that computes each output of a concrete function, in the order of its outputs: net/layer/Op."""
    graph = function.graph.as_graph_def()
    library = {inner.signature.name: inner for inner in graph.library.function}
    nodes = {node.name: node for node in graph.node}
    return tuple(_maker(tensor.name, nodes, library) for tensor in function.graph.outputs)


def _maker(tensor: str, nodes: Mapping[str, Any], library: Mapping[str, Any]) -> str:
    name, index = _place(tensor)
    node = nodes.get(name)
    if node is None:  # an argument of the function
        return ""
    if node.op in PASSED_ON:
        return _maker(node.input[index], nodes, library)
    if node.op in CALLS:
        inner = library[node.attr["f"].func.name]
        result = inner.ret[inner.signature.output_arg[index].name]
        return _maker(result, {node.name: node for node in inner.node_def}, library)
    return name


def _place(tensor: str) -> tuple[str, int]:
    """`node`, `node:1` and, inside of a function, `node:output:1`."""
    name, _, rest = tensor.partition(":")
    return name, int(rest.rpartition(":")[2] or 0)
