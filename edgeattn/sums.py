"""SUM of int8 as MEAN: LiteRT's reference kernel of SUM reads int8 as uint8, that of MEAN does not. In the child."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from edgeattn.tflite_file import schema_module

MEAN_VERSION = 2  # the first with int8


def sums_as_means(tflite: bytes) -> bytes:
    """The network with each SUM of int8 as a MEAN whose scale is smaller by the number of values, and a RESHAPE.

    A mean counted in steps that are smaller by the number of values is the sum: its bytes are those of the sum, and
    RESHAPE, which copies them, gives them the sum's own scale.
    """
    schema = schema_module()
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    graph, kinds = model.subgraphs[0], schema.BuiltinOperator
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    operators: list[Any] = []
    for op in graph.operators:
        operators.append(op)
        if codes[op.opcodeIndex] == kinds.SUM and graph.tensors[op.inputs[0]].type == schema.TensorType.INT8:
            op.opcodeIndex = code_of(model, kinds.MEAN, schema)
            operators.append(renamed(op, graph, code_of(model, kinds.RESHAPE, schema), schema))
    if len(operators) == len(graph.operators):
        return tflite
    graph.operators = operators
    import flatbuffers

    builder = flatbuffers.Builder(len(tflite))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def code_of(model: Any, kind: int, schema: Any) -> int:
    """The number of an op in the model's list of ops, to which it is added where it is missing."""
    for index, code in enumerate(model.operatorCodes):
        if max(code.builtinCode, code.deprecatedBuiltinCode) == kind:
            return index
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = kind
    code.version = MEAN_VERSION if kind == schema.BuiltinOperator.MEAN else 1
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def renamed(mean: Any, graph: Any, reshape: int, schema: Any) -> Any:
    """The RESHAPE that gives the bytes of a MEAN, which is made to write a tensor of its own, the sum's scale."""
    x, total = graph.tensors[mean.inputs[0]], graph.tensors[mean.outputs[0]]
    average = copy.deepcopy(total)
    average.name = total.name + b"/mean"
    average.quantization.scale = total.quantization.scale * np.float32(np.prod(total.shape) / np.prod(x.shape))
    graph.tensors.append(average)
    op = schema.OperatorT()
    op.opcodeIndex = reshape
    op.inputs, op.outputs = np.array([len(graph.tensors) - 1], np.int32), mean.outputs
    op.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
    op.builtinOptions = schema.ReshapeOptionsT()
    op.builtinOptions.newShape = total.shape
    mean.outputs = op.inputs
    return op
