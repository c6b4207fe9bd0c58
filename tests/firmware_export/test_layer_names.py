"""Ops carry the names that users gave their layers."""

from __future__ import annotations

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema

from firmware_export.errors import UnsupportedOp
from firmware_export.layer_names import LayerNames, layer_name, original, scope_of, without_inner
from firmware_export.tflite_reader import read_tflite
from tests.single_op import TensorSpec, single_op

LAYERS = frozenset({"conv2d", "conv2d_1", "conv2d_2", "stem", "block_7"})
NAMES = {
    "conv2d_1": "conv2d",  # the first layer, called once more
    "conv2d_1_2": "conv2d_1",
    "conv2d_2_1": "conv2d_2",
    "stem_1": "stem",
    "stem_12": "stem",
    "block_7_1": "block_7",
    "stem": "stem",
    "unknown_3": "unknown_3",
}


@pytest.mark.parametrize("converted", NAMES)
def test_the_number_that_freezing_appends_is_undone(converted):
    assert original(converted, LAYERS) == NAMES[converted]


def test_names_stay_where_the_layers_are_not_known():
    assert original("conv2d_1", frozenset()) == "conv2d_1"


@pytest.mark.parametrize("path", ["net/add_1/BiasAdd", "net/add_1/batchnorm/BiasAdd"])
def test_what_is_computed_in_a_layer_is_no_scope_of_it(path):
    assert without_inner(path.split("/")) == ["net", "add_1", "BiasAdd"]


SCOPES = {"frozen_1/net_1/Mul_4": "Mul_4", "frozen_1/stem_1/Mul": "stem_1", "frozen_1/net_1/stem_1/Mul": "stem_1"}


@pytest.mark.parametrize("path", SCOPES)
def test_an_operation_outside_of_every_layer_has_its_own_name(path):
    assert scope_of(path.split("/"), LAYERS) == SCOPES[path]


TOLD = {
    "the output's own name": (["frozen_1/net_1/stem_1/Gelu"], "stem"),
    "a constant's, as conversion renamed the output": (
        ["StatefulPartitionedCall_1:0", "frozen_1/net_1/stem_1/w"],
        "stem",
    ),
    "what computes the output, as it is all there is": (
        ["StatefulPartitionedCall_1:0", "net_1/conv2d_2_1/Relu"],
        "conv2d_2",
    ),
    "an operation that is no layer": (["StatefulPartitionedCall_1:0", "frozen_1/net_1/Exp"], "net_1/Exp"),
    "nothing": (["StatefulPartitionedCall_1:0"], "StatefulPartitionedCall_1:0"),
}


@pytest.mark.parametrize("case", TOLD)
def test_messages_call_a_layer_by_what_tells_it(case):
    tensors, layer = TOLD[case]
    assert layer_name(tensors, LAYERS) == layer


def ends_in_bitcast() -> bytes:
    """An op without kernel, whose output conversion has renamed."""
    image = TensorSpec((1, 8, 8, 4), scale=(0.5,), zero_point=(0,))
    model = schema.ModelT.InitFromPackedBuf(single_op("TANH", [image], image), 0)
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.BITCAST
    model.operatorCodes[0].deprecatedBuiltinCode = 127  # stands for: larger than a byte
    model.subgraphs[0].tensors[1].name = b"StatefulPartitionedCall_1:0"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize(
    ("makers", "layer"),
    [
        (("frozen_1/net_1/stem_1/Bitcast",), "stem"),
        (("frozen_1/net_1/stem_1/Bitcast", "net/more/Outputs"), "stem"),
        (("",), "StatefulPartitionedCall_1:0"),
        ((), "StatefulPartitionedCall_1:0"),
    ],
)
def test_an_unsupported_op_that_stands_last_is_named_after_its_layer(makers, layer):
    with pytest.raises(UnsupportedOp, match=f"^layer '{layer}': op BITCAST has no kernel"):
        read_tflite(ends_in_bitcast(), name="net", layer_names=LayerNames(tuple(LAYERS), makers))
