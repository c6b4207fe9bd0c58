"""The child process: reads a request from a folder, does it, writes the answer, or what went wrong, beside it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeattn import exchange, isolation, litert, opened
from edgeattn.config_scan import Lambdas
from edgeattn.errors import EdgeattnError, LoadError
from edgeattn.files import FULL
from edgeattn.isolation import Message, Stage, Task
from edgeattn.litert import Kernels
from edgeattn.models import Activations

Tell = Callable[[Stage], None]


def main(name: str) -> int:
    """Do the task in the folder; 0: there is an answer, 1: an error report, NO_ROOM: the disk was full."""
    try:
        return _work(Path(name))
    except OSError as error:
        if error.errno in FULL:
            return isolation.NO_ROOM
        raise


def _work(folder: Path) -> int:
    _no_core_dumps()
    try:
        request = isolation.read(folder, isolation.REQUEST)
        answer = TASKS[Task[request.facts["task"]]](request, _teller(folder))
        isolation.write(folder, isolation.ANSWER, answer)
    except EdgeattnError as error:
        return _report(folder, type(error).__name__, str(error), error.detail)
    except MemoryError:
        return _report(folder, LoadError.__name__, "memory ran out: close other programs, or try fewer samples", "")
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        told = f"a bug in edgeattn, please report it: {type(error).__name__}: {error}"
        return _report(folder, EdgeattnError.__name__, told, traceback.format_exc())
    return 0


def _report(folder: Path, kind: str, message: str, detail: str) -> int:
    content = {"kind": kind, "message": message, "detail": detail}
    (folder / isolation.ERROR).write_text(json.dumps(content), encoding="utf-8")
    return 1


def _no_core_dumps() -> None:
    try:
        import resource
    except ImportError:  # Windows writes none
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _teller(folder: Path) -> Tell:
    def tell(stage: Stage) -> None:
        with (folder / isolation.STAGES).open("a", encoding="utf-8") as stages:
            stages.write(f"{stage.name}\n")

    return tell


def _inspect(request: Message, tell: Tell) -> Message:
    tell(Stage.LOADING)
    return Message({"model": exchange.pack_facts(opened.facts(_open(request)))})


def _prepare(request: Message, tell: Tell) -> Message:
    tell(Stage.LOADING)
    model = _open(request)
    tell(Stage.SAMPLES)
    calibrating, validating = opened.samples(model, *exchange.sample_requests(request))
    outputs: Sequence[NDArray[np.generic]] = ()
    if not model.is_quantised:
        tell(Stage.FLOAT)
        outputs = opened.run_float(model, validating.inputs)
        tell(Stage.QUANTISING)
    tflite = opened.quantised(model, calibrating.inputs, Activations(request.facts["activations"]))
    return exchange.pack_prepared(opened.facts(model, tflite), tflite, (calibrating, validating), outputs)


def _run_float(request: Message, tell: Tell) -> Message:
    tell(Stage.LOADING)
    model = _open(request)
    tell(Stage.FLOAT)
    return Message({}, exchange.numbered("output", opened.run_float(model, exchange.collected("input", request))))


def _run_litert(request: Message, tell: Tell) -> Message:
    tell(Stage.RUNNING)
    kernels = Kernels[request.facts["kernels"]]
    outputs = litert.run(request.blobs["tflite"], exchange.collected("input", request), kernels)
    return Message({}, exchange.numbered("output", outputs))


def _run_layers(request: Message, tell: Tell) -> Message:
    tell(Stage.RUNNING)
    inputs = exchange.collected("input", request)
    outputs = litert.run_keeping(request.blobs["tflite"], inputs, request.facts["tensors"])
    return Message({}, exchange.numbered("output", outputs))


def _open(request: Message) -> opened.Opened:
    return opened.open_model(Path(request.facts["path"]), Lambdas(request.facts["lambdas"]))


TASKS: Mapping[Task, Callable[[Message, Tell], Message]] = {
    Task.INSPECT: _inspect,
    Task.PREPARE: _prepare,
    Task.RUN_FLOAT: _run_float,
    Task.RUN_LITERT: _run_litert,
    Task.RUN_LAYERS: _run_layers,
}
