"""Models of one op or a few, built without TensorFlow, and what the LiteRT reference kernels make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TensorSpec:
    """A tensor of the model; constant where `data` is set, not quantised where `scale` is empty."""

    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: tuple[float, ...] = ()
    zero_point: tuple[int, ...] = ()
    axis: int | None = None  # of per-channel scales
    data: Array | None = None


@dataclass(frozen=True)
class OpSpec:
    """One op on tensors given by index. Options are those of `single_op`."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class SubgraphSpec:
    """A subgraph beside the main one, without inputs and outputs: what CALL_ONCE runs."""

    tensors: tuple[TensorSpec, ...]
    ops: tuple[OpSpec, ...]


RESOURCE = TensorSpec((), "resource")


def constant(
    data: Any, dtype: str = "int32", scale: tuple[float, ...] = (), zero_point: tuple[int, ...] = ()
) -> TensorSpec:
    """A constant tensor."""
    array = np.asarray(data, dtype=dtype)
    return TensorSpec(array.shape, dtype, scale, zero_point, data=array)


def single_op(op_name: str, inputs: Sequence[TensorSpec | None], output: TensorSpec, **options: Any) -> bytes:
    """A .tflite model of one op; its inputs are the tensors without data; None at the end is a bias left out.

    Options: padding ("SAME", "VALID"), strides, dilations, filter (pairs: height, width), activation ("NONE", "RELU",
    "RELU6", "RELU_N1_TO_1"), multiplier, keep_num_dims, keep_dims, beta, alpha, approximate, axis, bias_type,
    squeeze_dims, ...; constant inputs are made of axes, paddings, new_shape, ... Each op takes those that its row
    in `_OPS` reads.
    """
    tensors = [tensor for tensor in inputs if tensor is not None]
    op = OpSpec(op_name, tuple(range(len(tensors))), (len(tensors),), options)
    return model([*tensors, output], [op])


def model(
    tensors: Sequence[TensorSpec],
    ops: Sequence[OpSpec],
    outputs: Sequence[int] | None = None,
    subgraphs: Sequence[SubgraphSpec] = (),
) -> bytes:
    """A .tflite model of several ops in execution order.

    Its inputs are the tensors without data that no op writes; its outputs, unless given, those no op reads.
    """
    every, steps = _with_constants(tensors, ops)
    written = {index for op in ops for index in op.outputs}
    read = {index for op in ops for index in op.inputs}
    inputs = [i for i, tensor in enumerate(tensors) if tensor.data is None and i not in written]
    results = [i for i in sorted(written) if i not in read] if outputs is None else list(outputs)
    others = [_with_constants(subgraph.tensors, subgraph.ops) for subgraph in subgraphs]
    names = sorted({op.name for _, steps in ((every, steps), *others) for op, _ in steps})
    graphs, first = [], 1
    for part, part_steps in ((every, steps), *others):
        graphs.append(_graph(part, part_steps, names, first))
        first += len(part)
    graphs[0].inputs, graphs[0].outputs = inputs, results
    return _pack(graphs, names, [*every, *(tensor for part, _ in others for tensor in part)])


def litert_reference(model: bytes, inputs: Sequence[Array]) -> list[Array]:
    """The outputs of the LiteRT reference kernels (BUILTIN_REF): what the C code has to equal.

    Raises RuntimeError or ValueError where LiteRT refuses the model.
    """
    return litert_sequence(model, [inputs])[0]


def litert_sequence(model: bytes, samples: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """The same for inferences one after the other in one interpreter, which keeps its variables: (samples, outputs)."""
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1
    )
    interpreter.allocate_tensors()
    return [_invoke(interpreter, inputs) for inputs in samples]


def _invoke(interpreter: Interpreter, inputs: Sequence[Array]) -> list[Array]:
    for details, array in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(details["index"], array)
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]


Steps = list[tuple[OpSpec, tuple[int, ...]]]


def _with_constants(tensors: Sequence[TensorSpec], ops: Sequence[OpSpec]) -> tuple[list[TensorSpec], Steps]:
    """The tensors with the constants that options stand for, and each op with all its inputs."""
    every: list[TensorSpec] = list(tensors)
    steps: Steps = []
    for op in ops:
        extra = _OPS[op.name].constants(op.options, every[op.outputs[0]]) if op.outputs else []
        steps.append((op, (*op.inputs, *range(len(every), len(every) + len(extra)))))
        every.extend(extra)
    return every, steps


