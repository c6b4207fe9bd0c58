"""PAD, CONCATENATION and renaming ops beyond the table of cases."""

from __future__ import annotations

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ExportError, UnsupportedOp
from firmware_export.export import Export, export
from firmware_export.lower.layout import joined
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from tests.affines import affines, random_int8, tensor
from tests.kernels.batch import prepared, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.layout_cases import AFFINE, PADDINGS, chain, chains, concatenation, pad, pad_v2, reshapes
from tests.kernels.sanitized import SANITIZED
from tests.single_op import OpSpec, constant, litert_reference, model, single_op

PAD_BOTH_ENDS = ("PAD", (1, 5, 4), {"paddings": ((0, 0), (1, 1), (0, 0))})


@st.composite
def paddings(draw: st.DrawFn) -> Case:
    """Any padding of any axes, up to rank 4."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    pairs = tuple(draw(st.tuples(st.integers(0, 3), st.integers(0, 3))) for _ in shape)
    x = draw(affines())
    output = draw(st.one_of(st.just(x), affines()))
    return Case(f"PAD of {shape} by {pairs}, {x} to {output}", pad(shape, pairs, x, output), draw(st.integers(0, 99)))


@st.composite
def concatenations(draw: st.DrawFn) -> Case:
    """One to six tensors along any axis."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    shapes = [tuple(size if i == axis % len(shape) else n for i, n in enumerate(shape)) for size in sizes]
    return Case(f"CONCATENATION of {shapes} along {axis}", concatenation(shapes, axis), draw(st.integers(0, 99)))


CASES = st.one_of(paddings(), concatenations())


@settings(derandomize=True, deadline=None, max_examples=200)
@given(CASES)
def test_any_shapes_give_the_reference_bytes(case):
    graph = read_tflite(case.model, name="layout")
    inputs = [random_int8(case.seed + i, *tensor.shape) for i, tensor in enumerate(graph.of(graph.inputs))]
    np.testing.assert_array_equal(interpreter.run(graph, inputs)[0], litert_reference(case.model, inputs)[0])


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(CASES, min_size=30, max_size=30))
def test_c_gives_the_reference_bytes(tmp_path_factory, batch):
    assert not wrong_on_host(prepared(batch), SANITIZED, tmp_path_factory.mktemp("layout"))


@pytest.mark.parametrize(
    ("row", "sizes", "padding"),
    [
        (PADDINGS[0], (1, 4, 15), ((0, 0), (1, 2), (15, 5))),
        (PADDINGS[2], (1, 60), ((0, 0), (30, 0))),
        (PADDINGS[3], (12, 5), ((0, 0), (0, 3))),
        (PADDINGS[5], (2, 1, 3, 2), ((1, 2), (2, 1), (0, 3), (3, 0))),
        (PADDINGS[7], (4,), ((0, 0),)),
    ],
)
def test_an_axis_without_padding_belongs_to_the_one_before_it(row, sizes, padding):
    assert joined(*row) == (sizes, padding)


def steps(done: Export) -> dict[str, int]:
    return {layer.name: len(layer.steps) for layer in done.program.layers}


def test_a_reshape_takes_no_step_and_no_memory():
    done = export(chain(PAD_BOTH_ENDS, ("RESHAPE", (1, 20), {}), ("RESHAPE", (2, 10), {})), name="free")
    assert list(steps(done).values()) == [1, 0, 0]
    assert done.program.activations_bytes == 0


@pytest.mark.parametrize("name", reshapes())
def test_an_output_that_is_the_input_is_copied_once(name):
    done = export(reshapes()[name], name="copied")
    assert sum(steps(done).values()) == 1
    assert done.program.activations_bytes == 0


def test_two_outputs_of_the_same_bytes_are_two_buffers():
    done = export(chains()["PAD and its RESHAPE are both outputs"], name="both")
    assert [port.name for port in done.program.outputs] == ["output", "output_2"]
    assert sum(steps(done).values()) == 2


def test_joining_constants_alone_is_done_at_export():
    part = constant([[1, 2, 3]], "int8", (AFFINE.scale,), (AFFINE.zero_point,))
    tensors = [part, part, tensor((1, 6), AFFINE), tensor((1, 2), AFFINE), tensor((1, 8), AFFINE)]
    ops = [OpSpec("CONCATENATION", (0, 1), (2,), {"axis": 1}), OpSpec("CONCATENATION", (2, 3), (4,), {"axis": 1})]
    content = model(tensors, ops)
    done = export(content, name="folded")
    assert len(done.program.layers) == 1
    x = random_int8(1, 1, 2)
    np.testing.assert_array_equal(interpreter.run(done.graph, [x])[0], litert_reference(content, [x])[0])


OTHER = {"another scale": Affine(0.5, 3), "another zero point": Affine(0.25, 4)}


@pytest.mark.parametrize("name", OTHER)
def test_joining_tensors_that_need_rescaling_is_refused_as_the_reference_does(name):
    parts = [tensor((1, 2), AFFINE), tensor((1, 3), OTHER[name])]
    content = single_op("CONCATENATION", parts, tensor((1, 5), AFFINE), axis=1)
    with pytest.raises(RuntimeError, match=r"concatenation\.cc"):
        litert_reference(content, [random_int8(0, 1, 2), random_int8(1, 1, 3)])
    with pytest.raises(UnsupportedOp, match="CONCATENATION has tensors of different scales or zero points"):
        export(content, name="refused")


def padded_by_another_scale() -> bytes:
    """PADV2 whose value has twice the output's scale."""
    file = schema.ModelT.InitFromPackedBuf(pad_v2(5), 0)
    operator = file.subgraphs[0].operators[0]
    file.subgraphs[0].tensors[operator.inputs[2]].quantization.scale = [2 * AFFINE.scale]
    builder = flatbuffers.Builder(1024)
    builder.Finish(file.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_padding_by_a_value_of_another_scale_is_refused_as_the_reference_does():
    with pytest.raises(RuntimeError, match=r"pad\.cc"):
        litert_reference(padded_by_another_scale(), [random_int8(0, 1, 2, 3, 3)])
    with pytest.raises(UnsupportedOp, match="PADV2 has tensors of different scales"):
        export(padded_by_another_scale(), name="refused")


def test_padding_of_five_axes_is_refused_by_name():
    with pytest.raises(UnsupportedOp, match="PAD of 5 axes has no kernel"):
        export(pad((2, 2, 2, 2, 2), ((1, 0),) * 5), name="refused")


def test_an_impossible_shape_is_refused():
    content = single_op("PAD", [tensor((1, 2), AFFINE)], tensor((1, 5), AFFINE), paddings=((0, 0), (1, 1)))
    with pytest.raises(ExportError, match="gives the shape"):
        export(content, name="refused")
