"""CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters, quantised_s16
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Conv2D, DepthwiseConv2D, DType, FullyConnected, Tensor, TransposeConv, Window
from firmware_export.quantised_math import convolution_output, fully_connected_output
from firmware_export.quantised_windows import (
    Geometry,
    conv_accumulate,
    depthwise_accumulate,
    fully_connected_accumulate,
    transpose_conv_accumulate,
)

ACCUMULATE = {
    Conv2D: conv_accumulate,
    DepthwiseConv2D: depthwise_accumulate,
    TransposeConv: transpose_conv_accumulate,
}


def geometry(window: Window, output: Tensor) -> Geometry:
    """The windows over an op's input."""
    _, height, width, _ = output.shape
    return Geometry(window.kernel, window.stride, window.dilation, window.before, (height, width))


def bias_of(tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array | None:
    """The bias, where the layer has one; of a sum of 64 bits always, for it tells."""
    if len(arrays) > 2:
        return np.ravel(arrays[2])
    return np.zeros(1, np.int64) if tensors[0].dtype is DType.INT16 else None


@evaluate.register
def _(attrs: Conv2D | DepthwiseConv2D | TransposeConv, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    sums = ACCUMULATE[type(attrs)](
        arrays[0],
        arrays[1],
        bias_of(tensors, arrays),
        input_zero_point=tensors[0].zero_point,
        windows=geometry(attrs.window, tensors[-1]),
    )
    parameters = op_parameters.convolution(tensors, attrs.clamp)
    if tensors[0].dtype is not DType.INT16:
        return convolution_output(sums, parameters)
    is_wide = op_parameters.adds_wide(tensors)
    return (quantised_s16.wide_convolution_output if is_wide else quantised_s16.narrow_convolution_output)(
        sums, parameters
    )


@evaluate.register
def _(attrs: FullyConnected, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    sums = fully_connected_accumulate(
        arrays[0], arrays[1], bias_of(tensors, arrays), input_zero_point=tensors[0].zero_point
    )
    if tensors[0].dtype is DType.INT16:
        return quantised_s16.fully_connected_output(sums, op_parameters.fully_connected_s16(tensors, attrs.clamp))
    return fully_connected_output(sums, op_parameters.fully_connected(tensors, attrs.clamp))