def _graph(tensors: Sequence[TensorSpec], steps: Steps, names: list[str], first_buffer: int) -> Any:
    graph = schema.SubGraphT()
    graph.name = b"main"
    graph.tensors = [_tensor(tensor, number, first_buffer + number) for number, tensor in enumerate(tensors)]
    graph.inputs, graph.outputs = [], []
    graph.operators = [_operator(op, inputs, names.index(op.name)) for op, inputs in steps]
    return graph


def _pack(graphs: list[Any], names: list[str], tensors: Sequence[TensorSpec]) -> bytes:
    file = schema.ModelT()
    file.version = 3
    file.description = b""
    file.subgraphs = graphs
    file.operatorCodes = [_code(name) for name in names]
    file.buffers = [schema.BufferT(), *(_buffer(tensor) for tensor in tensors)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(file.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _code(name: str) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)  # larger codes do not fit the old field
    code.version = _OPS[name].version
    return code


def _buffer(tensor: TensorSpec) -> Any:
    buffer = schema.BufferT()
    if tensor.data is not None:
        buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data).tobytes(), np.uint8)
    return buffer


def _tensor(spec: TensorSpec, number: int, buffer: int) -> Any:
    tensor = schema.TensorT()
    tensor.name = f"tensor_{number}".encode()
    tensor.shape = list(spec.shape)
    tensor.hasRank = True
    tensor.type = getattr(schema.TensorType, spec.dtype.upper())
    tensor.buffer = buffer
    if spec.scale:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = list(spec.scale)
        tensor.quantization.zeroPoint = list(spec.zero_point)
        tensor.quantization.quantizedDimension = spec.axis or 0
    return tensor


def _operator(op: OpSpec, inputs: Sequence[int], code: int) -> Any:
    row = _OPS[op.name]
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs = list(inputs)
    operator.outputs = list(op.outputs)
    if not row.table:
        return operator
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, row.table)
    operator.builtinOptions = getattr(schema, f"{row.table}T")()
    for name, value in row.fields(op.options).items():
        assert hasattr(operator.builtinOptions, name), name
        setattr(operator.builtinOptions, name, value)
    return operator


Options = Mapping[str, Any]


def _no_fields(options: Options) -> dict[str, Any]:
    return {}


def _no_constants(options: Options, output: TensorSpec) -> list[TensorSpec]:
    return []


@dataclass(frozen=True)
class _Op:
    """How an op is written: the version LiteRT wants for int8, its options table and constant inputs."""

    version: int
    table: str = ""
    fields: Callable[[Options], dict[str, Any]] = _no_fields
    constants: Callable[[Options, TensorSpec], list[TensorSpec]] = _no_constants


def _activation(options: Options) -> dict[str, Any]:
    return {"fusedActivationFunction": getattr(schema.ActivationFunctionType, options.get("activation", "NONE"))}


def _strides(options: Options) -> dict[str, Any]:
    height, width = options.get("strides", (1, 1))
    padding = getattr(schema.Padding, options.get("padding", "VALID"))
    return _activation(options) | {"padding": padding, "strideH": height, "strideW": width}


def _convolution(options: Options) -> dict[str, Any]:
    height, width = options.get("dilations", (1, 1))
    return _strides(options) | {"dilationHFactor": height, "dilationWFactor": width}


def _conv2d(options: Options) -> dict[str, Any]:
    return _convolution(options) | _bias_type(options)


def _depthwise(options: Options) -> dict[str, Any]:
    return _convolution(options) | {"depthMultiplier": options.get("multiplier", 1)}


def _pool(options: Options) -> dict[str, Any]:
    height, width = options["filter"]
    return _strides(options) | {"filterHeight": height, "filterWidth": width}


def _fully_connected(options: Options) -> dict[str, Any]:
    return _activation(options) | _bias_type(options) | {"keepNumDims": options.get("keep_num_dims", False)}


def _bias_type(options: Options) -> dict[str, Any]:
    return {"quantizedBiasType": getattr(schema.TensorType, options.get("bias_type", "float32").upper())}


def _adjoint(options: Options) -> dict[str, Any]:
    return {"adjX": options.get("adj_x", False), "adjY": options.get("adj_y", False)}


def _sum(options: Options) -> dict[str, Any]:
    return _activation(options) | {"potScaleInt16": options.get("powers_of_two", False)}


