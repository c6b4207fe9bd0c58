""".tflite bytes -> Graph. The only module that knows flatbuffers; it trusts nothing in the file."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import DType, Graph, Op, Quant, Tensor
from firmware_export.layer_names import NO_NAMES, LayerNames, layer_name, name_layers
from firmware_export.tflite_node import Node
from firmware_export.tflite_reading import MOST_TENSOR_BYTES, options_of, read_op
from firmware_export.tflite_variables import Assign, Handle, Initialise, Read, Step, thread

# A file may name one list many times, so that its own size bounds nothing.
MOST_FILE_BYTES = 1 << 25  # of all that tensors name: constants, scales, shapes
MOST_AXES = 16
MOST_OPS = 2048
MOST_TENSORS = 4 * MOST_OPS
MOST_INPUTS = 1 << 16  # of all ops
LONGEST_NAME = 1024
LONGEST_SHOWN = 120
OP_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
DTYPES = {
    schema.TensorType.INT8: DType.INT8,
    schema.TensorType.UINT8: DType.UINT8,
    schema.TensorType.INT16: DType.INT16,
    schema.TensorType.INT32: DType.INT32,
    schema.TensorType.INT64: DType.INT64,
    schema.TensorType.FLOAT32: DType.FLOAT32,
    schema.TensorType.BOOL: DType.BOOL,
}
TYPE_NAMES = {value: name for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
Values = Sequence[Tensor | Handle]
BROKEN = (struct.error, IndexError, ValueError, TypeError, OverflowError, AttributeError, AssertionError, KeyError)


def read_tflite(model: bytes, *, name: str, layer_names: LayerNames = NO_NAMES) -> Graph:
    """Read the main subgraph of an int8 `.tflite`.

    layer_names: what the Keras model calls its layers where that is known, to undo what conversion does to names.
    Raises ModelError where the file is damaged and UnsupportedOp where an op or type has no kernel.
    """
    if len(model) < 8 or model[4:8] != b"TFL3":
        raise ModelError("not a .tflite file: the identifier TFL3 is missing; convert the Keras model again")
    try:
        graph = _File(model, layer_names).graph(name)
    except BROKEN as error:
        raise ModelError(f"the .tflite file is damaged ({type(error).__name__}: {error}); convert it again") from error
    return name_layers(graph, layer_names)


@dataclass(frozen=True)
class _Known:
    """What is known of a subgraph's values, by number: the more, the more of its ops are read."""

    values: list[Tensor | Handle]
    signatures: Mapping[int, tuple[int, ...]]  # shapes with -1 for each axis that the file leaves open


