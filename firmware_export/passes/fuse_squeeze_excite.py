"""Let squeezes and excitations run in the row loops of the ops around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_export import memory, op_parameters
from firmware_export.ir import (
    ANY_INT8,
    Attrs,
    AveragePool2D,
    Conv2D,
    DepthwiseConv2D,
    DType,
    Excite,
    Graph,
    MaxPool2D,
    Mean,
    Mul,
    Op,
    ReduceMax,
    SqueezeAverage,
    SqueezeMax,
    SqueezeMean,
    Tensor,
    Window,
)
from firmware_export.kernels import gates, squeezes

SUM_BYTES = 4


def fuse_squeeze_excite(graph: Graph) -> Graph:
    """Before: a squeeze reads what a row loop has written; MUL writes x * gate for a convolution of one row. After: the
    squeeze is summed while the rows are written, and the gate is applied to each row as the convolution reads it.

    However the block is written: squeezed by MEAN, REDUCE_MAX or a pool; gated by a value a channel, position, row or
    column, by one gate after another; MUL in either order. Where memory has no room for a squeeze's sums while its
    host runs, it stays an op of its own.
    """
    return squeezed(excited(graph))


def squeezed(graph: Graph) -> Graph:
    """The graph with every squeeze in its host's loop for which memory has room."""
    in_use = np.array(memory.bytes_in_use(graph))
    peak = in_use.max(initial=0)
    places: dict[str, int] = {}  # of the op that writes a tensor
    ops: list[Op] = []
    for index, op in enumerate(graph.ops):
        host = ops[places[op.inputs[0]]] if op.inputs[0] in places else None
        squeeze = squeeze_of(op, graph, host.name) if host and writes_rows(host) else None
        if squeeze is not None:
            taken = in_use[places[op.inputs[0]] : index + 1]  # a view: while the sums live
            room = peak - taken.max()
            size = SUM_BYTES * graph.tensors[op.outputs[0]].elements
            if size <= room:
                taken += size
                op = replace(op, attrs=squeeze)
        places[op.outputs[0]] = index
        ops.append(op)
    return replace(graph, ops=tuple(ops))


def writes_rows(op: Op) -> bool:
    """Whether the op is a loop over the rows of its output."""
    return isinstance(op.attrs, Conv2D | DepthwiseConv2D | AveragePool2D | MaxPool2D)


def squeeze_of(op: Op, graph: Graph, host: str) -> Attrs | None:
    """The op as a squeeze in its host's loop, where it reduces all positions of an int8 image to one."""
    if not squeezes.suits(op, graph):
        return None
    match op.attrs:
        case Mean():
            return SqueezeMean(host)
        case ReduceMax():
            return SqueezeMax(ANY_INT8, host)
        case AveragePool2D(_, clamp):
            return SqueezeAverage(clamp, host)
        case MaxPool2D(_, clamp):
            return SqueezeMax(clamp, host)
    return None


def excited(graph: Graph) -> Graph:
    """The graph with every MUL by a gate in the loop of the convolution that reads it, where one does.

    Not in a network that remembers: what an excitation reads so late may have been written over by then.
    """
    if graph.states:
        return graph
    ops: dict[str, Op] = {}  # by output, the last first: a gate behind a gate has found its host before
    for op in reversed(graph.ops):
        host = host_of(op, graph, ops)
        ops[op.outputs[0]] = excitation(op, graph, host) if host else op
    return replace(graph, ops=tuple(reversed(ops.values())))


def host_of(op: Op, graph: Graph, later: dict[str, Op]) -> str:
    """The convolution that alone reads the op's output, each row at most once, as it is or gated once more; or ""."""
    readers = graph.consumers(op.outputs[0])
    if op.outputs[0] in graph.outputs or len(readers) != 1:
        return ""
    reader = later[readers[0].outputs[0]]
    if reader.inputs[0] != op.outputs[0] or op.outputs[0] in reader.inputs[1:]:
        return ""
    match reader.attrs:
        case Excite(host):
            return host
        case Conv2D(Window(kernel=(1, _), before=(0, _), stride=(stride, _))):
            x, output = graph.of((reader.inputs[0], reader.outputs[0]))
            return reader.name if (output.shape[1] - 1) * stride < x.shape[1] else ""
    return ""


def excitation(op: Op, graph: Graph, host: str) -> Op:
    """The op as an excitation in its host's loop, where it multiplies by a gate."""
    if op.attrs != Mul(ANY_INT8):
        return op
    output = graph.tensors[op.outputs[0]]
    for inputs in (op.inputs, op.inputs[::-1]):
        x, gate = graph.of(inputs)
        if x.shape == output.shape and x.data is None and is_gate(gate, output):
            shift = op_parameters.multiplication((x, gate, output), ANY_INT8).shift
            return replace(op, attrs=Excite(host), inputs=inputs) if -shift in gates.RIGHT_SHIFTS else op
    return op


def is_gate(gate: Tensor, output: Tensor) -> bool:
    """Whether a tensor holds fewer int8 values than an image, and each is for some of its channels and positions."""
    return len(gate.shape) <= len(output.shape) and gate.elements < output.elements and gate.dtype is DType.INT8
