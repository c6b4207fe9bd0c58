"""The table of kernels: which C function computes which op, and the files it is printed from.

A kernel's name is op_type, with `_row` where it computes one output row; the function is `ea_<name>_<isa>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware_export import ir
from firmware_export.ir import DType
from firmware_export.kernels import (
    alike,
    blocks,
    gates,
    linear,
    pairs,
    planes,
    squeezes,
    strips,
    tiles,
    vectors,
    winograd,
)
from firmware_export.optimize import Optimize
from firmware_export.targets import Isa

FOLDER = Path(__file__).parent
SUPPORT = {path.name: f"support/{path.name}" for path in sorted((FOLDER / "support").glob("*.h"))}


def no_scratch(op: ir.Op, graph: ir.Graph) -> int:
    """A kernel that works in registers and on its output."""
    return 0


def channel_sums(op: ir.Op, graph: ir.Graph) -> int:
    """An int32 for each channel."""
    return 4 * graph.tensors[op.outputs[0]].elements


def channel_maxima(op: ir.Op, graph: ir.Graph) -> int:
    """An int8 for each channel."""
    return graph.tensors[op.outputs[0]].elements


def one_row(op: ir.Op, graph: ir.Graph) -> int:
    """A kernel that computes one row."""
    return 1


def rows_together(op: ir.Op, graph: ir.Graph) -> int:
    """Rows that share what they read."""
    assert isinstance(op.attrs, ir.DepthwiseConv2D)
    return pairs.rows_together(op.attrs.window)


def any_rows(op: ir.Op, graph: ir.Graph) -> int:
    """Any number of rows, taken for one, where a convolution is pointwise and each pixel gives one."""
    assert isinstance(op.attrs, ir.Conv2D)
    x, output = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    window = op.attrs.window
    is_inside = window.before == (0, 0) and x.shape[1:3] == output.shape[1:3]
    return output.shape[1] if window.kernel == window.stride == (1, 1) and is_inside else 1


def of_bytes(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether the op reads int8, or uint8 as its bytes."""
    return graph.tensors[op.inputs[0]].dtype is not DType.INT16


def of_any(op: ir.Op, graph: ir.Graph) -> bool:
    """A kernel that moves bytes, of whatever type."""
    return True