@dataclass(frozen=True)
class _File:
    model: bytes
    layer_names: LayerNames

    def graph(self, name: str) -> Graph:
        root = schema.Model.GetRootAs(self.model, 0)
        if self.count(root.SubgraphsLength()) < 1:
            raise ModelError("the .tflite file holds no network: convert the Keras model again")
        subgraph = root.Subgraphs(0)
        self.check_volume(root, subgraph)
        inputs, outputs = indices(subgraph.InputsAsNumpy()), indices(subgraph.OutputsAsNumpy())
        known = self.known(root, subgraph)
        for index in inputs:
            check_input(pick(known.values, index), known.signatures[index])
        lost = dict(zip(outputs, self.layer_names.makers, strict=False))
        steps = tuple(self.steps(root, subgraph, known, lost))
        threaded = thread(steps, {value.name: value for value in known.values if isinstance(value, Tensor)})
        return Graph(
            name=name,
            tensors=dict(threaded.tensors),
            ops=threaded.ops,
            inputs=tuple(pick(known.values, index).name for index in inputs),
            outputs=tuple(pick(known.values, index).name for index in outputs),
            states=threaded.states,
        )

    def count(self, length: int) -> int:
        """A vector's length, refused where the file could not hold it."""
        if length * 4 > len(self.model):
            raise ModelError("the .tflite file is damaged: a list is longer than the file; convert it again")
        return length

    def check_volume(self, root: Any, subgraph: Any) -> None:
        """Refuse what is too much to read: every list may be long, and every tensor may name the same one."""
        tensors, ops = self.count(subgraph.TensorsLength()), self.count(subgraph.OperatorsLength())
        if tensors > MOST_TENSORS or ops > MOST_OPS:
            raise UnsupportedOp(f"the network has {ops} ops and {tensors} tensors; {MOST_OPS} ops is the limit")
        if sum(subgraph.Operators(index).InputsLength() for index in range(ops)) > MOST_INPUTS:
            raise UnsupportedOp(f"the network's ops have more than {MOST_INPUTS} inputs")
        if root.BuffersLength() and root.Buffers(0).DataLength():
            raise ModelError("the file's first buffer, which stands for no data, holds data: convert the model again")
        volume = sum(self.volume(root, subgraph.Tensors(index)) for index in range(tensors))
        if volume > MOST_FILE_BYTES:
            raise ModelError(f"the network's constants take {volume} bytes; {MOST_FILE_BYTES} is the limit")

    def known(self, root: Any, subgraph: Any) -> _Known:
        """What the file says of a subgraph's values, and the handles of variables, by number."""
        handles = dict(self.handles(root, subgraph))
        values = [
            handles.get(index) or replace(self.tensor(root, subgraph.Tensors(index), name), index=index)
            for index, name in enumerate(self.tensor_names(subgraph))
        ]
        return _Known(values, {index: open_shape(subgraph.Tensors(index)) for index in range(len(values))})

    def handles(self, root: Any, subgraph: Any) -> Iterator[tuple[int, Handle]]:
        """What VAR_HANDLE writes, by the number of the tensor."""
        for position in range(self.count(subgraph.OperatorsLength())):
            table = subgraph.Operators(position)
            if self.kind(root, table) != "VAR_HANDLE":
                continue
            found = options(table, "VarHandleOptions")
            names = [name or b"" for name in (found.Container(), found.SharedName())] if found else [b"", b""]
            text = "/".join(name[:LONGEST_NAME].decode("utf-8", "replace") for name in names if name)
            for index in indices(table.OutputsAsNumpy()):
                yield index, Handle(names[0], names[1], shown(text))

    def volume(self, root: Any, table: Any) -> int:
        """Bytes of the lists that a tensor names."""
        quantisation = table.Quantization()
        scales = 0 if quantisation is None else quantisation.ScaleLength() + quantisation.ZeroPointLength()
        data = root.Buffers(table.Buffer()).DataLength() if table.Buffer() < root.BuffersLength() else 0
        return int(data + 8 * scales + 4 * table.ShapeLength())

    def tensor_names(self, subgraph: Any) -> Iterator[str]:
        """Unique names: the file's own, numbered where they repeat or are missing."""
        seen: set[str] = set()
        for index in range(self.count(subgraph.TensorsLength())):
            raw = subgraph.Tensors(index).Name()
            text = raw[:LONGEST_NAME].decode("utf-8", "replace") if raw else f"tensor_{index}"
            unique = text
            while unique in seen:
                unique = f"{unique}#{index}"
            seen.add(unique)
            yield unique

    def tensor(self, root: Any, table: Any, name: str) -> Tensor:
        dtype = DTYPES.get(table.Type())
        if dtype is None:
            raise UnsupportedOp(
                f"tensor {shown(name)!r} is {TYPE_NAMES.get(table.Type(), 'of an unknown type')}: "
                "quantise the model to full int8 (inputs and outputs too)"
            )
        shape = indices(table.ShapeAsNumpy()) if table.ShapeLength() else ()
        if len(shape) > MOST_AXES or any(size < 1 for size in shape) or math.prod(shape) > MOST_TENSOR_BYTES:
            raise ModelError(
                f"tensor {shown(name)!r} has the impossible shape {list(shape[:MOST_AXES])}: convert the model again"
            )
        if table.Sparsity() is not None or table.IsVariable() or table.ExternalBuffer():
            raise UnsupportedOp(
                f"tensor {shown(name)!r} is sparse, keeps its value between runs, or lies outside the file; "
                "convert without pruning, state and external weights"
            )
        tensor = Tensor(name, shape, dtype, self.quant(table, shape))
        return replace(tensor, data=self.constant(root, table, tensor))

    def constant(self, root: Any, table: Any, tensor: Tensor) -> NDArray[np.generic] | None:
        if table.Buffer() >= self.count(root.BuffersLength()):
            raise ModelError(
                f"tensor {shown(tensor.name)!r} points outside the file's buffers: convert the model again"
            )
        buffer = root.Buffers(table.Buffer())
        if buffer.Offset() or buffer.Size():
            raise UnsupportedOp(f"tensor {shown(tensor.name)!r} lies behind the network; keep weights inside it")
        if table.Buffer() == 0 or buffer.DataLength() == 0:
            return None
        raw = buffer.DataAsNumpy().tobytes()
        if len(raw) != tensor.nbytes:
            held = f"holds {len(raw)} bytes where its shape needs {tensor.nbytes}"
            raise ModelError(f"tensor {shown(tensor.name)!r} {held}: convert the model again")
        array = np.frombuffer(raw, dtype=tensor.dtype.numpy.newbyteorder("<")).reshape(tensor.shape)
        if tensor.dtype is DType.FLOAT32 and not np.all(np.isfinite(array)):
            raise ModelError(f"tensor {shown(tensor.name)!r} holds NaN or infinity: train the model again")
        return array.astype(tensor.dtype.numpy)

    def quant(self, table: Any, shape: tuple[int, ...]) -> Quant | None:
        parameters = table.Quantization()
        if parameters is None or parameters.ScaleLength() == 0:
            return None
        if parameters.DetailsType() != 0:
            raise UnsupportedOp("a tensor is quantised in blocks or in a way of its own; quantise to plain int8")
        scale = parameters.ScaleAsNumpy().astype(np.float64)
        length = parameters.ZeroPointLength()
        zero_point = parameters.ZeroPointAsNumpy().astype(np.int64) if length else np.zeros(len(scale), np.int64)
        if not np.all(np.isfinite(scale)) or np.any(scale < 0) or len(zero_point) not in (1, len(scale)):
            raise ModelError("a tensor's scale or zero point is not a number: convert the model again")
        if np.any((zero_point < -(1 << 31)) | (zero_point >= 1 << 31)):
            raise ModelError("a tensor's zero point is out of range: convert the model again")
        axis = parameters.QuantizedDimension() if len(scale) > 1 else None
        if axis is not None and (not 0 <= axis < len(shape) or shape[axis] != len(scale)):
            raise ModelError("a tensor's scales do not match its shape: convert the model again")
        zero_point = np.broadcast_to(zero_point, scale.shape)
        return Quant(tuple(map(float, scale)), tuple(map(int, zero_point)), axis)

    def kind(self, root: Any, table: Any) -> str:
        """The name of an op of the file."""
        if table.OpcodeIndex() >= self.count(root.OperatorCodesLength()):
            raise ModelError("an op points outside the file's list of op codes: convert the model again")
        code = root.OperatorCodes(table.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        return str(OP_NAMES.get(builtin, f"op {builtin}"))

    def steps(self, root: Any, subgraph: Any, known: _Known, lost: Mapping[int, str]) -> Iterator[Step]:
        """The ops of a subgraph in order, and what happens to variables between them."""
        calls, named = 0, set[int]()  # the tensors that hold a variable's handle by now
        for position in range(self.count(subgraph.OperatorsLength())):
            table = subgraph.Operators(position)
            match self.kind(root, table):
                case "VAR_HANDLE":
                    named.update(indices(table.OutputsAsNumpy()))
                case "READ_VARIABLE" | "ASSIGN_VARIABLE" if named.isdisjoint(indices(table.InputsAsNumpy())[:1]):
                    raise ModelError(
                        "a variable is read or assigned without its VAR_HANDLE before it: convert the model again"
                    )
                case "READ_VARIABLE":
                    handle, tensor = handle_and_value(known.values, table.InputsAsNumpy(), table.OutputsAsNumpy())
                    yield Read(handle, tensor)
                case "ASSIGN_VARIABLE":
                    handle, tensor = handle_and_value(known.values, table.InputsAsNumpy())
                    yield Assign(handle, tensor)
                case "CALL_ONCE" if calls:
                    raise UnsupportedOp("CALL_ONCE stands there twice: convert again with TensorFlow's converter")
                case "CALL_ONCE":
                    calls += 1
                    yield Initialise(tuple(self.initial_values(root, table)))
                case _:
                    yield from self.ops(root, table, known, lost)

    def initial_values(self, root: Any, table: Any) -> Iterator[Assign]:
        """What the subgraph that CALL_ONCE names assigns to variables."""
        found = options(table, "CallOnceOptions")
        number = found.InitSubgraphIndex() if found else 0
        if not 0 < number < self.count(root.SubgraphsLength()):
            raise ModelError(f"CALL_ONCE calls subgraph {number}, which is none: convert the model again")
        subgraph = root.Subgraphs(number)
        self.check_volume(root, subgraph)
        kinds = {self.kind(root, subgraph.Operators(i)) for i in range(self.count(subgraph.OperatorsLength()))}
        others = kinds - {"VAR_HANDLE", "ASSIGN_VARIABLE"}
        if others:
            raise UnsupportedOp(
                f"the initial values of variables are computed by {', '.join(sorted(others))}: "
                "give them constants, as TensorFlow's converter does with a Keras model"
            )
        for step in self.steps(root, subgraph, self.known(root, subgraph), {}):
            assert isinstance(step, Assign)
            if step.tensor.data is None:
                raise ModelError(f"variable {step.variable.shown!r} begins with no value: convert the model again")
            yield step

    def ops(self, root: Any, table: Any, known: _Known, lost: Mapping[int, str]) -> Iterator[Op]:
        """The ops of the graph that an op of the file becomes; what is known of its outputs then is kept."""
        kind = self.kind(root, table)
        outputs = tuple(pick(known.values, index) for index in indices(table.OutputsAsNumpy()))
        inputs = tuple(pick(known.values, index) for index in indices(table.InputsAsNumpy()) if index >= 0)
        constants = [tensor.name for tensor in inputs if tensor.data is not None]
        renamed = [lost[index] for index in indices(table.OutputsAsNumpy()) if lost.get(index)]
        telling = [*(tensor.name for tensor in outputs), *constants, *renamed]
        where = shown(layer_name(telling, self.layer_names.known))
        node = Node(kind, where, inputs, outputs, options(table, options_of(kind)))
        reading = read_op(node, known.signatures)
        for index, tensor in zip(indices(table.OutputsAsNumpy()), reading.outputs, strict=True):
            known.values[index] = tensor
        yield from reading.ops


def options(table: Any, kind: str | None) -> Any:
    """The op's options table, or an empty one where the file leaves it out."""
    if kind is None:
        return None
    union = table.BuiltinOptions()
    result = getattr(schema, kind)()
    if union is None:
        return None
    if table.BuiltinOptionsType() != getattr(schema.BuiltinOptions, kind):
        raise ModelError(f"an op carries other options than {kind}: convert the model again")
    result.Init(union.Bytes, union.Pos)
    return result


def open_shape(table: Any) -> tuple[int, ...]:
    """The tensor's shape with -1 for each axis that the file leaves open."""
    signature = indices(table.ShapeSignatureAsNumpy()) if table.ShapeSignatureLength() <= MOST_AXES else ()
    return signature or (indices(table.ShapeAsNumpy()) if table.ShapeLength() <= MOST_AXES else ())


def check_input(tensor: Tensor, signature: tuple[int, ...]) -> None:
    """Refuse an input whose size nobody knows: the file then says 1 for each axis that it leaves open."""
    for axis, (size, known) in enumerate(zip(tensor.shape, signature, strict=False)):
        if axis > 0 and size == 1 and known == -1:
            raise UnsupportedOp(
                f"input {shown(tensor.name)!r} leaves the size of its axis {axis} open; "
                "fix every dimension of the model's inputs but the batch, and convert again"
            )


def pick(tensors: Values, index: int) -> Tensor:
    """The tensor of an index in the file; refuses what points outside, and a variable where a value is needed."""
    if not 0 <= index < len(tensors):
        raise ModelError(f"tensor number {index} does not exist in the file: convert the model again")
    tensor = tensors[index]
    if isinstance(tensor, Handle):
        raise ModelError(f"variable {tensor.shown!r} stands where a value is needed: convert the model again")
    return tensor


def handle_and_value(tensors: Values, *numbers: NDArray[np.int32] | int) -> tuple[Handle, Tensor]:
    """The variable and the tensor of READ_VARIABLE or ASSIGN_VARIABLE."""
    every = [index for vector in numbers for index in indices(vector)]
    handle = tensors[every[0]] if len(every) == 2 and 0 <= every[0] < len(tensors) else None
    if not isinstance(handle, Handle):
        raise ModelError("a variable is read or assigned without its VAR_HANDLE: convert the model again")
    return handle, pick(tensors, every[1])


def shown(name: str) -> str:
    """A name as messages quote it."""
    return name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}..."


def indices(vector: NDArray[np.int32] | int) -> tuple[int, ...]:
    """A flatbuffers vector of int32 as a tuple; flatbuffers gives 0 for an empty one."""
    return () if isinstance(vector, int) else tuple(int(value) for value in vector)
