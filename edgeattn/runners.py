"""Runners: arrays in, arrays out, in a child process that may die without taking anybody along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeattn import exchange
from edgeattn.errors import ChildDied, KernelsDied
from edgeattn.isolation import TIMEOUT_SECONDS, Message, Task, run_child
from edgeattn.litert import Kernels
from edgeattn.models import DEFAULTS, Options, Port, kind_of

Array = NDArray[np.generic]
Floats = NDArray[np.float32]

NAMES = {Kernels.REFERENCE: "LiteRT's reference kernels", Kernels.DEFAULT: "LiteRT's default kernels"}


def run_litert(
    tflite: bytes,
    inputs: Sequence[Array],
    kernels: Kernels = Kernels.REFERENCE,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> tuple[Array, ...]:
    """Run samples, (samples, ...) as the file stores them, and return its raw outputs.

    KernelsDied where LiteRT takes its process down; with Kernels.DEFAULT that is worth a note, not the end of a report.
    """
    request = Message({"kernels": kernels.name}, exchange.numbered("input", inputs), {"tflite": tflite})
    try:
        answer = run_child(Task.RUN_LITERT, request, subject="the int8 network", timeout_seconds=timeout_seconds)
    except ChildDied as error:
        raise KernelsDied(f"{NAMES[kernels]} did not survive the network: {error}", error.detail) from error
    return exchange.collected("output", answer)


def run_layers(tflite: bytes, inputs: Sequence[Array], tensors: Sequence[int]) -> tuple[Array, ...]:
    """What LiteRT's reference kernels leave in these tensors, by number, for samples as the file stores them.

    (samples, *shape) each, a batch of 1 included in the shape.
    """
    request = Message({"tensors": list(tensors)}, exchange.numbered("input", inputs), {"tflite": tflite})
    return exchange.collected("output", run_child(Task.RUN_LAYERS, request, subject="the int8 network"))


def run_float(path: Path, inputs: Sequence[Array], *, options: Options = DEFAULTS) -> tuple[Floats, ...]:
    """Run a float model on samples, (samples, ...) each. `quantise.prepare` does it in passing."""
    kind_of(path)
    request = Message(options.where(path), exchange.numbered("input", inputs))
    answer = run_child(Task.RUN_FLOAT, request, subject=path.name, timeout_seconds=options.timeout_seconds)
    return tuple(array.astype(np.float32, copy=False) for array in exchange.collected("output", answer))


def stored(samples: Sequence[Floats], ports: Sequence[Port]) -> tuple[Array, ...]:
    """Real values as a network stores them: rounded half to even, clipped to the type. Float ports keep them."""
    return tuple(_store(values, port) for values, port in zip(samples, ports, strict=True))


def real(outputs: Sequence[Array], ports: Sequence[Port]) -> tuple[Floats, ...]:
    """Stored values as real ones, by each port's scale and zero point."""
    return tuple(_real(values, port) for values, port in zip(outputs, ports, strict=True))


def _store(values: Floats, port: Port) -> Array:
    if port.scale is None or port.zero_point is None:
        return values.astype(port.dtype)
    steps = np.rint(values.astype(np.float64) / port.scale) + port.zero_point
    limits = np.iinfo(port.dtype)
    quantised: Array = np.clip(steps, limits.min, limits.max).astype(port.dtype)
    return quantised


def _real(values: Array, port: Port) -> Floats:
    if port.scale is None or port.zero_point is None:
        return values.astype(np.float32)
    return ((values.astype(np.float64) - port.zero_point) * port.scale).astype(np.float32)
