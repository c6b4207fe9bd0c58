"""CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and pools on int16."""

from __future__ import annotations

from typing import Any

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, random_int8, tensor
from tests.kernels.case import Case
from tests.single_op import TensorSpec, single_op

X = Affine(float(np.float32(1.3e-4)), 0)
SCALES = (0.0123, 0.0071, 0.0019)  # of filters, in turns


def scales(count: int) -> tuple[float, ...]:
    """Scales of weights."""
    return tuple(float(np.float32(SCALES[i % 3])) for i in range(count))


def output(shape: tuple[int, ...], depth: int) -> TensorSpec:
    """A tensor whose scale suits sums of so many products."""
    return tensor(shape, Affine(float(np.float32(X.scale * 0.01 * 40 * depth**0.5)), 0), "int16")


def bias(count: int, dtype: str, weight_scales: tuple[float, ...]) -> TensorSpec:
    """Biases large enough to be seen."""
    values = np.random.default_rng(count).integers(-(1 << 22), 1 << 22, count).astype(dtype)
    return constant_int(values, tuple(X.scale * scale for scale in weight_scales))


def conv(
    x: tuple[int, ...], weights: tuple[int, ...], y: tuple[int, ...], *, dtype: str = "int64", **options: Any
) -> bytes:
    """CONV_2D with scales per channel."""
    own = scales(weights[0])
    inputs = [
        tensor(x, X, "int16"),
        constant_int(random_int8(1, *weights), own),
        bias(weights[0], dtype, own),
    ]
    return single_op("CONV_2D", inputs, output(y, int(np.prod(weights[1:]))), bias_type=dtype, **options)


def depthwise(x: tuple[int, ...], weights: tuple[int, ...], y: tuple[int, ...], **options: Any) -> bytes:
    """DEPTHWISE_CONV_2D with scales per channel."""
    own = scales(weights[3])
    inputs = [
        tensor(x, X, "int16"),
        constant_int(random_int8(2, *weights), own, axis=3),
        bias(weights[3], "int64", own),
    ]
    return single_op("DEPTHWISE_CONV_2D", inputs, output(y, weights[1] * weights[2]), **options)


def connected(x: tuple[int, ...], units: int, *, scaled: int = 1, dtype: str | None = "int64", **options: Any) -> bytes:
    """FULLY_CONNECTED with `scaled` scales."""
    own = scales(scaled)
    inputs = [tensor(x, X, "int16"), constant_int(random_int8(3, units, x[-1]), own)]
    if dtype:
        inputs.append(bias(units, dtype, own))
        options["bias_type"] = dtype
    return single_op("FULLY_CONNECTED", inputs, output((x[0], units), x[-1]), **options)


def halves() -> bytes:
    """Sums whose results lie half way between two values, on both sides of 0."""
    one = constant_int(np.array([[1, 1], [-1, 1], [3, -2]], np.int8), (0.5,))
    inputs = [tensor((3, 2), Affine(0.5, 0), "int16"), one]
    return single_op("FULLY_CONNECTED", inputs, tensor((3, 3), Affine(0.5, 0), "int16"))


def pool(op: str, window: tuple[int, int], y: tuple[int, ...], **options: Any) -> bytes:
    """A pool over one image."""
    x = tensor((1, 5, 7, 3), X, "int16")
    return single_op(op, [x], tensor(y, X, "int16"), filter=window, **options)


CASES = (
    Case("one by one", conv((1, 3, 4, 5), (7, 1, 1, 5), (1, 3, 4, 7))),
    Case("three by three, padded", conv((1, 5, 6, 3), (4, 3, 3, 3), (1, 5, 6, 4), padding="SAME")),
    Case("a stride, a dilation", conv((1, 9, 9, 2), (3, 3, 2, 2), (1, 7, 8, 3), dilations=(1, 1), activation="RELU")),
    Case("dilated", conv((1, 9, 9, 2), (3, 3, 3, 2), (1, 5, 5, 3), dilations=(2, 2), activation="RELU6")),
    Case("strided and padded", conv((1, 7, 8, 3), (5, 3, 3, 3), (1, 4, 4, 5), padding="SAME", strides=(2, 2))),
    Case("groups", conv((1, 3, 3, 6), (4, 3, 3, 3), (1, 1, 1, 4))),
    Case("more products than 32 bits hold", conv((1, 1, 1, 1100), (2, 1, 1, 1100), (1, 1, 1, 2))),
    Case("a bias of int32", conv((1, 5, 6, 3), (4, 3, 3, 3), (1, 5, 6, 4), padding="SAME", dtype="int32")),
    Case("a bias of int32, wrapping", conv((1, 1, 1, 1100), (2, 1, 1, 1100), (1, 1, 1, 2), dtype="int32")),
    Case("depthwise", depthwise((1, 5, 6, 4), (1, 3, 3, 4), (1, 3, 4, 4))),
    Case("depthwise, padded", depthwise((1, 5, 6, 4), (1, 3, 3, 4), (1, 5, 6, 4), padding="SAME", activation="RELU6")),
    Case("depthwise, strided", depthwise((1, 6, 6, 2), (1, 3, 3, 2), (1, 3, 3, 2), padding="SAME", strides=(2, 2))),
    Case("depthwise, three outputs a channel", depthwise((1, 4, 4, 2), (1, 3, 3, 6), (1, 2, 2, 6), multiplier=3)),
    Case("fully connected", connected((1, 16), 5)),
    Case("fully connected, rows and scales a unit", connected((3, 17), 4, scaled=4, activation="RELU")),
    Case("fully connected, no bias", connected((2, 9), 3, dtype=None)),
    Case("fully connected, a bias of int32", connected((2, 9), 3, dtype="int32", activation="RELU6")),
    Case("fully connected, deep", connected((1, 1500), 2, scaled=2)),
    Case("fully connected, halves", halves()),
    Case("average", pool("AVERAGE_POOL_2D", (2, 3), (1, 4, 5, 3))),
    Case("average, padded", pool("AVERAGE_POOL_2D", (3, 3), (1, 3, 4, 3), padding="SAME", strides=(2, 2))),
    Case("average, clipped", pool("AVERAGE_POOL_2D", (5, 7), (1, 1, 1, 3), activation="RELU")),
    Case("maximum", pool("MAX_POOL_2D", (2, 3), (1, 4, 5, 3))),
    Case("maximum, padded", pool("MAX_POOL_2D", (3, 3), (1, 3, 4, 3), padding="SAME", strides=(2, 2))),
)
