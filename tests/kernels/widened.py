"""Models of int8 as models of int16."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def widened(model: bytes) -> bytes:
    """The same ops on int16: every int8 tensor with the same values and scale, and zero point 0."""
    content = schema.ModelT.InitFromPackedBuf(model, 0)
    for tensor in content.subgraphs[0].tensors:
        if tensor.type == schema.TensorType.INT8:
            widen(tensor, content.buffers[tensor.buffer])
    builder = flatbuffers.Builder(1024)
    builder.Finish(content.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def widen(tensor: Any, buffer: Any) -> None:
    """One tensor and its values."""
    tensor.type = schema.TensorType.INT16
    if tensor.quantization is not None and tensor.quantization.zeroPoint is not None:
        tensor.quantization.zeroPoint = np.zeros_like(tensor.quantization.zeroPoint)
    if buffer.data is not None:
        values = np.asarray(buffer.data, np.uint8).view(np.int8).astype(np.int16)
        buffer.data = values.view(np.uint8)
