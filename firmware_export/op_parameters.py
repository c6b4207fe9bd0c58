"""An op's integers: what the interpreter computes with and what the generated structs hold, from one place."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from firmware_export import quantised_s16
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Clamp, DType, Logistic, Relu, Tanh, Tensor
from firmware_export.lookup_tables import HardSwishParameters, hard_swish_parameters
from firmware_export.quantised_elementwise import (
    PreluParameters,
    SquaredDifferenceParameters,
    div_parameters,
    div_shifts,
    prelu_parameters,
    squared_difference_parameters,
)
from firmware_export.quantised_math import (
    ADD_LEFT_SHIFT,
    RANGES,
    Activation,
    AddParameters,
    Affine,
    ChannelParameters,
    Integers,
    MeanParameters,
    MulParameters,
    Range,
    RescaleParameters,
    add_parameters,
    batch_matmul_parameters,
    convolution_parameters,
    fully_connected_parameters,
    mean_parameters,
    mul_parameters,
    quantize_parameters,
    relu_parameters,
)
from firmware_export.quantised_s16 import SigmoidParameters, UnitParameters
from firmware_export.quantised_softmax import SoftmaxParameters, softmax_parameters
from firmware_export.quantised_windows import accumulator_bounds

POSITIONS = (1, 2)  # the axes of an image that a squeeze goes over
LARGEST_SUM = 1 << 31  # sums wrap in int32
CALIBRATE = "calibrate with samples like those of the application"
EVERY_INT8 = np.arange(-128, 128, dtype=np.int8)
LARGEST_SHIFT = 31  # beyond it the reference shifts an int32 by more than it has bits
RELUS: dict[tuple[float, float | None], Activation] = {
    (0.0, None): "RELU",
    (0.0, 6.0): "RELU6",
    (-1.0, 1.0): "RELU_N1_TO_1",
    (0.0, 1.0): "RELU_0_TO_1",
}


def affine(tensor: Tensor) -> Affine:
    """The scale and zero point of a per-tensor quantised tensor."""
    return Affine(tensor.scale, tensor.zero_point)


def clamp_range(clamp: Clamp) -> Range:
    """The fused activation as a range."""
    return Range(clamp.low, clamp.high)


def convolution(tensors: tuple[Tensor, ...], clamp: Clamp) -> ChannelParameters:
    """Convolutions: a multiplier for each channel. tensors: x, weights, an optional bias, output.

    Raises UnsupportedOp where the output's scale is too fine for the reference.
    """
    x, weights, *_, output = tensors
    assert weights.quant is not None
    scales = weights.quant.scale
    channel_scales = scales * output.shape[-1] if len(scales) == 1 else scales
    parameters = convolution_parameters(affine(x), channel_scales, affine(output), clamp_range(clamp))
    refuse_far_scales(output, *parameters.shifts)
    if adds_wide(tensors):
        refuse_wide_sums(tensors, channel_scales)
    return parameters


def adds_wide(tensors: tuple[Tensor, ...]) -> bool:
    """Whether sums have 64 bits: those of int16, unless biases are int32. tensors: x, weights, bias if any, output."""
    x, _, *bias, _ = tensors
    return x.dtype is DType.INT16 and (not bias or bias[0].dtype is DType.INT64)


def refuse_wide_sums(tensors: tuple[Tensor, ...], channel_scales: tuple[float, ...]) -> None:
    """Raise UnsupportedOp where a sum of int16 could leave what the reference computes with."""
    x, _, *_, output = tensors
    sums = int16_bounds(tensors)
    results = sums * np.array(channel_scales) * (x.scale / output.scale)
    if sums.max() >= quantised_s16.WIDEST_SUM or results.max() >= LARGEST_SUM:
        raise UnsupportedOp(
            f"layer {output.name!r}: sums of int16 that leave 47 bits, or 32 in the output's scale {output.scale:g}; "
            f"{CALIBRATE}"
        )


def int16_bounds(tensors: tuple[Tensor, ...]) -> Integers:
    """The largest magnitude of each channel's sum of int16. tensors: x, weights, an optional bias, output."""
    _, weights, *bias, output = tensors
    assert weights.data is not None
    per_channel = np.moveaxis(weights.data, 0 if weights.shape[0] == output.shape[-1] else -1, 0)
    known = np.ravel(bias[0].data).astype(np.int64) if bias and bias[0].data is not None else None
    return accumulator_bounds(per_channel.astype(np.int8), known, input_zero_point=0, limits=quantised_s16.INT16)


