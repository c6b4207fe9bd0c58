"""Between which values each channel of each tensor lies, whatever the input: intervals through the exact formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import singledispatch
from itertools import product
from typing import NamedTuple

import numpy as np

from firmware_export import op_parameters
from firmware_export.errors import UnsupportedOp
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import (
    Add,
    Attrs,
    AveragePool2D,
    Clamp,
    Concatenation,
    Conv2D,
    Copy,
    DepthwiseConv2D,
    DType,
    FullyConnected,
    Graph,
    Lookup,
    Maximum,
    MaxPool2D,
    Mean,
    Minimum,
    Mul,
    Pad,
    ReduceMax,
    ReduceMin,
    Reshape,
    Sub,
    Tensor,
    TransposeConv,
    Window,
)
from firmware_export.quantised_math import (
    ChannelParameters,
    Int8,
    convolution_output,
    fully_connected_output,
    wrap_int32,
)

SAFE = 1 << 30  # sums below it wrap nowhere: neither scaled nor with a zero point
MOST_LEFT_SHIFT = 13  # of a product of two int8 with their offsets, so that it stays below SAFE
MOST_CHANNELS = 1 << 16  # that are looked at: a damaged file may claim any number
MOST_AVERAGED = 1 << 21  # so that a sum of int8 with their offsets stays below SAFE


class Ranges(NamedTuple):
    """The lowest and the highest value of each channel (last axis) at any position, inclusive."""

    low: Array
    high: Array

    @property
    def fixed(self) -> Array:
        """Which channels are one value, always and everywhere."""
        return np.asarray(self.low == self.high)


@dataclass(frozen=True, eq=False)
class Filters:
    """The weights of a layer, by group: [groups, outputs of one, taps, inputs of one], and its bias."""

    weights: Array
    bias: Array
    leaves_image: bool  # whether some window reaches outside, where there is the input's zero point

    @property
    def groups(self) -> int:
        """How many."""
        return int(self.weights.shape[0])

    @property
    def per_input(self) -> Array:
        """The weights of each input channel, added up: [groups, outputs of one, inputs of one]."""
        return np.asarray(self.weights.sum(axis=2))


def channel_ranges(graph: Graph) -> Mapping[str, Ranges]:
    """The ranges of every int8 tensor that has channels, not too many."""
    known: dict[str, Ranges] = {}
    for tensor in graph.tensors.values():
        if is_int8(tensor):
            known[tensor.name] = of_constant(tensor.data) if tensor.data is not None else any_int8(tensor)
    for op in graph.ops:
        read = [name for name in op.inputs if graph.tensors[name].dtype is not DType.INT32]
        if not all(name in known for name in (*read, *op.outputs)):
            continue
        with suppress(UnsupportedOp):  # a later step says so
            tensors = graph.of((*op.inputs, *op.outputs))
            known[op.outputs[0]] = ranges_of(op.attrs, tensors, [known[name] for name in read])
    return known


def is_int8(tensor: Tensor) -> bool:
    """Whether it has channels of int8, and not too many."""
    channels = tensor.shape[-1] if tensor.shape else 0
    return tensor.dtype is DType.INT8 and 0 < channels <= MOST_CHANNELS and tensor.elements > 0


def any_int8(tensor: Tensor) -> Ranges:
    """Where nothing is known."""
    return Ranges(np.full(tensor.shape[-1], -128), np.full(tensor.shape[-1], 127))


def of_constant(data: Array) -> Ranges:
    """What a constant's channels hold."""
    values = data.reshape(-1, data.shape[-1]).astype(np.int64)
    return Ranges(values.min(axis=0), values.max(axis=0))


Tensors = tuple[Tensor, ...]  # an op's inputs, then its output


