"""PAD moves into the convolution that reads it, and no byte changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from firmware_export import interpreter
from firmware_export.export import export
from firmware_export.ir import Pad
from firmware_export.passes.fold_padding import fold_padding
from firmware_export.passes.verify import verify
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from tests.affines import constant_int, random_int8, tensor
from tests.single_op import OpSpec, litert_reference, model

X = Affine(0.05, 7)
Y = Affine(0.4, -3)
SHAPE = (1, 6, 5, 2)
CHANNELS = 4
ROWS_AND_COLUMNS = ((0, 0), (1, 2), (2, 1), (0, 0))


@dataclass(frozen=True)
class Network:
    """PAD, then one convolution or more that read it."""

    op: str = "CONV_2D"
    paddings: tuple[tuple[int, int], ...] = ROWS_AND_COLUMNS
    padded_as: Affine = X
    value: int | None = None  # of PADV2
    kernel: int = 3
    stride: int = 1
    dilation: int = 1
    padding: str = "VALID"
    outputs: tuple[int, ...] | None = None
    readers: int = 1

    def padded_shape(self):
        return tuple(low + size + high for size, (low, high) in zip(SHAPE, self.paddings, strict=True))

    def pad(self):
        if self.value is None:
            return OpSpec("PAD", (0,), (1,), {"paddings": self.paddings})
        return OpSpec("PADV2", (0,), (1,), {"paddings": self.paddings, "value": self.value})

    def weights(self):
        depth = self.padded_shape()[3]
        square = (self.kernel, self.kernel)
        return (CHANNELS, *square, depth) if self.op == "CONV_2D" else (1, *square, CHANNELS)

    def size(self, size):
        reach = (self.kernel - 1) * self.dilation + 1
        return -(-size // self.stride) if self.padding == "SAME" else (size - reach) // self.stride + 1

    def content(self):
        shape = self.padded_shape()
        options = {"strides": (self.stride,) * 2, "dilations": (self.dilation,) * 2, "padding": self.padding}
        if self.op == "DEPTHWISE_CONV_2D":
            options["multiplier"] = CHANNELS // shape[3]
        tensors = [
            tensor(SHAPE, X),
            tensor(shape, self.padded_as),
            constant_int(random_int8(1, *self.weights()), (0.01,)),
            constant_int(np.arange(CHANNELS, dtype=np.int32) * 100, (0.01 * self.padded_as.scale,)),
            *[tensor((1, self.size(shape[1]), self.size(shape[2]), CHANNELS), Y)] * self.readers,
        ]
        readers = [OpSpec(self.op, (1, 2, 3), (4 + i,), options) for i in range(self.readers)]
        return model(tensors, [self.pad(), *readers], self.outputs)


FOLDED = {
    "rows and columns into a convolution": {},
    "rows and columns into a depthwise convolution": {"op": "DEPTHWISE_CONV_2D"},
    "above only": {"paddings": ((0, 0), (3, 0), (0, 0), (0, 0))},
    "below and right only": {"paddings": ((0, 0), (0, 2), (0, 3), (0, 0))},
    "more than the kernel reaches": {"paddings": ((0, 0), (5, 4), (4, 5), (0, 0))},
    "stride 2": {"stride": 2},
    "stride 2, as MobileNet pads": {
        "op": "DEPTHWISE_CONV_2D",
        "stride": 2,
        "paddings": ((0, 0), (0, 1), (0, 1), (0, 0)),
    },
    "dilation 2": {"dilation": 2},
    "a convolution that pads too": {"padding": "SAME"},
    "a convolution that pads too, with stride 2": {"padding": "SAME", "stride": 2},
    "a kernel of 1": {"kernel": 1},
    "PADV2 with the zero point": {"value": X.zero_point},
}
KEPT = {
    "channels": {"paddings": ((0, 0), (1, 1), (1, 1), (0, 2))},
    "PADV2 with another value": {"value": 0},
    "PAD to another scale": {"padded_as": Affine(0.1, 7)},
    "PAD to another zero point": {"padded_as": Affine(0.05, 5)},
    "PAD that is an output too": {"outputs": [1, 4]},
    "PAD that two convolutions read": {"readers": 2},
}


def pads(graph):
    return [op for op in graph.ops if isinstance(op.attrs, Pad)]


@pytest.mark.parametrize("name", FOLDED)
def test_padding_by_zero_points_is_folded_and_every_byte_stays(name):
    content = Network(**FOLDED[name]).content()
    before = read_tflite(content, name="folded")
    after = fold_padding(before)
    verify(after)
    assert (len(pads(before)), len(pads(after))) == (1, 0)
    assert len(after.tensors) == len(before.tensors) - 1
    x = random_int8(2, *SHAPE)
    np.testing.assert_array_equal(interpreter.run(after, [x]), interpreter.run(before, [x]))
    np.testing.assert_array_equal(interpreter.run(after, [x])[0], litert_reference(content, [x])[0])


@pytest.mark.parametrize("name", KEPT)
def test_other_padding_is_kept(name):
    before = read_tflite(Network(**KEPT[name]).content(), name="kept")
    assert len(pads(before)) == 1
    assert pads(fold_padding(before)) == pads(before)


def test_padding_before_anything_else_is_kept():
    tensors = [tensor(SHAPE, X), tensor((1, 8, 5, 2), X), tensor((1, 6, 3, 2), X)]
    pad = OpSpec("PAD", (0,), (1,), {"paddings": ((0, 0), (1, 1), (0, 0), (0, 0))})
    pool = OpSpec("MAX_POOL_2D", (1,), (2,), {"filter": (3, 3)})
    before = read_tflite(model(tensors, [pad, pool]), name="pool")
    assert len(pads(before)) == 1
    assert pads(fold_padding(before)) == pads(before)


def test_a_folded_padding_takes_no_memory():
    (convolution,) = export(Network().content(), name="folded").graph.ops
    assert export(Network().content(), name="folded").program.activations_bytes == convolution.scratch
