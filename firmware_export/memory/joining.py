"""Concatenations whose inputs are made where they belong in the output, so that nothing is copied."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from firmware_export.ir import Concatenation, Graph, Op

Parts = dict[str, tuple[str, int]]  # the output that a tensor is a part of, and where in it the part begins, in bytes


def joined(graph: Graph) -> Graph:
    """The graph with every concatenation that can do without copies so marked: what it joins is whole bytes one behind
    the other.
    """
    return replace(graph, ops=tuple(_joined(op, graph) for op in graph.ops))


def _joined(op: Op, graph: Graph) -> Op:
    if not isinstance(op.attrs, Concatenation):
        return op
    is_contiguous = math.prod(graph.tensors[op.outputs[0]].shape[: op.attrs.axis]) == 1
    return replace(op, attrs=replace(op.attrs, joined=True)) if is_contiguous else op


def parts_of(graph: Graph, roots: Mapping[str, str], caller: Mapping[str, str]) -> Parts:
    """The tensors that are made as parts of an output: not those that lie elsewhere already, or are parts twice.

    roots: of every tensor, the one that it is a reshape of. caller: the storage of those in the caller's memory.
    """
    parts: Parts = {}
    wholes: set[str] = set()
    for op in graph.ops:
        if not isinstance(op.attrs, Concatenation) or not op.attrs.joined:
            continue
        (output,) = op.outputs
        offset = 0
        for name in op.inputs:
            can_move = roots.get(name) == name and name not in caller and name not in graph.given
            is_free = name not in parts and name not in wholes and name not in graph.excited and name != output
            if can_move and is_free and op.inputs.count(name) == 1 and roots[output] == output:
                parts[name] = (output, offset)
                wholes.add(output)
            offset += graph.tensors[name].nbytes
    return parts
