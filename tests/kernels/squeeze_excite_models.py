"""Squeeze-and-excitation between two convolutions, spelled in every way that converters spell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.window_sizes import Pair
from tests.single_op import OpSpec, TensorSpec, constant, model

Shape = tuple[int, ...]
PROBABILITY = Affine(1 / 256, -128)
ACTIVATION = Affine(0.05, -20)
PRODUCT = Affine(0.04, -7)
WEIGHT_SCALE = 0.01
POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")


@dataclass(frozen=True)
class Block:
    """A producer of x, squeezes of it, two layers, a gate, MUL, and a convolution that reads the product."""

    size: tuple[int, int, int] = (5, 6, 8)  # height, width, channels
    squeezes: tuple[str, ...] = ("MEAN",)  # their results are added
    keeps: bool = False  # the axes of a reduction
    dense: bool = True  # FULLY_CONNECTED, else 1 x 1 CONV_2D
    gate: str = "LOGISTIC"
    gate_first: bool = False  # the order of MUL
    activation: str = "NONE"  # of MUL
    producer: str | None = "DEPTHWISE_CONV_2D"  # None: x is the network's input
    reader: Pair | None = (1, 1)  # the kernel of the convolution; None: the product is the network's output
    strides: Pair = (1, 1)
    x_is_read_later: bool = False
    head: int | None = (
        None  # channels between two layers in front; 0: no such layers; None: more memory than all behind
    )
    x: Affine = ACTIVATION
    product: Affine = PRODUCT


@dataclass(frozen=True)
class Gates:
    """MULs of x by tensors of other shapes, one behind the other, and the convolution that reads the last product."""

    gates: tuple[Shape, ...]
    size: tuple[int, int, int] = (5, 6, 8)
    strides: Pair = (1, 1)
    x_is_read_later: bool = False


@dataclass
class Network:
    """A model that grows op by op."""

    tensors: list[TensorSpec] = field(default_factory=list)
    ops: list[OpSpec] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def add(self, spec: TensorSpec) -> int:
        self.tensors.append(spec)
        return len(self.tensors) - 1

    def op(self, name: str, inputs: tuple[int, ...], output: TensorSpec, **options: Any) -> int:
        index = self.add(output)
        self.ops.append(OpSpec(name, inputs, (index,), options))
        return index

    def layer(self, name: str, x: int, weights: Shape, output: TensorSpec, **options: Any) -> int:
        """A convolution or fully connected layer with random weights."""
        data = self.rng.integers(-127, 128, weights)
        channels = output.shape[-1]
        bias = constant(
            self.rng.integers(-500, 500, channels), "int32", (self.tensors[x].scale[0] * WEIGHT_SCALE,), (0,)
        )
        constants = (self.add(constant(data, "int8", (WEIGHT_SCALE,), (0,))), self.add(bias))
        return self.op(name, (x, *constants), output, **options)


def squeeze_excite(block: Block) -> bytes:
    """The model of a block."""
    net = Network()
    shape = (1, *block.size)
    x = net.add(tensor(shape, block.x if block.producer is None else ACTIVATION))
    if block.producer is not None:
        x = produced(net, block, headed(net, block, x))
    gate = gate_of(net, block, [squeezed(net, block, name, x) for name in block.squeezes])
    order = (gate, x) if block.gate_first else (x, gate)
    y = net.op("MUL", order, tensor(shape, block.product), activation=block.activation)
    if block.reader is not None:
        y = read(net, block, y)
    if block.x_is_read_later:
        net.op("TANH", (x,), tensor(shape, PROBABILITY))
    return model(net.tensors, net.ops)


def headed(net: Network, block: Block, x: int) -> int:
    most = 3 * block.size[2] + 32 if block.head is None else block.head
    for channels in (most, block.size[2]) if most else ():
        inputs = net.tensors[x].shape[-1]
        x = net.layer("CONV_2D", x, (channels, 1, 1, inputs), tensor((1, *block.size[:2], channels), ACTIVATION))
    return x


def gated(case: Gates) -> bytes:
    """A model whose gates are inputs."""
    net = Network()
    shape = (1, *case.size)
    gates = [net.add(tensor(gate, PROBABILITY)) for gate in case.gates]
    x = y = produced(net, Block(case.size), net.add(tensor(shape, ACTIVATION)))
    for index, gate in enumerate(gates):
        order = (y, gate) if index % 2 else (gate, y)
        y = net.op("MUL", order, tensor(shape, PRODUCT if index == 0 else ACTIVATION))
    read(net, Block(case.size, strides=case.strides), y)
    if case.x_is_read_later:
        net.op("TANH", (x,), tensor(shape, PROBABILITY))
    return model(net.tensors, net.ops)


def produced(net: Network, block: Block, x: int) -> int:
    assert block.producer is not None
    channels = block.size[2]
    output = tensor((1, *block.size), block.x)
    if block.producer in POOLS:
        return net.op(block.producer, (x,), output, filter=(2, 2), padding="SAME")
    weights = (channels, 3, 3, channels) if block.producer == "CONV_2D" else (1, 3, 3, channels)
    return net.layer(block.producer, x, weights, output, padding="SAME")


def squeezed(net: Network, block: Block, name: str, x: int) -> int:
    """[1, channels] or [1, 1, 1, channels], as the two layers want it."""
    height, width, channels = block.size
    four = (1, 1, 1, channels)
    affine = block.x if name != "MEAN" else Affine(block.x.scale / 2, 5)
    options: Mapping[str, Any] = {"axes": [1, 2], "keep_dims": block.keeps}
    shape: Shape = four if block.keeps else (1, channels)
    if name in POOLS:
        options, shape = {"filter": (height, width)}, four
    y = net.op(name, (x,), tensor(shape, affine), **options)
    wanted = (1, channels) if block.dense else four
    return y if shape == wanted else net.op("RESHAPE", (y,), tensor(wanted, affine))


def gate_of(net: Network, block: Block, squeezes: list[int]) -> int:
    channels = block.size[2]
    reduced = max(1, channels // 2)
    kind, front = ("FULLY_CONNECTED", (1,)) if block.dense else ("CONV_2D", (1, 1, 1))
    middle = () if block.dense else (1, 1)
    x = squeezes[0]
    for other in squeezes[1:]:
        x = net.op("ADD", (x, other), tensor((*front, channels), ACTIVATION))
    x = net.layer(kind, x, (reduced, *middle, channels), tensor((*front, reduced), ACTIVATION), activation="RELU")
    x = net.layer(kind, x, (channels, *middle, reduced), tensor((*front, channels), ACTIVATION))
    if block.gate == "HARD_SIGMOID":  # ADD 3, RELU6, MUL 1/6
        three, sixth = (
            net.add(constant(127, "int8", (3 / 127,), (0,))),
            net.add(constant(127, "int8", (1 / 762,), (0,))),
        )
        x = net.op("ADD", (x, three), tensor((*front, channels), Affine(6 / 255, -128)), activation="RELU6")
        return net.op("MUL", (x, sixth), tensor((*front, channels), PROBABILITY))
    return net.op(block.gate, (x,), tensor((*front, channels), PROBABILITY))


def read(net: Network, block: Block, y: int) -> int:
    assert block.reader is not None
    height, width, channels = block.size
    rows, columns = (-(-size // stride) for size, stride in zip((height, width), block.strides, strict=True))
    output = tensor((1, rows, columns, 5), ACTIVATION)
    return net.layer("CONV_2D", y, (5, *block.reader, channels), output, strides=block.strides, padding="SAME")
