"""Drop the channels that tell the layers behind them nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from firmware_export.interpreter.evaluate import Array
from firmware_export.ir import (
    Add,
    Attrs,
    AveragePool2D,
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
    Op,
    Pad,
    ReduceMax,
    ReduceMin,
    Reshape,
    Sub,
    Tensor,
    TransposeConv,
)
from firmware_export.passes.channel_ranges import Ranges, channel_ranges, filters_of, is_int8, keeps_channels
from firmware_export.passes.remove_unused import remove_unused
from firmware_export.quantised_math import wrap_int32

Mask = Array  # of bool, one a channel


def remove_dead_channels(graph: Graph) -> Graph:
    """Before: channels may be constant whatever the input, or be read with weights of 0 alone. After: such channels are
    gone, with their filters, wherever every layer that reads them can take what they add into its bias, exactly.

    Outside an image is the zero point: a constant is taken into the bias of a padded layer only where it is that. What
    goes in and comes out keeps its shape, and every tensor one channel.
    """
    ranges = channel_ranges(graph)
    kept = kept_channels(graph, ranges)
    return graph if all(mask.all() for mask in kept.values()) else Removal(graph, ranges, kept).result()


class Tie(NamedTuple):
    """Channels of two tensors that stay or go together, pair by pair."""

    a: str
    a_channels: Array
    b: str
    b_channels: Array


def kept_channels(graph: Graph, ranges: Mapping[str, Ranges]) -> Mapping[str, Mask]:
    """The channels of every computed tensor that have to stay: as few as can be."""
    kept = {
        tensor.name: np.zeros(tensor.shape[-1], bool)
        for tensor in graph.tensors.values()
        if is_int8(tensor) and tensor.data is None
    }
    ties: list[Tie] = []
    whole = set((*graph.given, *graph.results))
    for op in graph.ops:
        found = ties_of(op, graph)
        if found is None:
            whole.update((*op.inputs, *op.outputs))
            continue
        ties.extend(found)
        if isinstance(op.attrs, Conv2D | TransposeConv | FullyConnected) and op.inputs[0] in kept:
            kept[op.inputs[0]] |= needed_by(op, graph, ranges[op.inputs[0]])
    for name in whole & set(kept):
        kept[name][:] = True
    settle(kept, ties)
    for mask in kept.values():
        if not mask.any():
            mask[0] = True
            settle(kept, ties)
    return kept


def settle(kept: Mapping[str, Mask], ties: list[Tie]) -> None:
    """Keep what is tied to what is kept, until nothing is left to be done."""
    changed = True
    while changed:
        changed = False
        for tie in ties:
            a, b = kept[tie.a], kept[tie.b]
            differing = a[tie.a_channels] != b[tie.b_channels]
            if differing.any():
                a[tie.a_channels[differing]] = b[tie.b_channels[differing]] = True
                changed = True


def needed_by(op: Op, graph: Graph, ranges: Ranges) -> Mask:
    """The channels that a layer cannot do without: neither constant where it reads them, nor read with weights of 0."""
    tensors = graph.of((*op.inputs, *op.outputs))
    filters = filters_of(op.attrs, tensors)
    assert filters is not None
    foldable = ranges.fixed
    if filters.leaves_image:
        foldable = foldable & (ranges.low == tensors[0].zero_point)
    used = np.any(filters.weights[0] != 0, axis=(0, 1))
    return np.asarray(used & ~foldable)


def ties_of(op: Op, graph: Graph) -> list[Tie] | None:
    """Which channels the op ties together; None where it needs all of its tensors' channels."""
    *inputs, output = tensors = graph.of((*op.inputs, *op.outputs))
    computed = [tensor for tensor in inputs if tensor.data is None]
    if not computed or not all(is_int8(tensor) for tensor in (*computed, output)):
        return None
    match op.attrs:
        case Conv2D() | TransposeConv() | FullyConnected() | DepthwiseConv2D():
            return ties_of_layer(op.attrs, tensors)
        case Add() | Sub() | Mul() | Maximum() | Minimum():  # one with a value for all channels keeps its only channel
            alike = (tensor for tensor in computed if tensor.shape[-1] == output.shape[-1])
            return [Tie(*every(tensor), *every(output)) for tensor in alike]
        case Reshape():
            return reshaped(inputs[0], output)
        case Concatenation(axis) if len(computed) == len(inputs):
            return joined(computed, output, axis)
    return [Tie(*every(inputs[0]), *every(output))] if treats_channels_alike(op, inputs[0]) else None


