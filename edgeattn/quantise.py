"""From a model file to an int8 .tflite and what to compare it with: one child process does the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeattn import exchange
from edgeattn.calibration import SampleRequest, Samples, check_request
from edgeattn.isolation import Message, Progress, Task, ignore, run_child
from edgeattn.models import DEFAULTS, ModelFacts, kind_of
from edgeattn.models import Options as Options
from edgeattn.prepared_cache import kept, recipe_of

COMPARED = SampleRequest(limit=100)
NO_REQUEST = SampleRequest()


@dataclass(frozen=True, eq=False)
class Prepared:
    """An int8 network and the means to judge it. Inputs and outputs stand in the model's own order everywhere."""

    model: ModelFacts  # its ports are the int8 network's: types, scales and zero points
    tflite: bytes
    calibration: Samples
    validation: Samples
    float_outputs: tuple[NDArray[np.float32], ...] | None  # on the validation samples; None: was quantised already


def prepare(
    path: Path,
    *,
    calibration: SampleRequest = NO_REQUEST,
    validation: SampleRequest = COMPARED,
    options: Options = DEFAULTS,
    progress: Progress = ignore,
) -> Prepared:
    """Load any accepted file, run it in float on the validation samples, quantise it to int8.

    A file that is int8 already passes through. What was prepared before, from the same bytes, is not prepared again.
    Samples that are not named come from <model>.calibration.npz and <model>.validation.npz beside the model, else from
    a random generator, and comparison falls back on calibration.
    LoadError, UnsupportedModel and CalibrationError say in one sentence what is wrong.
    """
    kind_of(path)  # most mistakes need no child
    for request in (calibration, validation):
        check_request(request)
    facts = {
        **options.where(path),
        "calibration": exchange.pack_sample_request(calibration),
        "validation": exchange.pack_sample_request(validation),
    }
    work = partial(
        run_child,
        Task.PREPARE,
        Message(facts),
        subject=path.name,
        timeout_seconds=options.timeout_seconds,
        progress=progress,
    )
    answer = kept(partial(recipe_of, path, facts, (calibration, validation)), work)
    outputs = tuple(array.astype(np.float32, copy=False) for array in exchange.collected("output", answer))
    return Prepared(
        exchange.unpack_facts(answer.facts["model"]),
        answer.blobs["tflite"],
        exchange.unpack_samples(answer, "calibration"),
        exchange.unpack_samples(answer, "validation"),
        outputs or None,
    )
