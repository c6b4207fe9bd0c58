"""Measure fashion_se on the Fashion-MNIST test set, from the float model down to the generated C on an emulated core.

The int8 network and its C are made from fashion_se.h5 as `edgeattn convert` makes them. LiteRT's reference kernels say
which bytes are right: the C must give all of them, LiteRT's default kernels need not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TypeVar

import click
import numpy as np
from dataset import Split, load
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import firmware_export
from edgeattn import Conversion, prepare
from edgeattn.agreement import count_differing_bytes
from edgeattn.conversion import export
from edgeattn.litert import Kernels
from edgeattn.quantise import Prepared
from edgeattn.runners import run_float, run_litert, stored
from firmware_export import Emulated, Export

MODEL = Path(__file__).with_name("fashion_se.h5")
CORE = "cortex-m4"
CHUNK = 500  # images between two moves of the progress bar; each chunk compiles the C anew, which takes seconds

Result = TypeVar("Result")


@dataclass(frozen=True)
class Score:
    """How the network did in one form."""

    form: str
    correct: int
    images: int
    differing_bytes: int | None = None  # from the reference kernels; None: float, or the reference itself


@dataclass(frozen=True)
class Evaluation:
    """The scores, and what the emulated core took."""

    scores: tuple[Score, ...]
    differing_bytes: int  # of the emulated core
    instructions: int  # of one inference, the mean
    compiler: str


def evaluate(images: np.ndarray, labels: np.ndarray, progress: Progress) -> Evaluation:
    """Run float32 images (N, 28, 28, 1) in 0..1 through every form of the network."""
    (probabilities,) = wait(progress, "Keras, float", lambda: run_float(MODEL, [images]))
    prepared = wait(progress, "quantising", lambda: prepare(MODEL))
    (inputs,) = stored([images], prepared.model.inputs)
    reference = run_int8(prepared, inputs, Kernels.REFERENCE, progress)
    default = run_int8(prepared, inputs, Kernels.DEFAULT, progress)
    parts = emulate_in_chunks(export(prepared, Conversion(), firmware_export.find(CORE)), inputs, progress)
    core = np.concatenate([part.outputs[0] for part in parts]).reshape(reference.shape)
    scores = (
        Score("Keras, float", count_correct(probabilities, labels), len(labels)),
        Score("LiteRT's reference kernels", count_correct(reference, labels), len(labels)),
        int8_score("LiteRT's default kernels", default, reference, labels),
        int8_score(f"generated C, emulated {CORE}", core, reference, labels),
    )
    instructions = round(mean(count for part in parts for count in part.instructions))
    return Evaluation(scores, count_differing_bytes(core, reference), instructions, parts[0].compiler)


def wait(progress: Progress, description: str, work: Callable[[], Result]) -> Result:
    """Do the work beside a bar that cannot know how far it is."""
    task = progress.add_task(description, total=None)
    result = work()
    progress.update(task, total=1, completed=1)
    return result


def run_int8(prepared: Prepared, inputs: np.ndarray, kernels: Kernels, progress: Progress) -> np.ndarray:
    """Run the int8 network on this computer: int8 outputs (N, 10)."""
    description = f"LiteRT, {kernels.name.lower()} kernels"
    (outputs,) = wait(progress, description, lambda: run_litert(prepared.tflite, [inputs], kernels))
    return outputs


def emulate_in_chunks(exported: Export, inputs: np.ndarray, progress: Progress) -> list[Emulated]:
    """Run the generated C on the emulated core, int8 inputs (N, 28, 28, 1), CHUNK images at a time."""
    task = progress.add_task(f"generated C, {CORE}", total=len(inputs))
    toolchain = firmware_export.toolchain_for(firmware_export.find(CORE))
    parts = []
    for start in range(0, len(inputs), CHUNK):
        chunk = inputs[start : start + CHUNK]
        parts.append(firmware_export.emulate(exported, (chunk,), toolchain))
        progress.advance(task, len(chunk))
    return parts


def int8_score(form: str, outputs: np.ndarray, reference: np.ndarray, labels: np.ndarray) -> Score:
    """The score of int8 outputs (N, 10)."""
    differing = count_differing_bytes(outputs, reference)
    return Score(form, count_correct(outputs, labels), len(labels), differing)


def count_correct(outputs: np.ndarray, labels: np.ndarray) -> int:
    """Images whose class has the largest output; int8 outputs rank as the real values do."""
    return int(np.count_nonzero(outputs.argmax(axis=1) == labels))


def score_table(evaluation: Evaluation) -> Table:
    """One row a form of the network."""
    images, values = evaluation.scores[0].images, 10 * evaluation.scores[0].images
    table = Table(title=f"{images:,} test images, {values:,} output bytes", title_justify="left")
    table.add_column("network")
    for heading in ("correct", "accuracy", "differing bytes"):
        table.add_column(heading, justify="right")
    for score in evaluation.scores:
        differing = "" if score.differing_bytes is None else f"{score.differing_bytes:,}"
        table.add_row(score.form, f"{score.correct:,}", f"{score.correct / score.images:.2%}", differing)
    table.caption = f"{evaluation.instructions:,} instructions an inference ({evaluation.compiler})"
    return table


@click.command()
@click.option("--images", "count", type=click.IntRange(1), help="The first N of the test set. [all]")
def main(count: int | None) -> None:
    """Print accuracy in every form of the network; fail where the generated C gives a byte the reference does not."""
    images, labels = load(Split.TEST)
    with Progress(console=Console(stderr=True)) as progress:
        evaluation = evaluate(images[:count], labels[:count], progress)
    Console().print(score_table(evaluation))
    if evaluation.differing_bytes:
        raise click.ClickException(f"{evaluation.differing_bytes} output bytes of the generated C are wrong")


if __name__ == "__main__":
    main()
