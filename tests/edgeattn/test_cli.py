"""The options of the command line as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeattn.cli import sample_requests

FOLDER, ARRAYS = Path(__file__).parent, Path("s.npz")
# what to calibrate with, what to compare on: the scales of the two requests
SCALES = {
    "one folder": ((FOLDER, None), (2.0, None)),
    "two folders": ((FOLDER, FOLDER), (2.0, 2.0)),
    "images, then arrays": ((FOLDER, ARRAYS), (2.0, None)),
    "arrays, then images": ((ARRAYS, FOLDER), (None, 2.0)),
    "beside the model, then images": ((None, FOLDER), (None, 2.0)),
    "arrays, which are refused": ((ARRAYS, ARRAYS), (2.0, None)),
    "nothing, which is refused": ((None, None), (2.0, None)),
}


@pytest.mark.parametrize(("paths", "scales"), SCALES.values(), ids=SCALES)
def test_the_scale_goes_to_images(paths, scales):
    calibration, validation = paths
    asked = {"calibration": calibration, "validation": validation, "low_high": (-1.0, 1.0), "scale": 2.0, "offset": 1.0}
    requests = sample_requests(asked)
    assert tuple(request.path for request in requests) == paths
    assert tuple(request.scale for request in requests) == scales
    assert tuple(request.offset for request in requests) == tuple(scale and 1.0 for scale in scales)
    assert [(request.low, request.high) for request in requests] == [(-1.0, 1.0)] * 2
