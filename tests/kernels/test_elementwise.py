"""Elementwise ops of two inputs: random shapes and quantisations, how shapes collapse, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from firmware_export import interpreter
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.export import export
from firmware_export.lower.broadcast import Axis, axes_of, broadcast_fields
from firmware_export.quantised_math import Affine
from firmware_export.tflite_reader import read_tflite
from tests.affines import affines, random_int8, tensor
from tests.kernels.batch import prepared, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.sanitized import SANITIZED
from tests.single_op import litert_reference, single_op

OPS = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM", "SQUARED_DIFFERENCE")
WITH_ACTIVATION = ("ADD", "SUB", "MUL")
ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
HALF = Affine(0.5, 3)
FINE = Affine(2.0**-22, 0)
TINY = tensor((3,), Affine(2.0**-29, 0))
SHAPES = mutually_broadcastable_shapes(num_shapes=2, max_dims=6, max_side=3)
Shape = tuple[int, ...]


@st.composite
def models(draw: st.DrawFn) -> bytes:
    """One op on two random inputs; the output's scale is not finer than the reference can sum to."""
    (a_shape, b_shape), shape = draw(SHAPES)
    op, a, b = draw(st.sampled_from(OPS)), draw(affines(1e-4, 1e2)), draw(affines(1e-4, 1e2))
    output = draw(affines(finest(op, max(a.scale, b.scale)), 1e4))
    options = {"activation": draw(st.sampled_from(ACTIVATIONS))} if op in WITH_ACTIVATION else {}
    return single_op(op, [tensor(a_shape, a), tensor(b_shape, b)], tensor(shape, output), **options)


def finest(op: str, scale: float) -> float:
    """The finest scale of an output to which the reference brings a sum, or a square."""
    return scale * scale * 3e-4 if op == "SQUARED_DIFFERENCE" else scale * 1e-3


@st.composite
def prelus(draw: st.DrawFn) -> bytes:
    """PRELU of a random input, with slopes that repeat along some of its axes."""
    shape = draw(st.lists(st.integers(1, 3), max_size=6))
    alpha = draw(st.lists(st.booleans(), max_size=len(shape)))
    slopes = tuple(size if whole else 1 for size, whole in zip(shape[len(shape) - len(alpha) :], alpha, strict=True))
    x, a, y = draw(affines(1e-4, 1e2)), draw(affines(1e-4, 1e2)), draw(affines(1e-3, 1e2))
    return single_op("PRELU", [tensor(tuple(shape), x), tensor(slopes, a)], tensor(tuple(shape), y))


@given(st.one_of(models(), prelus()), st.integers(0, 1 << 30))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_the_interpreter_agrees_with_the_reference(model, seed):
    graph = read_tflite(model, name="tiny")
    inputs = [random_int8(seed + i, *graph.tensors[name].shape) for i, name in enumerate(graph.inputs)]
    (expected,) = litert_reference(model, inputs)
    np.testing.assert_array_equal(interpreter.run(graph, inputs)[0], expected)