def fully_connected_s16(tensors: tuple[Tensor, ...], clamp: Clamp) -> UnitParameters:
    """FULLY_CONNECTED of int16: a scale for each unit, or one for all. tensors: x, weights, an optional bias, output.

    Raises UnsupportedOp where a sum could leave what the kernel, or the reference with a bias of int32, computes with.
    """
    x, weights, *bias, output = tensors
    assert weights.quant is not None
    most = LARGEST_SUM if bias and bias[0].dtype is DType.INT32 else quantised_s16.WIDEST_UNIT_SUM
    bound = int(int16_bounds(tensors).max())
    try:
        parameters = quantised_s16.unit_parameters(affine(x), weights.quant.scale, affine(output), clamp_range(clamp))
        if bound >= most:
            raise ValueError(f"its sums leave {most.bit_length() - 1} bits")
        if bound * max(weights.quant.scale) * x.scale / output.scale >= LARGEST_SUM:
            raise ValueError(f"the output's scale {output.scale:g} is too fine for its inputs'")
    except ValueError as error:
        raise UnsupportedOp(f"layer {output.name!r}: FULLY_CONNECTED: {error}; {CALIBRATE}") from error
    return parameters


def fully_connected(tensors: tuple[Tensor, ...], clamp: Clamp) -> ChannelParameters:
    """FULLY_CONNECTED: a multiplier for each unit, or one for all. tensors: x, weights, an optional bias, output.

    Raises UnsupportedOp where the scales are so far apart that no integer multiplier does what the reference does.
    """
    x, weights, *bias, output = tensors
    assert weights.quant is not None
    assert weights.data is not None
    bounds = accumulator_bounds(
        weights.data.astype(np.int8),
        np.ravel(bias[0].data).astype(np.int32) if bias and bias[0].data is not None else None,
        input_zero_point=x.zero_point,
    )
    try:
        return _fully_connected(
            affine(x),
            weights.quant.scale,
            affine(output),
            bounds=tuple(np.minimum(bounds, LARGEST_SUM).tolist()),
            clamp=clamp_range(clamp),
        )
    except (ValueError, ArithmeticError) as error:
        raise UnsupportedOp(f"layer {output.name!r}: FULLY_CONNECTED: {error}; {CALIBRATE}") from error


def variable_fully_connected(tensors: tuple[Tensor, ...], clamp: Clamp) -> ChannelParameters:
    """FULLY_CONNECTED whose weights may be anything: one multiplier. tensors: x, weights, an optional bias, output.

    Raises UnsupportedOp as `fully_connected` does.
    """
    x, weights, *bias, output = tensors
    bound = weights.shape[1] * farthest(x) * farthest(weights)
    if bias and bias[0].data is not None:
        bound += int(np.abs(bias[0].data.astype(np.int64)).max())
    try:
        return _fully_connected(
            affine(x), (weights.scale,), affine(output), bounds=(min(bound, LARGEST_SUM),), clamp=clamp_range(clamp)
        )
    except (ValueError, ArithmeticError) as error:
        raise UnsupportedOp(f"layer {output.name!r}: FULLY_CONNECTED: {error}; {CALIBRATE}") from error


def farthest(tensor: Tensor) -> int:
    """The largest magnitude that an int8 value has behind its zero point."""
    return max(127 - tensor.zero_point, tensor.zero_point + 128)


_fully_connected = lru_cache(maxsize=1024)(fully_connected_parameters)  # a search: milliseconds a unit


def mean(tensors: tuple[Tensor, ...], axes: tuple[int, ...]) -> MeanParameters:
    """MEAN over `axes`. tensors: x, output.

    Raises UnsupportedOp where the input's scale is so much larger than the output's that no int32 holds the mean.
    """
    x, output = tensors
    parameters = mean_parameters(affine(x), affine(output), math.prod(x.shape[axis] for axis in axes))
    if parameters.shift > 31:
        raise UnsupportedOp(
            f"layer {output.name!r}: MEAN to a scale of {output.scale:g} from {x.scale:g}: "
            "calibrate with samples like those of the application"
        )
    return parameters


def softmax(tensors: tuple[Tensor, ...], beta: float) -> SoftmaxParameters:
    """SOFTMAX. tensors: x, output."""
    return softmax_parameters(tensors[0].scale, beta)


def softmax_s16(tensors: tuple[Tensor, ...], beta: float) -> quantised_s16.SoftmaxParameters:
    """SOFTMAX of int16. tensors: x, output."""
    x, output = tensors
    parameters = quantised_s16.softmax_parameters(x.scale, beta)
    refuse_far_scales(output, parameters.shift)
    return parameters


def sigmoid_s16(tensors: tuple[Tensor, ...], attrs: Logistic | Tanh) -> SigmoidParameters:
    """LOGISTIC and TANH of int16. tensors: x, output. Raises UnsupportedOp where the reference's multiplier wraps."""
    x, output = tensors
    numbers = quantised_s16.logistic_parameters if isinstance(attrs, Logistic) else quantised_s16.tanh_parameters
    try:
        return numbers(affine(x))
    except ValueError as error:
        raise UnsupportedOp(f"layer {output.name!r}: {type(attrs).__name__}: {error}; {CALIBRATE}") from error


