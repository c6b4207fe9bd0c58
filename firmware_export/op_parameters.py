"""An op's integers: what the interpreter computes with and what the generated structs hold, from one place."""

from __future__ import annotations

from firmware_export.ir import Clamp, Tensor
from firmware_export.quantised_math import Affine, ConvolutionParameters, Range, convolution_parameters


def affine(tensor: Tensor) -> Affine:
    """The scale and zero point of a per-tensor quantised tensor."""
    return Affine(tensor.scale, tensor.zero_point)


def clamp_range(clamp: Clamp) -> Range:
    """The fused activation as a range."""
    return Range(clamp.low, clamp.high)


def convolution(tensors: tuple[Tensor, ...], clamp: Clamp) -> ConvolutionParameters:
    """CONV_2D and DEPTHWISE_CONV_2D. tensors: x, weights, an optional bias, output."""
    x, weights, *_, output = tensors
    assert weights.quant is not None
    return convolution_parameters(
        affine(x), weights.quant.scale, affine(output), channels=output.shape[-1], clamp=clamp_range(clamp)
    )
