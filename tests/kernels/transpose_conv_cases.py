"""TRANSPOSE_CONV: strides and kernels that leave gaps, outputs that cut or exceed the result, scales and biases."""

from __future__ import annotations

from dataclasses import dataclass

from tests.kernels.case import Case
from tests.kernels.convolution_models import Scales, Values, quantised, spec
from tests.kernels.window_sizes import Pair
from tests.single_op import constant, single_op

DEFAULT_SCALES, DEFAULT_VALUES = Scales(), Values()


@dataclass(frozen=True)
class Spread:
    """TRANSPOSE_CONV with `filters` outputs; output None: as large as Keras makes it."""

    size: tuple[int, int, int]  # height, width, channels
    filters: int
    kernel: Pair = (3, 3)
    strides: Pair = (2, 2)
    padding: str = "SAME"
    output: Pair | None = None
    activation: str = "NONE"
    scales: Scales = DEFAULT_SCALES
    values: Values = DEFAULT_VALUES


def transpose_conv(layer: Spread) -> bytes:
    """A model of one TRANSPOSE_CONV."""
    shape = (layer.filters, *layer.kernel, layer.size[2])
    x, constants, output = quantised(layer.scales, layer.values, shape, 0)
    height, width = layer.output or whole(layer)
    weights, *bias = (tensor for tensor in constants if tensor is not None)
    asked = constant([1, height, width, layer.filters])
    result = spec((1, height, width, layer.filters), output)
    return single_op(
        "TRANSPOSE_CONV",
        [asked, weights, spec((1, *layer.size), x), *bias],
        result,
        padding=layer.padding,
        strides=layer.strides,
        activation=layer.activation,
    )


def whole(layer: Spread) -> Pair:
    sides = zip(layer.size, layer.kernel, layer.strides, strict=False)
    height, width = (
        size * stride if layer.padding == "SAME" else (size - 1) * stride + max(kernel, stride)
        for size, kernel, stride in sides
    )
    return height, width


LAYERS = {
    "one pixel, one channel": Spread((1, 1, 1), 1, (1, 1), (1, 1)),
    "3x3, stride 2, same": Spread((4, 5, 3), 4),
    "3x3, stride 2, valid": Spread((4, 5, 3), 4, padding="VALID"),
    "4x4, stride 2, same": Spread((4, 3, 2), 3, (4, 4)),
    "2x2, stride 2": Spread((3, 4, 5), 3, (2, 2), padding="VALID"),
    "3x3, stride 1": Spread((5, 4, 3), 4, strides=(1, 1)),
    "3x3, stride 1, valid": Spread((5, 4, 3), 4, strides=(1, 1), padding="VALID"),
    "stride larger than the kernel": Spread((3, 4, 2), 3, (2, 1), (3, 4)),
    "stride larger than the kernel, valid": Spread((3, 4, 2), 3, (1, 2), (4, 3), "VALID"),
    "kernel much larger than the stride": Spread((3, 4, 2), 3, (7, 8), (2, 3)),
    "kernel larger than the image": Spread((2, 1, 2), 3, (5, 6), (1, 1)),
    "row kernel": Spread((2, 6, 2), 3, (1, 5), (1, 2)),
    "column kernel": Spread((6, 2, 2), 3, (5, 1), (2, 1)),
    "a signal": Spread((1, 9, 4), 5, (1, 3), (1, 2), "VALID"),
    "an output that cuts the result": Spread((4, 5, 3), 2, output=(7, 10)),
    "an output of odd size": Spread((4, 5, 3), 2, output=(7, 9)),
    "an output that exceeds the result": Spread((3, 2, 3), 2, (3, 4), (3, 5), output=(11, 13), padding="VALID"),
    "an output of one pixel": Spread((1, 1, 3), 2, output=(1, 1)),
    "no bias": Spread((4, 4, 3), 5, values=Values(bias=None)),
    "one scale, relu": Spread((4, 4, 3), 5, activation="RELU", scales=Scales(spread=None)),
    "relu6": Spread((4, 4, 3), 5, activation="RELU6"),
    "zero points at the ends": Spread((4, 4, 3), 2, scales=Scales((0.5, -128), None, 127)),
    "zero points at the other ends": Spread((4, 4, 3), 2, scales=Scales((1e-6, 127), None, -128)),
    "gain above 1": Spread((3, 3, 1), 3, scales=Scales(gain=3.7), values=Values(bias=9, weight=1)),
    "gain far above 1, overflowing shift": Spread((3, 3, 2), 3, scales=Scales(gain=40000.0)),
    "scales of channels far apart": Spread((3, 3, 4), 6, scales=Scales(spread=1e6)),
    "bias at the top": Spread((2, 2, 2), 3, scales=Scales(gain=3e-8), values=Values((1 << 31) - 1, 1, 1)),
}
CASES = tuple(Case(name, transpose_conv(layer), seed) for seed, (name, layer) in enumerate(LAYERS.items()))
