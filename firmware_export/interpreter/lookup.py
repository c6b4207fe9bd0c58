"""Functions of one value: LOGISTIC, TANH, HARD_SWISH, RELU and its kin, QUANTIZE, DEQUANTIZE, and tables."""

from __future__ import annotations

import numpy as np

from firmware_export import lookup_tables, op_parameters, quantised_s16
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Dequantize, DType, HardSwish, Logistic, Lookup, Quantize, Relu, Tanh, Tensor
from firmware_export.op_parameters import affine
from firmware_export.quantised_math import RANGES, dequantise, quantise_floats, requantise


@evaluate.register
def _(attrs: Lookup, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    table = np.array(attrs.table, np.int8)
    return lookup_tables.look_up(arrays[0].view(np.int8), table).view(tensors[-1].dtype.numpy)


@evaluate.register
def _(attrs: Logistic, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    if tensors[0].dtype is DType.INT16:
        return quantised_s16.logistic(arrays[0], op_parameters.sigmoid_s16(tensors, attrs))
    x, output = map(affine, tensors)
    return lookup_tables.look_up(arrays[0], lookup_tables.logistic_table(x, output))


@evaluate.register
def _(attrs: Tanh, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    if tensors[0].dtype is DType.INT16:
        return quantised_s16.tanh(arrays[0], op_parameters.sigmoid_s16(tensors, attrs))
    x, output = map(affine, tensors)
    return lookup_tables.look_up(arrays[0], lookup_tables.tanh_table(x, output))


@evaluate.register
def _(attrs: HardSwish, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return lookup_tables.hard_swish(arrays[0], op_parameters.hard_swish(tensors))


@evaluate.register
def _(attrs: Relu, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return requantise(arrays[0], op_parameters.relu(tensors, attrs))


@evaluate.register
def _(attrs: Quantize, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    x, output = tensors
    if x.dtype is DType.FLOAT32:
        return quantise_floats(arrays[0], affine(output), RANGES[output.dtype.value])
    return requantise(arrays[0], op_parameters.quantize(tensors))


@evaluate.register
def _(attrs: Dequantize, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return dequantise(arrays[0], affine(tensors[0]))