def addition(tensors: tuple[Tensor, ...], clamp: Clamp) -> AddParameters:
    """ADD and SUB. tensors: a, b, output. Raises UnsupportedOp where the reference ends the process."""
    a, b, output = tensors
    try:
        left_shift = quantised_s16.ADD_LEFT_SHIFT if output.dtype is DType.INT16 else ADD_LEFT_SHIFT
        return add_parameters(affine(a), affine(b), affine(output), clamp_range(clamp), left_shift)
    except ValueError as error:
        raise UnsupportedOp(f"layer {output.name!r}: {error}; {CALIBRATE}") from error


def multiplication(tensors: tuple[Tensor, ...], clamp: Clamp) -> MulParameters:
    """MUL. tensors: a, b, output."""
    a, b, output = tensors
    parameters = mul_parameters(affine(a), affine(b), affine(output), clamp_range(clamp))
    refuse_far_scales(output, parameters.shift)
    return parameters


def division(tensors: tuple[Tensor, ...], clamp: Clamp, values: tuple[ArrayLike, ArrayLike]) -> MulParameters:
    """DIV of these values. tensors: a, b, output. Raises UnsupportedOp where the reference is undefined for a pair."""
    a, b, output = tensors
    parameters = div_parameters(affine(a), affine(b), affine(output), clamp_range(clamp))
    shifts = div_shifts(*values, parameters)
    bits = shifts.high if shifts.low >= 1 else shifts.low
    if not 1 <= bits <= LARGEST_SHIFT:
        raise UnsupportedOp(
            f"layer {output.name!r}: DIV of a scale of {a.scale:g} by {b.scale:g} to {output.scale:g} shifts some "
            f"quotients by {bits} bits, which LiteRT's reference kernel does not define: "
            "write MUL by exp(-log(x)), or by the reciprocal of a constant"
        )
    return parameters


def possible_values(tensor: Tensor) -> ArrayLike:
    """Those of a constant; of other tensors of int8, all."""
    return EVERY_INT8 if tensor.data is None else tensor.data


def batch_matmul(tensors: tuple[Tensor, ...]) -> MulParameters:
    """BATCH_MATMUL. tensors: a, b, output."""
    a, b, output = tensors
    parameters = batch_matmul_parameters(affine(a), affine(b), affine(output))
    refuse_far_scales(output, parameters.shift)
    return parameters


def squared_difference(tensors: tuple[Tensor, ...]) -> SquaredDifferenceParameters:
    """SQUARED_DIFFERENCE. tensors: a, b, output. Raises UnsupportedOp where the reference ends the process."""
    a, b, output = tensors
    try:
        return squared_difference_parameters(affine(a), affine(b), affine(output))
    except ValueError as error:
        raise UnsupportedOp(f"layer {output.name!r}: {error}; {CALIBRATE}") from error


def prelu(tensors: tuple[Tensor, ...]) -> PreluParameters:
    """PRELU. tensors: x, alpha, output."""
    x, alpha, output = tensors
    parameters = prelu_parameters(affine(x), affine(alpha), affine(output))
    refuse_far_scales(output, parameters.shift, parameters.alpha_shift)
    return parameters


def quantize(tensors: tuple[Tensor, ...]) -> RescaleParameters:
    """QUANTIZE between integers. tensors: x, output."""
    x, output = tensors
    parameters = quantize_parameters(affine(x), affine(output), RANGES[output.dtype.value])
    refuse_far_scales(output, parameters.shift)
    return parameters


def relu(tensors: tuple[Tensor, ...], attrs: Relu) -> RescaleParameters:
    """RELU and its kin as ops of their own. tensors: x, output."""
    x, output = tensors
    limits = RANGES[output.dtype.value]
    parameters = relu_parameters(affine(x), affine(output), RELUS[attrs.low, attrs.high], limits)
    refuse_far_scales(output, parameters.shift)
    return parameters


def hard_swish(tensors: tuple[Tensor, ...]) -> HardSwishParameters:
    """HARD_SWISH. tensors: x, output. Refuses what the reference refuses: an output finer than the input allows."""
    x, output = tensors
    parameters = hard_swish_parameters(affine(x), affine(output))
    refuse_far_scales(output, parameters.gate_exponent, parameters.output_exponent + LARGEST_SHIFT)
    return parameters


def refuse_far_scales(output: Tensor, *shifts: int) -> None:
    """Raise UnsupportedOp where a shift is beyond what the reference computes with."""
    if max(shifts) > LARGEST_SHIFT:
        raise UnsupportedOp(
            f"layer {output.name!r}: the output's scale {output.scale:g} is too fine for its inputs'; {CALIBRATE}"
        )