@given(st.lists(st.one_of(models(), prelus()), min_size=40, max_size=40))
@settings(
    derandomize=True, deadline=None, max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_generated_c_agrees_with_the_reference(tmp_path_factory, models):
    batch = prepared([Case(f"random {index}", model, index) for index, model in enumerate(models)])
    assert not wrong_on_host(batch, SANITIZED, tmp_path_factory.mktemp("host"))


@given(SHAPES)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_walking_the_runs_visits_what_numpy_broadcasts(shapes):
    a, b = shapes.input_shapes
    axes = axes_of(a, b)
    if axes[0].a_step == 0:
        a, b, axes = b, a, tuple(axis.swapped for axis in axes)
    pairs = list(walk(dict(broadcast_fields(axes))))
    a_places, b_places = (np.broadcast_to(np.arange(np.prod(s, dtype=int)).reshape(s), shapes[1]) for s in (a, b))
    assert pairs == list(zip(np.ravel(a_places).tolist(), np.ravel(b_places).tolist(), strict=True))


def walk(fields: dict) -> Iterator[tuple[int, int]]:
    """Where the kernel reads for each output, by the fields of struct ea_broadcast."""
    a = b = 0
    index = [0] * len(fields["sizes"])
    for _ in range(fields["runs"]):
        yield from ((a + i, b + i * fields["b_step"]) for i in range(fields["length"]))
        for axis, size in enumerate(fields["sizes"]):
            index[axis] += 1
            if index[axis] < size:
                a, b = a + fields["a_jumps"][axis], b + fields["b_jumps"][axis]
                break
            index[axis] = 0


@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((1, 3, 5, 7), (1, 3, 5, 7), [Axis(105, 1, 1)]),
        ((1, 3, 5, 7), (7,), [Axis(7, 1, 1), Axis(15, 7, 0)]),
        ((1, 3, 5, 7), (1, 3, 5, 1), [Axis(7, 1, 0), Axis(15, 7, 1)]),
        ((1, 3, 5, 7), (), [Axis(105, 1, 0)]),
        ((1, 4, 1, 1), (1, 4, 3, 2), [Axis(6, 0, 1), Axis(4, 1, 6)]),
        ((1, 3, 1, 5), (1, 1, 4, 1), [Axis(5, 1, 0), Axis(4, 0, 1), Axis(3, 5, 0)]),
        ((1, 1), (), [Axis(1, 1, 1)]),
    ],
)
def test_shapes_collapse_to_few_axes(a, b, axes):
    assert list(axes_of(a, b)) == axes


def pair(op: str, a: Shape, b: Shape, output: Affine = HALF, **options: str) -> bytes:
    shape = np.broadcast_shapes(a, b)
    return single_op(op, [tensor(a, HALF), tensor(b, HALF)], tensor(shape, output), **options)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (pair("ADD", (2,) * 7, (2,)), "along 7 dimensions"),
        (pair("SUB", (2,) * 7, (2,)), "along 7 dimensions"),
        (pair("MUL", (2, 1) * 4, (1, 2) * 4), "too many axes"),
        (pair("ADD", (3,), (3,), FINE), "too fine"),
        (pair("SUB", (3,), (3,), FINE), "too fine"),
        (pair("MUL", (3,), (3,), Affine(2.0**-34, 0)), "too fine"),
        (pair("SQUARED_DIFFERENCE", (3,), (3,), FINE), "too fine"),
        (pair("PRELU", (3,), (3,), Affine(2.0**-34, 0)), "too fine"),
        (pair("MUL", (3,), (3,), activation="TANH"), "activation"),
        (single_op("ADD", [TINY] * 2, TINY, activation="RELU6"), "too fine"),
        (single_op("ADD", [tensor((3,), HALF, "uint8")] * 2, tensor((3,), HALF, "uint8")), "uint8"),
    ],
)
def test_what_the_reference_does_not_define_is_unsupported(model, words):
    with pytest.raises(UnsupportedOp, match=re.escape(words)):
        export(model, name="tiny")


def test_slopes_larger_than_the_input_are_damage():
    with pytest.raises(ModelError, match="gives the shape"):
        export(pair("PRELU", (1, 3), (2, 3)), name="tiny")


@pytest.mark.parametrize(("a", "output"), [((3,), (4,)), ((3,), (2, 3))])
def test_shapes_that_contradict_each_other_are_damage(a, output):
    with pytest.raises(ModelError):
        export(single_op("ADD", [tensor(a, HALF), tensor((1,), HALF)], tensor(output, HALF)), name="tiny")


@pytest.mark.parametrize("op", ["MUL", "MINIMUM", "MAXIMUM"])
def test_more_dimensions_than_six_work_where_they_do_in_the_reference(op, tmp_path):
    batch = prepared([Case(op, pair(op, (2, 3, 1, 2, 1, 2, 3, 1), (2, 3, 1, 2, 2, 1, 1, 1)))])
    assert not wrong_on_host(batch, SANITIZED, tmp_path)


def test_a_finest_scale_that_still_works(tmp_path):
    batch = prepared(
        [
            Case("MUL", pair("MUL", (5,), (5,), Affine(2.0**-32, 1))),
            Case("ADD", pair("ADD", (5,), (5,), Affine(2.0**-19, 1))),
        ]
    )
    assert not wrong_on_host(batch, SANITIZED, tmp_path)
