"""Values that are known while the file is read: shapes, and what is counted from them. The device computes none.

A network whose batch was left open computes shapes as it runs. With a batch of 1 every one of them is a constant, and
the ops behind, a RESHAPE for example, need them as constants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import DType, Tensor
from firmware_export.tflite_node import Node, require
from firmware_export.tflite_ops.slicing import strided_index

Array = NDArray[Any]
Compute = Callable[[Node, list[Array]], Array | list[Array]]

MOST_VALUES = 1 << 16  # of one tensor
COUNTS = (DType.INT32, DType.INT64, DType.BOOL)
ALSO = {  # what an op may take and give beside counts
    "CAST": (DType.FLOAT32,),
    "FILL": (DType.FLOAT32, DType.INT8),
}
LIMITS = {DType.INT8: 1 << 7, DType.INT32: 1 << 31, DType.INT64: 1 << 63}
SHAPES = ("SHAPE", "RANK")  # look at no value
BROKEN = (ValueError, IndexError, TypeError, OverflowError, AttributeError, ZeroDivisionError)


@dataclass(frozen=True)
class Static:
    """How to compute one op: its options table, and the function that does it."""

    options: str | None
    compute: Compute


def static_values(node: Node) -> tuple[Array, ...] | None:
    """The values of the outputs of an op of `STATIC`; None where they are not known, or are no counts.

    Raises ModelError where the op cannot be computed.
    """
    if not counts(node):
        return None
    arrays = [wide(tensor) for tensor in node.inputs]
    try:
        found = STATIC[node.kind].compute(node, arrays)
    except BROKEN as error:
        raise ModelError(
            f"layer {node.where!r}: {node.kind} cannot be computed ({error}): convert the model again"
        ) from error
    results = found if isinstance(found, list) else [found]
    require(node, len(results) == len(node.outputs), "has another number of outputs")
    return tuple(narrow(node, value, tensor) for value, tensor in zip(results, node.outputs, strict=True))


def counts(node: Node) -> bool:
    """Whether the op makes counts of counts, all of them known, and few."""
    if node.kind in SHAPES:
        inputs: tuple[Tensor, ...] = ()
    else:
        inputs = node.inputs
    allowed = (*COUNTS, *ALSO.get(node.kind, ()))
    tensors = (*inputs, *node.outputs)
    known = all(tensor.data is not None for tensor in inputs)
    return known and all(tensor.dtype in allowed and tensor.elements <= MOST_VALUES for tensor in tensors)


def wide(tensor: Tensor) -> Array:
    """The tensor's value, as integers without limit where it holds integers; nobody reads one that is not known."""
    if tensor.data is None:
        return np.broadcast_to(np.int8(0), tensor.shape)
    return tensor.data.astype(object) if tensor.data.dtype.kind == "i" else tensor.data


def narrow(node: Node, value: Array, output: Tensor) -> Array:
    """The value in the output's type; refuses what does not fit."""
    array = np.asarray(value)
    require_few(node, array.size)
    if output.dtype in LIMITS:
        limit = LIMITS[output.dtype]
        require(node, all(-limit <= number < limit for number in array.flat), "counts beyond its type")
    return array.astype(output.dtype.numpy)


def require_few(node: Node, count: int) -> None:
    """Refuse to write down very many values."""
    if count > MOST_VALUES:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} makes a constant of {count} values while the file is read; "
            f"{MOST_VALUES} is the limit, so make it a weight of the model"
        )


def axis_of(node: Node, rank: int) -> int:
    """The option `axis`, not negative."""
    axis = node.options.Axis()
    require(node, -rank <= axis < rank, "names an axis that does not exist")
    return int(axis % rank)


def shape(node: Node, arrays: list[Array]) -> Array:
    return np.array(arrays[0].shape, np.int64)


def rank(node: Node, arrays: list[Array]) -> Array:
    return np.array(arrays[0].ndim)


def gather(node: Node, arrays: list[Array]) -> Array:
    x, indices = arrays[0], arrays[1].astype(np.int64)
    require(node, node.options.BatchDims() == 0, "shares axes")
    axis = axis_of(node, x.ndim)
    require(node, bool(np.all((indices >= 0) & (indices < x.shape[axis]))), "takes what its input does not have")
    return np.take(x, indices, axis)


def strided_slice(node: Node, arrays: list[Array]) -> Array:
    return np.asarray(arrays[0][strided_index(node)])


def part(node: Node, arrays: list[Array]) -> Array:
    x, begin, sizes = arrays[0], integers(arrays[1]), integers(arrays[2])
    ends = [length if size == -1 else low + size for length, low, size in zip(x.shape, begin, sizes, strict=True)]
    inside = all(0 <= low <= high <= length for low, high, length in zip(begin, ends, x.shape, strict=True))
    require(node, inside, "takes what its input does not have")
    return x[tuple(slice(low, high) for low, high in zip(begin, ends, strict=True))]


def integers(array: Array) -> list[int]:
    """A list of axes or sizes."""
    return [int(value) for value in array.flat]


def stack(node: Node, arrays: list[Array]) -> Array:
    return np.stack(arrays, axis_of(node, arrays[0].ndim + 1))


def unstack(node: Node, arrays: list[Array]) -> list[Array]:
    return [np.asarray(value) for value in np.moveaxis(arrays[0], axis_of(node, arrays[0].ndim), 0)]


def split(node: Node, arrays: list[Array]) -> list[Array]:
    return np.split(arrays[1], len(node.outputs), int(arrays[0].item()))


