"""Random pools against the LiteRT reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.export import export
from tests.kernels.batch import prepare, prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.pooling_cases import OPS, Pool, pooling
from tests.kernels.sanitized import SANITIZED


@st.composite
def pools(draw):
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    size = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    kernel = tuple(draw(st.integers(1, n + 2 if padding == "SAME" else n)) for n in size)
    return Pool(
        (*size, draw(st.integers(1, 6))),
        kernel,
        draw(st.tuples(st.integers(1, 4), st.integers(1, 4))),
        padding,
        draw(st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])),
        10.0 ** draw(st.integers(-5, 2)),
        draw(st.one_of(st.sampled_from([-128, 0, 127]), st.integers(-128, 127))),
    )


@pytest.mark.parametrize("op", OPS)
@settings(derandomize=True, deadline=None, max_examples=120)
@given(pools())
def test_any_pool_is_computed_as_the_reference_does(op, pool):
    item = prepare(Case("random", pooling(op, pool)), "random")
    assert tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) == item.expected


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(st.tuples(st.sampled_from(sorted(OPS)), pools()), min_size=25, max_size=25))
def test_the_c_of_any_pool_computes_what_the_reference_does(tmp_path_factory, rows):
    batch = prepared([Case(f"{op} {number}", pooling(op, pool)) for number, (op, pool) in enumerate(rows)])
    assert not wrong_on_host(batch, SANITIZED, tmp_path_factory.mktemp("host"))


@pytest.mark.parametrize(
    ("inside", "average"), [((1, 2), 2), ((-1, -2), -2), ((1, 0), 1), ((-1, 0), -1), ((-128, -127), -128), ((3, 4), 4)]
)
def test_averages_round_halves_away_from_zero(inside, average):
    graph = export(pooling("AVERAGE_POOL_2D", Pool((1, 2, 1), (1, 2))), name="halves").graph
    assert interpreter.run(graph, [np.array(inside, np.int8)])[0].item() == average
