"""What each kind of op computes: one frozen class a kind, and their closed union."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clamp:
    """Inclusive range of quantised output values: the fused activation."""

    low: int
    high: int


ANY_INT8 = Clamp(-128, 127)


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
class TransposeConv:
    """x [1,H,W,I], weights [O,kh,kw,I], bias int32 [O] optional -> [1,H',W',O]: a convolution the other way round.

    `before` is how many rows and columns of the whole result lie above and left of the output.
    """

    window: Window
    clamp: Clamp


@dataclass(frozen=True)
class FullyConnected:
    """x [..., depth] read as [rows, depth], weights [units, depth], bias int32 [units] optional -> [rows, units]."""

    clamp: Clamp


@dataclass(frozen=True)
class VariableFullyConnected:
    """FullyConnected whose weights are computed: one scale, any zero point; bias constant, optional."""

    clamp: Clamp


@dataclass(frozen=True)
class BatchMatMul:
    """a [..., rows, depth] times b [..., depth, columns], the batches broadcast; `adj` says which lies transposed."""

    adj_x: bool
    adj_y: bool


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
class ResizeBilinear:
    """Rows and columns of x [1,H,W,C] interpolated; output i lies at i * step + start in 1/1024 of a pixel."""

    steps: tuple[int, int]
    starts: tuple[int, int]


@dataclass(frozen=True)
class Mean:
    """Average over `axes` (sorted, not negative); the output's shape says whether they are kept."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class ReduceMax:
    """Maximum over `axes` (sorted, not negative)."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class ReduceMin:
    """Minimum over `axes` (sorted, not negative)."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class ArgMax:
    """Where along `axis` (not negative) the first maximum lies, as int32 or int64."""

    axis: int


@dataclass(frozen=True)
class ArgMin:
    """Where along `axis` (not negative) the first minimum lies, as int32 or int64."""

    axis: int


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
class Div:
    """a / b with NumPy broadcasting."""

    clamp: Clamp


@dataclass(frozen=True)
class SquaredDifference:
    """(a - b) squared, with NumPy broadcasting."""


@dataclass(frozen=True)
class Prelu:
    """x, but alpha * x below zero; alpha is repeated to x's shape."""


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
class Exp:
    """exp(x)."""


@dataclass(frozen=True)
class Log:
    """log(x); the lowest output where there is none."""


@dataclass(frozen=True)
class Sqrt:
    """Square root; that of a negative value is 0."""


@dataclass(frozen=True)
class Rsqrt:
    """1 / sqrt(x); the largest output for values that are not positive."""


@dataclass(frozen=True)
class Abs:
    """|x|."""


@dataclass(frozen=True)
class Gelu:
    """x times the normal distribution's share below x, or what tanh makes of it."""

    approximate: bool


@dataclass(frozen=True)
class LeakyRelu:
    """x, but alpha * x below zero."""

    alpha: float


@dataclass(frozen=True)
class Neg:
    """-x, of int8 or float32."""


@dataclass(frozen=True)
class Square:
    """x * x, of float32 between Dequantize and Quantize."""


@dataclass(frozen=True)
class Sin:
    """sin(x), of float32 between Dequantize and Quantize."""


@dataclass(frozen=True)
class Cos:
    """cos(x), of float32 between Dequantize and Quantize."""


@dataclass(frozen=True)
class Floor:
    """The largest integer not above x, of float32 between Dequantize and Quantize."""


@dataclass(frozen=True)
class Sign:
    """-1, 0 or 1, of float32 between Dequantize and Quantize."""


@dataclass(frozen=True)
class Quantize:
    """Between integer types or scales; from float32 only at the network's edge."""


@dataclass(frozen=True)
class Dequantize:
    """To float32, only at the network's edge."""


@dataclass(frozen=True)
class Lookup:
    """y = table[x + 128]: any elementwise function of one int8 tensor; uint8 is taken as its bytes."""

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
    """Join along `axis` (not negative). `joined`: inputs that can are made where they belong in the output."""

    axis: int
    joined: bool = False


@dataclass(frozen=True)
class Pack:
    """Join tensors of one shape along a new `axis` (not negative)."""

    axis: int


@dataclass(frozen=True)
class Steps:
    """An axis of `size` elements that lie `step` apart: 0 repeats one, below 0 goes backwards."""

    size: int
    step: int


@dataclass(frozen=True)
class Offsets:
    """An axis whose elements lie anywhere: how far each from the first, whose offset is 0."""

    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Rearrange:
    """y[i, j, ...] = x.flat[first + offset of i along axes[0] + offset of j along axes[1] + ...], flat in y."""

    function: str  # what the file calls it, for people: Transpose, StridedSlice
    first: int
    axes: tuple[Steps | Offsets, ...]  # outermost first


@dataclass(frozen=True)
class Copy:
    """The same bytes in another buffer: an output that is also an input."""


@dataclass(frozen=True)
class SqueezeMean:
    """MEAN of [1,H,W,C] over all positions, summed while the op named `host` writes its rows."""

    host: str


@dataclass(frozen=True)
class SqueezeAverage:
    """AVERAGE_POOL_2D of [1,H,W,C] over all positions, summed while the op named `host` writes its rows."""

    clamp: Clamp
    host: str


@dataclass(frozen=True)
class SqueezeMax:
    """Maximum of [1,H,W,C] over all positions, found while the op named `host` writes its rows."""

    clamp: Clamp
    host: str


@dataclass(frozen=True)
class Excite:
    """MUL of [1,H,W,C] by a smaller gate, each row as the op named `host` reads it: never whole in memory."""

    host: str


@dataclass(frozen=True)
class Feed:
    """The caller gives rows of an input: no layer of the model, and first of the ops where there is one."""


FloatFunction = Neg | Square | Sin | Cos | Floor | Sign
Function = (
    Logistic | Tanh | HardSwish | Relu | Exp | Log | Sqrt | Rsqrt | Abs | Gelu | LeakyRelu | FloatFunction | Quantize
)
Attrs = (
    Conv2D
    | DepthwiseConv2D
    | TransposeConv
    | FullyConnected
    | VariableFullyConnected
    | BatchMatMul
    | AveragePool2D
    | MaxPool2D
    | ResizeBilinear
    | Mean
    | ReduceMax
    | ReduceMin
    | ArgMax
    | ArgMin
    | Add
    | Sub
    | Mul
    | Div
    | SquaredDifference
    | Prelu
    | Minimum
    | Maximum
    | Function
    | Dequantize
    | Lookup
    | Softmax
    | Pad
    | Reshape
    | Concatenation
    | Pack
    | Rearrange
    | Copy
    | SqueezeMean
    | SqueezeAverage
    | SqueezeMax
    | Excite
    | Feed
)
