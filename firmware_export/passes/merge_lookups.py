"""Make one table of a chain of tables."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph, Lookup, Op


def merge_lookups(graph: Graph) -> Graph:
    """Before: a Lookup may read what another Lookup wrote for it alone. After: one Lookup does both, exactly."""
    merged: dict[str, Op] = {}  # by output
    for op in graph.ops:
        first = merged.get(op.inputs[0])
        if first is not None and joins(first, op, graph):
            del merged[first.outputs[0]]
            op = join(first, op)
        merged[op.outputs[0]] = op
    return replace(graph, ops=tuple(merged.values()))


def joins(first: Op, second: Op, graph: Graph) -> bool:
    """Whether both are tables and nobody else sees what lies between."""
    between = first.outputs[0]
    if not isinstance(first.attrs, Lookup) or not isinstance(second.attrs, Lookup):
        return False
    return between not in graph.results and len(graph.consumers(between)) == 1


def join(first: Op, second: Op) -> Op:
    """The second op, reading what the first one reads."""
    assert isinstance(first.attrs, Lookup)
    assert isinstance(second.attrs, Lookup)
    table = tuple(second.attrs.table[value + 128] for value in first.attrs.table)
    return replace(second, attrs=Lookup(table, f"{first.kind}, {second.kind}"), inputs=first.inputs)
