"""How many bytes of each buffer an inference reads and writes, as kernels go about it: about, to tell hot from cold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from firmware_export.ir import (
    AveragePool2D,
    BatchMatMul,
    Conv2D,
    DepthwiseConv2D,
    Excite,
    FullyConnected,
    Graph,
    MaxPool2D,
    Op,
    Reshape,
    Softmax,
    SqueezeAverage,
    SqueezeMax,
    SqueezeMean,
    Tensor,
    TransposeConv,
    VariableFullyConnected,
    Window,
)
from firmware_export.memory.buffers import scratch_name
from firmware_export.memory.turns import height_of

QUAD = 4  # outputs that are computed of what is read once
UPDATE = 2  # a sum is read and written
SOFTMAX_READS = 3  # for the largest, for the sum, and for the quotients


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
    size = x.dtype.numpy.itemsize
    match op.attrs:
        case Conv2D() | TransposeConv() | FullyConnected():
            return _products(op, graph) * size // (_outputs(op, graph) if op.scratch else QUAD)
        case VariableFullyConnected() | BatchMatMul():
            return output.elements * x.shape[-1] // (QUAD if index == 0 else 1)
        case DepthwiseConv2D(window=Window(kernel=kernel)) if op.scratch:
            return output.elements * size * kernel[0]
        case DepthwiseConv2D(window=window) | AveragePool2D(window=window) | MaxPool2D(window=window):
            return output.elements * size * window.kernel[0] * window.kernel[1]
        case SqueezeMean() | SqueezeAverage() | SqueezeMax():
            return 0  # the rows are summed as its host writes them
    return max(_times(op, index, output) * x.nbytes, output.elements * size)


def _times(op: Op, index: int, output: Tensor) -> int:
    """How often an op reads all of an input, where that does not depend on a window: a gate once for each row."""
    match op.attrs:
        case Softmax():
            return SOFTMAX_READS
        case Excite() if index == 1:
            return height_of(output)
    return 1


def _products(op: Op, graph: Graph) -> int:
    """Multiplications of a layer with weights."""
    x, weights, *_, output = graph.of((*op.inputs, *op.outputs))
    pixels = x if isinstance(op.attrs, TransposeConv) else output
    return pixels.elements // max(pixels.shape[-1], 1) * weights.elements


def _outputs(op: Op, graph: Graph) -> int:
    """How many filters a layer has: what lies under them is gathered once for all."""
    return max(graph.tensors[op.outputs[0]].shape[-1], 1)


def _scratched(op: Op, graph: Graph) -> int:
    """Bytes of scratch that a kernel reads and writes: sums once for each row; what was gathered for each quad."""
    x = graph.tensors[op.inputs[0]]
    match op.attrs:
        case Conv2D() | TransposeConv():
            return _products(op, graph) // QUAD + _read(op, 0, graph)
        case FullyConnected():
            return _products(op, graph) // QUAD // UPDATE + op.scratch
        case DepthwiseConv2D(window=Window(kernel=kernel)):
            return graph.tensors[op.outputs[0]].elements * kernel[0] * kernel[1]
    return UPDATE * op.scratch * height_of(x)
