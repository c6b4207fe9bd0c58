"""Random bilinear resizes against the LiteRT reference, and what the reader refuses of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.export import export
from tests.kernels.batch import prepare, prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.resizing_cases import Resize, resize_bilinear
from tests.kernels.sanitized import SANITIZED
from tests.single_op import TensorSpec, single_op

SIDES = st.one_of(st.integers(1, 9), st.integers(1, 40))
RESIZES = st.builds(
    Resize,
    st.tuples(SIDES, SIDES, st.integers(1, 4)),
    st.tuples(SIDES, SIDES),
    st.sampled_from(["", "align_corners", "half_pixel_centers"]),
)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(RESIZES)
def test_any_resize_is_computed_as_the_reference_does(case):
    item = prepare(Case("random", resize_bilinear(case)), "random")
    found = tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs)
    assert found == item.expected


@settings(derandomize=True, deadline=None, max_examples=1)
@given(st.lists(RESIZES.map(resize_bilinear), min_size=25, max_size=25))
def test_the_c_of_any_resize_computes_what_the_reference_does(tmp_path_factory, models):
    batch = prepared([Case(f"random {number}", model) for number, model in enumerate(models)])
    assert not wrong_on_host(batch, SANITIZED, tmp_path_factory.mktemp("host"))


def value(*shape, dtype="int8", scale=0.5):
    return TensorSpec(shape, dtype, (scale,), (3,))


def resize(x=None, y=None, size=(4, 6), **options):
    return single_op("RESIZE_BILINEAR", [x or value(1, 2, 3, 2)], y or value(1, 4, 6, 2), size=size, **options)


REFUSED = {
    "two images": (resize(value(2, 2, 3, 2), value(2, 4, 6, 2)), UnsupportedOp, "batch 2; convert with batch 1"),
    "another scale": (resize(y=value(1, 4, 6, 2, scale=0.25)), UnsupportedOp, "different scales or zero points"),
    "floats": (resize(value(1, 2, 3, 2, dtype="float32")), UnsupportedOp, "float32 where int8 is needed"),
    "rank 3": (resize(value(2, 3, 2)), ModelError, r"needs a tensor \[1, height, width, channels\]"),
    "a size of three": (resize(size=(4, 6, 2)), ModelError, "asks for an impossible size"),
    "a size of 0": (resize(size=(0, 6)), ModelError, "asks for an impossible size"),
    "another output": (resize(size=(4, 7)), ModelError, r"gives the shape \[1, 4, 7, 2\]"),
    "both placements": (resize(align_corners=True, half_pixel_centers=True), ModelError, "at once"),
    "far outside": (
        resize(value(1, 1, 1, 1), value(1, 1500, 1, 1), (1500, 1)),
        UnsupportedOp,
        "of 1 to 1500 pixels leads the reference outside the image",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_resize_that_cannot_be_is_refused_with_a_reason(name):
    model, error, reason = REFUSED[name]
    with pytest.raises(error, match=reason):
        export(model, name="refused")
