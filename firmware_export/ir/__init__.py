"""The graph: values that say what a network computes, not how.

Tensors are named, ops refer to them by name, and ops stand in execution order. Spatial tensors are NHWC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from firmware_export.ir.attrs import *  # noqa: F403 -- the kinds of ops are names of the graph as well
from firmware_export.ir.attrs import Attrs, Excite, Feed, Lookup, Rearrange, SqueezeAverage, SqueezeMax, SqueezeMean


class DType(Enum):
    """Element type of a tensor."""

    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    BOOL = "bool"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy type of the same name."""
        return np.dtype(self.value)


def zero_points(dtype: DType) -> range:
    """The zero points that activations of a type may have: int16 is symmetric."""
    return {DType.INT8: range(-128, 128), DType.UINT8: range(256), DType.INT16: range(1)}[dtype]


@dataclass(frozen=True)
class Quant:
    """real = scale * (quantised - zero_point); one pair, or one a slice along `axis`."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named array; constant where `data` is set."""

    name: str
    shape: tuple[int, ...]
    dtype: DType
    quant: Quant | None = None
    data: NDArray[np.generic] | None = None
    index: int | None = None  # its number in the .tflite; None for one that a pass made
    removed: tuple[int, ...] = ()  # of the channels (last axis) it has in the .tflite, those that a pass took away

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)  # of Python's integers: a product in int64 wraps

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.elements * self.dtype.numpy.itemsize

    @property
    def scale(self) -> float:
        """The scale of a per-tensor quantised tensor."""
        assert self.quant is not None
        return self.quant.scale[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantised tensor."""
        assert self.quant is not None
        return self.quant.zero_point[0]


class Walk(Enum):
    """How an op's kernel comes to its output, and so what else may happen in between."""

    WHOLE = "whole"  # in one call
    ROWS = "rows"  # a few rows a call, from the rows under its window
    ELEMENTS = "elements"  # each row from the same row of its inputs
    SUMS = "sums"  # each row of its input joins sums; what they give comes at the end


@dataclass(frozen=True)
class Op:
    """One step: `attrs` says what, `inputs` and `outputs` name tensors. A missing bias is a missing last input."""

    name: str
    attrs: Attrs
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kernel: str = ""  # set by select_kernels
    scratch: int = 0  # bytes, set by select_kernels
    walk: Walk = Walk.WHOLE  # set by select_kernels
    together: int = 1  # rows that one call of a row kernel computes at most, set by select_kernels
    decoded: int = 0  # bytes of memory that its weights are decoded into, set where they are compressed

    @property
    def kind(self) -> str:
        """The op's name as users read it."""
        return self.attrs.function if isinstance(self.attrs, Lookup | Rearrange) else type(self.attrs).__name__

    @property
    def host(self) -> str:
        """The name of the op in whose row loop this one runs, wholly or in part; "" where it runs alone."""
        match self.attrs:
            case SqueezeMean(host=host) | SqueezeAverage(host=host) | SqueezeMax(host=host) | Excite(host=host):
                return host
        return ""


@dataclass(frozen=True, eq=False)
class State:
    """What one inference leaves to the next: the tensor `before` holds it when one begins, `after` when it ends."""

    name: str
    before: str
    after: str
    initial: NDArray[np.generic]  # what `before` holds in the first inference


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: tensors by name, ops in execution order, the names of inputs and outputs, and what it remembers."""

    name: str
    tensors: dict[str, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    states: tuple[State, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def given(self) -> tuple[str, ...]:
        """The tensors that have a value when an inference begins: inputs, and what is remembered."""
        return (*self.inputs, *(state.before for state in self.states))

    @property
    def fed(self) -> tuple[str, ...]:
        """The inputs whose rows the caller gives one by one."""
        return tuple(name for op in self.ops[:1] if isinstance(op.attrs, Feed) for name in op.outputs)

    @property
    def results(self) -> tuple[str, ...]:
        """The tensors that somebody needs when an inference ends: outputs, and what is to be remembered."""
        return (*self.outputs, *(state.after for state in self.states))

    def of(self, names: tuple[str, ...]) -> tuple[Tensor, ...]:
        """The tensors of these names."""
        return tuple(self.tensors[name] for name in names)

    def host_of(self, guest: Op) -> Op:
        """The op in whose row loop another one runs."""
        return self._named[guest.host]

    def guests(self, host: Op) -> tuple[Op, ...]:
        """The ops that run in another one's row loop: Excite before it reads a row, squeezes when it wrote one."""
        return self._guests.get(host.name, ())

    @cached_property
    def _named(self) -> dict[str, Op]:
        return {op.name: op for op in self.ops}

    @cached_property
    def excited(self) -> frozenset[str]:
        """The tensors that an Excite writes row by row, never whole."""
        return frozenset(op.outputs[0] for op in self.ops if isinstance(op.attrs, Excite))

    @cached_property
    def _guests(self) -> dict[str, tuple[Op, ...]]:
        found: dict[str, tuple[Op, ...]] = {}
        for op in self.ops:
            if op.host:
                found[op.host] = (*found.get(op.host, ()), op)
        return found

    def named(self, name: str) -> Op:
        """The op of this name."""
        return self._named[name]

    def maker(self, tensor: str) -> Op:
        """The op that writes a tensor."""
        return self._makers[tensor]

    @cached_property
    def _makers(self) -> dict[str, Op]:
        return {name: op for op in self.ops for name in op.outputs}

    def consumers(self, tensor: str) -> tuple[Op, ...]:
        """The ops that read a tensor."""
        return tuple(op for op in self.ops if tensor in op.inputs)
