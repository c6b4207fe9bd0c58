"""Drop ops and tensors that no output depends on."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph


def remove_unused(graph: Graph) -> Graph:
    """Before: any graph. After: every op's output is read by a later op or is an output; inputs stay."""
    needed = set(graph.outputs)
    kept = []
    for op in reversed(graph.ops):
        if not needed.intersection(op.outputs):
            continue
        kept.append(op)
        needed.update(op.inputs)
    names = needed | set(graph.inputs)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in names}
    return replace(graph, ops=tuple(reversed(kept)), tensors=tensors)