def _padding_constants(options: Options, output: TensorSpec) -> list[TensorSpec]:
    paddings = constant(options["paddings"])
    if "value" not in options:
        return [paddings]
    return [paddings, constant([options["value"]], output.dtype, output.scale, output.zero_point)]


def _new_shape_constant(options: Options, output: TensorSpec) -> list[TensorSpec]:
    return [constant(options.get("new_shape", output.shape))]


def _axes_constant(options: Options, output: TensorSpec) -> list[TensorSpec]:
    return [constant(options["axes"])]


def _listed(*names: str) -> Callable[[Options, TensorSpec], list[TensorSpec]]:
    """Constant int32 inputs of these options, in order."""
    return lambda options, _: [constant(options[name]) for name in names]


def _given(name: str) -> Callable[[Options, TensorSpec], list[TensorSpec]]:
    """A constant int32 input where the option is there; else it is an input like others."""
    return lambda options, _: [constant(options[name])] if name in options else []


def _masks(options: Options) -> dict[str, Any]:
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    return {camel(name): options.get(name, 0) for name in names} | {"offset": options.get("offset", False)}


def camel(name: str) -> str:
    """begin_mask -> beginMask."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _taken(*names: str) -> Callable[[Options], dict[str, Any]]:
    """Fields that are options of the same name."""
    return lambda options: {camel(name): options[name] for name in names if name in options}


def _shared_name(options: Options) -> dict[str, Any]:
    return {"container": options.get("container", ""), "sharedName": options.get("shared_name", "")}


def _index_type(options: Options) -> dict[str, Any]:
    return {"outputType": getattr(schema.TensorType, options.get("index_type", "int32").upper())}


_REDUCE = _Op(2, "ReducerOptions", lambda o: {"keepDims": o.get("keep_dims", False)}, _axes_constant)

_OPS = {
    "TRANSPOSE_CONV": _Op(3, "TransposeConvOptions", _strides),
    "BATCH_MATMUL": _Op(4, "BatchMatMulOptions", _adjoint),
    "CONV_2D": _Op(3, "Conv2DOptions", _conv2d),
    "DEPTHWISE_CONV_2D": _Op(3, "DepthwiseConv2DOptions", _depthwise),
    "FULLY_CONNECTED": _Op(6, "FullyConnectedOptions", _fully_connected),
    "AVERAGE_POOL_2D": _Op(2, "Pool2DOptions", _pool),
    "MAX_POOL_2D": _Op(2, "Pool2DOptions", _pool),
    "MEAN": _REDUCE,
    "SUM": _REDUCE,
    "REDUCE_MAX": _REDUCE,
    "REDUCE_MIN": _REDUCE,
    "ARG_MAX": _Op(2, "ArgMaxOptions", _index_type, _axes_constant),
    "ARG_MIN": _Op(2, "ArgMinOptions", _index_type, _axes_constant),
    "DIV": _Op(2, "DivOptions", _activation),
    "SQUARED_DIFFERENCE": _Op(2, "SquaredDifferenceOptions"),
    "PRELU": _Op(1),
    "ADD": _Op(2, "AddOptions", _sum),
    "SUB": _Op(2, "SubOptions", _sum),
    "MUL": _Op(2, "MulOptions", _activation),
    "MINIMUM": _Op(2, "MaximumMinimumOptions"),
    "MAXIMUM": _Op(2, "MaximumMinimumOptions"),
    "LOGISTIC": _Op(2),
    "TANH": _Op(2),
    "RELU": _Op(2),
    "RELU6": _Op(2),
    "RELU_N1_TO_1": _Op(1),
    "HARD_SWISH": _Op(1, "HardSwishOptions"),
    "RELU_0_TO_1": _Op(1),
    "LEAKY_RELU": _Op(2, "LeakyReluOptions", lambda o: {"alpha": o.get("alpha", 0.25)}),
    "GELU": _Op(2, "GeluOptions", lambda o: {"approximate": o.get("approximate", False)}),
    "EXP": _Op(2, "ExpOptions"),
    "LOG": _Op(2),
    "SQRT": _Op(2),
    "RSQRT": _Op(2),
    "ABS": _Op(2, "AbsOptions"),
    "NEG": _Op(1, "NegOptions"),
    "SQUARE": _Op(1, "SquareOptions"),
    "SIN": _Op(1),
    "COS": _Op(1, "CosOptions"),
    "FLOOR": _Op(1),
    "SIGN": _Op(1, "SignOptions"),
    "ELU": _Op(1),
    "SOFTMAX": _Op(2, "SoftmaxOptions", lambda o: {"beta": o.get("beta", 1.0)}),
    "PAD": _Op(2, "PadOptions", constants=_padding_constants),
    "PADV2": _Op(2, "PadV2Options", constants=_padding_constants),
    "RESHAPE": _Op(1, "ReshapeOptions", constants=_new_shape_constant),
    "SQUEEZE": _Op(1, "SqueezeOptions", lambda o: {"squeezeDims": list(o.get("squeeze_dims", ()))}),
    "EXPAND_DIMS": _Op(1, "ExpandDimsOptions", constants=lambda o, _: [constant(o["axis"])]),
    "CONCATENATION": _Op(2, "ConcatenationOptions", lambda o: _activation(o) | {"axis": o["axis"]}),
    "PACK": _Op(2, "PackOptions", lambda o: {"axis": o["axis"], "valuesCount": o["count"]}),
    "TRANSPOSE": _Op(2, "TransposeOptions", constants=_listed("permutation")),
    "STRIDED_SLICE": _Op(2, "StridedSliceOptions", _masks, _listed("begin", "end", "strides")),
    "SLICE": _Op(2, "SliceOptions", constants=_listed("begin", "size")),
    "SPLIT": _Op(2, "SplitOptions", _taken("num_splits")),
    "SPLIT_V": _Op(2, "SplitVOptions", _taken("num_splits"), _listed("sizes", "axis")),
    "UNPACK": _Op(2, "UnpackOptions", _taken("axis", "num")),
    "GATHER": _Op(2, "GatherOptions", _taken("axis", "batch_dims"), _given("indices")),
    "SPACE_TO_DEPTH": _Op(2, "SpaceToDepthOptions", _taken("block_size")),
    "DEPTH_TO_SPACE": _Op(1, "DepthToSpaceOptions", _taken("block_size")),
    "RESIZE_NEAREST_NEIGHBOR": _Op(
        3, "ResizeNearestNeighborOptions", _taken("align_corners", "half_pixel_centers"), _listed("size")
    ),
    "RESIZE_BILINEAR": _Op(3, "ResizeBilinearOptions", _taken("align_corners", "half_pixel_centers"), _listed("size")),
    "TILE": _Op(2, "TileOptions", constants=_listed("multiples")),
    "BROADCAST_TO": _Op(2, "BroadcastToOptions", constants=lambda _, output: [constant(output.shape)]),
    "MIRROR_PAD": _Op(2, "MirrorPadOptions", _taken("mode"), _listed("paddings")),
    "REVERSE_V2": _Op(2, "ReverseV2Options", constants=_listed("axes")),
    "SPACE_TO_BATCH_ND": _Op(2, "SpaceToBatchNDOptions", constants=_listed("block", "paddings")),
    "BATCH_TO_SPACE_ND": _Op(2, "BatchToSpaceNDOptions", constants=_listed("block", "crops")),
    "SHAPE": _Op(1, "ShapeOptions", lambda o: {"outType": getattr(schema.TensorType, o.get("out_type", "INT32"))}),
    "CAST": _Op(1, "CastOptions"),
    "FILL": _Op(3, "FillOptions"),
    "RANGE": _Op(1, "RangeOptions"),
    "RANK": _Op(1, "RankOptions"),
    "BROADCAST_ARGS": _Op(1),
    "SELECT_V2": _Op(1, "SelectV2Options"),
    **{name: _Op(1) for name in ("FLOOR_DIV", "FLOOR_MOD", "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT")},
    **{name: _Op(1) for name in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")},
    "REDUCE_PROD": _REDUCE,
    "QUANTIZE": _Op(1, "QuantizeOptions"),
    "DEQUANTIZE": _Op(2, "DequantizeOptions"),
    "CALL_ONCE": _Op(1, "CallOnceOptions", lambda o: {"initSubgraphIndex": o["subgraph"]}),
    "VAR_HANDLE": _Op(1, "VarHandleOptions", _shared_name),
    "READ_VARIABLE": _Op(1, "ReadVariableOptions"),
    "ASSIGN_VARIABLE": _Op(1, "AssignVariableOptions"),
}
