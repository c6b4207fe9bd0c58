"""Choose the best kernel that the core allows."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import (
    Add,
    AveragePool2D,
    Concatenation,
    Conv2D,
    Copy,
    DepthwiseConv2D,
    Div,
    Graph,
    Logistic,
    Lookup,
    Maximum,
    MaxPool2D,
    Mean,
    Minimum,
    Mul,
    Op,
    Prelu,
    Quantize,
    ReduceMax,
    Relu,
    Reshape,
    Softmax,
    SquaredDifference,
    Sub,
    Tanh,
    Walk,
)
from firmware_export.kernels import Kernel, kernels_for
from firmware_export.memory import height_of
from firmware_export.optimize import Optimize
from firmware_export.targets import Isa

SQUEEZES = "squeeze_excite_s8"  # the folder of kernels that add rows up
ELEMENTS = (
    *(Add, Sub, Mul, Div, Minimum, Maximum, SquaredDifference, Prelu),
    *(Lookup, Logistic, Tanh, Relu, Quantize, Softmax),
)


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
    kernel = choices[0]
    return replace(
        op,
        kernel=kernel.function,
        scratch=kernel.scratch(op, graph),
        walk=walk_of(op, kernel),
        together=rows_together(op, kernel, graph),
    )


def rows_together(op: Op, kernel: Kernel, graph: Graph) -> int:
    """Rows that one call of the kernel computes at most: any number where values do not know their neighbours."""
    if walk_of(op, kernel) is not Walk.ELEMENTS or kernel.is_row:
        return kernel.together(op, graph)
    return height_of(graph.tensors[op.outputs[0]])


def walk_of(op: Op, kernel: Kernel) -> Walk:
    """How the kernel comes to the op's output."""
    match op.attrs:
        case Conv2D() | DepthwiseConv2D() | AveragePool2D() | MaxPool2D() if kernel.is_row:
            return Walk.ROWS
        case AveragePool2D() | MaxPool2D() | Mean() | ReduceMax() if kernel.folder == SQUEEZES:
            return Walk.SUMS
        case Concatenation(axis=axis):
            return Walk.ELEMENTS if axis > 1 else Walk.WHOLE
    return Walk.ELEMENTS if isinstance(op.attrs, ELEMENTS) else Walk.WHOLE
