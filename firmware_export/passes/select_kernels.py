"""Choose the best kernel that the core allows."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Copy, Graph, Op, Reshape
from firmware_export.kernels import kernels_for
from firmware_export.optimize import Optimize
from firmware_export.targets import Isa


def select_kernels(graph: Graph, *, isa: Isa, optimize: Optimize) -> Graph:
    """Before: ops without kernels. After: each names its C function and the scratch bytes it needs."""
    return replace(graph, ops=tuple(selected(op, graph, isa, optimize) for op in graph.ops))


def selected(op: Op, graph: Graph, isa: Isa, optimize: Optimize) -> Op:
    """The op with its kernel; reshapes and copies need none."""
    if isinstance(op.attrs, Reshape | Copy):
        return op
    choices = kernels_for(op, graph, isa, optimize)
    if not choices:
        raise UnsupportedOp(f"layer {op.name!r}: no kernel for {op.kind}; `edgeattn supported-ops` lists what there is")
    return replace(op, kernel=choices[0].function, scratch=choices[0].scratch(op, graph))
