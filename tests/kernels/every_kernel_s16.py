"""One network of int16 that needs every kernel of int16."""

from __future__ import annotations

import numpy as np

from tests.single_op import OpSpec, TensorSpec, constant, model

SCALE, WEIGHT_SCALE, UNIT = (1e-3,), (0.01,), (1 / 32768,)


def wide(*shape: int, scale: tuple[float, ...] = SCALE) -> TensorSpec:
    """An activation of int16."""
    return TensorSpec(shape, "int16", scale, (0,))


def every_kernel_s16() -> bytes:
    """Bytes that become int16, a gated convolution, pooled, squeezed and classified, and back to bytes."""
    rng = np.random.default_rng(16)

    def weights(*shape: int) -> TensorSpec:
        return constant(rng.integers(-127, 128, shape), "int8", WEIGHT_SCALE, (0,))

    def bias(count: int, dtype: str = "int64") -> TensorSpec:
        return constant(rng.integers(-90000, 90000, count), dtype, (SCALE[0] * WEIGHT_SCALE[0],), (0,))

    image, row = wide(1, 6, 6, 4), wide(1, 5)
    tensors = [
        *(TensorSpec(image.shape, "int8", (0.1,), (3,)), image),  # 0, 1: QUANTIZE
        *(weights(4, 3, 3, 4), bias(4), image),  # 2 to 4: CONV_2D
        *(weights(4, 3, 3, 4), bias(4, "int32"), image),  # 5 to 7: CONV_2D with a bias of int32
        *(weights(1, 3, 3, 4), bias(4), image),  # 8 to 10: DEPTHWISE_CONV_2D
        *(wide(*image.shape, scale=UNIT), image, image),  # 11 to 13: LOGISTIC, MUL, ADD
        *(wide(1, 5, 5, 4), wide(1, 4, 4, 4), wide(1, 4)),  # 14 to 16: MAX_POOL_2D, AVERAGE_POOL_2D, MEAN
        *(weights(5, 4), bias(5), row, wide(1, 5, scale=UNIT)),  # 17 to 20: FULLY_CONNECTED, TANH
        *(row, wide(1, 5, scale=UNIT)),  # 21, 22: QUANTIZE, SOFTMAX
        TensorSpec((1, 5), "int8", (1 / 256,), (-128,)),  # 23: QUANTIZE
    ]
    same, pool = {"padding": "SAME"}, {"filter": (2, 2)}
    ops = [
        OpSpec("QUANTIZE", (0,), (1,), {}),
        OpSpec("CONV_2D", (1, 2, 3), (4,), same),
        OpSpec("CONV_2D", (4, 5, 6), (7,), same | {"bias_type": "int32"}),
        OpSpec("DEPTHWISE_CONV_2D", (7, 8, 9), (10,), same),
        OpSpec("LOGISTIC", (10,), (11,), {}),
        OpSpec("MUL", (7, 11), (12,), {}),
        OpSpec("ADD", (12, 4), (13,), {}),
        OpSpec("MAX_POOL_2D", (13,), (14,), pool),
        OpSpec("AVERAGE_POOL_2D", (14,), (15,), pool),
        OpSpec("MEAN", (15,), (16,), {"axes": [1, 2]}),
        OpSpec("FULLY_CONNECTED", (16, 17, 18), (19,), {}),
        OpSpec("TANH", (19,), (20,), {}),
        OpSpec("QUANTIZE", (20,), (21,), {}),
        OpSpec("SOFTMAX", (21,), (22,), {}),
        OpSpec("QUANTIZE", (22,), (23,), {}),
    ]
    highest, lowest, larger, smaller = range(len(tensors), len(tensors) + 4)
    tensors += [wide(1, 4)] * 4
    ops += [
        OpSpec("REDUCE_MAX", (15,), (highest,), {"axes": [1, 2]}),
        OpSpec("REDUCE_MIN", (15,), (lowest,), {"axes": [1, 2]}),
        OpSpec("MAXIMUM", (16, lowest), (larger,), {}),
        OpSpec("MINIMUM", (highest, larger), (smaller,), {}),
    ]
    return model(tensors, ops)
