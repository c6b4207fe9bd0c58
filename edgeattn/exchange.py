"""The project's values as messages between parent and child, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeattn.calibration import Pick, SampleRequest, Samples, Source
from edgeattn.isolation import Message
from edgeattn.models import Layer, ModelFacts, ModelKind, Port

Array = NDArray[np.generic]
Facts = dict[str, Any]


def numbered(prefix: str, arrays: Sequence[Array]) -> dict[str, Array]:
    """Arrays under prefix_0, prefix_1, ..."""
    return {f"{prefix}_{index}": array for index, array in enumerate(arrays)}


def collected(prefix: str, message: Message) -> tuple[Array, ...]:
    """The arrays that `numbered` put into a message."""
    count = sum(key.rpartition("_")[0] == prefix for key in message.arrays)
    return tuple(message.arrays[f"{prefix}_{index}"] for index in range(count))


def pack_sample_request(request: SampleRequest) -> Facts:
    """As plain facts; paths become absolute, as the child works in another folder."""
    path = None if request.path is None else str(request.path.absolute())
    return {**asdict(request), "path": path, "pick": request.pick.name}


def sample_requests(message: Message) -> tuple[SampleRequest, SampleRequest]:
    """What to calibrate with and what to compare on."""
    calibrating, validating = (_sample_request(message.facts[key]) for key in ("calibration", "validation"))
    return calibrating, validating


def pack_facts(facts: ModelFacts) -> Facts:
    """As plain facts."""
    return {**asdict(facts), "kind": facts.kind.name}


def unpack_facts(plain: Mapping[str, Any]) -> ModelFacts:
    """What `pack_facts` packed."""
    inputs, outputs = (tuple(_port(port) for port in plain[key]) for key in ("inputs", "outputs"))
    layers = tuple(Layer(**layer) for layer in plain["layers"])
    kind = ModelKind[plain["kind"]]
    return ModelFacts(plain["name"], kind, inputs, outputs, layers, plain["parameters"], plain["is_quantised"])


def pack_prepared(
    facts: ModelFacts, tflite: bytes, samples: tuple[Samples, Samples], outputs: Sequence[Array]
) -> Message:
    """What `prepare` answers: samples for calibration and for comparison, the float outputs on the second."""
    calibrating, validating = samples
    plain = {"model": pack_facts(facts), "calibration": _origin(calibrating), "validation": _origin(validating)}
    arrays = {
        **numbered("calibration", calibrating.inputs),
        **numbered("validation", validating.inputs),
        **numbered("output", outputs),
    }
    return Message(plain, arrays, {"tflite": tflite})


def unpack_samples(message: Message, key: str) -> Samples:
    """The samples under "calibration" or "validation"."""
    origin = message.facts[key]
    inputs = tuple(array.astype(np.float32, copy=False) for array in collected(key, message))
    return Samples(inputs, Source[origin["source"]], origin["description"])


def _sample_request(plain: Mapping[str, Any]) -> SampleRequest:
    path = None if plain["path"] is None else Path(plain["path"])
    return SampleRequest(**{**plain, "path": path, "pick": Pick[plain["pick"]]})


def _origin(samples: Samples) -> Facts:
    return {"source": samples.source.name, "description": samples.description}


def _port(plain: Mapping[str, Any]) -> Port:
    return Port(**{**plain, "shape": tuple(plain["shape"])})
