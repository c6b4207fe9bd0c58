"""Give every op the name of the Keras layer it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from firmware_export import ir
from firmware_export.ir import Graph, Op

# The last part of the name that the converter gives to what a weighted layer computes.
WEIGHTED = {
    ir.Conv2D: ("Conv2D", "Conv1D", "convolution"),
    ir.TransposeConv: ("conv_transpose",),
    ir.DepthwiseConv2D: ("depthwise", "separable_conv2d"),
    ir.FullyConnected: ("MatMul", "dot_general"),
}
INNER = frozenset({"Tensordot", "BiasAdd", "ReadVariableOp", "batchnorm"})  # scopes that layers open in themselves
OUTERMOST = re.compile(r"^(?:StatefulPartitionedCall[^/]*|frozen(?:_\d+)?)/")  # around what the user made
FROZEN = re.compile(r"^frozen(?:_\d+)?$")  # what holds the network while it is converted
LONGEST = 80  # characters of a name in C
WITHOUT_LAYER = re.compile(r"^(Identity|StatefulPartitionedCall|PartitionedCall|serving_default|arith|tfl\.)")


@dataclass(frozen=True)
class LayerNames:
    """What is known of the model a `.tflite` was made from: conversion numbers its layers, and renames its outputs."""

    layers: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()  # what computes each output, as TensorFlow calls it: net/layer/Op

    @property
    def known(self) -> frozenset[str]:
        """The layers, to look up."""
        return frozenset(self.layers)


NO_NAMES = LayerNames()


def name_layers(graph: Graph, names: LayerNames) -> Graph:
    """Rename ops, which carry their output tensor's name, after their layers; names come out unique C identifiers."""
    known = names.known
    taken: set[str] = set()
    ops = []
    for op in graph.ops:
        name = unique(identifier(layer_of(op, known)), kind=op.kind.lower(), taken=taken)
        taken.add(name)
        ops.append(replace(op, name=name))
    return replace(graph, ops=tuple(ops))


def layer_of(op: Op, known: frozenset[str]) -> str:
    """The layer's own name; the op's kind where the file tells none."""
    split = [without_inner(path.split("/")) for path in paths(op)]
    marks = WEIGHTED.get(type(op.attrs), ())
    weighted = [parts[-2] for parts in split if len(parts) > 1 and parts[-1].startswith(marks)]
    others = [scope_of(parts, known) for parts in split if len(parts) > 1 and not WITHOUT_LAYER.match(parts[-2])]
    return original(next(iter(weighted + others), op.kind), known)


def scope_of(parts: Sequence[str], known: frozenset[str]) -> str:
    """The layer that computes something; what it computes, where that stands in none of the layers."""
    alone = len(parts) == 3 and FROZEN.match(parts[0]) and original(parts[1], known) not in known
    return parts[-1] if alone else parts[-2]


def without_inner(parts: Sequence[str]) -> list[str]:
    """Without scopes that layers open in themselves; the last part tells what is computed there, whatever its name."""
    return [*(part for part in parts[:-1] if part not in INNER), parts[-1]]


def layer_name(tensors: Sequence[str], known: frozenset[str]) -> str:
    """What messages call the layer of an op whose output and constants have these names: a known layer's own name."""
    every = [OUTERMOST.sub("", path) for name in tensors for path in name.split(";")]
    layers = (original(part, known) for path in every for part in reversed(path.split("/")))
    telling = (path for path in every if not WITHOUT_LAYER.match(path))
    return next((layer for layer in layers if layer in known), next(telling, [*every, "an op without output"][0]))


def paths(op: Op) -> Iterator[str]:
    """The parts of the names of the weights and of the output."""
    tensors = (*op.inputs[1:2], *op.outputs) if type(op.attrs) in WEIGHTED else op.outputs
    for tensor in tensors:
        yield from tensor.split(";")


def original(name: str, known: frozenset[str]) -> str:
    """Undo the number that Keras appends as the frozen model calls every layer once more.

    So `conv2d_1` is the layer conv2d where there is one, and `conv2d_1_2` is conv2d_1.
    """
    shorter = re.sub(r"_\d+$", "", name)
    return shorter if shorter in known else name


def identifier(name: str) -> str:
    """A C identifier that reads like the name."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name)[:LONGEST].strip("_").lower() or "layer"
    return text if not text[0].isdigit() else f"layer_{text}"


def unique(name: str, *, kind: str, taken: set[str]) -> str:
    """The name, with the op's kind, then a number, where it is taken."""
    if name not in taken:
        return name
    stem = f"{name}_{kind}"
    numbered = (f"{stem}_{number}" for number in count(2))
    return next(candidate for candidate in chain((stem,), numbered) if candidate not in taken)
