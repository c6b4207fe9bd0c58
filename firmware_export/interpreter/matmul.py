"""BATCH_MATMUL, and FULLY_CONNECTED whose weights are computed."""

from __future__ import annotations

import numpy as np

from firmware_export import op_parameters
from firmware_export.interpreter.convolution import bias_of
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import BatchMatMul, Tensor, VariableFullyConnected
from firmware_export.quantised_math import batch_matmul, fully_connected_output
from firmware_export.quantised_windows import fully_connected_accumulate


@evaluate.register
def _(attrs: BatchMatMul, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    a, b = (
        np.swapaxes(array, -1, -2) if turned else array
        for array, turned in zip(arrays, (attrs.adj_x, attrs.adj_y), strict=True)
    )
    return batch_matmul(a, b, op_parameters.batch_matmul(tensors))


@evaluate.register
def _(attrs: VariableFullyConnected, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    sums = fully_connected_accumulate(
        arrays[0],
        arrays[1],
        bias_of(tensors, arrays),
        input_zero_point=tensors[0].zero_point,
        weight_zero_point=tensors[1].zero_point,
    )
    return fully_connected_output(sums, op_parameters.variable_fully_connected(tensors, attrs.clamp))
