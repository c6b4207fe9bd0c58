"""Squeezes: which ops reduce all positions of an image to one, by what the kernels of squeeze_excite_s8 can compute."""

from __future__ import annotations

from firmware_export import ir, op_parameters

MEAN_RIGHT_SHIFTS = range(1, 23)  # of sums, that the kernel of MEAN knows
MOST_POSITIONS = 1 << 20  # so that four times the sum of what int8 values are above their zero point is an int32


def suits(op: ir.Op, graph: ir.Graph) -> bool:
    """Whether an op of an int8 image keeps nothing but its channels."""
    x, output = graph.of((op.inputs[0], op.outputs[0]))
    if x.dtype is not ir.DType.INT8 or len(x.shape) != 4 or output.elements != x.shape[3]:
        return False
    if x.shape[1] * x.shape[2] > MOST_POSITIONS:
        return False
    match op.attrs:
        case ir.Mean(op_parameters.POSITIONS):
            return -op_parameters.mean((x, output), op_parameters.POSITIONS).shift in MEAN_RIGHT_SHIFTS
        case ir.AveragePool2D(window) | ir.MaxPool2D(window):
            return window == everywhere(x, window)
        case ir.ReduceMax(axes):
            return axes == op_parameters.POSITIONS
    return isinstance(op.attrs, ir.SqueezeMean | ir.SqueezeAverage | ir.SqueezeMax)


def everywhere(x: ir.Tensor, window: ir.Window) -> ir.Window:
    """The window over all of an image, at the stride of another one."""
    return ir.Window((x.shape[1], x.shape[2]), window.stride)
