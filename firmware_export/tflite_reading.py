"""One op of the file -> ops of the graph, and what is known of its outputs then: their values, their shapes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import Op, Tensor
from firmware_export.tflite_node import Node, OtherShape, require
from firmware_export.tflite_ops import READERS, WAYS_OUT
from firmware_export.tflite_ops.reader import Read, Reader
from firmware_export.tflite_static import COUNTS, STATIC, static_values

MOST_TENSOR_BYTES = 1 << 26  # far above any microcontroller
Shape = tuple[int, ...]
Signatures = Mapping[int, Shape]  # by tensor: the shapes that the file leaves open, each open axis -1


@dataclass(frozen=True)
class Reading:
    """What an op of the file became, and its outputs as they are known now."""

    ops: tuple[Op, ...]
    outputs: tuple[Tensor, ...]


def options_of(kind: str) -> str | None:
    """The name of an op's options table."""
    row = READERS.get(kind) or STATIC.get(kind)
    return None if row is None else row.options


def read_op(node: Node, signatures: Signatures) -> Reading:
    """No op where all it gives is known already, else one for each output."""
    values = static_values(node) if node.kind in STATIC else None
    if values is not None:
        require(node, all(tensor.data is None for tensor in node.outputs), "writes a constant")
        outputs = tuple(
            replace(shaped(node, tensor, value.shape, signatures), data=value)
            for tensor, value in zip(node.outputs, values, strict=True)
        )
        return Reading((), outputs)
    reader = reader_of(node)
    check_arity(node, reader)
    ops: list[Op] = []
    for position in range(len(node.outputs)):
        node = replace(node, position=position)
        node, (attrs, kept) = read_output(node, reader, signatures)
        ops.append(Op(node.output.name, attrs, tuple(tensor.name for tensor in kept), (node.output.name,)))
    return Reading(tuple(ops), node.outputs)


def read_output(node: Node, reader: Reader, signatures: Signatures) -> tuple[Node, Read]:
    """The op read for one output, whose shape is the one that the op gives, where the file leaves it open."""
    try:
        return node, reader.read(node)
    except OtherShape as error:
        output = shaped(node, node.output, error.shape, signatures)
        outputs = (*node.outputs[: node.position], output, *node.outputs[node.position + 1 :])
        closed = replace(node, outputs=outputs)
        return closed, reader.read(closed)


def shaped(node: Node, output: Tensor, shape: Shape, signatures: Signatures) -> Tensor:
    """The output in the shape that the op gives; OtherShape where the file says another."""
    if shape == output.shape:
        return output
    signature = signatures.get(-1 if output.index is None else output.index, output.shape)
    fits = len(signature) == len(shape) and all(a in (-1, b) for a, b in zip(signature, shape, strict=True))
    if not fits or min(shape, default=1) < 1 or math.prod(shape) > MOST_TENSOR_BYTES:
        raise OtherShape(node.where, node.kind, shape, output.shape)
    return replace(output, shape=shape)


def reader_of(node: Node) -> Reader:
    """The row of the op's table; refuses an op that has none."""
    reader = READERS.get(node.kind)
    if reader is not None:
        return reader
    if node.kind in STATIC and all(tensor.dtype in COUNTS for tensor in node.inputs):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} computes at run time what must be known before; "
            "fix the batch and every dimension of the model's inputs"
        )
    way_out = WAYS_OUT.get(node.kind, "supported ones (`edgeattn supported-ops` lists them)")
    raise UnsupportedOp(f"layer {node.where!r}: op {node.kind} has no kernel here; replace it by {way_out}")


def check_arity(node: Node, reader: Reader) -> None:
    """Refuse an op with too few or too many tensors."""
    for what, tensors, (low, high) in (
        ("inputs", node.inputs, reader.inputs),
        ("outputs", node.outputs, reader.outputs),
    ):
        if not low <= len(tensors) <= high:
            raise ModelError(f"layer {node.where!r}: {node.kind} has {len(tensors)} {what}: convert the model again")
