"""What a report warns of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgeattn.report import LEAST_ACC
from tests.edgeattn.reports import AGREEMENT, report_of

# share of samples of one class, shape of the output: is there a warning
CLASSES = {
    "the same classes": (1.0, (1, 10), False),
    "just enough": (LEAST_ACC, (1, 10), False),
    "other classes": (0.89, (1, 10), True),
    "one value has no class": (0.0, (1, 1), False),
    "an image has no class": (0.0, (1, 4, 4, 3), False),
    "a class behind height and width of one": (0.5, (1, 1, 1, 10), True),
}


@pytest.mark.parametrize(("acc", "shape", "warned"), CLASSES.values(), ids=CLASSES)
def test_another_class_in_many_samples_is_a_warning_though_the_cosine_is_good(acc, shape, warned):
    warnings = report_of(replace(AGREEMENT, acc=acc), shape=shape).warnings
    assert ["class" in text and f"{acc:.1%}" in text for text in warnings] == [True] * warned


def test_without_a_float_model_no_class_can_be_another():
    assert report_of().warnings == ()
