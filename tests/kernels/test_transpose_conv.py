"""Random transposed convolutions against the LiteRT reference, and what the reader refuses of them."""

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
from tests.kernels.sanitized import SANITIZED
from tests.kernels.test_convolution import scales, values
from tests.kernels.transpose_conv_cases import Spread, transpose_conv
from tests.single_op import TensorSpec, constant, single_op


@st.composite
def side(draw, padding):
    """Size, kernel, stride and output along one axis."""
    size, kernel, stride = draw(st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4)))
    if padding == "SAME":
        return size, kernel, stride, draw(st.integers((size - 1) * stride + 1, size * stride))
    whole = (size - 1) * stride + kernel
    return size, kernel, stride, draw(st.integers(whole, whole + stride - 1))


@st.composite
def spreads(draw):
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    heights, widths = draw(side(padding)), draw(side(padding))
    kernel, strides, output = zip(heights[1:], widths[1:], strict=True)
    return Spread(
        (heights[0], widths[0], draw(st.integers(1, 5))),
        draw(st.integers(1, 4)),
        kernel,
        strides,
        padding,
        output,
        draw(st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])),
        draw(scales()),
        draw(values()),
    )


@settings(derandomize=True, deadline=None, max_examples=120)
@given(spreads())
def test_any_transposed_convolution_is_computed_as_the_reference_does(layer):
    item = prepare(Case("random", transpose_conv(layer)), "random")
    found = tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs)
    assert found == item.expected


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(spreads().map(transpose_conv), min_size=25, max_size=25))
def test_the_c_of_any_transposed_convolution_computes_what_the_reference_does(tmp_path_factory, models):
    batch = prepared([Case(f"random {number}", model) for number, model in enumerate(models)])
    assert not wrong_on_host(batch, SANITIZED, tmp_path_factory.mktemp("host"))


def value(*shape, dtype="int8"):
    return TensorSpec(shape, dtype, (0.5,), (3,))


def weights(*shape, dtype="int8", zero_point=0):
    return constant_int(np.ones(shape, dtype), (0.01,), zero_point=zero_point)


def spread(asked=(1, 4, 6, 5), w=None, x=None, y=None, **options):
    shape = asked if isinstance(asked, TensorSpec) else constant(asked)
    given_options = {"padding": "SAME", "strides": (2, 2)} | options
    return single_op(
        "TRANSPOSE_CONV",
        [shape, w or weights(5, 3, 3, 2), x or value(1, 2, 3, 2)],
        y or value(1, 4, 6, 5),
        **given_options,
    )


REFUSED = {
    "two images": (spread((2, 4, 6, 5), x=value(2, 2, 3, 2), y=value(2, 4, 6, 5)), UnsupportedOp, "batch 2"),
    "computed weights": (spread(w=value(5, 3, 3, 2)), UnsupportedOp, "computes input 1 at run time"),
    "a computed shape": (spread(TensorSpec((4,), "int32")), UnsupportedOp, "computes input 0 at run time"),
    "float weights": (spread(w=weights(5, 3, 3, 2, dtype="float32")), UnsupportedOp, "quantise to int8"),
    "asymmetric weights": (spread(w=weights(5, 3, 3, 2, zero_point=2)), UnsupportedOp, "asymmetric weights"),
    "a tall kernel": (
        spread((1, 1, 1, 1), weights(1, 1025, 1, 1), value(1, 1, 1, 1), value(1, 1, 1, 1), strides=(1, 1)),
        UnsupportedOp,
        "kernel of 1025 rows; swap rows and columns",
    ),
    "stride 0": (spread(strides=(0, 2)), ModelError, "impossible kernel or stride"),
    "a shape of three": (spread((4, 6, 5)), ModelError, "asks for an impossible shape"),
    "a shape that is no list": (spread(constant([[1, 4, 6, 5]])), ModelError, "a shape that is no list"),
    "another batch": (spread((2, 4, 6, 5)), ModelError, "asks for an impossible shape"),
    "another output than is asked for": (spread((1, 4, 5, 5)), ModelError, r"gives the shape \[1, 4, 5, 5\]"),
    "an output too large": (
        spread((1, 9, 6, 5), y=value(1, 9, 6, 5)),
        ModelError,
        "asks for an output that its input does not make",
    ),
    "other channels": (spread(w=weights(5, 3, 3, 4)), ModelError, "number of input channels"),
    "rank 3": (spread(x=value(2, 3, 2)), ModelError, r"needs tensors \[1, height, width, channels\]"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_transposed_convolution_that_cannot_be_is_refused_with_a_reason(name):
    model, error, reason = REFUSED[name]
    with pytest.raises(error, match=reason):
        export(model, name="refused")


def test_macs_are_those_of_the_input():
    program = export(transpose_conv(Spread((4, 5, 3), 2, (3, 2))), name="counted").program
    assert program.macs == 4 * 5 * 3 * 2 * 3 * 2
