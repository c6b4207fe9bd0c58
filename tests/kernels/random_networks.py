"""Small random networks of convolutions, pools, squeezes, gates, sums and tables, which share tensors in every way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.squeeze_excite_models import POOLS, PROBABILITY, Network, Shape
from tests.kernels.window_sizes import output_size
from tests.single_op import TensorSpec, constant, model

T = TypeVar("T")
HEIGHTS = (1, 2, 4, 5)
SCALES = (0.02, 0.05, 0.0625, 0.11)
TABLES = ("LOGISTIC", "TANH", "RELU", "HARD_SWISH", "RELU6")
TABLE_OUTPUTS = {"LOGISTIC": PROBABILITY, "TANH": Affine(1 / 128, 0)}


class Growing:
    """A network to which a step adds what it draws."""

    def __init__(self, seed: int, network: type[Network], heights: Sequence[int]) -> None:
        self.rng = np.random.default_rng(seed)
        self.net = network(rng=self.rng)
        height, width, channels = (int(self.rng.choice(sizes)) for sizes in (heights, (1, 3, 4), (1, 3, 4, 8)))
        self.images = [self.input((1, height, width, channels))]

    def input(self, shape: Shape) -> int:
        return self.net.add(tensor(shape, self.affine()))

    def shape(self, index: int) -> Shape:
        return self.net.tensors[index].shape

    def affine(self) -> Affine:
        return Affine(float(self.rng.choice(SCALES)), int(self.rng.choice((-128, -20, 0, 7, 127))))

    def draw(self, choices: Sequence[T]) -> T:
        return choices[int(self.rng.integers(len(choices)))]

    def image(self) -> int:
        """One of all, mostly of the last ones."""
        recent = self.images[-3:] if self.rng.random() < 0.7 else self.images
        return self.draw(recent)

    def op(self, name: str, inputs: tuple[int, ...], shape: Shape, affine: Affine | None = None, **options: Any) -> int:
        return self.net.op(name, inputs, tensor(shape, affine or self.affine()), **options)

    def activation(self) -> str:
        return str(self.rng.choice(("NONE", "NONE", "RELU")))


def quantisation(g: Growing, x: int) -> Affine:
    """That of a tensor, for ops that must keep it."""
    return Affine(g.net.tensors[x].scale[0], g.net.tensors[x].zero_point[0])


def convolution(g: Growing) -> None:
    x = g.image()
    convolved(g, surrounded(g, x) if g.rng.random() < 0.2 else x)


def surrounded(g: Growing, x: int) -> int:
    """An image with zero points around it."""
    _, height, width, channels = g.shape(x)
    above, below, left, right = (int(count) for count in g.rng.choice((0, 0, 1, 2), 4))
    shape = (1, height + above + below, width + left + right, channels)
    return g.op("PAD", (x,), shape, quantisation(g, x), paddings=[[0, 0], [above, below], [left, right], [0, 0]])


def convolved(g: Growing, x: int) -> None:
    _, height, width, channels = g.shape(x)
    kernel = g.draw([(1, 1)] * 5 + [(1, 3), (3, 1), (3, 3)])
    strides = g.draw([(1, 1), (1, 1), (2, 2), (2, 1)])
    fits = height >= kernel[0] and width >= kernel[1]
    padding = g.draw(["SAME", "VALID"]) if fits else "SAME"
    name = g.draw(["CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D"])
    outputs = channels if name != "CONV_2D" else int(g.rng.choice((channels, 2, 4, 8)))
    if channels % 2 == 0 and outputs % 2 == 0 and name == "CONV_2D" and g.rng.random() < 0.2:
        channels //= 2  # of one group
    weights = (outputs, *kernel, channels) if name == "CONV_2D" else (1, *kernel, channels)
    size = output_size(padding, (height, width), kernel, strides)
    output = tensor((1, *size, outputs), g.affine())
    options = {"strides": strides, "padding": padding, "activation": g.activation()}
    g.images.append(g.net.layer(name, x, weights, output, **options))


def pool(g: Growing) -> None:
    x = g.image()
    _, height, width, channels = g.shape(x)
    kernel = g.draw([(2, 2), (height, width), (1, 2), (height, 1)])
    strides, padding = g.draw([(1, 1), (2, 2)]), g.draw(["SAME", "VALID"])
    size = output_size(padding, (height, width), kernel, strides)
    if min(size) < 1:
        return
    name = g.draw(POOLS)
    options = {"filter": kernel, "strides": strides, "padding": padding, "activation": g.activation()}
    g.images.append(g.op(name, (x,), (1, *size, channels), quantisation(g, x), **options))


def squeeze(g: Growing) -> None:
    x = g.image()
    shape = g.shape(x)
    axes = g.draw([[1, 2], [1, 2], [1, 2], [1], [2], [3], [1, 2, 3]])
    name = g.draw(["MEAN", "MEAN", "REDUCE_MAX", "REDUCE_MIN"])
    affine = g.affine() if name == "MEAN" else quantisation(g, x)
    reduced = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    if g.rng.random() < 0.3:
        small = tuple(size for axis, size in enumerate(shape) if axis not in axes)
        flat = g.op(name, (x,), small, affine, axes=axes)
        g.images.append(g.op("RESHAPE", (flat,), reduced, affine))
        return
    g.images.append(g.op(name, (x,), reduced, affine, axes=axes, keep_dims=True))


def table(g: Growing) -> None:
    x = g.image()
    name = g.draw(list(TABLES))
    g.images.append(g.op(name, (x,), g.shape(x), TABLE_OUTPUTS.get(name)))


def reshape(g: Growing) -> None:
    x = g.image()
    _, height, width, channels = g.shape(x)
    wanted = g.draw([(1, width, height, channels), (1, 1, height * width, channels)])
    g.images.append(g.op("RESHAPE", (x,), wanted, quantisation(g, x)))


def spread(g: Growing) -> None:
    """A gate of an image: computed, an input, or constant."""
    x = g.image()
    shape = g.shape(x)
    kind = g.rng.random()
    wanted = g.draw([(1, 1, 1, shape[3])] * 3 + [(1, *shape[1:3], 1), (1, shape[1], 1, shape[3]), (1, 1, *shape[2:])])
    if kind < 0.1:
        gate = g.input(wanted)
    elif kind < 0.2:
        gate = g.net.add(
            constant(g.rng.integers(-128, 128, wanted), "int8", (0.01,), (int(g.rng.integers(-128, 128)),))
        )
    else:
        fits = [y for y in g.images if g.shape(y) != shape and is_broadcast(g.shape(y), shape)]
        if not fits:
            return
        gate = g.draw(fits[-4:])
    inputs = (x, gate) if g.rng.random() < 0.5 else (gate, x)
    name = g.draw(["MUL"] * 6 + ["ADD", "SUB"])
    g.images.append(g.op(name, inputs, shape, activation=g.draw(["NONE"] * 5 + ["RELU"])))


def together(g: Growing) -> None:
    x = g.image()
    y = g.draw([y for y in g.images if g.shape(y) == g.shape(x)])
    g.images.append(g.op(g.draw(["ADD", "MUL", "SUB", "MAXIMUM"]), (x, y), g.shape(x)))


def arithmetic(g: Growing) -> None:
    """With a constant of one value."""
    x = g.image()
    one = g.net.add(constant(int(g.rng.integers(-128, 128)), "int8", (0.02,), (int(g.rng.integers(-5, 5)),)))
    inputs = (x, one) if g.rng.random() < 0.5 else (one, x)
    g.images.append(g.op(g.draw(["ADD", "MUL", "SUB"]), inputs, g.shape(x), activation=g.activation()))


def block(g: Growing) -> None:
    """Squeeze-and-excitation of an image, and the convolution that reads it."""
    convolution(g)
    x = g.images[-1]
    shape = g.shape(x)
    gates, name, options = g.draw(squeezes(shape))
    gate = g.op("LOGISTIC", (g.op(name, (x,), gates, quantisation(g, x), **options),), gates, PROBABILITY)
    product = g.op("MUL", (x, gate), shape)
    g.images.extend((gate, product))
    if g.rng.random() < 0.7:
        convolved(g, product)


def squeezes(shape: Shape) -> list[tuple[Shape, str, dict[str, Any]]]:
    """The ops that reduce an image to one position or to one column: the output's shape, the op, its options."""
    _, height, width, channels = shape
    means = (((1, 1, 1, channels), [1, 2]), ((1, height, 1, channels), [2]))
    return [
        *((gates, "MEAN", {"axes": axes, "keep_dims": True}) for gates, axes in means),
        ((1, 1, 1, channels), "REDUCE_MAX", {"axes": [1, 2], "keep_dims": True}),
        *(((1, 1, 1, channels), name, {"filter": (height, width)}) for name in POOLS),
    ]


