"""SUM of int8 becomes MEAN and RESHAPE: the bytes of a sum by kernels that know int8."""

from __future__ import annotations

import numpy as np
import pytest

from edgeattn.sums import sums_as_means
from firmware_export.quantised_math import Affine
from tests.affines import random_int8, tensor
from tests.single_op import OpSpec, litert_reference, model, single_op

X, TOTAL = Affine(0.25, 3), Affine(0.5, -7)
SHAPE = (2, 6, 5)


@pytest.mark.parametrize("axes", [(1,), (0, 2), (-1,), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("keep_dims", [False, True])
def test_a_sum_has_the_bytes_that_it_should(axes, keep_dims):
    x = random_int8(5, *SHAPE)
    steps = x.astype(np.int64).sum(axis=axes, keepdims=keep_dims) - X.zero_point * x.size // sums(axes).size
    expected = np.clip(np.floor(steps * 0.5 + 0.5) + TOTAL.zero_point, -128, 127)
    text = single_op("SUM", [tensor(SHAPE, X)], tensor(expected.shape, TOTAL), axes=list(axes), keep_dims=keep_dims)
    (result,) = litert_reference(sums_as_means(text), [x])
    assert result.shape == expected.shape
    assert np.max(np.abs(result - expected)) <= 1  # MEAN rounds down the inverse of the count
    assert np.mean(result == expected) > 0.5


def sums(axes: tuple[int, ...]) -> np.ndarray:
    return np.zeros(SHAPE).sum(axis=axes)


def test_every_sum_is_replaced_and_the_rest_stays():
    tensors = [tensor((2, 4), X), tensor((2,), TOTAL), tensor((2,), TOTAL), tensor((2,), TOTAL)]
    ops = [
        OpSpec("SUM", (0,), (1,), {"axes": [1]}),
        OpSpec("REDUCE_MAX", (0,), (2,), {"axes": [1]}),
        OpSpec("MEAN", (0,), (3,), {"axes": [1]}),
    ]
    tensors[2] = tensor((2,), X)
    before = model(tensors, ops, outputs=(1, 2, 3))
    x = np.array([[1, 2, 3, 4], [-9, 0, 2, -5]], np.int8)
    total, largest, average = litert_reference(sums_as_means(before), [x])
    assert total.tolist() == [-8, -19]  # 10 - 12 and -12 - 12 quarters, in halves from -7
    assert [largest.tolist(), average.tolist()] == [output.tolist() for output in litert_reference(before, [x])[1:]]


def test_a_network_without_sums_stays_as_it_is():
    text = single_op("MEAN", [tensor(SHAPE, X)], tensor((2, 5), TOTAL), axes=[1])
    assert sums_as_means(text) == text


def test_the_reference_of_sum_reads_int8_as_uint8():
    """Why: a release of LiteRT that mends it is noticed here."""
    text = single_op("SUM", [tensor((1, 6), Affine(0.5, 0))], tensor((1,), Affine(0.5, 0)), axes=[1])
    assert litert_reference(text, [np.full((1, 6), -1, np.int8)])[0].tolist() == [-1]  # 6 times 255, at most 255
    assert litert_reference(text, [np.full((1, 6), 22, np.int8)])[0].tolist() == [-124]  # 132, as int8
