"""MEAN and REDUCE_MAX beyond the table of cases."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ExportError, ModelError, UnsupportedOp
from firmware_export.export import export
from firmware_export.lower.reduction import Axis, merged
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from tests.affines import affines, random_int8, tensor
from tests.kernels.batch import prepared, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.reduction_cases import reduction
from tests.kernels.sanitized import SANITIZED
from tests.single_op import TensorSpec, litert_reference, single_op


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any axes of any shape, of which no more than two groups of neighbours are kept or reduced."""
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    axes = tuple(draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=5)))
    op = draw(st.sampled_from(["MEAN", "MEAN", "REDUCE_MAX", "REDUCE_MIN"]))
    x = draw(affines())
    output = draw(st.one_of(st.just(x), affines())) if op == "MEAN" else x
    model = reduction(op, tensor(shape, x), axes, output, keep_dims=draw(st.booleans()))
    return Case(f"{op} of {shape} over {axes}, {x} to {output}", model, draw(st.integers(0, 99)))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(cases())
def test_any_axes_and_scales_give_the_reference_bytes(case):
    graph = read_tflite(case.model, name="reduction")
    x = random_int8(case.seed, *graph.tensors[graph.inputs[0]].shape)
    np.testing.assert_array_equal(interpreter.run(graph, [x])[0], litert_reference(case.model, [x])[0])


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(cases(), min_size=30, max_size=30))
def test_c_gives_the_reference_bytes(tmp_path_factory, batch):
    folder: Path = tmp_path_factory.mktemp("reduction")
    assert not wrong_on_host(prepared(batch), SANITIZED, folder)


@pytest.mark.parametrize(
    ("shape", "axes", "kept", "reduced"),
    [
        ((1, 7, 5, 6), (1, 2), [(6, 1)], [(35, 6)]),
        ((1, 7, 5, 6), (3,), [(35, 6)], [(6, 1)]),
        ((2, 7, 5, 6), (1, 2), [(2, 210), (6, 1)], [(35, 6)]),
        ((2, 3, 4, 5), (0, 2), [(3, 20), (5, 1)], [(2, 60), (4, 5)]),
        ((2, 1, 4, 1), (0, 2), [], [(8, 1)]),
        ((1, 1), (0,), [], []),
    ],
)
def test_neighbouring_axes_of_one_kind_are_walked_as_one(shape, axes, kept, reduced):
    assert merged(shape, axes) == (tuple(Axis(*row) for row in kept), tuple(Axis(*row) for row in reduced))


REFUSED = {
    "over axes [0, 2, 4] of a tensor of rank 6": ("MEAN", (2, 2, 2, 2, 2, 2), (0, 2, 4), Affine(0.5, 0)),
    "MEAN to a scale of 1.16415e-10 from 0.5": ("MEAN", (2, 1), (1,), Affine(2.0**-33, 0)),
    "REDUCE_MAX has tensors of different scales or zero points": ("REDUCE_MAX", (2, 3), (1,), Affine(0.25, 0)),
    "MEAN and a multiplication by the number of values": ("SUM", (2, 3), (1,), Affine(0.5, 0)),
    "REDUCE_MAX has tensors of different": ("REDUCE_MAX", (2, 3), (1,), Affine(0.5, 1)),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_no_kernel_computes_is_refused_by_name(reason):
    op, shape, axes, output = REFUSED[reason]
    with pytest.raises(UnsupportedOp, match=re.escape(reason)):
        export(reduction(op, tensor(shape, Affine(0.5, 0)), axes, output), name="refused")


def test_an_axis_that_does_not_exist_is_refused():
    with pytest.raises(ExportError, match="an axis that does not exist"):
        export(reduction("MEAN", tensor((2, 3), Affine(0.5, 0)), (1, 2), Affine(0.5, 0)), name="refused")


NO_PLACE = {
    "an axis that does not exist": ({"axes": 2}, (2,), "int32"),
    "names several axes": ({"axes": [0, 1]}, (2,), "int32"),
    "gives another type than it says": ({"axes": 1, "index_type": "int64"}, (2,), "int32"),
    "gives the shape [2]": ({"axes": 1}, (3,), "int32"),
}


@pytest.mark.parametrize("reason", NO_PLACE)
def test_a_place_that_cannot_be_is_damage(reason):
    options, shape, dtype = NO_PLACE[reason]
    model = single_op("ARG_MAX", [tensor((2, 3), Affine(0.5, 0))], TensorSpec(shape, dtype), **options)
    with pytest.raises(ModelError, match=re.escape(reason)):
        export(model, name="refused")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_the_first_of_equals_is_the_place(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    op, kind = data.draw(st.sampled_from(["ARG_MAX", "ARG_MIN"])), data.draw(st.sampled_from(["int32", "int64"]))
    kept = tuple(np.delete(shape, axis).tolist())
    x = tensor(tuple(shape), Affine(0.5, 3))
    model = single_op(op, [x], TensorSpec(kept, kind), axes=axis, index_type=kind)
    values = random_int8(data.draw(st.integers(0, 99)), *shape) // np.int8(64)  # few values, many equals
    (expected,) = litert_reference(model, [values])
    (result,) = interpreter.run(export(model, name="place").graph, [values])
    np.testing.assert_array_equal(result, expected, strict=True)