STEPS: tuple[Callable[[Growing], None], ...] = (
    *(convolution, convolution, convolution, pool, squeeze, squeeze, table, table),
    *(reshape, spread, spread, spread, spread, together, arithmetic, block, block),
)


def is_broadcast(small: Shape, large: Shape) -> bool:
    return all(a in (1, b) for a, b in zip(small, large, strict=True))


class Pruned(Network):
    """Of whose filters some are 0, of whose channels some are not read, and of whose biases some outweigh the rest."""

    def layer(self, name: str, x: int, weights: Shape, output: TensorSpec, **options: Any) -> int:
        y = super().layer(name, x, weights, output, **options)
        filters, bias = (self.tensors[index].data for index in self.ops[-1].inputs[1:])
        assert filters is not None
        assert bias is not None
        outputs = self.rng.random(len(bias)) < 0.4
        if name == "DEPTHWISE_CONV_2D":
            filters[..., outputs] = 0
        else:
            filters[outputs] = 0
            filters[..., self.rng.random(weights[-1]) < 0.2] = 0
        bias[...] = np.where(self.rng.random(len(bias)) < 0.6, 0, bias)
        bias[...] = np.where(self.rng.random(len(bias)) < 0.2, self.rng.choice((-(1 << 24), 1 << 24)), bias)
        return y


def random_network(seed: int, network: type[Network] = Network, heights: Sequence[int] = HEIGHTS) -> bytes:
    """A network that is drawn from a seed; some of what is read inside is an output as well."""
    g = Growing(seed, network, heights)
    for _ in range(int(g.rng.integers(3, 14))):
        g.draw(list(STEPS))(g)
    written = [index for op in g.net.ops for index in op.outputs]
    if not written:
        convolution(g)
        written = [g.net.ops[-1].outputs[0]]
    read = {index for op in g.net.ops for index in op.inputs}
    outputs = [index for index in written if index not in read or g.rng.random() < 0.1]
    return model(g.net.tensors, g.net.ops, outputs)
