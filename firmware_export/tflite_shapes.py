"""The shape that an op gives its output: the reference computes it anew, whatever the file says."""

from __future__ import annotations

import math

from firmware_export.ir import Tensor
from firmware_export.tflite_node import Node, OtherShape, constant, integers, require

Shape = tuple[int, ...]


def require_shape(node: Node, shape: Shape) -> None:
    """Refuse an output of another shape than the op gives."""
    if node.output.shape != shape:
        raise OtherShape(node.where, node.kind, shape, node.output.shape)


def reduced(node: Node, axes: Shape) -> Shape:
    """Without `axes`, or with each of size 1."""
    keeps = node.options is not None and node.options.KeepDims()
    sizes = enumerate(node.inputs[0].shape)
    return tuple(1 if axis in axes else size for axis, size in sizes if keeps or axis not in axes)


def product(node: Node, units: int, depth: int) -> Shape:
    """[rows, units], or the input's axes with `units` as the last one."""
    x = node.inputs[0]
    if node.options is None or not node.options.KeepNumDims():
        return (x.elements // depth, units)
    require(node, x.shape[-1:] == (depth,), "has an input that its weights do not fit")
    return (*x.shape[:-1], units)


def reshaped(node: Node) -> Shape:
    """The shape asked for, its -1 filled in."""
    asked = asked_shape(node)
    if asked == (0,):  # how old converters write a scalar
        return ()
    known = math.prod(size for size in asked if size != -1)
    require(node, asked.count(-1) <= 1 and min(asked, default=1) >= -1 and known > 0, "asks for an impossible shape")
    return tuple(node.inputs[0].elements // known if size == -1 else size for size in asked)


def asked_shape(node: Node) -> Shape:
    """What RESHAPE is told: by a constant input, else by its options."""
    if len(node.inputs) > 1:
        require(node, len(constant(node, 1).shape) == 1, "asks for a shape that is no list")
        return integers(node, 1)
    require(node, node.options is not None and node.options.NewShapeLength() > 0, "asks for no shape")
    return tuple(node.options.NewShape(index) for index in range(min(node.options.NewShapeLength(), 64)))


def squeezed(node: Node) -> Shape:
    """Without the axes asked for; without every axis of size 1 where none is."""
    x, options = node.inputs[0], node.options
    count = 0 if options is None else options.SqueezeDimsLength()
    asked = [options.SqueezeDims(index) for index in range(min(count, len(x.shape)))]
    axes = [existing_axis(node, axis, x) for axis in asked]
    require(node, all(x.shape[axis] == 1 for axis in axes), "squeezes an axis that is longer than 1")
    return tuple(size for axis, size in enumerate(x.shape) if (axis not in axes if axes else size != 1))


def expanded(node: Node) -> Shape:
    """With an axis of size 1 more."""
    x, asked = node.inputs[0], integers(node, 1)
    require(node, len(asked) == 1 and -len(x.shape) - 1 <= asked[0] <= len(x.shape), "adds an axis that cannot be")
    place = asked[0] % (len(x.shape) + 1)
    return (*x.shape[:place], 1, *x.shape[place:])


def existing_axis(node: Node, axis: int, tensor: Tensor) -> int:
    """The axis, not negative; refuses one that the tensor has not."""
    rank = len(tensor.shape)
    require(node, -rank <= axis < rank, "names an axis that does not exist")
    return axis % rank
