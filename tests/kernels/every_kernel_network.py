"""One network that needs every kernel."""

from __future__ import annotations

import numpy as np

from tests.single_op import OpSpec, TensorSpec, constant, model

SCALE, ZERO_POINT, WEIGHT_SCALE = (0.05,), (3,), (0.01,)
PROBABILITY = {"scale": (1 / 256,), "zero_point": (-128,)}


def value(*shape: int) -> TensorSpec:
    """An activation; all share one scale, as MINIMUM, MAXIMUM and CONCATENATION want it."""
    return TensorSpec(shape, scale=SCALE, zero_point=ZERO_POINT)


def every_kernel_network() -> bytes:
    """A gated convolution, pooled, joined with itself, squeezed two ways and classified."""
    rng = np.random.default_rng(8)

    def weights(*shape: int) -> TensorSpec:
        return constant(rng.integers(-127, 128, shape), "int8", WEIGHT_SCALE, (0,))

    def bias(count: int) -> TensorSpec:
        return constant(rng.integers(-500, 500, count), "int32", (SCALE[0] * WEIGHT_SCALE[0],), (0,))

    image, squeezed = value(1, 6, 6, 4), value(1, 8)
    tensors = [
        *(image, weights(4, 3, 3, 4), bias(4), image),  # 0 to 3: input, filter, bias, CONV_2D
        *(weights(1, 3, 3, 4), bias(4), image),  # 4 to 6: filter, bias, DEPTHWISE_CONV_2D
        *(TensorSpec(image.shape, **PROBABILITY), image, image),  # 7 to 9: LOGISTIC, MUL, ADD
        *(value(1, 5, 5, 4), value(1, 4, 4, 4), image),  # 10 to 12: MAX_POOL_2D, AVERAGE_POOL_2D, PAD
        *(image, image, value(1, 6, 6, 8)),  # 13 to 15: MINIMUM, MAXIMUM, CONCATENATION
        *(squeezed, squeezed, squeezed),  # 16 to 18: MEAN, REDUCE_MAX, ADD
        *(weights(5, 8), bias(5), value(1, 5), TensorSpec((1, 5), **PROBABILITY)),  # 19 to 22: FULLY_CONNECTED, SOFTMAX
        value(1, 6, 6, 4),  # 23: TRANSPOSE
        *(value(8, 8), value(1, 1)),  # 24, 25: BATCH_MATMUL, FULLY_CONNECTED of two activations
        *(constant([1, 11, 12, 4]), weights(4, 3, 3, 4), bias(4), value(1, 11, 12, 4)),  # 26 to 29: TRANSPOSE_CONV
        value(1, 7, 9, 4),  # 30: RESIZE_BILINEAR
    ]
    same, pool = {"padding": "SAME"}, {"filter": (2, 2)}
    ops = [
        OpSpec("CONV_2D", (0, 1, 2), (3,), same),
        OpSpec("DEPTHWISE_CONV_2D", (3, 4, 5), (6,), same),
        OpSpec("LOGISTIC", (6,), (7,), {}),
        OpSpec("MUL", (3, 7), (8,), {}),
        OpSpec("ADD", (8, 3), (9,), {}),
        OpSpec("MAX_POOL_2D", (9,), (10,), pool),
        OpSpec("AVERAGE_POOL_2D", (10,), (11,), pool),
        OpSpec("PAD", (11,), (12,), {"paddings": [[0, 0], [1, 1], [1, 1], [0, 0]]}),
        OpSpec("MINIMUM", (12, 9), (13,), {}),
        OpSpec("TRANSPOSE", (13,), (23,), {"permutation": [0, 2, 1, 3]}),
        OpSpec("MAXIMUM", (23, 3), (14,), {}),
        OpSpec("CONCATENATION", (14, 12), (15,), {"axis": 3}),
        OpSpec("MEAN", (15,), (16,), {"axes": [1, 2]}),
        OpSpec("REDUCE_MAX", (15,), (17,), {"axes": [1, 2]}),
        OpSpec("ADD", (16, 17), (18,), {}),
        OpSpec("FULLY_CONNECTED", (18, 19, 20), (21,), {}),
        OpSpec("SOFTMAX", (21,), (22,), {}),
        OpSpec("BATCH_MATMUL", (16, 17), (24,), {"adj_x": True}),
        OpSpec("FULLY_CONNECTED", (16, 17), (25,), {}),
        OpSpec("TRANSPOSE_CONV", (26, 27, 12, 28), (29,), same | {"strides": (2, 2)}),
        OpSpec("RESIZE_BILINEAR", (12,), (30,), {"size": (7, 9)}),
    ]
    lowest, difference, slopes, leaky, place = range(len(tensors), len(tensors) + 5)
    tensors += [squeezed, squeezed, weights(1, 8), squeezed, TensorSpec((1,), "int32")]
    ops += [
        OpSpec("REDUCE_MIN", (15,), (lowest,), {"axes": [1, 2]}),
        OpSpec("SQUARED_DIFFERENCE", (18, lowest), (difference,), {}),
        OpSpec("PRELU", (difference, slopes), (leaky,), {}),
        OpSpec("ARG_MAX", (18,), (place,), {"axes": 1}),
    ]
    quotient = len(tensors)
    divisors = constant([3, -5, 7, -9, 120, 1, 90, -128], "int8", (0.5,), (0,))
    tensors += [divisors, TensorSpec((1, 8), scale=(0.0003,), zero_point=(1,))]
    ops.append(OpSpec("DIV", (18, quotient), (quotient + 1,), {}))
    tensors += [value(1, 6, 6), value(1, 6, 6)]
    ops += [
        OpSpec("MEAN", (15,), (quotient + 2,), {"axes": [3]}),
        OpSpec("REDUCE_MAX", (15,), (quotient + 3,), {"axes": [3]}),
    ]
    return model(tensors, ops)