def of_int16(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether the op reads int16 and gives it."""
    return types_of(op, graph) == (DType.INT16, DType.INT16)


def of_wide_sums(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a convolution of int16 adds up in 64 bits."""
    return of_int16(op, graph) and not of_narrow_sums(op, graph)


def of_narrow_sums(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether a convolution of int16 adds up in 32 bits: its bias tells."""
    return of_int16(op, graph) and len(op.inputs) > 2 and graph.tensors[op.inputs[2]].dtype is DType.INT32


def of_int16_to_int8(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether the op reads int16 and gives int8."""
    return types_of(op, graph) == (DType.INT16, DType.INT8)


def of_int8_to_int16(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether the op reads int8 and gives int16."""
    return types_of(op, graph) == (DType.INT8, DType.INT16)


def types_of(op: ir.Op, graph: ir.Graph) -> tuple[DType, DType]:
    """Of the first input and the output."""
    return graph.tensors[op.inputs[0]].dtype, graph.tensors[op.outputs[0]].dtype


@dataclass(frozen=True)
class Kernel:
    """One C function."""

    name: str
    folder: str
    isa: Isa
    ops: tuple[type[ir.Attrs], ...]
    scratch: Callable[[ir.Op, ir.Graph], int] = no_scratch  # bytes
    suits: Callable[[ir.Op, ir.Graph], bool] = of_bytes  # the types of an op's tensors
    optimize: tuple[Optimize, ...] = tuple(Optimize)  # the wishes that it serves
    together: Callable[[ir.Op, ir.Graph], int] = one_row  # rows of the output that one call computes at most

    @property
    def function(self) -> str:
        """The C function's name."""
        return f"ea_{self.name}_{self.isa.value}"

    @property
    def is_row(self) -> bool:
        """Whether it is given rows and computes rows."""
        return "_row" in self.name

    @property
    def source(self) -> str:
        """The C file, relative to this folder."""
        return f"{self.folder}/{self.function}.c"


QUICK = (Optimize.TIME, Optimize.BALANCED)
KERNELS = (
    Kernel(
        "conv2d_winograd_row_s8",
        "conv2d_winograd_s8",
        Isa.DSP,
        (ir.Conv2D,),
        winograd.scratch,
        winograd.suits,
        optimize=(Optimize.TIME,),
    ),
    Kernel(
        "conv2d_tiles_row_s8",
        "conv2d_tiles_s8",
        Isa.DSP,
        (ir.Conv2D,),
        tiles.conv2d_scratch,
        tiles.conv2d_suits,
        together=any_rows,
    ),
    Kernel(
        "fully_connected_tiles_s8",
        "fully_connected_tiles_s8",
        Isa.DSP,
        (ir.FullyConnected,),
        suits=tiles.fully_connected_suits,
    ),
    Kernel(
        "conv2d_shallow_row_s8",
        "conv2d_vectors_s8",
        Isa.MVE,
        (ir.Conv2D,),
        suits=vectors.shallow_suits,
        together=any_rows,
    ),
    Kernel(
        "conv2d_pointwise_row_s8",
        "conv2d_vectors_s8",
        Isa.MVE,
        (ir.Conv2D,),
        suits=vectors.pointwise_suits,
        together=any_rows,
    ),
    Kernel(
        "conv2d_vectors_row_s8",
        "conv2d_vectors_s8",
        Isa.MVE,
        (ir.Conv2D,),
        vectors.conv2d_scratch,
        vectors.conv2d_suits,
        together=any_rows,
    ),
    Kernel(
        "depthwise_nine_row_s8",
        "depthwise_vectors_s8",
        Isa.MVE,
        (ir.DepthwiseConv2D,),
        suits=vectors.nine_suits,
    ),
    Kernel(
        "depthwise_vectors_row_s8",
        "depthwise_vectors_s8",
        Isa.MVE,
        (ir.DepthwiseConv2D,),
        suits=vectors.depthwise_suits,
    ),
    Kernel(
        "fully_connected_vectors_s8",
        "fully_connected_vectors_s8",
        Isa.MVE,
        (ir.FullyConnected,),
        suits=vectors.fully_connected_suits,
    ),
    Kernel(
        "conv2d_blocks_row_s8",
        "conv2d_blocks_s8",
        Isa.C,
        (ir.Conv2D,),
        blocks.conv2d_scratch,
        blocks.conv2d_suits,
        together=any_rows,
    ),
    Kernel(
        "fully_connected_blocks_s8",
        "fully_connected_blocks_s8",
        Isa.C,
        (ir.FullyConnected,),
        suits=blocks.fully_connected_suits,
    ),
    Kernel("conv2d_row_s8", "conv2d_s8", Isa.C, (ir.Conv2D,)),
    Kernel(
        "depthwise_conv2d_rectified_rows_s8",
        "depthwise_conv2d_pairs_s8",
        Isa.DSP,
        (ir.DepthwiseConv2D,),
        pairs.scratch,
        pairs.rectified_suits,
        optimize=QUICK,
        together=rows_together,
    ),
    Kernel(
        "depthwise_conv2d_pairs_rows_s8",
        "depthwise_conv2d_pairs_s8",
        Isa.DSP,
        (ir.DepthwiseConv2D,),
        pairs.scratch,
        pairs.suits,
        optimize=QUICK,
        together=rows_together,
    ),
    Kernel(
        "depthwise_conv2d_apart_rectified_row_s8",
        "depthwise_conv2d_apart_s8",
        Isa.DSP,
        (ir.DepthwiseConv2D,),
        suits=pairs.apart_rectified_suits,
    ),
    Kernel(
        "depthwise_conv2d_apart_row_s8",
        "depthwise_conv2d_apart_s8",
        Isa.DSP,
        (ir.DepthwiseConv2D,),
        suits=pairs.apart_suits,
    ),
    Kernel(
        "depthwise_conv2d_taps_row_s8",
        "depthwise_conv2d_taps_s8",
        Isa.DSP,
        (ir.DepthwiseConv2D,),
        pairs.taps_scratch,
        pairs.taps_suits,
    ),
    Kernel(
        "depthwise_strips_row_s8", "depthwise_strips_s8", Isa.C, (ir.DepthwiseConv2D,), strips.scratch, strips.suits
    ),
    Kernel("depthwise_conv2d_row_s8", "depthwise_conv2d_s8", Isa.C, (ir.DepthwiseConv2D,)),
    Kernel("transpose_conv_row_s8", "transpose_conv_s8", Isa.C, (ir.TransposeConv,)),
    Kernel("fully_connected_s8", "fully_connected_s8", Isa.C, (ir.FullyConnected,)),
    Kernel("variable_fully_connected_s8", "matmul_s8", Isa.MVE, (ir.VariableFullyConnected,), vectors.column_sums),
    Kernel("variable_fully_connected_s8", "matmul_s8", Isa.C, (ir.VariableFullyConnected,)),
    Kernel(
        "batch_matmul_s8",
        "matmul_s8",
        Isa.MVE,
        (ir.BatchMatMul,),
        vectors.column_sums,
        vectors.batch_matmul_suits,
    ),
    Kernel("batch_matmul_s8", "matmul_s8", Isa.C, (ir.BatchMatMul,)),
    Kernel("squeeze_mean_s8", "squeeze_excite_s8", Isa.C, (ir.SqueezeMean, ir.Mean), channel_sums, squeezes.suits),
    Kernel(
        "squeeze_average_s8",
        "squeeze_excite_s8",
        Isa.C,
        (ir.SqueezeAverage, ir.AveragePool2D),
        channel_sums,
        squeezes.suits,
    ),
    Kernel(
        "squeeze_max_s8",
        "squeeze_excite_s8",
        Isa.C,
        (ir.SqueezeMax, ir.MaxPool2D, ir.ReduceMax),
        channel_maxima,
        squeezes.suits,
    ),
    Kernel(
        "average_pool2d_row_s8",
        "average_pool2d_s8",
        Isa.MVE,
        (ir.AveragePool2D,),
        vectors.channel_sums,
        vectors.pool_suits,
    ),
    Kernel("average_pool2d_row_s8", "average_pool2d_s8", Isa.C, (ir.AveragePool2D,)),
    Kernel("max_pool2d_row_s8", "max_pool2d_s8", Isa.MVE, (ir.MaxPool2D,), suits=vectors.pool_suits),
    Kernel("max_pool2d_row_s8", "max_pool2d_s8", Isa.C, (ir.MaxPool2D,)),
    Kernel("resize_bilinear_row_s8", "resize_bilinear_s8", Isa.C, (ir.ResizeBilinear,)),
    Kernel("mean_s8", "mean_s8", Isa.MVE, (ir.Mean,), vectors.mean_scratch, vectors.mean_suits),
    Kernel("mean_s8", "mean_s8", Isa.C, (ir.Mean,)),
    Kernel("reduce_max_s8", "reduce_max_s8", Isa.C, (ir.ReduceMax,)),
    Kernel("reduce_min_s8", "reduce_max_s8", Isa.C, (ir.ReduceMin,)),
    Kernel("arg_max_s8", "arg_max_s8", Isa.C, (ir.ArgMax, ir.ArgMin)),
    Kernel("softmax_s8", "softmax_s8", Isa.C, (ir.Softmax,)),
    Kernel("pad_s8", "pad_s8", Isa.C, (ir.Pad,), suits=of_any),
    Kernel("copy_s8", "copy_s8", Isa.C, (ir.Concatenation, ir.Pack), suits=of_any),
    Kernel("rearrange_s8", "rearrange_s8", Isa.C, (ir.Rearrange,), suits=of_any),
    Kernel("add_alike_s8", "add_alike_s8", Isa.MVE, (ir.Add,), suits=alike.suits),
    Kernel("add_plane_s8", "add_plane_s8", Isa.DSP, (ir.Add, ir.Sub), suits=planes.suits),
    Kernel("add_alike_s8", "add_alike_s8", Isa.DSP, (ir.Add,), suits=alike.suits),
    Kernel("add_s8", "add_s8", Isa.C, (ir.Add, ir.Sub)),
    Kernel("mul_s8", "mul_s8", Isa.MVE, (ir.Mul,), suits=vectors.multiplication_suits),
    Kernel("excite_linear_row_s8", "excite_linear_s8", Isa.DSP, (ir.Excite, ir.Mul), suits=linear.suits),
    Kernel("excite_row_s8", "squeeze_excite_s8", Isa.MVE, (ir.Excite,)),
    Kernel("excite_row_s8", "squeeze_excite_s8", Isa.C, (ir.Excite, ir.Mul), suits=gates.suits),
    Kernel("mul_s8", "mul_s8", Isa.C, (ir.Mul,)),
    Kernel("div_s8", "div_s8", Isa.C, (ir.Div,)),
    Kernel("squared_difference_s8", "squared_difference_s8", Isa.C, (ir.SquaredDifference,)),
    Kernel("prelu_s8", "prelu_s8", Isa.C, (ir.Prelu,)),
    Kernel("minimum_s8", "minimum_maximum_s8", Isa.C, (ir.Minimum,)),
    Kernel("maximum_s8", "minimum_maximum_s8", Isa.C, (ir.Maximum,)),
    Kernel("lookup_s8", "lookup_s8", Isa.MVE, (ir.Lookup,)),
    Kernel("lookup_s8", "lookup_s8", Isa.C, (ir.Lookup,)),
    Kernel("squeeze_mean_s8", "squeeze_excite_s8", Isa.MVE, (ir.SqueezeMean,), vectors.channel_sums),
    Kernel("squeeze_average_s8", "squeeze_excite_s8", Isa.MVE, (ir.SqueezeAverage,), vectors.channel_sums),
    Kernel("squeeze_max_s8", "squeeze_excite_s8", Isa.MVE, (ir.SqueezeMax,), channel_maxima),
    Kernel("conv2d_row_s16", "conv2d_s16", Isa.C, (ir.Conv2D,), suits=of_wide_sums),
    Kernel("conv2d_narrow_row_s16", "conv2d_s16", Isa.C, (ir.Conv2D,), suits=of_narrow_sums),
    Kernel("depthwise_conv2d_row_s16", "depthwise_conv2d_s16", Isa.C, (ir.DepthwiseConv2D,), suits=of_int16),
    Kernel("fully_connected_s16", "fully_connected_s16", Isa.C, (ir.FullyConnected,), suits=of_int16),
    Kernel("average_pool2d_row_s16", "average_pool2d_s16", Isa.C, (ir.AveragePool2D,), suits=of_int16),
    Kernel("max_pool2d_row_s16", "max_pool2d_s16", Isa.C, (ir.MaxPool2D,), suits=of_int16),
    Kernel("mean_s16", "mean_s16", Isa.C, (ir.Mean,), suits=of_int16),
    Kernel("reduce_max_s16", "reduce_max_s16", Isa.C, (ir.ReduceMax,), suits=of_int16),
    Kernel("reduce_min_s16", "reduce_max_s16", Isa.C, (ir.ReduceMin,), suits=of_int16),
    Kernel("minimum_s16", "minimum_maximum_s16", Isa.C, (ir.Minimum,), suits=of_int16),
    Kernel("maximum_s16", "minimum_maximum_s16", Isa.C, (ir.Maximum,), suits=of_int16),
    Kernel("add_s16", "add_s16", Isa.C, (ir.Add, ir.Sub), suits=of_int16),
    Kernel("mul_s16", "mul_s16", Isa.C, (ir.Mul,), suits=of_int16),
    Kernel("logistic_s16", "logistic_tanh_s16", Isa.C, (ir.Logistic,), suits=of_int16),
    Kernel("tanh_s16", "logistic_tanh_s16", Isa.C, (ir.Tanh,), suits=of_int16),
    Kernel("softmax_s16", "softmax_s16", Isa.C, (ir.Softmax,), suits=of_int16),
    Kernel("requantise_s16", "requantise_s16", Isa.C, (ir.Relu, ir.Quantize), suits=of_int16),
    Kernel("requantise_s16_to_s8", "requantise_s16", Isa.C, (ir.Quantize,), suits=of_int16_to_int8),
    Kernel("requantise_s8_to_s16", "requantise_s16", Isa.C, (ir.Quantize,), suits=of_int8_to_int16),
)


def kernels_for(op: ir.Op, graph: ir.Graph, isa: Isa, optimize: Optimize) -> tuple[Kernel, ...]:
    """The kernels that compute an op on a core with these instructions as is wished, best first."""
    able = {Isa.C: (Isa.C,), Isa.DSP: (Isa.DSP, Isa.C), Isa.MVE: (Isa.MVE, Isa.DSP, Isa.C)}[isa]
    of_kind = [kernel for kernel in KERNELS if type(op.attrs) in kernel.ops and kernel.isa in able]
    rows = [kernel for kernel in of_kind if optimize in kernel.optimize and kernel.suits(op, graph)]
    return tuple(sorted(rows, key=lambda kernel: able.index(kernel.isa)))


def source_text(path: str) -> str:
    """The text of a kernel file, given relative to this folder."""
    return (FOLDER / path).read_text(encoding="utf-8")


def included(path: str) -> tuple[str, ...]:
    """The project's own files that a kernel file includes, relative to this folder."""
    own = {file.name: file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.[ch]")}
    lines = source_text(path).splitlines()
    quoted = [line.split('"')[1] for line in lines if line.startswith('#include "')]
    return tuple(own[name] for name in quoted)
