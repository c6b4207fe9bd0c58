"""An op's integers: what the interpreter computes with and what the generated structs hold, from one place."""

from __future__ import annotations

from firmware_export.ir import Clamp, Tensor
from firmware_export.quantised_math import Affine, ChannelParameters, Range, convolution_parameters


def affine(tensor: Tensor) -> Affine:
    """The scale and zero point of a per-tensor quantised tensor."""
    return Affine(tensor.scale, tensor.zero_point)


def clamp_range(clamp: Clamp) -> Range:
    """The fused activation as a range."""
    return Range(clamp.low, clamp.high)


def convolution(tensors: tuple[Tensor, ...], clamp: Clamp) -> ChannelParameters:
    """CONV_2D and DEPTHWISE_CONV_2D: a multiplier for each channel. tensors: x, weights, an optional bias, output."""
    x, weights, *_, output = tensors
    assert weights.quant is not None
    scales = weights.quant.scale
    channel_scales = scales * output.shape[-1] if len(scales) == 1 else scales
    return convolution_parameters(affine(x), channel_scales, affine(output), clamp_range(clamp))
