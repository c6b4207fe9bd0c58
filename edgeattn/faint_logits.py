"""Logits fainter than an int8 SOFTMAX can tell apart, as an untrained network's are. Runs in the child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgeattn.tflite_file import op_kinds, schema_module

LEAST = 2.0**-26  # of beta times the scale: from there down LiteRT's reference kernels end the process
MOVING = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE", "TRANSPOSE")  # ops whose output has the scale of their input
RESCALING = (  # ops that bring what they compute to any scale
    "ADD",
    "BATCH_MATMUL",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "MEAN",
    "MUL",
    "QUANTIZE",
    "SUB",
)


@dataclass(frozen=True)
class _Network:
    """The op, and its kind, that computes each tensor; what is read, a tensor once for each op that reads it."""

    makers: Mapping[int, tuple[Any, str]]
    read: tuple[int, ...]


def widen_faint_logits(tflite: bytes) -> bytes:
    """The same network with a coarser scale where a SOFTMAX's input has one that LiteRT's SOFTMAX does not take.

    Such logits differ by less than 2**-18, so that hardly a probability changes. Where another op depends on the scale,
    it stays.
    """
    schema = schema_module()
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    operators = model.subgraphs[0].operators
    ops = list(zip(operators, op_kinds(model, schema), strict=True))
    network = _Network(
        {tensor: (op, kind) for op, kind in ops for tensor in op.outputs},
        tuple(tensor for op in operators if op.inputs is not None for tensor in op.inputs),
    )
    content = bytearray(tflite)
    graph = schema.Model.GetRootAs(content, 0).Subgraphs(0)
    for op, kind in ops:
        if kind != "SOFTMAX" or op.builtinOptions is None:
            continue
        tensors = [graph.Tensors(tensor) for tensor in _of_one_scale(op.inputs[0], network)]
        for tensor in tensors:
            if tensor.Type() == schema.TensorType.INT8:
                _widen(tensor.Quantization(), op.builtinOptions.beta)
    return bytes(content)


def _of_one_scale(logits: int, network: _Network) -> list[int]:
    """The logits and what they are but another shape of; none where the scale is not theirs alone."""
    tensors = [logits]
    while tensors[-1] in network.makers and network.read.count(tensors[-1]) == 1:
        op, kind = network.makers[tensors[-1]]
        if kind in RESCALING:
            return tensors
        if kind not in MOVING:
            return []
        tensors.append(op.inputs[0])
    return []


def _widen(quantisation: Any, beta: float) -> None:
    scale = quantisation.Scale(0) if quantisation is not None and quantisation.ScaleLength() == 1 else 0.0
    if 0 < beta * scale <= LEAST:
        quantisation.ScaleAsNumpy()[:] = 2 * LEAST / beta  # in place: nothing else of the file moves
