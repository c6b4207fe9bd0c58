"""Turn functions of float32 that lie between int8 and int8 into tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_export.errors import UnsupportedOp
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Dequantize, DType, FloatFunction, Graph, Lookup, Op, Quantize
from firmware_export.passes.tabulate_unary import EVERY_INT8

LONGEST = 16  # ops in a chain: converters write three
MOST_STEPS = 2.0**31 - 256  # of an output's scale: beyond it the reference's QUANTIZE is undefined


def tabulate_floats(graph: Graph) -> Graph:
    """Before: DEQUANTIZE, functions of one value in float32, QUANTIZE. After: one Lookup for all of them, exactly."""
    writers = {op.outputs[0]: op for op in graph.ops}
    ops = tuple(tabulated(op, writers, graph) for op in graph.ops)
    return replace(graph, ops=without_leftovers(ops, graph))


def tabulated(op: Op, writers: dict[str, Op], graph: Graph) -> Op:
    """QUANTIZE as a table of what lies between it and an int8 tensor, where that is functions only."""
    chain = chain_to(op, writers)
    if not chain or any(graph.tensors[name].dtype is not DType.INT8 for name in (chain[0].inputs[0], op.outputs[0])):
        return op
    table = table_of(chain, graph)
    names = [step.kind for step in chain[1:-1]] or [op.kind]
    return replace(op, attrs=Lookup(table, ", ".join(names)), inputs=chain[0].inputs)


def chain_to(op: Op, writers: dict[str, Op]) -> tuple[Op, ...]:
    """DEQUANTIZE, the functions of its result, and the QUANTIZE given; nothing where the chain is another."""
    if not isinstance(op.attrs, Quantize):
        return ()
    chain = [op]
    while len(chain) < LONGEST and (before := writers.get(chain[0].inputs[0])) is not None:
        chain.insert(0, before)
        if not isinstance(before.attrs, FloatFunction):
            break
    return tuple(chain) if isinstance(chain[0].attrs, Dequantize) else ()


def table_of(chain: tuple[Op, ...], graph: Graph) -> tuple[int, ...]:
    """What the chain makes of every int8 value."""
    values: Array = EVERY_INT8
    for op in chain:
        tensors = tuple(replace(tensor, shape=EVERY_INT8.shape) for tensor in graph.of((*op.inputs, *op.outputs)))
        if isinstance(op.attrs, Quantize) and not np.max(np.abs(values)) / tensors[-1].scale < MOST_STEPS:
            raise UnsupportedOp(
                f"layer {op.name!r}: the output's scale {tensors[-1].scale:g} is too fine; "
                "calibrate with samples like those of the application"
            )
        values = evaluate(op.attrs, tensors, (values,))
    return tuple(int(value) for value in values)


def without_leftovers(ops: tuple[Op, ...], graph: Graph) -> tuple[Op, ...]:
    """Without ops on float32 that nobody reads any more."""
    needed = set(graph.outputs)
    kept = []
    for op in reversed(ops):
        if isinstance(op.attrs, Dequantize | FloatFunction) and op.outputs[0] not in needed:
            continue
        kept.append(op)
        needed.update(op.inputs)
    return tuple(reversed(kept))
