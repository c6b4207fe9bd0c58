"""Variables that cannot be followed are refused, each with what, where and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from firmware_export.errors import ExportError, ModelError, UnsupportedOp
from firmware_export.tflite_reader import read_tflite
from tests.single_op import RESOURCE, OpSpec, SubgraphSpec, TensorSpec, constant, litert_sequence, model
from tests.stateful import Stateful, initialiser, int8, int16

ROW, START = int8(1, 4), np.array([[5, -7, 0, 127]])
FLOAT = TensorSpec((1, 4), "float32")
CALL = OpSpec("CALL_ONCE", (), (), {"subgraph": 1})
BEGUN = initialiser([("a", int8(1, 4, data=START.astype(np.int8)))])


def handle(to: int = 1) -> OpSpec:
    return OpSpec("VAR_HANDLE", (), (to,), {"shared_name": "a"})


def read(to: int, of: int = 1) -> OpSpec:
    return OpSpec("READ_VARIABLE", (of,), (to,), {})


def assign(value: int, to: int = 1) -> OpSpec:
    return OpSpec("ASSIGN_VARIABLE", (to, value), (), {})


def delay(*ops: OpSpec, tensors: tuple[TensorSpec, ...] = (ROW, RESOURCE, ROW), start: SubgraphSpec = BEGUN) -> bytes:
    """Tensor 0 is the input, 1 the handle, 2 the output."""
    return model(tensors, ops, [2], [start])


def never_begun() -> bytes:
    net = Stateful()
    x, variable = net.tensor(ROW), net.variable("sum")
    value = net.read(variable, ROW)
    net.assign(variable, x)
    return net.build(value)


def computed() -> SubgraphSpec:
    tensors = (*BEGUN.tensors, ROW)
    return SubgraphSpec(tensors, (handle(0), OpSpec("ADD", (1, 1), (2,), {}), assign(2, 0)))


def without_a_value() -> SubgraphSpec:
    return SubgraphSpec((RESOURCE, ROW), (handle(0), assign(1, 0)))


def call(number: int) -> OpSpec:
    return replace(CALL, options={"subgraph": number})


REFUSED: dict[str, tuple[Callable[[], bytes], type[ExportError], str]] = {
    "a variable that is read before it has a value": (
        never_begun,
        UnsupportedOp,
        "variable 'sum' is read before it has a value, which LiteRT refuses: give it an initial value",
    ),
    "a variable of floats": (
        lambda: delay(CALL, handle(), read(2), assign(0), tensors=(FLOAT, RESOURCE, FLOAT)),
        UnsupportedOp,
        "variable 'a' holds float32 where int8 or int16 is needed: convert with `converter._experimental_variable",
    ),
    "a variable of two shapes": (
        lambda: delay(CALL, handle(), read(2), assign(0), tensors=(int8(1, 3), RESOURCE, ROW)),
        UnsupportedOp,
        "variable 'a' is int8 [1, 4] in one place and int8 [1, 3] in another: give it one type and shape",
    ),
    "a variable of two types": (
        lambda: delay(CALL, handle(), read(2), assign(0), tensors=(int16(1, 4), RESOURCE, ROW)),
        UnsupportedOp,
        "variable 'a' is int8 [1, 4] in one place and int16 [1, 4] in another: give it one type and shape",
    ),
    "a variable of two scales": (
        lambda: delay(CALL, handle(), read(2), assign(0), tensors=(int8(1, 4, scale=0.25), RESOURCE, ROW)),
        UnsupportedOp,
        "variable 'a' has no scale and zero point, or not the same everywhere",
    ),
    "a variable without a scale": (
        lambda: delay(handle(), assign(0), read(2), tensors=(TensorSpec((1, 4)), RESOURCE, TensorSpec((1, 4)))),
        UnsupportedOp,
        "variable 'a' has no scale and zero point",
    ),
    "initial values after the first use": (
        lambda: delay(handle(), assign(0), CALL, read(2)),
        UnsupportedOp,
        "variable 'a' is used before CALL_ONCE gives the initial values",
    ),
    "initial values twice": (
        lambda: delay(CALL, CALL, handle(), read(2), assign(0)),
        UnsupportedOp,
        "CALL_ONCE stands there twice",
    ),
    "initial values that are computed": (
        lambda: delay(CALL, handle(), read(2), assign(0), start=computed()),
        UnsupportedOp,
        "the initial values of variables are computed by ADD: give them constants",
    ),
    "initial values that are none": (
        lambda: delay(CALL, handle(), read(2), assign(0), start=without_a_value()),
        ModelError,
        "variable 'a' begins with no value",
    ),
    "a call of the network itself": (
        lambda: delay(call(0), handle(), read(2), assign(0)),
        ModelError,
        "CALL_ONCE calls subgraph 0, which is none",
    ),
    "a call of a subgraph that is not there": (
        lambda: delay(call(9), handle(), read(2), assign(0)),
        ModelError,
        "CALL_ONCE calls subgraph 9, which is none",
    ),
    "a variable where a value is needed": (
        lambda: delay(CALL, handle(), read(2), OpSpec("ADD", (0, 1), (3,), {}), tensors=(ROW, RESOURCE, ROW, ROW)),
        ModelError,
        "variable 'a' stands where a value is needed",
    ),
    "a value where a variable is needed": (
        lambda: delay(CALL, handle(), read(2), assign(2, to=0)),
        ModelError,
        "a variable is read or assigned without its VAR_HANDLE",
    ),
    "a variable that is named after it is read": (
        lambda: delay(CALL, read(2), handle(), assign(0)),
        ModelError,
        "without its VAR_HANDLE before it",
    ),
    "a variable as an output": (
        lambda: model((ROW, RESOURCE, ROW), (CALL, handle(), read(2), assign(0)), [1], [BEGUN]),
        ModelError,
        "variable 'a' stands where a value is needed",
    ),
    "a resource without a handle": (
        lambda: model((ROW, RESOURCE, ROW), (OpSpec("ADD", (0, 0), (2,), {}),), [2]),
        UnsupportedOp,
        "tensor 'tensor_1' is RESOURCE",
    ),
    "a value that is stored before it is computed": (
        lambda: delay(
            *(CALL, handle(), read(2), assign(3), OpSpec("ADD", (0, 2), (3,), {})), tensors=(ROW, RESOURCE, ROW, ROW)
        ),
        ModelError,
        "'tensor_3' is read before it is computed",
    ),
    "a variable that is read too late": (
        lambda: delay(
            *(CALL, handle(), OpSpec("ADD", (0, 3), (2,), {}), read(3), assign(0)), tensors=(ROW, RESOURCE, ROW, ROW)
        ),
        ModelError,
        "'tensor_3' is read before it is computed",
    ),
}


@pytest.mark.parametrize(("make", "error", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_followed_is_refused(make, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        read_tflite(make(), name="net")


def test_a_variable_without_a_value_is_refused_by_the_reference_as_well():
    with pytest.raises(RuntimeError, match="variable != nullptr"):
        litert_sequence(never_begun(), [[np.zeros((1, 4), np.int8)]])


def test_names_in_two_containers_are_two_variables():
    ops = [
        *(CALL, handle(1), OpSpec("VAR_HANDLE", (), (2,), {"shared_name": "a", "container": "other"})),
        *(assign(0, to=2), read(3, of=1), read(4, of=2)),
    ]
    start = initialiser([("a", int8(1, 4, data=START.astype(np.int8)))])
    graph = read_tflite(model((ROW, RESOURCE, RESOURCE, ROW, ROW), ops, [3, 4], [start]), name="net")
    assert np.array_equal(graph.tensors["tensor_3"].data, START)  # never assigned: a constant
    assert [(op.inputs, op.outputs) for op in graph.ops] == [(("tensor_0",), ("tensor_4",))]


def test_a_constant_of_integers_is_no_initial_value():
    start = SubgraphSpec((RESOURCE, constant([[1, 2, 3, 4]])), (handle(0), assign(1, 0)))
    with pytest.raises(UnsupportedOp, match="holds int32"):
        read_tflite(delay(CALL, handle(), read(2), assign(0), start=start), name="net")
