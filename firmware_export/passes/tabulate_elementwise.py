"""Turn arithmetic on one tensor's values into a table: hard-sigmoid, swish, what converters spell as ADD and MUL."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_export.interpreter.evaluate import evaluate
from firmware_export.ir import (
    Add,
    Div,
    DType,
    Graph,
    Lookup,
    Maximum,
    Minimum,
    Mul,
    Op,
    Prelu,
    SquaredDifference,
    Sub,
    Tensor,
)
from firmware_export.passes.tabulate_unary import EVERY_INT8


@dataclass(frozen=True, eq=False)
class Function:
    """A tensor as a function of another one's values."""

    of: str
    values: NDArray[np.int8]  # for each int8 value of the other one, or one that stands for all
    kinds: tuple[str, ...] = ()  # the ops behind it, for people


def tabulate_elementwise(graph: Graph) -> Graph:
    """Before: ADD, SUB, MUL, ... of a tensor with a constant of one value, or of two functions of one tensor. After: a
    Lookup of that tensor, its table computed by the reference formula. What else read the values between still does.
    """
    functions: dict[str, Function] = {}
    ops = []
    for op in graph.ops:
        function = function_of(op, graph, functions)
        if function is not None:
            functions[op.outputs[0]] = function
            table = Lookup(tuple(int(value) for value in function.values), ", ".join(function.kinds))
            op = op if isinstance(op.attrs, Lookup) else replace(op, attrs=table, inputs=(function.of,))
        ops.append(op)
    return replace(graph, ops=tuple(ops))


def function_of(op: Op, graph: Graph, functions: dict[str, Function]) -> Function | None:
    """What the op computes of the values of one tensor, where that is all it does."""
    if not isinstance(op.attrs, Lookup | Add | Sub | Mul | Div | SquaredDifference | Prelu | Minimum | Maximum):
        return None
    *inputs, output = graph.of((*op.inputs, *op.outputs))
    operands = [operand_of(tensor, output, functions) for tensor in inputs]
    known = [operand for operand in operands if operand is not None]
    sources = {operand.of for operand in known} - {""}
    if len(known) < len(operands) or len(sources) != 1:
        return None
    tensors = tuple(replace(t, shape=o.values.shape, data=None) for t, o in zip(inputs, known, strict=True))
    every = replace(output, shape=EVERY_INT8.shape)
    values = evaluate(op.attrs, (*tensors, every), tuple(operand.values for operand in known))
    kinds = dict.fromkeys([kind for operand in known for kind in operand.kinds])
    return Function(sources.pop(), values.astype(np.int8), (*kinds, op.kind))


def operand_of(tensor: Tensor, output: Tensor, functions: dict[str, Function]) -> Function | None:
    """An operand as a function; of no tensor where it is a constant of one value."""
    if tensor.dtype is not DType.INT8:
        return None
    if tensor.data is None:
        usual = Function(tensor.name, EVERY_INT8)
        return functions.get(tensor.name, usual) if tensor.shape == output.shape else None
    values = np.ravel(tensor.data).astype(np.int8)
    return Function("", values[:1]) if np.all(values == values[0]) else None
