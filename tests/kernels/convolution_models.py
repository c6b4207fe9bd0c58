"""Models of one layer with weights, from a row of a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, tensor
from tests.kernels.squeeze_excite_models import Network
from tests.kernels.window_sizes import Pair, output_size
from tests.single_op import Array, TensorSpec, model, single_op

INT32 = np.iinfo(np.int32)


@dataclass(frozen=True)
class Scales:
    """The quantisation of a layer; `gain` is the output steps that one accumulator step makes."""

    x: tuple[float, int] = (0.02, 3)
    gain: float | None = None  # None: such that random inputs fill the output's range
    output_zero_point: int = -5
    spread: float | None = 4.0  # largest over smallest weight scale; None: one scale for all channels


@dataclass(frozen=True)
class Values:
    """What the constants hold. bias None: the layer has none; weight None: random weights."""

    bias: int | None = 2000
    bias_sign: int | None = None  # None: random values up to `bias`
    weight: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class Layer:
    """CONV_2D with groups, or DEPTHWISE_CONV_2D with `filters` outputs a channel."""

    size: tuple[int, int, int]  # height, width, channels
    filters: int
    kernel: Pair = (1, 1)
    strides: Pair = (1, 1)
    dilations: Pair = (1, 1)
    padding: str = "VALID"
    groups: int = 1
    activation: str = "NONE"
    scales: Scales = Scales()
    values: Values = Values()


@dataclass(frozen=True)
class Product:
    """FULLY_CONNECTED."""

    x: tuple[int, ...]
    units: int
    depth: int
    output: tuple[int, ...] | None = None  # None: [rows, units]
    activation: str = "NONE"
    scales: Scales = Scales()
    values: Values = Values()


def convolution(layer: Layer) -> bytes:
    """A model of one CONV_2D."""
    shape = (layer.filters, *layer.kernel, layer.size[2] // layer.groups)
    return spatial("CONV_2D", layer, shape, 0)


def padded_convolution(
    layer: Layer, rows: tuple[int, int], columns: tuple[int, int], gate: tuple[int, ...] = ()
) -> bytes:
    """A model of one CONV_2D without padding of its own behind a PAD, and behind a MUL by a gate where one is told."""
    height, width, channels = layer.size
    net = Network()
    affine = Affine(*layer.scales.x)
    x = net.add(tensor((1, *layer.size), affine))
    if gate:
        x = net.op("MUL", (x, net.add(tensor(gate, Affine(1 / 256, -128)))), tensor((1, *layer.size), affine))
    wide = tensor((1, sum(rows) + height, sum(columns) + width, channels), affine)
    x = net.op("PAD", (x,), wide, paddings=[[0, 0], list(rows), list(columns), [0, 0]])
    size = output_size("VALID", wide.shape[1:3], layer.kernel, layer.strides)
    net.layer(
        "CONV_2D", x, (layer.filters, *layer.kernel, channels), tensor((1, *size, layer.filters), Affine(0.2, -7))
    )
    return model(net.tensors, net.ops)


def depthwise(layer: Layer) -> bytes:
    """A model of one DEPTHWISE_CONV_2D."""
    shape = (1, *layer.kernel, layer.size[2] * layer.filters)
    return spatial("DEPTHWISE_CONV_2D", layer, shape, 3, multiplier=layer.filters)


def spatial(name: str, layer: Layer, weights: tuple[int, ...], axis: int, **options: int) -> bytes:
    height, width = output_size(layer.padding, layer.size[:2], layer.kernel, layer.strides, layer.dilations)
    x, constants, output = quantised(layer.scales, layer.values, weights, axis)
    return single_op(
        name,
        [spec((1, *layer.size), x), *constants],
        spec((1, height, width, weights[axis]), output),
        padding=layer.padding,
        strides=layer.strides,
        dilations=layer.dilations,
        activation=layer.activation,
        **options,
    )


def fully_connected(product: Product) -> bytes:
    """A model of one FULLY_CONNECTED."""
    x, constants, output = quantised(product.scales, product.values, (product.units, product.depth), 0)
    rows = int(np.prod(product.x)) // product.depth
    shape = product.output or (rows, product.units)
    keeps = len(shape) > 2
    return single_op(
        "FULLY_CONNECTED",
        [spec(product.x, x), *constants],
        spec(shape, output),
        activation=product.activation,
        keep_num_dims=keeps,
    )


Quantised = tuple[float, int]


def quantised(
    scales: Scales, values: Values, shape: tuple[int, ...], axis: int
) -> tuple[Quantised, list[TensorSpec | None], Quantised]:
    """The input's scale and zero point, weights and bias, the output's scale and zero point."""
    rng = np.random.default_rng(values.seed)
    channels = shape[axis]
    taps = int(np.prod(shape)) // channels
    weight_scales = scales_of(scales, channels, rng)
    weights = rng.integers(-127, 128, shape) if values.weight is None else np.full(shape, values.weight)
    gain = scales.gain or 0.01 / np.sqrt(taps)
    output = float(np.float32(scales.x[0] * max(weight_scales) / gain))
    products = tuple(float(np.float32(scales.x[0]) * np.float32(scale)) for scale in weight_scales)
    bias = None if values.bias is None else constant_int(biases(values, channels, rng), products)
    constants = [constant_int(weights.astype(np.int8), weight_scales, axis), bias]
    return scales.x, constants, (output, scales.output_zero_point)


def scales_of(scales: Scales, channels: int, rng: np.random.Generator) -> tuple[float, ...]:
    if scales.spread is None:
        return (float(np.float32(0.004)),)
    return tuple((0.004 * scales.spread ** rng.uniform(0, 1, channels)).astype(np.float32).tolist())


def biases(values: Values, channels: int, rng: np.random.Generator) -> Array:
    assert values.bias is not None
    if values.bias_sign is None:
        return rng.integers(-values.bias, values.bias, channels, endpoint=True).astype(np.int32)
    return np.full(channels, np.clip(values.bias_sign * values.bias, INT32.min, INT32.max)).astype(np.int32)


def spec(shape: tuple[int, ...], affine: Quantised) -> TensorSpec:
    return TensorSpec(shape, scale=(float(np.float32(affine[0])),), zero_point=(affine[1],))
