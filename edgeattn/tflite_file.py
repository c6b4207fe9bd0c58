"""What a .tflite file holds, and the order of its inputs and outputs. Runs in the child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from edgeattn.errors import LoadError, UnsupportedModel
from edgeattn.models import Port
from firmware_export import FLOAT_FUNCTIONS

EDGE_TYPES = ("int8", "uint8", "int16", "float32")
PLAIN_TYPES = ("int32", "int64")  # of outputs that count, such as an index
SMALLEST = 32
INTEGERS = ("int8", "int32", "int64", "bool", "uint8", "int16", "int4")
EDGE_OPS = ("QUANTIZE", "DEQUANTIZE")
TABULATED = {*EDGE_OPS, *FLOAT_FUNCTIONS}  # float32 that the export makes tables of
INITIALISER = "CALL_ONCE"  # the op that runs the other subgraph
READ = "READ_VARIABLE"
WITHOUT_OUTPUT = (INITIALISER, "ASSIGN_VARIABLE")


class Numbers(Enum):
    """What a .tflite computes in."""

    INT8 = "int8"
    FLOAT = "float32"


@dataclass(frozen=True)
class FloatOp:
    """An op that computes in float inside of an int8 network."""

    kind: str
    tensors: tuple[str, ...]  # names of its outputs, then of its constants
    outputs: tuple[int, ...]  # of the network: those that it computes


@dataclass(frozen=True)
class TfliteFacts:
    """The edges of a .tflite network and what lies between."""

    numbers: Numbers
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    ops: tuple[tuple[str, str], ...]  # name of the first output, kind
    parameters: int


def describe(tflite: bytes, name: str) -> TfliteFacts:
    """The facts of a file; LoadError where it is damaged, UnsupportedModel where it is neither float nor int8."""
    schema = schema_module()
    _verify(tflite, name)
    try:
        model = schema.ModelT.InitFromPackedBuf(tflite, 0)
        _close_outputs(model, tflite, _names(schema.TensorType))
        return _describe(model, schema, name)
    except (IndexError, TypeError, AttributeError, ValueError, KeyError, RecursionError, MemoryError) as error:
        raise LoadError(f"{name} is a damaged .tflite file ({error}): save or download it again") from error
    except Exception as error:
        if type(error).__module__ == "struct":
            raise LoadError(f"{name} is a damaged .tflite file ({error}): save or download it again") from error
        raise


def float_ops(tflite: bytes) -> tuple[FloatOp, ...]:
    """The ops of a converter's own work that compute in float, and that the export makes no table of."""
    schema = schema_module()
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    graph, kinds = model.subgraphs[0], op_kinds(model, schema)
    floats = _floats(graph, _names(schema.TensorType))
    stored_as = {  # a float tensor: the int8 one made of it
        op.inputs[0]: op.outputs[0] for op, kind in zip(graph.operators, kinds, strict=True) if kind == "QUANTIZE"
    }
    ends = {tensor: index for index, tensor in enumerate(graph.outputs)}
    found = []
    for op, kind in zip(graph.operators, kinds, strict=True):
        written = op.outputs.tolist()
        if kind in TABULATED or not floats & {*op.inputs.tolist(), *written}:
            continue
        constants = [i for i in op.inputs if i >= 0 and _data(model, graph.tensors[i]) is not None]
        names = tuple(_text(graph.tensors[i].name) for i in (*written, *constants))
        reached = [stored_as.get(tensor, tensor) for tensor in written]
        found.append(FloatOp(kind, names, tuple(ends[tensor] for tensor in reached if tensor in ends)))
    return tuple(found)


def reorder(tflite: bytes, inputs: Sequence[str]) -> bytes:
    """The same network with its inputs in the order of these signature names, its outputs as output_0, output_1, ..."""
    schema = schema_module()
    content = bytearray(tflite)
    model = schema.Model.GetRootAs(content, 0)
    if model.SignatureDefsLength() != 1:
        return tflite
    signature, graph = model.SignatureDefs(0), model.Subgraphs(0)
    sources = {_key(signature.Inputs(i)): signature.Inputs(i).TensorIndex() for i in range(signature.InputsLength())}
    results = {_key(signature.Outputs(i)): signature.Outputs(i).TensorIndex() for i in range(signature.OutputsLength())}
    ordered = sorted(results, key=lambda key: int(key.rpartition("_")[2]))
    # A vector of int32 inside the file: NumPy sees it in place, so nothing else moves.
    graph.InputsAsNumpy()[:] = [sources[name] for name in inputs]
    graph.OutputsAsNumpy()[:] = [results[key] for key in ordered]
    return bytes(content)


