"""What LiteRT makes of models that may end its process: each is run in a child of a child."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.single_op import Array

Given = tuple[bytes, Sequence[Sequence[Array]]]  # a model and (samples, inputs)
Outputs = tuple[tuple[bytes, ...], ...]  # (samples, outputs)
SECONDS, BYTES = 20, 4 << 30  # that one model may take

RUNNER = f"""
import os, pickle, resource, signal, sys
import numpy as np
from tests.single_op import litert_sequence

with open(sys.argv[1], "rb") as file:
    given = pickle.load(file)
for index, (model, samples) in enumerate(given):
    if os.fork():
        os.wait()
        continue
    signal.alarm({SECONDS})
    resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES}))
    results = [[np.ascontiguousarray(a).tobytes() for a in outputs] for outputs in litert_sequence(model, samples)]
    with open(f"{{sys.argv[1]}}.{{index}}", "wb") as file:
        pickle.dump(tuple(map(tuple, results)), file)
    os._exit(0)
"""


def references(given: Sequence[Given]) -> list[Outputs | None]:
    """The outputs of each model on its samples; None where LiteRT refused the model, died or took too long."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "given"
        file.write_bytes(pickle.dumps(list(given)))
        root = Path(__file__).parents[1]
        subprocess.run([sys.executable, "-c", RUNNER, file], cwd=root, capture_output=True, check=True)
        return [outputs(Path(f"{file}.{index}")) for index in range(len(given))]


def outputs(file: Path) -> Outputs | None:
    """What a child left."""
    if not file.exists():
        return None
    result: Outputs = pickle.loads(file.read_bytes())
    return result
