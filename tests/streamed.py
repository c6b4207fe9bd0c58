"""A network whose layers are worth running depth first, of any size."""

from __future__ import annotations

from tests.affines import tensor
from tests.chain import ACTIVATION, Chain
from tests.kernels.window_sizes import output_size
from tests.single_op import model


def streamed(side: int = 24, wide: int = 16, narrow: int = 4, stride: int = 1) -> bytes:
    """An image, a wide convolution of a stride, depthwise ones of both paddings, narrow ones, a sum, a classifier."""
    net = Chain()
    image, strides = net.image((1, side, side, 3)), (stride, stride)
    made = tensor((1, *output_size("SAME", (side, side), (3, 3), strides), wide), ACTIVATION)
    first = net.layer("CONV_2D", image, (wide, 3, 3, 3), made, padding="SAME", strides=strides)
    narrowed = net.depthwise(net.conv(net.depthwise(first), narrow), padding="VALID")
    both = net.elementwise("ADD", narrowed, net.conv(narrowed, narrow))
    net.dense(net.op("MEAN", (both,), tensor((1, narrow), ACTIVATION), axes=[1, 2]), 5)
    return model(net.tensors, net.ops)