def schema_module() -> Any:
    """The classes that read and write the file: of whichever runtime is installed."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError:
        from tensorflow.lite.python import schema_py_generated
    return schema_py_generated


def op_kinds(model: Any, schema: Any) -> list[str]:
    """The kind of each op of the main network, in order."""
    builtins = _names(schema.BuiltinOperator)
    codes = [builtins[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
    return [codes[op.opcodeIndex] for op in model.subgraphs[0].operators]


def _key(entry: Any) -> str:
    return str(entry.Name().decode())


def _verify(tflite: bytes, name: str) -> None:
    from edgeattn.litert import interpreter_class

    try:
        if len(tflite) < SMALLEST:
            raise ValueError("it is too short")
        interpreter_class()(model_content=tflite)  # checks every offset of the file
    except (ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise LoadError(f"{name} is a damaged .tflite file ({reason}): save or download it again") from error


def _close_outputs(model: Any, tflite: bytes, types: dict[int, str]) -> None:
    """Give outputs whose shape the file leaves open the one that they have when the network runs."""
    graph = model.subgraphs[0]
    inputs, outputs = ([graph.tensors[i] for i in ports] for ports in (graph.inputs, graph.outputs))
    if any(map(_is_open, inputs)) or not any(map(_is_open, outputs)):
        return
    from edgeattn.litert import Kernels, run

    zeros = [np.zeros((1, *tensor.shape), types[tensor.type]) for tensor in inputs]
    for tensor, result in zip(outputs, run(tflite, zeros, Kernels.REFERENCE), strict=True):
        tensor.shape, tensor.shapeSignature = list(result.shape[1:]), None


def _is_open(tensor: Any) -> bool:
    return tensor.shapeSignature is not None and -1 in list(tensor.shapeSignature)[1:]


def _describe(model: Any, schema: Any, name: str) -> TfliteFacts:
    graph = model.subgraphs[0]
    types = _names(schema.TensorType)
    kinds = op_kinds(model, schema)
    if len(model.subgraphs) > 1 + kinds.count(INITIALISER):
        raise UnsupportedModel(
            f"{name} has {len(model.subgraphs)} subgraphs (loops or branches): only one is possible, "
            "and another that gives variables their initial values"
        )
    constants = {i for i, tensor in enumerate(graph.tensors) if _data(model, tensor) is not None}
    _check_finite(model, graph, types, name)
    return TfliteFacts(
        _numbers(graph, types, constants, kinds, name),
        tuple(_port(graph.tensors[i], types, EDGE_TYPES, name) for i in graph.inputs),
        tuple(_port(graph.tensors[i], types, (*EDGE_TYPES, *PLAIN_TYPES), name) for i in graph.outputs),
        _ops(graph, kinds),
        sum(_elements(graph.tensors[i]) for i in constants),
    )


def _floats(graph: Any, types: dict[int, str]) -> set[int]:
    return {i for i, tensor in enumerate(graph.tensors) if types[tensor.type].startswith("float")}


def _ops(graph: Any, kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    ops = ((op.outputs, kind) for op, kind in zip(graph.operators, kinds, strict=True) if kind not in WITHOUT_OUTPUT)
    return tuple((_text(graph.tensors[outputs[0]].name), kind) for outputs, kind in ops)


def _numbers(graph: Any, types: dict[int, str], constants: set[int], kinds: list[str], name: str) -> Numbers:
    edges = {*graph.inputs, *graph.outputs}
    used = {types[tensor.type] for tensor in graph.tensors} - {"resource"}
    floats = _floats(graph, types)
    if used <= {"float32", "int32", "int64", "bool"}:
        return Numbers.FLOAT
    touching = {
        kind
        for op, kind in zip(graph.operators, kinds, strict=True)
        if floats & {*op.inputs.tolist(), *op.outputs.tolist()}
    }
    if touching <= TABULATED and not floats & constants:
        return Numbers.INT8
    also = ", and variables with converter._experimental_variable_quantization = True," if READ in kinds else ""
    inner = sorted(_text(graph.tensors[i].name) for i in floats - edges) or sorted(touching - TABULATED)
    raise UnsupportedModel(
        f"{name} is quantised only in part: {inner[0]!r} and {len(inner) - 1} more still compute in float; "
        f"convert the float model itself, or quantise it fully (weights and activations{also} to int8)"
    )


def _port(tensor: Any, types: dict[int, str], known: Sequence[str], name: str) -> Port:
    label, dtype = _text(tensor.name), types[tensor.type]
    if dtype not in known:
        raise UnsupportedModel(f"{name}: {label!r} is {dtype}: it must be {', '.join(known[:-1])} or {known[-1]}")
    if _is_open(tensor):
        sizes = ", ".join("?" if size < 0 else str(size) for size in tensor.shapeSignature)
        raise LoadError(
            f"{name}: {label!r} has the shape ({sizes}), which leaves sizes open: convert it with fixed ones"
        )
    shape = tuple(int(size) for size in (tensor.shape if tensor.shape is not None else ()))
    scale, zero = _quant(tensor)
    if dtype in EDGE_TYPES and dtype != "float32" and scale is None:
        raise UnsupportedModel(f"{name}: {label!r} is {dtype} without a scale: quantise it with TensorFlow's converter")
    return Port(label, shape, dtype, scale, zero)


def _quant(tensor: Any) -> tuple[float | None, int | None]:
    quant = tensor.quantization
    if quant is None or quant.scale is None or len(quant.scale) != 1:
        return None, None
    zero = int(quant.zeroPoint[0]) if quant.zeroPoint is not None and len(quant.zeroPoint) else 0
    return float(quant.scale[0]), zero


def _check_finite(model: Any, graph: Any, types: dict[int, str], name: str) -> None:
    for tensor in graph.tensors:
        data = _data(model, tensor)
        if data is None or types[tensor.type] != "float32":
            continue
        if not np.isfinite(np.frombuffer(np.asarray(data, np.uint8).tobytes(), np.float32)).all():
            raise LoadError(
                f"{name}: the weights {_text(tensor.name)!r} hold NaN or infinity: the training failed, train again"
            )


def _data(model: Any, tensor: Any) -> Any:
    data = model.buffers[tensor.buffer].data
    return data if data is not None and len(data) else None


def _elements(tensor: Any) -> int:
    return int(np.prod(tensor.shape)) if tensor.shape is not None else 1


def _names(choices: type) -> dict[int, str]:
    return {
        value: name.lower() if choices.__name__ == "TensorType" else name
        for name, value in vars(choices).items()
        if isinstance(value, int)
    }


def _text(name: bytes | str | None) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
