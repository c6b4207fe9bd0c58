"""What is counted from shapes is known while the file is read, and is what LiteRT counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from firmware_export.errors import ExportError
from firmware_export.export import export
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from firmware_export.tflite_static import STATIC
from tests.affines import random_int8, tensor
from tests.firmware_export.mutations import packed
from tests.single_op import OpSpec, TensorSpec, constant, litert_reference, model

AFFINE = Affine(0.25, 3)
SIZES = constant([2, 3, 4, 5])
TRUE = TensorSpec((2,), "bool", data=np.array([True, False]))


def counts(*shape: int, dtype: str = "int32") -> TensorSpec:
    return TensorSpec(shape, dtype)


def number(value: int) -> TensorSpec:
    return constant(value)


CASES: dict[str, tuple[str, list[TensorSpec], TensorSpec, dict[str, Any]]] = {
    "SHAPE": ("SHAPE", [tensor((2, 3, 4), AFFINE)], counts(3), {}),
    "SHAPE as int64": ("SHAPE", [tensor((2, 3, 4), AFFINE)], counts(3, dtype="int64"), {"out_type": "INT64"}),
    "RANK": ("RANK", [tensor((2, 3, 4), AFFINE)], counts(), {}),
    "GATHER": ("GATHER", [SIZES], counts(2), {"axis": 0, "indices": [3, 1]}),
    "GATHER of one": ("GATHER", [SIZES], counts(), {"axis": 0, "indices": 2}),
    "STRIDED_SLICE": ("STRIDED_SLICE", [SIZES], counts(2), {"begin": [1], "end": [3], "strides": [1]}),
    "STRIDED_SLICE of one": (
        "STRIDED_SLICE",
        [SIZES],
        counts(),
        {"begin": [-1], "end": [0], "strides": [1], "shrink_axis_mask": 1},
    ),
    "SLICE": ("SLICE", [SIZES], counts(3), {"begin": [1], "size": [-1]}),
    "PACK": ("PACK", [number(7), number(-1)], counts(2), {"axis": 0, "count": 2}),
    "CONCATENATION": ("CONCATENATION", [SIZES, constant([9])], counts(5), {"axis": 0}),
    "REDUCE_PROD": ("REDUCE_PROD", [SIZES], counts(), {"axes": [0]}),
    "REDUCE_PROD of no axis": ("REDUCE_PROD", [number(6)], counts(), {"axes": [0]}),
    "REDUCE_PROD, kept": ("REDUCE_PROD", [SIZES], counts(1), {"axes": [-1], "keep_dims": True}),
    "REDUCE_MAX": ("REDUCE_MAX", [SIZES], counts(), {"axes": [0]}),
    "REDUCE_MIN": ("REDUCE_MIN", [SIZES], counts(), {"axes": [0]}),
    "SUM": ("SUM", [SIZES], counts(), {"axes": [0]}),
    "ADD": ("ADD", [SIZES, number(-3)], counts(4), {}),
    "SUB": ("SUB", [number(1), SIZES], counts(4), {}),
    "MUL": ("MUL", [SIZES, SIZES], counts(4), {}),
    "CAST": ("CAST", [SIZES], counts(4, dtype="int64"), {}),
    "CAST to bool": ("CAST", [constant([0, -2])], counts(2, dtype="bool"), {}),
    "RANGE": ("RANGE", [number(2), number(9), number(3)], counts(3), {}),
    "RANGE downwards": ("RANGE", [number(3), number(-1), number(-1)], counts(4), {}),
    "FILL": ("FILL", [constant([2, 3]), number(5)], counts(2, 3), {}),
    "EXPAND_DIMS": ("EXPAND_DIMS", [SIZES], counts(4, 1), {"axis": -1}),
    "RESHAPE": ("RESHAPE", [SIZES], counts(2, 2), {"new_shape": [2, -1]}),
    "SQUEEZE": ("SQUEEZE", [constant([[1], [2]])], counts(2), {"squeeze_dims": [1]}),
    "TRANSPOSE": ("TRANSPOSE", [constant([[1, 2, 3], [4, 5, 6]])], counts(3, 2), {"permutation": [1, 0]}),
    "TILE": ("TILE", [SIZES], counts(8), {"multiples": [2]}),
    "BROADCAST_TO": ("BROADCAST_TO", [SIZES], counts(2, 4), {}),
    "BROADCAST_ARGS": ("BROADCAST_ARGS", [constant([4, 1]), constant([2, 1, 3])], counts(3), {}),
    "EQUAL": ("EQUAL", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "NOT_EQUAL": ("NOT_EQUAL", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "LESS": ("LESS", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "LESS_EQUAL": ("LESS_EQUAL", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "GREATER": ("GREATER", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "GREATER_EQUAL": ("GREATER_EQUAL", [SIZES, number(4)], counts(4, dtype="bool"), {}),
    "LOGICAL_AND": ("LOGICAL_AND", [TRUE, TRUE], counts(2, dtype="bool"), {}),
    "LOGICAL_OR": ("LOGICAL_OR", [TRUE, TRUE], counts(2, dtype="bool"), {}),
    "LOGICAL_NOT": ("LOGICAL_NOT", [TRUE], counts(2, dtype="bool"), {}),
    "MINIMUM": ("MINIMUM", [SIZES, number(4)], counts(4), {}),
    "MAXIMUM": ("MAXIMUM", [SIZES, number(4)], counts(4), {}),
    "FLOOR_DIV": ("FLOOR_DIV", [constant([-7, 7]), number(2)], counts(2), {}),
    "FLOOR_MOD": ("FLOOR_MOD", [constant([-7, 7]), number(3)], counts(2), {}),
    "NEG": ("NEG", [SIZES], counts(4), {}),
    "SELECT_V2": ("SELECT_V2", [TRUE, constant([1, 2]), constant([3, 4])], counts(2), {}),
}


def built(op: str, inputs: Sequence[TensorSpec], output: TensorSpec, options: dict[str, Any]) -> bytes:
    """A model of one op of counts."""
    return model([*inputs, output], [OpSpec(op, tuple(range(len(inputs))), (len(inputs),), options)])


@pytest.mark.parametrize("name", CASES)
def test_a_count_is_what_litert_counts(name):
    content = built(*CASES[name])
    graph = read_tflite(content, name="counted")
    feeds = [random_int8(0, *given.shape) for given in CASES[name][1] if given.data is None]
    (expected,) = litert_reference(content, feeds)
    found = graph.tensors[graph.outputs[0]].data
    assert graph.ops == ()
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_every_op_that_is_computed_has_a_case():
    several = {"UNPACK", "SPLIT"}
    assert {op for op, *_ in CASES.values()} == set(STATIC) - several


def test_several_outputs_are_all_known():
    tensors = [SIZES, *(counts() for _ in range(4)), constant(0), counts(2), counts(2)]
    ops = [
        OpSpec("UNPACK", (0,), (1, 2, 3, 4), {"axis": 0, "num": 4}),
        OpSpec("SPLIT", (5, 0), (6, 7), {"num_splits": 2}),
    ]
    content = model(tensors, ops)
    graph = read_tflite(content, name="counted")
    found = [graph.tensors[name].data.tolist() for name in graph.outputs]
    assert found == [value.tolist() for value in litert_reference(content, [])] == [2, 3, 4, 5, [2, 3], [4, 5]]


def reshaped_by_its_own_shape() -> list[TensorSpec]:
    """x -> SHAPE -> [batch, 3 * 4] -> RESHAPE: how tf.reshape(x, [tf.shape(x)[0], -1]) is converted."""
    return [tensor((1, 3, 4), AFFINE), counts(3), counts(), constant(-1), counts(2), tensor((1, 12), AFFINE)]


FIRST = {"begin": [0], "end": [1], "strides": [1], "shrink_axis_mask": 1}
BY_ITS_OWN_SHAPE = (
    OpSpec("SHAPE", (0,), (1,), {}),
    OpSpec("STRIDED_SLICE", (1,), (2,), FIRST),
    OpSpec("PACK", (2, 3), (4,), {"axis": 0, "count": 2}),
    OpSpec("TILE", (0,), (5,), {"multiples": [1, 1, 1]}),
)


def computed_reshape(specs: list[TensorSpec]) -> Any:
    """The model as objects; its last op is a RESHAPE by what PACK gives."""
    from ai_edge_litert import schema_py_generated as schema

    file = schema.ModelT.InitFromPackedBuf(model(specs, BY_ITS_OWN_SHAPE), 0)
    last = file.subgraphs[0].operators[-1]
    code = file.operatorCodes[last.opcodeIndex]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RESHAPE
    code.version = 1
    last.inputs, last.builtinOptions, last.builtinOptionsType = [0, 4], None, 0
    file.subgraphs[0].outputs = [5]
    return file


def test_a_reshape_by_its_own_shape_costs_nothing_and_leaves_nothing():
    content = packed(computed_reshape(reshaped_by_its_own_shape()))
    done = export(content, name="counted")
    assert [op.kind for op in read_tflite(content, name="x").ops] == ["Reshape"]
    assert len(done.program.layers) == 2  # the reshape, and the copy to the output
    assert done.graph.tensors.keys() == {"tensor_0", *done.graph.outputs, *(op.outputs[0] for op in done.graph.ops)}


def opened(*signature: int) -> bytes:
    """The same network whose file leaves the output's shape open: it says 1 where it does not know."""
    specs = reshaped_by_its_own_shape()
    specs[-1] = replace(specs[-1], shape=tuple(max(size, 1) for size in signature))
    file = computed_reshape(specs)
    file.subgraphs[0].tensors[5].shapeSignature = list(signature)
    return packed(file)


