"""Drop tables that change no byte."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph, Lookup, Op, Reshape

IDENTITY = tuple(range(-128, 128))


def remove_identities(graph: Graph) -> Graph:
    """Before: a Lookup may give every value back. After: none does; a Reshape, which costs nothing, stands for it where
    its output is the network's, or is read under another type, shape, scale or zero point.
    """
    renamed: dict[str, str] = {}
    kept = []
    for op in graph.ops:
        op = replace(op, inputs=tuple(renamed.get(name, name) for name in op.inputs))
        if isinstance(op.attrs, Lookup) and op.attrs.table == IDENTITY:
            if interchangeable(op, graph):
                renamed[op.outputs[0]] = op.inputs[0]
                continue
            op = replace(op, attrs=Reshape())
        kept.append(op)
    return replace(graph, ops=tuple(kept))


def interchangeable(op: Op, graph: Graph) -> bool:
    """Whether readers of the op's output may read its input instead."""
    x, output = graph.of((*op.inputs, *op.outputs))
    alike = (x.shape, x.dtype, x.quant) == (output.shape, output.dtype, output.quant)
    return alike and output.name not in graph.results
