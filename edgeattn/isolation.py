"""Run a task of edgeattn.worker in a child process: TensorFlow and LiteRT can abort, and a file can be made to hang.

Parent and child exchange files in a temporary folder: JSON, .npz without pickles, raw bytes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from edgeattn.errors import BY_NAME, ChildDied, EdgeattnError
from edgeattn.files import no_room

Arrays = Mapping[str, NDArray[np.generic]]

REQUEST, ANSWER, ERROR, STAGES, LOG = "request", "answer", "error.json", "stages", "log"
NO_ROOM = 28  # what the child returns where the disk is full: it could write no more than that
TIMEOUT_SECONDS = 900.0
POLL_SECONDS = 0.05
LOG_LINES = 20
# The child searches for modules where the parent does, not in the current folder: a stranger's files may lie there.
START = "import sys; sys.path[:] = sys.argv[2:]; from edgeattn.worker import main; sys.exit(main(sys.argv[1]))"
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # its sums run in another order: the same file would give other bytes elsewhere
    "TF_USE_LEGACY_KERAS": "0",
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
}


class Task(Enum):
    """What the child is asked to do, as a user reads it: "while ..."."""

    INSPECT = "reading"
    PREPARE = "quantising"
    RUN_FLOAT = "running"
    RUN_LITERT = "running LiteRT on"
    RUN_LAYERS = "running LiteRT's reference kernels, layer by layer, on"


class Stage(Enum):
    """Where the child is, in this order; stages that do not apply are left out."""

    LOADING = "loading the model"
    SAMPLES = "reading samples"
    FLOAT = "running the float model"
    QUANTISING = "quantising to int8"
    RUNNING = "running the int8 model"


# What to say of a child that a signal ended; where it had read the whole file, the file is not at fault.
UNREAD = "the file is damaged, or the library has a bug with this model"
FAULTY_LAYER = "the library has a bug with a layer of this model: replace the rarest ones, or report it to TensorFlow"
BLAME: dict[Stage | None, str] = {stage: FAULTY_LAYER for stage in (Stage.FLOAT, Stage.QUANTISING)}

Progress = Callable[[Stage], None]


@dataclass(frozen=True)
class Message:
    """What crosses the border, either way: plain facts, arrays, bytes."""

    facts: dict[str, Any]
    arrays: Arrays = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)


def ignore(stage: Stage) -> None:
    """The progress of those who do not want to know."""


def run_child(
    task: Task,
    request: Message,
    *,
    subject: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    progress: Progress = ignore,
) -> Message:
    """Run one task on `subject` (a file's name). What the child raises is raised here; its death is ChildDied."""
    with tempfile.TemporaryDirectory(prefix="edgeattn-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write(folder, REQUEST, Message({"task": task.name, **request.facts}, request.arrays, request.blobs))
        with (folder / LOG).open("w+", encoding="utf-8", errors="replace") as log:
            code = _supervise(folder, log, timeout_seconds, progress)
        if code == 0:
            return read(folder, ANSWER)
        if code == NO_ROOM:
            raise no_room(f"{task.value} {subject}")
        raise _reported(folder) or _death(task, subject, code, folder, timeout_seconds)


def write(folder: Path, name: str, message: Message) -> None:
    """Put a message into a folder."""
    arrays: dict[str, Any] = dict(message.arrays)
    np.savez(folder / f"{name}.npz", **arrays)
    for key, blob in message.blobs.items():
        (folder / f"{name}.{key}").write_bytes(blob)
    facts = {"facts": message.facts, "blobs": sorted(message.blobs)}
    (folder / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")


def read(folder: Path, name: str) -> Message:
    """Take a message out of a folder."""
    content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    return Message(content["facts"], arrays, {key: (folder / f"{name}.{key}").read_bytes() for key in content["blobs"]})


def _supervise(folder: Path, log: TextIO, timeout_seconds: float, progress: Progress) -> int | None:
    paths = [entry or os.getcwd() for entry in sys.path]
    environment = {**os.environ, **ENVIRONMENT, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    child = subprocess.Popen(
        [sys.executable, "-c", START, str(folder), *paths],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment,
    )
    deadline, seen = time.monotonic() + timeout_seconds, 0
    try:
        while child.poll() is None and time.monotonic() < deadline:
            seen = _tell(folder / STAGES, seen, progress)
            time.sleep(POLL_SECONDS)
        code = child.poll()
    finally:  # also where the user pressed Ctrl-C
        if child.poll() is None:
            child.kill()
        child.wait()
    _tell(folder / STAGES, seen, progress)
    return code


def _tell(stages: Path, seen: int, progress: Progress) -> int:
    lines = _told(stages)
    for line in lines[seen:]:
        progress(Stage[line])
    return len(lines)


def _told(stages: Path) -> list[str]:
    return stages.read_text(encoding="utf-8").split("\n")[:-1] if stages.exists() else []  # a last one may be half


def _reported(folder: Path) -> EdgeattnError | None:
    path = folder / ERROR
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return BY_NAME[content["kind"]](content["message"], content["detail"])


def _death(task: Task, subject: str, code: int | None, folder: Path, timeout_seconds: float) -> ChildDied:
    told = _told(folder / STAGES)
    stage = Stage[told[-1]] if told else None
    doing = stage.value if stage else f"{task.value} it"
    log = (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    return ChildDied(
        f"{subject}: the process {doing} {_cause(code, timeout_seconds, stage)}", "\n".join(log[-LOG_LINES:])
    )


def _cause(code: int | None, timeout_seconds: float, stage: Stage | None) -> str:
    if code is None:
        return f"did not end within {timeout_seconds:g} s and was stopped: allow more time, or try a smaller model"
    if code == -signal.SIGABRT:
        return f"aborted inside TensorFlow or LiteRT: {BLAME.get(stage, UNREAD)}"
    if code == -getattr(signal, "SIGKILL", 9):
        return "was killed, most likely because memory ran out: close other programs, or try fewer samples"
    what = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"died ({what}): {BLAME.get(stage, UNREAD)}"
