"""A network of layers that no kernel but the plain one suits."""

from __future__ import annotations

import numpy as np

from tests.single_op import OpSpec, TensorSpec, constant, model

SCALE, ZERO_POINT, WEIGHT_SCALE = 0.05, 3, 0.01
FINE = 0.0001  # an output's scale below the products': rounding shifts to the left


def plain_kernels_network() -> bytes:
    """A convolution of two groups, a depthwise one of 2x2, and a fully connected layer whose gain is above 1."""
    rng = np.random.default_rng(9)

    def value(*shape: int, scale: float = SCALE) -> TensorSpec:
        return TensorSpec(shape, scale=(scale,), zero_point=(ZERO_POINT,))

    def weights(*shape: int) -> TensorSpec:
        return constant(rng.integers(-127, 128, shape), "int8", (WEIGHT_SCALE,), (0,))

    def bias(count: int) -> TensorSpec:
        return constant(rng.integers(-500, 500, count), "int32", (SCALE * WEIGHT_SCALE,), (0,))

    tensors = [
        *(value(1, 5, 4, 4), weights(6, 3, 3, 2), bias(6), value(1, 5, 4, 6)),
        *(weights(1, 2, 2, 6), bias(6), value(1, 5, 4, 6)),
        *(weights(5, 6), bias(5), value(20, 5, scale=FINE)),
    ]
    ops = [
        OpSpec("CONV_2D", (0, 1, 2), (3,), {"padding": "SAME"}),
        OpSpec("DEPTHWISE_CONV_2D", (3, 4, 5), (6,), {"padding": "SAME"}),
        OpSpec("FULLY_CONNECTED", (6, 7, 8), (9,), {}),
    ]
    return model(tensors, ops)
