"""The reader believes nothing: a damaged file ends in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export.errors import ExportError, ModelError, UnsupportedOp
from firmware_export.export import export
from firmware_export.ir import DType
from firmware_export.layer_names import LayerNames
from firmware_export.tflite_reader import read_tflite
from tests.single_op import TensorSpec, single_op

PUBLIC = Path(__file__).parents[3] / "shared" / "models"


def convolution(**changes: object) -> bytes:
    rng = np.random.default_rng(1)
    weights = rng.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8)
    bias = rng.integers(-500, 500, 4).astype(np.int32)
    scales = (0.01, 0.02, 0.03, 0.04)
    given = {
        "x": TensorSpec((1, 5, 6, 2), scale=(0.5,), zero_point=(3,)),
        "weights": TensorSpec(weights.shape, scale=scales, zero_point=(0,) * 4, axis=0, data=weights),
        "bias": TensorSpec((4,), "int32", scale=scales, zero_point=(0,) * 4, axis=0, data=bias),
        "y": TensorSpec((1, 5, 6, 4), scale=(0.3,), zero_point=(-7,)),
    } | changes
    return single_op("CONV_2D", [given["x"], given["weights"], given["bias"]], given["y"], padding="SAME")


GOOD = convolution()


def test_a_good_file_reads():
    graph = read_tflite(GOOD, name="good")
    assert [op.kind for op in graph.ops] == ["Conv2D"]
    assert graph.tensors[graph.inputs[0]].shape == (1, 5, 6, 2)
    assert graph.tensors[graph.inputs[0]].dtype is DType.INT8


@pytest.mark.parametrize("text", [b"", b"\x00" * 7, b"hello, world: not a network", b"TFL3", b"\x89HDF\r\n\x1a\n"])
def test_what_is_not_tflite_is_refused(text):
    with pytest.raises(ModelError, match="TFL3"):
        read_tflite(text, name="bad")


def test_a_file_cut_anywhere_is_refused_or_read():
    for length in range(8, len(GOOD)):
        with pytest.raises(ExportError):
            export(GOOD[:length], name="cut")


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_file_with_wrong_bytes_ends_in_a_result_or_one_of_our_errors(place, value, second, other):
    damaged = bytearray(GOOD)
    damaged[place], damaged[second] = value, other
    try:
        export(bytes(damaged), name="damaged")
    except ExportError as error:
        assert str(error)  # noqa: PT017


def test_nan_in_a_constant_is_refused():
    scales = (0.01, np.nan, 0.03, 0.04)
    weights = TensorSpec((4, 3, 3, 2), scale=scales, zero_point=(0,) * 4, axis=0, data=np.ones((4, 3, 3, 2), np.int8))
    with pytest.raises(ModelError, match="not a number"):
        read_tflite(convolution(weights=weights), name="nan")


REFUSED = {
    "float activations": ({"x": TensorSpec((1, 5, 6, 2), "float32"), "y": TensorSpec((1, 5, 6, 4), "float32")}, "int8"),
    "int16 activations": ({"x": TensorSpec((1, 5, 6, 2), "int16", scale=(0.5,), zero_point=(0,))}, "int16"),
    "asymmetric weights": (
        {"weights": TensorSpec((4, 3, 3, 2), scale=(0.1,), zero_point=(3,), data=np.ones((4, 3, 3, 2), np.int8))},
        "asymmetric",
    ),
    "weights computed at run time": ({"weights": TensorSpec((4, 3, 3, 2), scale=(0.1,), zero_point=(0,))}, "run time"),
    "a batch of two": (
        {
            "x": TensorSpec((2, 5, 6, 2), scale=(0.5,), zero_point=(3,)),
            "y": TensorSpec((2, 5, 6, 4), scale=(0.3,), zero_point=(0,)),
        },
        "batch 2",
    ),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_kernel_names_the_layer_and_the_op(changes, words):
    with pytest.raises(UnsupportedOp, match=words) as refusal:
        export(convolution(**changes), name="refused")
    assert "CONV_2D" in str(refusal.value)
    assert "layer" in str(refusal.value)


def test_an_op_without_kernel_names_it_and_a_way_out():
    model = schema.ModelT.InitFromPackedBuf(GOOD, 0)
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.UNIQUE
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.UNIQUE
    with pytest.raises(UnsupportedOp, match=r"UNIQUE.*supported-ops"):
        read_tflite(repacked(model), name="unknown")


def repacked(model: schema.ModelT) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.skipif(not PUBLIC.exists(), reason="the public networks are not beside the project")
@pytest.mark.parametrize(
    ("file", "first", "last"),
    [
        ("mlperf_tiny/kws_ref_model.tflite", "conv2d", "softmax"),
        ("mlperf_tiny/ad01_int8.tflite", "dense", "dense_9"),
        ("se/se_small_int8.tflite", "conv2d_1", "softmax"),
    ],
)
def test_layers_carry_their_keras_names(file, first, last):
    graph = read_tflite((PUBLIC / file).read_bytes(), name="net")
    assert (graph.ops[0].name, graph.ops[-1].name) == (first, last)


def test_the_suffix_of_conversion_goes_where_the_layers_names_are_known():
    path = PUBLIC / "se/se_small_int8.tflite"
    if not path.exists():
        pytest.skip("the public networks are not beside the project")
    graph = read_tflite(path.read_bytes(), name="net", layer_names=LayerNames(("conv2d",)))
    assert graph.ops[0].name == "conv2d"
