"""Versions of ops that only TensorFlow's converter knows become versions that LiteRT runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeattn.tflite_versions import NEWEST, with_known_versions
from tests import single_op
from tests.affines import random_int8
from tests.kernels.rearranging_cases import depth_to_space, tile

MODELS = {"TILE": lambda: tile((1, 2, 2, 4), (1, 2, 1, 1)), "DEPTH_TO_SPACE": lambda: depth_to_space((1, 2, 2, 4), 2)}


@pytest.mark.parametrize("kind", NEWEST)
def test_a_version_that_litert_does_not_know_becomes_one_that_it_runs(kind, monkeypatch):
    x = random_int8(0, 1, 2, 2, 4)
    old = MODELS[kind]()
    monkeypatch.setitem(single_op._OPS, kind, replace(single_op._OPS[kind], version=NEWEST[kind] + 1))
    new = MODELS[kind]()
    with pytest.raises(ValueError, match=f"Didn't find op for builtin opcode '{kind}'"):
        single_op.litert_reference(new, [x])
    known = with_known_versions(new)
    np.testing.assert_array_equal(single_op.litert_reference(known, [x])[0], single_op.litert_reference(old, [x])[0])


@pytest.mark.parametrize("text", [b"", b"no network", b"\xff" * 400])
def test_what_is_no_network_is_left_as_it_is(text):
    assert with_known_versions(text) == text


def test_other_networks_are_left_as_they_are():
    content = tile((2, 3), (1, 2))
    assert with_known_versions(content) == content
