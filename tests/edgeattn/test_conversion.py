"""What may be asked of a conversion, and what is refused before any work."""

from __future__ import annotations

import pytest

from edgeattn.conversion import Conversion, check_threshold, convert
from edgeattn.errors import OptionError


@pytest.mark.parametrize("threshold", [float("nan"), 1.01, 2, -5, float("inf")])
def test_a_threshold_that_no_cosine_has_is_refused_before_the_model_is_read(threshold):
    with pytest.raises(OptionError, match="from -1 to 1") as refused:
        convert("none.h5", Conversion(threshold=threshold))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("threshold", [-1, 0, 0.98, 1])
def test_a_threshold_that_a_cosine_may_have_is_taken(threshold):
    check_threshold(threshold)
