"""The graph: values that say what a network computes, not how.

Tensors are named, ops refer to them by name, and ops stand in execution order. Spatial tensors are NHWC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray


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


@dataclass(frozen=True)
class Clamp:
    """Inclusive range of quantised output values: the fused activation."""

    low: int
    high: int


@dataclass(frozen=True)
class Window:
    """How a kernel slides over rows and columns; pairs are (height, width)."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    before: tuple[int, int] = (0, 0)  # padding above, left; what lies below and right follows from the shapes


@dataclass(frozen=True)
class Conv2D:
    """x [1,H,W,I], weights [O,kh,kw,I/groups], bias int32 [O] optional -> [1,H',W',O]."""

    window: Window
    clamp: Clamp


@dataclass(frozen=True)
class DepthwiseConv2D:
    """x [1,H,W,I], weights [1,kh,kw,I*multiplier], bias int32 optional -> [1,H',W',I*multiplier]."""

    window: Window
    multiplier: int
    clamp: Clamp


@dataclass(frozen=True)
class FullyConnected:
    """x [..., depth] read as [rows, depth], weights [units, depth], bias int32 [units] optional -> [rows, units]."""

    clamp: Clamp


@dataclass(frozen=True)
class AveragePool2D:
    """Average over the part of the window inside the image."""

    window: Window
    clamp: Clamp


@dataclass(frozen=True)
class MaxPool2D:
    """Maximum over the part of the window inside the image."""

    window: Window
    clamp: Clamp


@dataclass(frozen=True)
class Mean:
    """Average over `axes` (sorted, not negative); the output's shape says whether they are kept."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class ReduceMax:
    """Maximum over `axes` (sorted, not negative)."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class Add:
    """a + b with NumPy broadcasting."""

    clamp: Clamp


@dataclass(frozen=True)
class Sub:
    """a - b with NumPy broadcasting."""

    clamp: Clamp


@dataclass(frozen=True)
class Mul:
    """a * b with NumPy broadcasting."""

    clamp: Clamp


@dataclass(frozen=True)
class Minimum:
    """min(a, b) of the quantised values, with NumPy broadcasting."""


@dataclass(frozen=True)
class Maximum:
    """max(a, b) of the quantised values, with NumPy broadcasting."""


@dataclass(frozen=True)
class Logistic:
    """1 / (1 + exp(-x))."""


@dataclass(frozen=True)
class Tanh:
    """tanh(x)."""


@dataclass(frozen=True)
class HardSwish:
    """x * relu6(x + 3) / 6."""


@dataclass(frozen=True)
class Relu:
    """Clip real values to [low, high]; high None is unbounded."""

    low: float
    high: float | None


@dataclass(frozen=True)
class Quantize:
    """Between integer types or scales; from float32 only at the network's edge."""


@dataclass(frozen=True)
class Dequantize:
    """To float32, only at the network's edge."""


@dataclass(frozen=True)
class Lookup:
    """y = table[x + 128]: any elementwise function of one int8 tensor."""

    table: tuple[int, ...]  # 256 int8 values
    function: str = "Lookup"  # what the table holds, for people: Logistic, HardSwish


@dataclass(frozen=True)
class Softmax:
    """Softmax of beta * x over the last axis."""

    beta: float


@dataclass(frozen=True)
class Pad:
    """Surround with `value` (quantised); one (before, after) for each axis."""

    padding: tuple[tuple[int, int], ...]
    value: int


@dataclass(frozen=True)
class Reshape:
    """The same bytes under another shape: RESHAPE, SQUEEZE, EXPAND_DIMS."""


@dataclass(frozen=True)
class Concatenation:
    """Join along `axis` (not negative)."""

    axis: int


@dataclass(frozen=True)
class Copy:
    """The same bytes in another buffer: an output that is also an input."""


Attrs = (
    Conv2D
    | DepthwiseConv2D
    | FullyConnected
    | AveragePool2D
    | MaxPool2D
    | Mean
    | ReduceMax
    | Add
    | Sub
    | Mul
    | Minimum
    | Maximum
    | Logistic
    | Tanh
    | HardSwish
    | Relu
    | Quantize
    | Dequantize
    | Lookup
    | Softmax
    | Pad
    | Reshape
    | Concatenation
    | Copy
)


@dataclass(frozen=True)
class Op:
    """One step: `attrs` says what, `inputs` and `outputs` name tensors. A missing bias is a missing last input."""

    name: str
    attrs: Attrs
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kernel: str = ""  # set by select_kernels
    scratch: int = 0  # bytes, set by select_kernels

    @property
    def kind(self) -> str:
        """The op's name as users read it."""
        return self.attrs.function if isinstance(self.attrs, Lookup) else type(self.attrs).__name__


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: tensors by name, ops in execution order, the names of its inputs and outputs."""

    name: str
    tensors: dict[str, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    provenance: dict[str, str] = field(default_factory=dict)

    def of(self, names: tuple[str, ...]) -> tuple[Tensor, ...]:
        """The tensors of these names."""
        return tuple(self.tensors[name] for name in names)

    def consumers(self, tensor: str) -> tuple[Op, ...]:
        """The ops that read a tensor."""
        return tuple(op for op in self.ops if tensor in op.inputs)
