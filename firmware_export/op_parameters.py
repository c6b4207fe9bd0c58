"""An op's integers: what the interpreter computes with and what the generated structs hold, from one place."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Clamp, Relu, Tensor
from firmware_export.lookup_tables import HardSwishParameters, hard_swish_parameters
from firmware_export.quantised_elementwise import (
    PreluParameters,
    SquaredDifferenceParameters,
    prelu_parameters,
    squared_difference_parameters,
)
from firmware_export.quantised_math import (
    RANGES,
    Activation,
    AddParameters,
    Affine,
    ChannelParameters,
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
from firmware_export.quantised_softmax import SoftmaxParameters, softmax_parameters
from firmware_export.quantised_windows import accumulator_bounds

POSITIONS = (1, 2)  # the axes of an image that a squeeze goes over
LARGEST_SUM = 1 << 31  # sums wrap in int32
CALIBRATE = "calibrate with samples like those of the application"
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


def addition(tensors: tuple[Tensor, ...], clamp: Clamp) -> AddParameters:
    """ADD and SUB. tensors: a, b, output. Raises UnsupportedOp where the reference ends the process."""
    a, b, output = tensors
    try:
        return add_parameters(affine(a), affine(b), affine(output), clamp_range(clamp))
    except ValueError as error:
        raise UnsupportedOp(f"layer {output.name!r}: {error}; {CALIBRATE}") from error


def multiplication(tensors: tuple[Tensor, ...], clamp: Clamp) -> MulParameters:
    """MUL. tensors: a, b, output."""
    a, b, output = tensors
    parameters = mul_parameters(affine(a), affine(b), affine(output), clamp_range(clamp))
    refuse_far_scales(output, parameters.shift)
    return parameters


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
    parameters = relu_parameters(affine(x), affine(output), RELUS[attrs.low, attrs.high])
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
