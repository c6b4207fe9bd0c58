"""DIV: random parameters on every pair of int8, what a division by zero gives, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import UnsupportedOp
from firmware_export.export import export
from firmware_export.quantised_elementwise import div, div_parameters, div_shifts
from firmware_export.quantised_math import INT8, Affine
from tests.affines import affines, tensor
from tests.kernels.batch import Prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.division_cases import FINEST, RATIO, B, by_constant
from tests.kernels.sanitized import SANITIZED
from tests.single_op import constant, litert_reference, single_op

PAIRS = tuple(grid.ravel().astype(np.int8) for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))


@st.composite
def quotients(draw: st.DrawFn) -> tuple[Affine, Affine, Affine]:
    """Two inputs and an output about as fine as the reference needs it."""
    a, b = draw(affines(1e-4, 1e2)), draw(affines(1e-4, 1e2))
    ratio = np.float32(a.scale / b.scale * 2.0 ** draw(st.floats(-23, -6)))
    return a, b, Affine(float(ratio), draw(st.integers(-128, 127)))


@given(quotients())
@settings(derandomize=True, deadline=None, max_examples=60)
def test_every_pair_of_int8_is_divided_as_the_reference_does(quotient):
    a, b, output = quotient
    divides = PAIRS[1] != b.zero_point
    x, y = PAIRS[0][divides], PAIRS[1][divides]
    parameters = div_parameters(a, b, output, INT8)
    shifts = div_shifts(x, y, parameters)
    assume(shifts.low >= 1 and shifts.high <= 31)
    model = single_op("DIV", [tensor(x.shape, a), tensor(x.shape, b)], tensor(x.shape, output))
    np.testing.assert_array_equal(div(x, y, parameters), litert_reference(model, [x, y])[0])


def both(output: Affine, shape: tuple[int, ...] = (3,), b: Affine = B, **options: str) -> bytes:
    return single_op("DIV", [tensor(shape, Affine(0.5, 3)), tensor(shape, b)], tensor(shape, output), **options)


@pytest.mark.parametrize("output", [RATIO, FINEST])
def test_a_division_by_zero_saturates(output, tmp_path):
    done = export(both(output, PAIRS[0].shape), name="tiny")
    expected = tuple(interpreter.run(done.graph, PAIRS))
    by_zero = expected[0][PAIRS[1] == B.zero_point]
    signs = np.sign(np.arange(-128, 128) - 3)
    assert by_zero.tolist() == [{-1: -128, 0: output.zero_point, 1: 127}[sign] for sign in signs.tolist()]
    item = Prepared(Case("pairs", b""), done, (PAIRS,), (to_bytes(expected),))
    assert not wrong_on_host([item], SANITIZED, tmp_path)


def divisor(*values: int) -> object:
    return constant(list(values), "int8", (B.scale,), (B.zero_point,))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            both(Affine(0.5, 0)),
            "layer 'tensor_2': DIV of a scale of 0.5 by 0.25 to 0.5 shifts",
        ),
        (both(Affine(2.0**-34, 0)), "which LiteRT's reference kernel does not define: write MUL by exp(-log(x))"),
        (both(RATIO, activation="TANH"), "activation"),
        (by_constant((3,), divisor(1, B.zero_point, 5)), "DIV by a constant that is zero in 'tensor_1'"),
        (by_constant((3,), divisor(127), Affine(0.5, 0)), "does not define"),
    ],
)
def test_what_the_reference_does_not_define_is_unsupported(model, words):
    with pytest.raises(UnsupportedOp, match=re.escape(words)):
        export(model, name="tiny")


def test_divisors_of_one_size_reach_coarser_outputs_than_any():
    coarse = Affine(1 / 16, 0)
    assert export(by_constant((3,), divisor(-6, -8, -6), coarse), name="tiny")
    with pytest.raises(UnsupportedOp, match="does not define"):
        export(both(coarse), name="tiny")
