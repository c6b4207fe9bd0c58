"""Give every output memory of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from firmware_export.ir import Copy, Graph, Op, Reshape


def copy_shared_outputs(graph: Graph) -> Graph:
    """Before: an output may be an input, a constant, or another output under a new shape. After: a Copy writes it.

    So with an output that is what the network remembers.
    """
    source = {name: name for name in graph.tensors}
    for op in graph.ops:
        if isinstance(op.attrs, Reshape):
            source[op.outputs[0]] = source[op.inputs[0]]
    fixed = {name for name, tensor in graph.tensors.items() if tensor.data is not None} | set(graph.given)
    outputs: list[str] = []
    for name in graph.outputs:
        if source[name] in fixed:
            graph, name = copied(graph, name)
        else:
            fixed.add(source[name])
        outputs.append(name)
    return replace(graph, outputs=tuple(outputs))


def copied(graph: Graph, name: str) -> tuple[Graph, str]:
    """The graph with a copy of a tensor, and the copy's name."""
    taken = {*graph.tensors, *(op.name for op in graph.ops)}
    number = next(number for number in count(len(graph.ops)) if not {f"{name}#copy{number}", f"copy_{number}"} & taken)
    copy = replace(graph.tensors[name], name=f"{name}#copy{number}", data=None)
    op = Op(f"copy_{number}", Copy(), (name,), (copy.name,))
    return replace(graph, tensors=graph.tensors | {copy.name: copy}, ops=(*graph.ops, op)), copy.name