def test_a_shape_that_the_file_leaves_open_is_the_one_that_the_op_gives():
    content = opened(-1, -1)
    x = random_int8(3, 1, 3, 4)
    graph = read_tflite(content, name="opened")
    (expected,) = litert_reference(content, [x])
    assert graph.tensors[graph.outputs[0]].shape == expected.shape == (1, 12)


@pytest.mark.parametrize("signature", [(-1, 7), (2, -1), (-1, -1, -1), (-1,)])
def test_a_shape_that_contradicts_what_is_not_open_is_refused(signature):
    with pytest.raises(ExportError, match="gives the shape"):
        export(opened(*signature), name="refused")


def test_an_input_of_open_size_is_refused():
    file = computed_reshape(reshaped_by_its_own_shape())
    file.subgraphs[0].tensors[0].shape, file.subgraphs[0].tensors[0].shapeSignature = [1, 1, 4], [-1, -1, 4]
    with pytest.raises(ExportError, match=r"leaves the size of its axis 1 open; fix every dimension"):
        export(packed(file), name="refused")


WIDE = constant([1 << 30, 1 << 30])
REFUSED = {
    "a count that leaves its type": (built("REDUCE_PROD", [WIDE], counts(), {"axes": [0]}), "counts beyond its type"),
    "a range that never ends": (
        built("RANGE", [number(0), number(2**31 - 1), number(1)], counts(1), {}),
        "makes a constant of 2147483647 values",
    ),
    "a range without steps": (built("RANGE", [number(0), number(5), number(0)], counts(1), {}), "cannot be computed"),
    "a constant that fills memory": (built("FILL", [WIDE, number(5)], counts(1), {}), "is the limit"),
    "a shape that fills memory": (built("BROADCAST_TO", [SIZES], counts(1), {}), "cannot be computed"),
    "division by nothing": (built("FLOOR_DIV", [SIZES, number(0)], counts(4), {}), "cannot be computed"),
    "an index that is not there": (built("GATHER", [SIZES], counts(), {"axis": 0, "indices": 4}), "does not have"),
    "an axis that is not there": (built("PACK", [SIZES], counts(1, 4), {"axis": 3, "count": 1}), "does not exist"),
    "a shape other than the file says": (built("TILE", [SIZES], counts(4), {"multiples": [2]}), "gives the shape"),
    "an activation on a count": (built("ADD", [SIZES, SIZES], counts(4), {"activation": "RELU"}), "activation"),
    "a constant that is written": (built("ADD", [SIZES, SIZES], SIZES, {}), "writes a constant"),
    "floating point": (
        built("MUL", [constant([0.5], "float32"), TensorSpec((1,), "float32")], counts(1, dtype="float32"), {}),
        "quantise the model to full int8",
    ),
    "a count of what is computed": (
        built("RANGE", [counts(), number(5), number(1)], counts(5), {}),
        "fix the batch and every dimension",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    content, sentence = REFUSED[name]
    with pytest.raises(ExportError, match=sentence):
        export(content, name="refused")
