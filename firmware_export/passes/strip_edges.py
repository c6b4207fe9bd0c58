"""Take the float32 edges off: the network's inputs and outputs become the integer tensors behind them."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import Dequantize, DType, Graph, Op, Quantize, zero_points

QUANTISED = (DType.INT8, DType.UINT8, DType.INT16)
INDICES = (DType.INT32, DType.INT64)  # of outputs alone


def strip_edges(graph: Graph) -> Graph:
    """Before: QUANTIZE of a float32 input, DEQUANTIZE to a float32 output. After: neither; all is integers.

    Exact: quantising a dequantised value gives it back.
    """
    entries = {op.inputs[0]: op.outputs[0] for op in graph.ops if is_entry(op, graph)}
    exits = {op.outputs[0]: op.inputs[0] for op in graph.ops if is_exit(op, graph)}
    gone = {*entries, *exits}
    ops = tuple(op for op in graph.ops if not (is_entry(op, graph) or is_exit(op, graph)))
    stripped = replace(
        graph,
        ops=ops,
        inputs=tuple(entries.get(name, name) for name in graph.inputs),
        outputs=tuple(exits.get(name, name) for name in graph.outputs),
        tensors={name: tensor for name, tensor in graph.tensors.items() if name not in gone},
    )
    check_edges(stripped, graph)
    return stripped


def is_entry(op: Op, graph: Graph) -> bool:
    """Whether the op quantises one of the network's float inputs, and alone reads it."""
    if not isinstance(op.attrs, Quantize) or op.inputs[0] not in graph.inputs:
        return False
    return graph.tensors[op.inputs[0]].dtype is DType.FLOAT32 and len(graph.consumers(op.inputs[0])) == 1


def is_exit(op: Op, graph: Graph) -> bool:
    """Whether the op makes one of the network's float outputs."""
    return isinstance(op.attrs, Dequantize) and op.outputs[0] in graph.outputs and not graph.consumers(op.outputs[0])


def check_edges(graph: Graph, before: Graph) -> None:
    """Refuse what firmware cannot give or take at the edges, or floating point inside."""
    for name in (*graph.inputs, *graph.outputs):
        tensor = graph.tensors.get(name) or before.tensors[name]
        if tensor.dtype in INDICES and tensor.quant is None and name not in graph.inputs:
            continue
        if tensor.dtype not in QUANTISED or tensor.quant is None or len(tensor.quant.scale) != 1:
            raise UnsupportedOp(
                f"{name!r} is {tensor.dtype.value}: inputs and outputs must be int8, uint8 or int16 with a scale, or "
                "float32 that is quantised at once; an output may also be int32 or int64 without a scale, as of ARG_MAX"
            )
        if tensor.scale <= 0 or tensor.zero_point not in zero_points(tensor.dtype):
            raise ModelError(f"{name!r} has an impossible scale or zero point: convert the model again")
    for op in graph.ops:
        if isinstance(op.attrs, Dequantize):
            raise UnsupportedOp(f"layer {op.name!r}: DEQUANTIZE inside the network; quantise the whole model")
