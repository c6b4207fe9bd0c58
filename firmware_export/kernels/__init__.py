"""The table of kernels: which C function computes which op, and the files it is printed from.

A kernel's name is op_type, with `_row` where it computes one output row; the function is `ea_<name>_<isa>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware_export import ir
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


@dataclass(frozen=True)
class Kernel:
    """One C function."""

    name: str
    folder: str
    isa: Isa
    ops: tuple[type[ir.Attrs], ...]
    scratch: Callable[[ir.Op, ir.Graph], int] = no_scratch  # bytes

    @property
    def function(self) -> str:
        """The C function's name."""
        return f"ea_{self.name}_{self.isa.value}"

    @property
    def source(self) -> str:
        """The C file, relative to this folder."""
        return f"{self.folder}/{self.function}.c"


KERNELS = (
    Kernel("conv2d_row_s8", "conv2d_s8", Isa.C, (ir.Conv2D,)),
    Kernel("depthwise_conv2d_row_s8", "depthwise_conv2d_s8", Isa.C, (ir.DepthwiseConv2D,)),
    Kernel("transpose_conv_row_s8", "transpose_conv_s8", Isa.C, (ir.TransposeConv,)),
    Kernel("fully_connected_s8", "fully_connected_s8", Isa.C, (ir.FullyConnected,)),
    Kernel("variable_fully_connected_s8", "matmul_s8", Isa.C, (ir.VariableFullyConnected,)),
    Kernel("batch_matmul_s8", "matmul_s8", Isa.C, (ir.BatchMatMul,)),
    Kernel("average_pool2d_row_s8", "average_pool2d_s8", Isa.C, (ir.AveragePool2D,)),
    Kernel("max_pool2d_row_s8", "max_pool2d_s8", Isa.C, (ir.MaxPool2D,)),
    Kernel("resize_bilinear_row_s8", "resize_bilinear_s8", Isa.C, (ir.ResizeBilinear,)),
    Kernel("mean_s8", "mean_s8", Isa.C, (ir.Mean,)),
    Kernel("reduce_max_s8", "reduce_max_s8", Isa.C, (ir.ReduceMax,)),
    Kernel("reduce_min_s8", "reduce_max_s8", Isa.C, (ir.ReduceMin,)),
    Kernel("softmax_s8", "softmax_s8", Isa.C, (ir.Softmax,)),
    Kernel("pad_s8", "pad_s8", Isa.C, (ir.Pad,)),
    Kernel("copy_s8", "copy_s8", Isa.C, (ir.Concatenation, ir.Pack)),
    Kernel("rearrange_s8", "rearrange_s8", Isa.C, (ir.Rearrange,)),
    Kernel("add_s8", "add_s8", Isa.C, (ir.Add, ir.Sub)),
    Kernel("mul_s8", "mul_s8", Isa.C, (ir.Mul,)),
    Kernel("squared_difference_s8", "squared_difference_s8", Isa.C, (ir.SquaredDifference,)),
    Kernel("prelu_s8", "prelu_s8", Isa.C, (ir.Prelu,)),
    Kernel("minimum_s8", "minimum_maximum_s8", Isa.C, (ir.Minimum,)),
    Kernel("maximum_s8", "minimum_maximum_s8", Isa.C, (ir.Maximum,)),
    Kernel("lookup_s8", "lookup_s8", Isa.C, (ir.Lookup,)),
    Kernel("squeeze_mean_s8", "squeeze_excite_s8", Isa.C, (ir.SqueezeMean,), channel_sums),
    Kernel("squeeze_average_s8", "squeeze_excite_s8", Isa.C, (ir.SqueezeAverage,), channel_sums),
    Kernel("squeeze_max_s8", "squeeze_excite_s8", Isa.C, (ir.SqueezeMax,), channel_maxima),
    Kernel("excite_row_s8", "squeeze_excite_s8", Isa.C, (ir.Excite,)),
)


def kernels_for(attrs: ir.Attrs, isa: Isa) -> tuple[Kernel, ...]:
    """The kernels that compute an op on a core with these instructions, best first."""
    able = {Isa.C: (Isa.C,), Isa.DSP: (Isa.DSP, Isa.C), Isa.MVE: (Isa.MVE, Isa.DSP, Isa.C)}[isa]
    rows = [kernel for kernel in KERNELS if type(attrs) in kernel.ops and kernel.isa in able]
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
