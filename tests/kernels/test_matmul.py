"""Random matrix products against the LiteRT reference, and what the reader refuses of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.export import export
from tests.affines import constant_int
from tests.kernels.batch import prepare, prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.matmul_cases import Connected, MatMul, batch_matmul, variable_fully_connected
from tests.kernels.sanitized import SANITIZED
from tests.single_op import TensorSpec, litert_reference, single_op

SIZES = st.integers(1, 9)
ZERO_POINTS = st.one_of(st.sampled_from([-128, 0, 127]), st.integers(-128, 127))
SCALES = st.floats(-6, 2).map(lambda e: 10.0**e)
STEPS = st.one_of(st.just(60.0), st.floats(-4, 8).map(lambda e: 10.0**e))


@st.composite
def matmuls(draw):
    batch = draw(st.lists(st.integers(1, 3), max_size=3))
    a, b = (tuple(draw(st.sampled_from([1, size])) for size in batch[draw(st.integers(0, len(batch))) :]) for _ in "ab")
    rows, depth, columns, adj_x, adj_y = draw(st.tuples(SIZES, SIZES, SIZES, st.booleans(), st.booleans()))
    return MatMul(
        (*a, depth, rows) if adj_x else (*a, rows, depth),
        (*b, columns, depth) if adj_y else (*b, depth, columns),
        adj_x,
        adj_y,
        draw(st.sampled_from(["", "a", "b"])),
        draw(st.tuples(SCALES, SCALES)),
        draw(st.tuples(ZERO_POINTS, ZERO_POINTS, ZERO_POINTS)),
        draw(STEPS),
    )


@st.composite
def connections(draw):
    return Connected(
        draw(st.tuples(SIZES, SIZES)),
        draw(SIZES),
        None,
        draw(st.sampled_from([None, 10, 3000])),
        draw(st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])),
        draw(st.tuples(SCALES, SCALES)),
        draw(st.tuples(ZERO_POINTS, ZERO_POINTS, ZERO_POINTS)),
        draw(STEPS),
    )


def is_accepted(model: bytes) -> bool:
    """Not a clip of an output whose scale is too fine, for example."""
    try:
        export(model, name="net")
    except UnsupportedOp:
        return False
    return True


MODELS = st.one_of(matmuls().map(batch_matmul), connections().map(variable_fully_connected)).filter(is_accepted)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(MODELS)
def test_any_matrix_product_is_computed_as_the_reference_does(model):
    item = prepare(Case("random", model), "random")
    found = tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs)
    assert found == item.expected


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(MODELS, min_size=25, max_size=25))
def test_the_c_of_any_matrix_product_computes_what_the_reference_does(tmp_path_factory, models):
    batch = prepared([Case(f"random {number}", model) for number, model in enumerate(models)])
    assert not wrong_on_host(batch, SANITIZED, tmp_path_factory.mktemp("host"))


def test_the_product_of_scales_is_a_float32_as_in_the_reference():
    """Sums just below and above a tie, where the product in float64 would round the other way."""
    told_apart = 0
    rng = np.random.default_rng(1)
    for _ in range(400):
        a, b = (float(np.float32(10 ** rng.uniform(-4, 1))) for _ in "ab")
        output = float(np.float32(a * b * 10 ** rng.uniform(2, 2.7)))
        single, double = float(np.float32(a) * np.float32(b)) / output, a * b / output
        ties = (np.arange(-127, 127) + 0.5) / double
        sums = np.unique(np.concatenate([np.floor(ties), np.ceil(ties)])).astype(int)
        sums = sums[np.round(sums * single) != np.round(sums * double)]
        high = np.rint(sums / 253).astype(int)  # a sum is 253 * high + low
        rows = np.stack([high, sums - 253 * high], 1)
        rows = rows[(np.abs(rows) <= 127).all(axis=1)].astype(np.int8)
        if not len(rows):
            continue
        told_apart += 1
        column = np.array([[125], [-127]], np.int8)
        inputs = [
            TensorSpec(rows.shape, scale=(a,), zero_point=(0,)),
            TensorSpec((2, 1), scale=(b,), zero_point=(-128,)),
        ]
        model = single_op("BATCH_MATMUL", inputs, TensorSpec((len(rows), 1), scale=(output,), zero_point=(0,)))
        ours = interpreter.run(export(model, name="tie").graph, [rows, column])
        assert to_bytes(ours) == to_bytes(litert_reference(model, [rows, column]))
    assert told_apart


def value(*shape, dtype="int8", zero_point=0):
    return TensorSpec(shape, dtype, (0.5,), (zero_point,))


def product(a=None, b=None, y=None, **options):
    return single_op("BATCH_MATMUL", [a or value(2, 3), b or value(3, 4)], y or value(2, 4), **options)


def connected(x=None, w=None, y=None, **options):
    return single_op("FULLY_CONNECTED", [x or value(2, 3), w or value(4, 3)], y or value(2, 4), **options)


PER_CHANNEL = constant_int(np.ones((3, 4), np.int8), (0.5, 0.25, 0.5, 1.0), axis=1)
REFUSED = {
    "rank 1": (product(value(3), y=value(4)), UnsupportedOp, "of rank 1 and 2; the reference takes ranks 2 to 5"),
    "rank 6": (product(value(1, 1, 1, 1, 2, 3), y=value(1, 1, 1, 1, 2, 4)), UnsupportedOp, "of rank 6 and 2"),
    "a scale a channel": (product(b=PER_CHANNEL), UnsupportedOp, "use a Dense layer for constant weights"),
    "floats": (product(value(2, 3, dtype="float32")), UnsupportedOp, "float32 where int8 is needed"),
    "sums of 32 bits": (product(y=value(2, 4, dtype="int32")), UnsupportedOp, "int32 where int8 is needed"),
    "too deep": (product(value(1, 40000), value(40000, 1), value(1, 1)), UnsupportedOp, "multiply in parts"),
    "matrices that do not fit": (product(value(2, 4)), ModelError, "multiplies matrices that do not fit"),
    "turned, they do not fit": (product(adj_y=True), ModelError, "multiplies matrices that do not fit"),
    "batches that do not meet": (product(value(2, 2, 3), value(3, 3, 4), value(3, 2, 4)), ModelError, "do not meet"),
    "another output": (product(y=value(4, 2)), ModelError, r"gives the shape \[2, 4\], not \[4, 2\]"),
    "computed weights of rank 3": (connected(w=value(1, 4, 3)), ModelError, r"weights that are not \[units, depth\]"),
    "computed weights that do not divide": (connected(value(2, 4)), ModelError, "its weights do not divide"),
    "computed weights, another output": (connected(y=value(4, 2)), ModelError, "gives the shape"),
    "computed float weights": (connected(w=value(4, 3, dtype="float32")), UnsupportedOp, "float32 where int8"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_product_that_cannot_be_is_refused_with_a_reason(name):
    model, error, reason = REFUSED[name]
    with pytest.raises(error, match=reason):
        export(model, name="refused")


def test_a_computed_bias_is_refused():
    inputs = [value(2, 3), value(4, 3), TensorSpec((4,), "int32", (0.25,), (0,))]
    with pytest.raises(UnsupportedOp, match="computes input 2 at run time"):
        export(single_op("FULLY_CONNECTED", inputs, value(2, 4)), name="refused")


def test_macs_are_counted():
    program = export(batch_matmul(MatMul((2, 3, 4, 5), (5, 6))), name="counted").program
    assert program.macs == 2 * 3 * 4 * 5 * 6