def ties_of_layer(attrs: Attrs, tensors: tuple[Tensor, ...]) -> list[Tie] | None:
    """Of a layer with filters: a depthwise convolution alone ties, unless all its filters read one channel."""
    (x, *_, output), filters = tensors, filters_of(attrs, tensors)
    if filters is None:
        return None
    if isinstance(attrs, DepthwiseConv2D) and filters.groups > 1:
        return [Tie(x.name, np.arange(output.shape[-1]) // attrs.multiplier, *every(output))]
    return [] if filters.groups == 1 else None


def treats_channels_alike(op: Op, x: Tensor) -> bool:
    """Whether the op makes each channel out of the same one of its input."""
    match op.attrs:
        case Lookup() | AveragePool2D() | MaxPool2D() | Copy():
            return True
        case Mean(axes) | ReduceMax(axes) | ReduceMin(axes):
            return keeps_channels(axes, x)
        case Pad(padding):
            return padding[-1] == (0, 0)
    return False


def every(tensor: Tensor) -> tuple[str, Array]:
    """All channels of a tensor."""
    return tensor.name, np.arange(tensor.shape[-1])


def reshaped(x: Tensor, output: Tensor) -> list[Tie] | None:
    """Channels that lie in one place before and after, where positions and channels change places in whole groups."""
    before, after = x.shape[-1], output.shape[-1]
    if before % after and after % before:
        return None
    channels = np.arange(max(before, after))
    return [Tie(x.name, channels % before, output.name, channels % after)]


def joined(inputs: list[Tensor], output: Tensor, axis: int) -> list[Tie]:
    """A concatenation: along the channels one behind the other, else each the same."""
    if axis != len(output.shape) - 1:
        return [Tie(*every(tensor), *every(output)) for tensor in inputs]
    firsts = np.cumsum([0, *(tensor.shape[-1] for tensor in inputs)])
    return [
        Tie(*every(tensor), output.name, first + np.arange(tensor.shape[-1]))
        for tensor, first in zip(inputs, firsts[:-1], strict=True)
    ]


@dataclass(frozen=True, eq=False)
class Removal:
    """A graph, what its channels hold, and which of them stay."""

    graph: Graph
    ranges: Mapping[str, Ranges]
    kept: Mapping[str, Mask]

    def result(self) -> Graph:
        """The graph without the channels that do not stay."""
        tensors = {name: self.shrunk(tensor) for name, tensor in self.graph.tensors.items()}
        ops = []
        for op in self.graph.ops:
            constants = {place: self.renamed(tensor, op) for place, tensor in self.constants(op).items()}
            tensors |= {tensor.name: tensor for tensor in constants.values()}
            names = dict(enumerate(op.inputs)) | {place: tensor.name for place, tensor in constants.items()}
            ops.append(replace(op, attrs=self.attrs(op), inputs=tuple(names.values())))
        return remove_unused(replace(self.graph, ops=tuple(ops), tensors=tensors))

    def shrunk(self, tensor: Tensor) -> Tensor:
        """A computed tensor with the channels that stay."""
        mask = self.kept.get(tensor.name)
        if mask is None or mask.all():
            return tensor
        before = np.delete(np.arange(len(mask) + len(tensor.removed)), tensor.removed)
        removed = tuple(sorted((*tensor.removed, *before[~mask].tolist())))
        return replace(tensor, shape=(*tensor.shape[:-1], int(mask.sum())), removed=removed)

    def renamed(self, tensor: Tensor, op: Op) -> Tensor:
        """A constant that another op may have otherwise."""
        name = f"{tensor.name}#{op.name}"
        while name in self.graph.tensors:
            name += "#"
        return replace(tensor, name=name, index=None)

    def mask(self, name: str) -> Mask:
        """Which channels of a tensor stay."""
        return self.kept.get(name, np.ones(self.graph.tensors[name].shape[-1:], bool))

    def attrs(self, op: Op) -> Attrs:
        """The op's attributes: of one channel, a depthwise convolution may make fewer."""
        if isinstance(op.attrs, DepthwiseConv2D) and op.inputs[0] in self.kept:
            inputs, outputs = (int(self.mask(name).sum()) for name in (op.inputs[0], op.outputs[0]))
            return replace(op.attrs, multiplier=outputs // inputs)
        return op.attrs

    def constants(self, op: Op) -> dict[int, Tensor]:
        """The op's constants for the channels that stay, by their place among its inputs, where they are others."""
        if all(self.mask(name).all() for name in (*op.inputs, *op.outputs)):
            return {}
        match op.attrs:
            case Conv2D() | TransposeConv() | FullyConnected():
                return self.of_layer(op)
            case DepthwiseConv2D():
                outputs = self.mask(op.outputs[0])
                rest = enumerate(self.graph.of(op.inputs[1:]), 1)
                return {place: cut(tensor, np.asarray(tensor.data)[..., outputs], outputs) for place, tensor in rest}
            case Add() | Sub() | Mul() | Maximum() | Minimum():
                return self.of_elementwise(op)
        return {}

    def of_elementwise(self, op: Op) -> dict[int, Tensor]:
        """A constant that has a value for each channel loses some."""
        mask = self.mask(op.outputs[0])
        operands = enumerate(self.graph.of(op.inputs))
        return {
            place: cut(tensor, tensor.data[..., mask])
            for place, tensor in operands
            if tensor.data is not None and tensor.shape[-1:] == mask.shape
        }

    def of_layer(self, op: Op) -> dict[int, Tensor]:
        """Fewer filters, and what the channels that go would have added in the bias, which wraps as the sums do."""
        x, weights, *bias, output = tensors = self.graph.of((*op.inputs, *op.outputs))
        filters = filters_of(op.attrs, tensors)
        assert filters is not None
        assert weights.data is not None
        inputs, outputs = self.mask(x.name), self.mask(output.name)
        lost = filters.per_input[0][:, ~inputs] @ (self.ranges[x.name].low - x.zero_point)[~inputs]
        sums = wrap_int32(filters.bias + lost)[outputs].astype(np.int32)
        columns = np.tile(inputs, weights.shape[-1] // len(inputs))
        changed = {1: cut(weights, weights.data[outputs][..., columns], outputs)}
        if bias:
            changed[2] = cut(bias[0], sums, outputs)
        elif sums.any():
            changed[2] = Tensor(f"{output.name}#bias", sums.shape, DType.INT32, data=sums)
        return changed


def cut(tensor: Tensor, data: Array, outputs: Mask | None = None) -> Tensor:
    """A constant with other data, and the scales of those output channels that stay, where each has its own."""
    quant = tensor.quant
    if quant is not None and outputs is not None and len(quant.scale) > 1:
        zero_points = np.resize(quant.zero_point, len(outputs))[outputs]
        quant = replace(
            quant, scale=tuple(np.array(quant.scale)[outputs].tolist()), zero_point=tuple(zero_points.tolist())
        )
    return replace(tensor, shape=data.shape, quant=quant, data=data)
