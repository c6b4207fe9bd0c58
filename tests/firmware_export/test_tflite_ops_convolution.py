"""What the reader refuses of convolutions, fully connected layers and pools, and what it says then."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.export import export
from firmware_export.ir import AveragePool2D, Clamp, Conv2D, DepthwiseConv2D, FullyConnected, Window
from firmware_export.tflite_reader import read_tflite
from tests.affines import constant_int
from tests.kernels.convolution_models import Layer, Product, Scales, convolution, depthwise, fully_connected
from tests.kernels.pooling_cases import Pool, pooling
from tests.single_op import TensorSpec, single_op

SCALE = 0.01


def tensor(*shape: int, dtype: str = "int8", scale: float = 0.5, zero_point: int = 3) -> TensorSpec:
    return TensorSpec(shape, dtype, (scale,), (zero_point,))


def weights(*shape: int, dtype: str = "int8", zero_point: int = 0) -> TensorSpec:
    return constant_int(np.ones(shape, dtype), (SCALE,), zero_point=zero_point)


def bias(count: int, dtype: str = "int32") -> TensorSpec:
    return constant_int(np.zeros(count, dtype), (SCALE / 2,))


def conv(x=None, w=None, b=None, y=None, **options) -> bytes:
    given = [x or tensor(1, 4, 5, 2), w or weights(3, 1, 1, 2), b or bias(3)]
    return single_op("CONV_2D", given, y or tensor(1, 4, 5, 3), **options)


def depth(x=None, w=None, y=None, **options) -> bytes:
    given = [x or tensor(1, 4, 5, 2), w or weights(1, 1, 1, 4), bias(4)]
    return single_op("DEPTHWISE_CONV_2D", given, y or tensor(1, 4, 5, 4), multiplier=2, **options)


def connected(x=None, w=None, y=None, **options) -> bytes:
    return single_op("FULLY_CONNECTED", [x or tensor(1, 6), w or weights(3, 6), bias(3)], y or tensor(1, 3), **options)


def pool(name="AVERAGE_POOL_2D", x=None, y=None, **options) -> bytes:
    given = {"filter": (2, 2), "strides": (2, 2)} | options
    return single_op(name, [x or tensor(1, 4, 6, 2)], y or tensor(1, 2, 3, 2), **given)


UNSUPPORTED = {
    "convolution of two images": (conv(tensor(2, 4, 5, 2), y=tensor(2, 4, 5, 3)), "batch 2; convert with batch 1"),
    "depthwise convolution of two images": (depth(tensor(2, 4, 5, 2), y=tensor(2, 4, 5, 4)), "batch 2"),
    "average of two images": (pool(x=tensor(2, 4, 6, 2), y=tensor(2, 2, 3, 2)), "batch 2"),
    "maximum of two images": (pool("MAX_POOL_2D", tensor(2, 4, 6, 2), tensor(2, 2, 3, 2)), "batch 2"),
    "weights computed at run time": (conv(w=tensor(3, 1, 1, 2, zero_point=0)), "computes input 1 at run time"),
    "bias computed at run time": (conv(b=tensor(3, dtype="int32")), "computes input 2 at run time"),
    "weights of 16 bits": (conv(w=weights(3, 1, 1, 2, dtype="int16")), "int16 weights; quantise to int8"),
    "float weights": (connected(w=weights(3, 6, dtype="float32")), "float32 weights; quantise to int8"),
    "asymmetric weights": (conv(w=weights(3, 1, 1, 2, zero_point=1)), "asymmetric weights"),
    "asymmetric weights of units": (connected(w=weights(3, 6, zero_point=-4)), "asymmetric weights"),
    "activations of 32 bits": (conv(tensor(1, 4, 5, 2, dtype="int32")), "int32 where int8"),
    "float activations": (pool(x=tensor(1, 4, 6, 2, dtype="float32")), "float32 where int8"),
    "a convolution split into several images": (
        single_op(
            "SPACE_TO_BATCH_ND", [tensor(1, 4, 4, 2)], tensor(4, 2, 2, 2), block=(2, 2), paddings=[[0, 0], [0, 0]]
        ),
        "replace it by one dilated convolution with more filters, or by other dilations",
    ),
    "a fused tanh": (conv(activation="TANH"), "fused activation number 4; use relu, relu6 or none"),
    "a fused sign": (connected(activation="SIGN_BIT"), "fused activation number 5"),
}
IMPOSSIBLE = {
    "stride 0": (conv(strides=(0, 1)), "impossible kernel, stride or dilation"),
    "dilation 0": (depth(dilations=(1, 0)), "impossible kernel, stride or dilation"),
    "an empty pool": (pool(filter=(2, 0)), "impossible kernel, stride or dilation"),
    "a kernel as wide as a galaxy": (
        conv(w=weights(3, 1, 9000, 2), padding="SAME", dilations=(1, 1 << 16)),
        "dilated far beyond any image",
    ),
    "a dilated pixel as wide as a galaxy": (
        conv(tensor(1, 1, 1, 20000), weights(1, 1, 1, 20000), bias(1), tensor(1, 1, 1, 1), dilations=(1, 1 << 16)),
        "dilated far beyond any image",
    ),
    "an output of another size": (conv(y=tensor(1, 4, 4, 3)), r"gives the shape \[1, 4, 5, 3\], not \[1, 4, 4, 3\]"),
    "a kernel that does not fit": (conv(w=weights(3, 5, 5, 2)), "CONV_2D gives"),
    "an input of rank 3": (conv(tensor(4, 5, 2)), r"needs tensors \[1, height, width, channels\]"),
    "weights of rank 3": (conv(w=weights(3, 1, 2)), "weights that are not"),
    "fully connected weights of rank 3": (connected(w=weights(3, 6, 1)), "weights that are not"),
    "another number of filters": (conv(w=weights(4, 1, 1, 2), b=bias(4)), "another number of filters"),
    "groups that do not divide the input": (conv(tensor(1, 4, 5, 3)), "groups that do not divide"),
    "groups that do not divide the output": (conv(w=weights(3, 1, 1, 1)), "groups that do not divide"),
    "channels that no multiplier gives": (depth(tensor(1, 4, 5, 3)), "do not fit its multiplier"),
    "a bias of another size": (conv(b=bias(4)), "bias of another type or size"),
    "a bias of 64 bits": (conv(b=bias(3, "int64")), "bias of another type or size"),
    "depth that does not divide": (connected(tensor(1, 7)), "weights do not divide"),
    "rows that get lost": (connected(tensor(2, 6)), r"gives the shape \[2, 3\], not \[1, 3\]"),
    "a pool that changes channels": (pool(y=tensor(1, 2, 3, 3)), "changes the number of channels"),
    "a pool that rescales": (pool(y=tensor(1, 2, 3, 2, scale=0.25)), "another scale or zero point"),
    "a pool that shifts": (pool("MAX_POOL_2D", y=tensor(1, 2, 3, 2, zero_point=4)), "another scale or zero point"),
}
FAR_SCALES = {
    "convolution": convolution(Layer((2, 2, 1), 1, scales=Scales(gain=2.0**32, spread=None))),
    "depthwise convolution": depthwise(Layer((2, 2, 1), 1, scales=Scales(gain=2.0**40))),
    "fully connected": fully_connected(Product((1, 4), 2, 4, scales=Scales(gain=1e6))),
}


@pytest.mark.parametrize("what", UNSUPPORTED)
def test_what_has_no_kernel_is_refused_by_name(what):
    model, sentence = UNSUPPORTED[what]
    with pytest.raises(UnsupportedOp, match=f"^layer '.+': .*{sentence}"):
        read_tflite(model, name="refused")


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_contradicts_itself_is_refused_by_name(what):
    model, sentence = IMPOSSIBLE[what]
    with pytest.raises(ModelError, match=f"^layer '.+': .*{sentence}"):
        read_tflite(model, name="refused")


@pytest.mark.parametrize("what", FAR_SCALES)
def test_scales_beyond_the_reference_are_refused_by_name(what):
    with pytest.raises(UnsupportedOp, match=r"^layer '.+': .*too fine for .*; calibrate"):
        export(FAR_SCALES[what], name="refused")


READ = (
    (conv(), Conv2D(Window((1, 1)), Clamp(-128, 127))),
    (conv(activation="RELU6"), Conv2D(Window((1, 1)), Clamp(3, 15))),
    (depth(), DepthwiseConv2D(Window((1, 1)), 2, Clamp(-128, 127))),
    (connected(activation="RELU_N1_TO_1"), FullyConnected(Clamp(1, 5))),
    (pool(activation="RELU"), AveragePool2D(Window((2, 2), (2, 2)), Clamp(3, 127))),
    (
        convolution(Layer((7, 9, 3), 4, (3, 2), (2, 1), (1, 3), "SAME")),
        Conv2D(Window((3, 2), (2, 1), (1, 3), (1, 1)), Clamp(-128, 127)),
    ),
)


@pytest.mark.parametrize(("model", "attrs"), READ, ids=lambda value: type(value).__name__)
def test_options_become_attrs(model, attrs):
    assert [op.attrs for op in read_tflite(model, name="read").ops] == [attrs]


@pytest.mark.parametrize(("size", "kernel", "before"), [(2, 7, 3), (3, 6, 2), (1, 9, 4), (5, 2, 0), (4, 3, 1)])
def test_padding_same_puts_the_odd_row_behind(size, kernel, before):
    model = pooling("MAX_POOL_2D", Pool((size, size, 1), (kernel, kernel), padding="SAME"))
    (op,) = read_tflite(model, name="same").ops
    assert op.attrs.window.before == (before, before)