@singledispatch
def ranges_of(attrs: Attrs, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    """The ranges of an op's output; inputs: of the int8 ones. Of an op that is not registered: any."""
    return any_int8(tensors[-1])


@ranges_of.register
def _(attrs: Conv2D | DepthwiseConv2D | TransposeConv, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    filters = filters_of(attrs, tensors)
    if filters is None:
        return any_int8(tensors[-1])
    sums = sum_ranges(filters, inputs[0], tensors[0].zero_point)
    return scaled(sums, op_parameters.convolution(tensors, attrs.clamp), convolution_output)


@ranges_of.register
def _(attrs: FullyConnected, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    filters = filters_of(attrs, tensors)
    if filters is None:
        return any_int8(tensors[-1])
    sums = sum_ranges(filters, inputs[0], tensors[0].zero_point)
    return scaled(sums, op_parameters.fully_connected(tensors, attrs.clamp), fully_connected_output)


def filters_of(attrs: Attrs, tensors: Tensors) -> Filters | None:
    """The weights of a layer that has some; None where channels and weights do not line up."""
    x, *others, output = tensors
    weights = others[0].data if others else None
    if weights is None or any(other.data is None for other in others):
        return None
    channels, outputs, w = x.shape[-1], output.shape[-1], weights.astype(np.int64)
    leaves_image = False
    match attrs:
        case Conv2D(window):
            groups, leaves_image = channels // w.shape[3], reaches_outside(window, x, output)
        case DepthwiseConv2D(window):
            groups, leaves_image = channels, reaches_outside(window, x, output)
            w = w.reshape(-1, outputs).T[..., np.newaxis]
        case TransposeConv():
            groups, leaves_image = 1, True  # not every position is under the same taps
        case FullyConnected() if w.shape[1] % channels == 0:
            groups, w = 1, w.reshape(outputs, -1, channels)
        case _:
            return None
    bias = np.zeros(outputs, np.int64) if not others[1:] else np.asarray(others[1].data, np.int64).ravel()
    return Filters(w.reshape(groups, outputs // groups, -1, channels // groups), bias, leaves_image)


def reaches_outside(window: Window, x: Tensor, output: Tensor) -> bool:
    """Whether a window lies partly outside the image."""
    lasts = (
        (size - 1) * stride - before + (kernel - 1) * dilation
        for size, stride, before, kernel, dilation in zip(
            output.shape[1:3], window.stride, window.before, window.kernel, window.dilation, strict=True
        )
    )
    return any(window.before) or any(last >= size for last, size in zip(lasts, x.shape[1:3], strict=True))


def sum_ranges(filters: Filters, x: Ranges, zero_point: int) -> Ranges:
    """The sums of each output channel, bias included, before they wrap."""
    low, high = x.low - zero_point, x.high - zero_point
    if filters.leaves_image:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    up, down = (clip(filters.weights, 0).sum(axis=2) for clip in (np.maximum, np.minimum))
    low, high = (np.asarray(values, np.int64).reshape(filters.groups, -1, 1) for values in (low, high))
    return Ranges(
        (up @ low + down @ high).ravel() + filters.bias,
        (up @ high + down @ low).ravel() + filters.bias,
    )


def scaled(sums: Ranges, parameters: ChannelParameters, output: Callable[[Array, ChannelParameters], Int8]) -> Ranges:
    """The outputs of these sums. Scaling never falls, so the ends tell; unless something between them may wrap."""
    low, high = (output(wrap_int32(end), parameters).astype(np.int64) for end in sums)
    limit = SAFE >> np.clip(parameters.shifts, 0, 31)
    known = (np.maximum(np.abs(sums.low), np.abs(sums.high)) < limit) | sums.fixed
    clamp = parameters.clamp
    return Ranges(np.where(known, low, clamp.low), np.where(known, high, clamp.high))


@ranges_of.register
def _(attrs: AveragePool2D | MaxPool2D, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    return clipped(inputs[0], attrs.clamp)


def clipped(ranges: Ranges, clamp: Clamp) -> Ranges:
    """Both ends within the clamp."""
    return Ranges(*(np.clip(end, clamp.low, clamp.high) for end in ranges))


@ranges_of.register
def _(attrs: Copy, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    return inputs[0]


@ranges_of.register
def _(attrs: ReduceMax | ReduceMin, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    return inputs[0] if keeps_channels(attrs.axes, tensors[0]) else any_int8(tensors[-1])


def keeps_channels(axes: tuple[int, ...], x: Tensor) -> bool:
    """Whether a reduction goes over other axes than the channels."""
    return len(x.shape) - 1 not in axes


@ranges_of.register
def _(attrs: Mean, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    x, output = tensors
    if not keeps_channels(attrs.axes, x) or x.elements > MOST_AVERAGED:
        return any_int8(output)
    low, high = (
        evaluate(attrs, tensors, (np.broadcast_to(end, x.shape),)).reshape(-1, x.shape[-1])[0].astype(np.int64)
        for end in inputs[0]
    )
    known = inputs[0].fixed | (op_parameters.mean(tensors, attrs.axes).shift <= 0)
    return Ranges(np.where(known, low, -128), np.where(known, high, 127))


@ranges_of.register
def _(attrs: Add | Sub | Mul | Maximum | Minimum, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    """Each of them, of one operand, rises or falls all the way: the corners tell."""
    a, b = inputs
    corners = [evaluate(attrs, tensors, (x, y)).astype(np.int64) for x, y in product(a, b)]
    known = np.ones(tensors[-1].shape[-1], bool)
    if isinstance(attrs, Mul) and op_parameters.multiplication(tensors, attrs.clamp).shift > MOST_LEFT_SHIFT:
        known = a.fixed & b.fixed
    return Ranges(np.where(known, np.min(corners, axis=0), -128), np.where(known, np.max(corners, axis=0), 127))


@ranges_of.register
def _(attrs: Lookup, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    parts = [attrs.table[low + 128 : high + 129] for low, high in zip(*inputs[0], strict=True)]
    return Ranges(np.array([min(part) for part in parts]), np.array([max(part) for part in parts]))


@ranges_of.register
def _(attrs: Reshape, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    (low, high), channels = inputs[0], tensors[-1].shape[-1]
    if channels % len(low) == 0:
        return Ranges(np.tile(low, channels // len(low)), np.tile(high, channels // len(high)))
    if len(low) % channels == 0:
        return Ranges(low.reshape(-1, channels).min(axis=0), high.reshape(-1, channels).max(axis=0))
    return any_int8(tensors[-1])


@ranges_of.register
def _(attrs: Concatenation, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    lows, highs = zip(*inputs, strict=True)
    if attrs.axis == len(tensors[-1].shape) - 1:
        return Ranges(np.concatenate(lows), np.concatenate(highs))
    return Ranges(np.min(lows, axis=0), np.max(highs, axis=0))


@ranges_of.register
def _(attrs: Pad, tensors: Tensors, inputs: list[Ranges]) -> Ranges:
    if attrs.padding[-1] != (0, 0):
        return any_int8(tensors[-1])
    return Ranges(np.minimum(inputs[0].low, attrs.value), np.maximum(inputs[0].high, attrs.value))
