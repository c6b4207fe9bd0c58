"""SOFTMAX beyond the table of cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ExportError
from firmware_export.export import export
from firmware_export.lower.softmax import significant
from firmware_export.quantised_math import Affine, divide_by_power_of_two
from firmware_export.quantised_softmax import exponential_table, softmax_parameters
from firmware_export.tflite_reader import read_tflite
from tests.affines import affines, random_int8, tensor
from tests.kernels.batch import Prepared, prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.sanitized import SANITIZED
from tests.kernels.softmax_cases import OUTPUT, softmax
from tests.single_op import OpSpec, litert_reference, model, single_op

BETAS = st.one_of(st.just(1.0), st.floats(0.125, 16.0, width=32))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any shape, scale and beta; a row of equal values sums to less than 512."""
    depth = draw(st.one_of(st.integers(1, 12), st.integers(1, 511)))
    shape = (*draw(st.lists(st.integers(1, 3), max_size=2)), depth)
    x, beta = draw(affines(low=1e-6)), draw(BETAS)
    return Case(f"SOFTMAX of {shape}, {x}, beta {beta}", softmax(shape, x, beta), draw(st.integers(0, 99)))


def narrow(case: Case, shape: tuple[int, ...]) -> np.ndarray:
    """Logits that differ little, so that many outputs lie between the ends."""
    return (random_int8(case.seed, *shape) // (1 << case.seed % 7)).astype(np.int8)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(cases())
def test_any_shape_scale_and_beta_give_the_reference_bytes(case):
    graph = read_tflite(case.model, name="softmax")
    x = narrow(case, graph.tensors[graph.inputs[0]].shape)
    np.testing.assert_array_equal(interpreter.run(graph, [x])[0], litert_reference(case.model, [x])[0])


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(cases(), min_size=30, max_size=30))
def test_c_gives_the_reference_bytes(tmp_path_factory, batch):
    assert not wrong_on_host(prepared(batch), SANITIZED, tmp_path_factory.mktemp("softmax"))


@pytest.mark.parametrize("depth", [512, 513, 5000, 9000])
def test_rows_that_sum_to_512_or_more_give_zero_probability(depth, tmp_path):
    content = softmax((1, depth), Affine(0.05, 0))
    flat, peak = np.full((1, depth), 7, np.int8), np.full((1, depth), 7, np.int8)
    peak[0, depth // 2] = 127
    done = export(content, name="deep")
    inputs = ((flat,), (peak,))
    expected = tuple(to_bytes(interpreter.run(done.graph, sample)) for sample in inputs)
    assert expected[0] == (b"\x80" * depth,)
    assert not wrong_on_host([Prepared(Case("deep", content), done, inputs, expected)], SANITIZED, tmp_path)


@pytest.mark.parametrize("scale", [1e-6, 0.01, 0.05, 0.1, 0.2, 1.0, 20.0, 1e4])
def test_what_the_table_leaves_out_changes_neither_sum_nor_outputs(scale):
    whole = exponential_table(softmax_parameters(scale, 1.0))
    kept = significant(whole)
    rest = whole[len(kept) :]
    np.testing.assert_array_equal(kept, whole[: len(kept)])
    assert not divide_by_power_of_two(rest, 12).any()
    assert not divide_by_power_of_two(rest, 23).any()


def test_layers_of_one_scale_share_a_table():
    texts = [export(chained(scale), name="shared").files["shared.h"] for scale in (1 / 256, 1 / 128)]
    assert [text.count("const int32_t shared_exponentials") for text in texts] == [1, 2]


def chained(scale: float) -> bytes:
    """Two softmaxes: of a tensor of this scale, and of 1/256."""
    x = tensor((1, 4), Affine(scale, -128))
    ops = [OpSpec("SOFTMAX", (0,), (1,), {}), OpSpec("SOFTMAX", (1,), (2,), {})]
    return model([x, tensor((1, 4), OUTPUT), tensor((1, 4), OUTPUT)], ops)


REFUSED = {
    "scale 1/256": (Affine(0.1, 0), Affine(1 / 255, -128), 1.0),
    "zero point -128": (Affine(0.1, 0), Affine(1 / 256, 0), 1.0),
    "cannot tell its inputs apart": (Affine(1e-9, 0), OUTPUT, 1.0),
    "beta 0 ": (Affine(0.1, 0), OUTPUT, 0.0),
    "beta -1 ": (Affine(0.1, 0), OUTPUT, -1.0),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_the_reference_refuses_or_dies_of_is_refused(reason):
    x, output, beta = REFUSED[reason]
    with pytest.raises(ExportError, match=f"SOFTMAX.*{reason}"):
        export(single_op("SOFTMAX", [tensor((1, 5), x)], tensor((1, 5), output), beta=beta), name="refused")
