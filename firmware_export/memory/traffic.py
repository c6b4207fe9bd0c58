"""How many bytes of each buffer an inference reads and writes, as kernels go about it: about, to tell hot from cold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from firmware_export.ir import (
    AveragePool2D,
    BatchMatMul,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    Graph,
    MaxPool2D,
    Op,
    Reshape,
    TransposeConv,
    VariableFullyConnected,
    Walk,
)
from firmware_export.memory.buffers import scratch_name

QUAD = 4  # outputs that are computed of what is read once
UPDATE = 2  # a sum is read and written


def traffic_of(graph: Graph, storage: Mapping[str, str]) -> Counter[str]:
    """Bytes read and written in one inference, by the name of what stores them; scratch under its own."""
    traffic: Counter[str] = Counter()
    for op in graph.ops:
        if isinstance(op.attrs, Reshape):
            continue
        for tensor, count in _moved(op, graph):
            traffic[storage.get(tensor, tensor)] += count
        if op.scratch:
            traffic[scratch_name(op)] += _scratched(op, graph)
    return traffic


def _moved(op: Op, graph: Graph) -> Iterator[tuple[str, int]]:
    for name in op.outputs:
        yield name, graph.tensors[name].nbytes
    for index, name in enumerate(op.inputs):
        if graph.tensors[name].data is None:
            yield name, _read(op, index, graph)


def _read(op: Op, index: int, graph: Graph) -> int:
    """Bytes of an input that its kernel reads, each as often as it is read."""
    x, output = graph.tensors[op.inputs[index]], graph.tensors[op.outputs[0]]
    if op.host or op.walk is Walk.SUMS:  # a squeeze whose host has summed reads nothing but sums
        return x.nbytes if op.walk is Walk.SUMS or not op.scratch else 0
    match op.attrs:
        case Conv2D() | TransposeConv() | FullyConnected():
            return _products(op, graph) // QUAD * x.dtype.numpy.itemsize
        case VariableFullyConnected() | BatchMatMul():
            return output.elements * x.shape[-1] // (QUAD if index == 0 else 1)
        case DepthwiseConv2D(window=window) | AveragePool2D(window=window) | MaxPool2D(window=window):
            return output.elements * window.kernel[0] * window.kernel[1] * x.dtype.numpy.itemsize
    return max(x.nbytes, output.elements * x.dtype.numpy.itemsize)


def _products(op: Op, graph: Graph) -> int:
    """Multiplications of a layer with weights [outputs, ...]."""
    x, weights, output = graph.of((*op.inputs[:2], *op.outputs))
    pixels = x if isinstance(op.attrs, TransposeConv) else output
    return pixels.elements // pixels.shape[-1] * weights.elements


def _scratched(op: Op, graph: Graph) -> int:
    """Bytes of scratch that a kernel reads and writes: sums for each value of what is summed; else what lies under the
    filters, gathered once and read for each quad of outputs."""
    x = graph.tensors[op.inputs[0]]
    if op.host or op.walk is Walk.SUMS:
        return UPDATE * x.elements * op.scratch // max(graph.tensors[op.outputs[0]].elements, 1)
    return max(_read(op, 0, graph), op.scratch) * UPDATE
