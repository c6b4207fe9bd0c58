"""Find the attention blocks of a network: what they read, what they gate, and what they consist of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from firmware_export.ir import (
    Add,
    BatchMatMul,
    DType,
    Excite,
    Graph,
    Lookup,
    Mul,
    Op,
    Rearrange,
    Reshape,
    Softmax,
    SquaredDifference,
    Tensor,
)
from firmware_export.layer_names import unique


class Attention(Enum):
    """What a block decides by what it sees."""

    CHANNEL = "channel"  # a gate a channel: squeeze-and-excitation, ECA
    SPATIAL = "spatial"  # a gate a position
    COORDINATE = "coordinate"  # a gate a row, a gate a column
    CONTEXT = "context"  # one vector, the same at all positions, that is added
    SELF = "self"  # dot products of positions


@dataclass(frozen=True)
class AttentionBlock:
    """The ops of a block, in the network's order, and the tensor that gates, where one does."""

    name: str  # of its layer, as far as the op that applies the gate, or the softmax, tells
    kind: Attention
    ops: tuple[str, ...]
    gate: str = ""


Ops = Mapping[str, Op]  # by what they write, or what they read


@dataclass(frozen=True)
class GateValues:
    """Where the reference keeps a gate, the number of its tensor in the `.tflite`, and what int8 it can hold."""

    index: int
    zero_point: int
    low: int
    high: int


def gate_values(block: AttentionBlock, graph: Graph) -> GateValues | None:
    """The gate of a block; None where it has none, or the `.tflite` does not have it."""
    tensor = graph.tensors.get(block.gate)
    if tensor is None or tensor.index is None or tensor.dtype is not DType.INT8:
        return None
    writers = {name: op for op in graph.ops for name in op.outputs}
    writer = writers.get(block.gate)
    while writer is not None and isinstance(writer.attrs, Reshape):
        writer = writers.get(writer.inputs[0])
    table = writer.attrs.table if writer is not None and isinstance(writer.attrs, Lookup) else (-128, 127)
    return GateValues(tensor.index, tensor.zero_point, min(table), max(table))


def attention_blocks(graph: Graph) -> tuple[AttentionBlock, ...]:
    """Every block, in the network's order, however it is written and whatever of it runs inside other ops.

    A gate is a tensor smaller than the image that it is multiplied by, computed from that image and from nothing else.
    """
    writers = {name: op for op in graph.ops for name in op.outputs}
    readers = {name: op for op in reversed(graph.ops) for name in op.inputs}  # the first of each
    blocks: list[AttentionBlock] = []
    for op in graph.ops:
        block = gated(op, graph, writers) or self_attention(op, graph, writers, readers)
        if block is None:
            continue
        if blocks and block.kind is blocks[-1].kind is Attention.COORDINATE and gates_again(block, blocks[-1], graph):
            ops = tuple(one.name for one in graph.ops if one.name in {*blocks[-1].ops, *block.ops})
            blocks[-1] = replace(blocks[-1], ops=ops)
            continue
        blocks.append(block)
    return tuple(named_apart(blocks))


def named_apart(blocks: list[AttentionBlock]) -> Iterator[AttentionBlock]:
    """The blocks, those of one layer told apart by their kinds, then by numbers."""
    taken: set[str] = set()
    for block in blocks:
        name = unique(block.name, kind=block.kind.value, taken=taken)
        taken.add(name)
        yield replace(block, name=name)


def gated(op: Op, graph: Graph, writers: Ops) -> AttentionBlock | None:
    """The block that ends in an op which multiplies an image by its gate, or adds its context."""
    if not isinstance(op.attrs, Mul | Excite | Add):
        return None
    output = graph.tensors[op.outputs[0]]
    for x, gate in (op.inputs, op.inputs[::-1]):
        small, image = graph.tensors[gate], graph.tensors[x]
        if small.data is not None or image.shape != output.shape or small.elements >= image.elements:
            continue
        behind = derived(gate, sources(x, writers), graph, writers)
        if not behind or normalises(behind):
            continue
        names = {one.name for one in behind} | {op.name}
        ops = tuple(one.name for one in graph.ops if one.name in names)
        kind = Attention.CONTEXT if isinstance(op.attrs, Add) else kind_of(small, image)
        return AttentionBlock(layer_of(op), kind, ops, "" if kind is Attention.CONTEXT else gate)
    return None


def kind_of(gate: Tensor, x: Tensor) -> Attention:
    """What a gate of this shape decides about; shapes count from the channels on."""
    if gate.elements == gate.shape[-1] == x.shape[-1]:
        return Attention.CHANNEL
    return Attention.SPATIAL if gate.shape[-1] != x.shape[-1] else Attention.COORDINATE


def sources(x: str, writers: Ops) -> set[str]:
    """The image, and what it was before earlier gates: two gates may be computed from one image."""
    found = {x}
    while x in writers and isinstance(writers[x].attrs, Mul | Excite):
        x = writers[x].inputs[0]
        found.add(x)
    return found


def derived(name: str, wanted: set[str], graph: Graph, writers: Ops) -> list[Op]:
    """The ops that compute a tensor from `wanted` and constants alone; none where it needs anything else."""
    found: dict[str, Op] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in wanted or current in found or graph.tensors[current].data is not None:
            continue
        if current not in writers:
            return []
        found[current] = writers[current]
        waiting.extend(writers[current].inputs)
    return list(found.values())


def normalises(ops: list[Op]) -> bool:
    """Whether it is a normalisation, which scales by what it measures as well, and is no attention."""
    roots = [op for op in ops if isinstance(op.attrs, Lookup) and "Rsqrt" in op.attrs.function]
    return bool(roots) or any(isinstance(op.attrs, SquaredDifference) for op in ops)


def gates_again(block: AttentionBlock, before: AttentionBlock, graph: Graph) -> bool:
    """Whether a block multiplies what the one before it has multiplied: the other half of coordinate attention."""
    ops = {op.name: op for op in graph.ops}
    return ops[before.ops[-1]].outputs[0] in ops[block.ops[-1]].inputs


def layer_of(op: Op) -> str:
    """The layer's name: its ops are called after it and themselves."""
    return re.sub(r"_(mul|add|softmax)(_\d+)?$", "", op.name)


BETWEEN = Lookup | Mul | Add | Reshape | Rearrange  # scale, bias and other shapes of the scores


def self_attention(op: Op, graph: Graph, writers: Ops, readers: Ops) -> AttentionBlock | None:
    """The block around a softmax of dot products by which others are weighed."""
    if not isinstance(op.attrs, Softmax):
        return None
    before = to_products(op.inputs[0], writers, lambda one: next((name for name in one.inputs if name in writers), ""))
    after = to_products(op.outputs[0], readers, lambda one: one.outputs[0])
    if not before or not after:
        return None
    names = {one.name for one in (*before, op, *after)}
    return AttentionBlock(layer_of(op), Attention.SELF, tuple(one.name for one in graph.ops if one.name in names))


def to_products(name: str, ops: Ops, following: Callable[[Op], str]) -> list[Op]:
    """The ops from a tensor to the next product of matrices, each followed by its `following`; none where it ends."""
    found: list[Op] = []
    while name in ops and (not found or isinstance(found[-1].attrs, BETWEEN)):
        found.append(ops[name])
        if isinstance(found[-1].attrs, BatchMatMul):
            return found
        name = following(found[-1])
    return []