def concatenate(node: Node, arrays: list[Array]) -> Array:
    require_plain(node)
    return np.concatenate(arrays, axis_of(node, arrays[0].ndim))


def require_plain(node: Node) -> None:
    """Refuse an activation behind a count."""
    plain = node.options is None or node.options.FusedActivationFunction() == 0
    require(node, plain, "counts with an activation")


def reduced(function: Callable[..., Any]) -> Compute:
    def compute(node: Node, arrays: list[Array]) -> Array:
        axes = tuple({axis % arrays[0].ndim for axis in integers(arrays[1])}) if arrays[0].ndim else ()
        keeps = node.options is not None and node.options.KeepDims()
        return np.asarray(function(arrays[0], axis=axes, keepdims=bool(keeps)))

    return compute


def arithmetic(function: Callable[..., Any]) -> Compute:
    def compute(node: Node, arrays: list[Array]) -> Array:
        require_plain(node)
        return meeting(function)(node, arrays)

    return compute


def meeting(function: Callable[..., Any]) -> Callable[[Node, list[Array]], Array]:
    """A function of values whose shapes meet as NumPy's do."""

    def compute(node: Node, arrays: list[Array]) -> Array:
        require_few(node, math.prod(np.broadcast_shapes(*(array.shape for array in arrays))))
        return np.asarray(function(*arrays))

    return compute


def cast(node: Node, arrays: list[Array]) -> Array:
    array = arrays[0]
    return array.astype(bool) if node.output.dtype is DType.BOOL else array


def arange(node: Node, arrays: list[Array]) -> Array:
    values = range(*(int(array.item()) for array in arrays))
    require_few(node, len(values))
    return np.array(values, object)


def fill(node: Node, arrays: list[Array]) -> Array:
    sizes = integers(arrays[0])
    require(node, min(sizes, default=1) > 0, "has an impossible shape")
    require_few(node, math.prod(sizes))
    return np.full(sizes, arrays[1].item())


def expand(node: Node, arrays: list[Array]) -> Array:
    return np.expand_dims(arrays[0], int(arrays[1].item()))


def reshape(node: Node, arrays: list[Array]) -> Array:
    sizes = integers(arrays[1]) if len(arrays) > 1 else [int(size) for size in np.ravel(node.options.NewShapeAsNumpy())]
    return arrays[0].reshape(sizes)


def squeeze(node: Node, arrays: list[Array]) -> Array:
    count = 0 if node.options is None else node.options.SqueezeDimsLength()
    axes = tuple(node.options.SqueezeDims(index) for index in range(min(count, arrays[0].ndim)))
    squeezed: Array = np.squeeze(arrays[0], axes or None)
    return squeezed


def transpose(node: Node, arrays: list[Array]) -> Array:
    return np.transpose(arrays[0], integers(arrays[1]))


def tile(node: Node, arrays: list[Array]) -> Array:
    times = integers(arrays[1])
    require(node, len(times) == arrays[0].ndim and min(times, default=1) > 0, "repeats in an impossible way")
    require_few(node, math.prod(times) * arrays[0].size)
    return np.tile(arrays[0], times)


def broadcast(node: Node, arrays: list[Array]) -> Array:
    sizes = integers(arrays[1])
    require_few(node, math.prod(sizes))
    return np.broadcast_to(arrays[0], sizes)


def broadcast_shape(node: Node, arrays: list[Array]) -> Array:
    return np.array(np.broadcast_shapes(*(tuple(integers(array)) for array in arrays)), np.int64)


MEETING: dict[str, Callable[..., Any]] = {
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
    "LOGICAL_AND": np.logical_and,
    "LOGICAL_OR": np.logical_or,
    "LOGICAL_NOT": np.logical_not,
    "MINIMUM": np.minimum,
    "MAXIMUM": np.maximum,
    "FLOOR_DIV": np.floor_divide,
    "FLOOR_MOD": np.mod,
    "NEG": np.negative,
    "SELECT_V2": np.where,
}
STATIC = {
    "SHAPE": Static("ShapeOptions", shape),
    "RANK": Static(None, rank),
    "GATHER": Static("GatherOptions", gather),
    "STRIDED_SLICE": Static("StridedSliceOptions", strided_slice),
    "SLICE": Static(None, part),
    "PACK": Static("PackOptions", stack),
    "UNPACK": Static("UnpackOptions", unstack),
    "SPLIT": Static(None, split),
    "CONCATENATION": Static("ConcatenationOptions", concatenate),
    "REDUCE_PROD": Static("ReducerOptions", reduced(np.prod)),
    "REDUCE_MAX": Static("ReducerOptions", reduced(np.max)),
    "REDUCE_MIN": Static("ReducerOptions", reduced(np.min)),
    "SUM": Static("ReducerOptions", reduced(np.sum)),
    "ADD": Static("AddOptions", arithmetic(np.add)),
    "SUB": Static("SubOptions", arithmetic(np.subtract)),
    "MUL": Static("MulOptions", arithmetic(np.multiply)),
    "CAST": Static(None, cast),
    "RANGE": Static(None, arange),
    "FILL": Static(None, fill),
    "EXPAND_DIMS": Static(None, expand),
    "RESHAPE": Static("ReshapeOptions", reshape),
    "SQUEEZE": Static("SqueezeOptions", squeeze),
    "TRANSPOSE": Static(None, transpose),
    "TILE": Static(None, tile),
    "BROADCAST_TO": Static(None, broadcast),
    "BROADCAST_ARGS": Static(None, broadcast_shape),
    **{name: Static(None, meeting(function)) for name, function in MEETING.items()},
}
