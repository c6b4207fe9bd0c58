"""What a trained network of the zoo reaches and costs, in edgeattn's own measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeattn import Agreement, Conversion, Report
from edgeattn.calibration import SampleRequest
from edgeattn.conversion import examine_on
from edgeattn.runners import run_litert, stored

CORES = ("cortex-m4", "cortex-m0", "cortex-m7")  # the first is the one that is counted
CALIBRATION = Path(__file__).parents[1] / "fashion_se" / "fashion_se.calibration.npz"


@dataclass(frozen=True)
class Cost:
    """One inference of the generated C on the first of CORES: the same files and compiler give the same numbers."""

    macs: int
    instructions: int
    ram_bytes: int  # activations
    flash_bytes: int  # code, weights and tables
    differing_bytes: int  # from LiteRT's reference kernels, over all CORES


@dataclass(frozen=True)
class Result:
    """One network of the zoo, measured."""

    name: str
    parameters: int
    float_accuracy: float
    int8_accuracy: float  # of LiteRT's reference kernels, whose bytes the C gives
    agreement: Agreement
    cost: Cost


def measure(path: Path, test_set: Path) -> Result:
    """Quantise a trained network, run it over a test set (.npz of m_inputs_1 and labels), export it and count."""
    with np.load(test_set) as archive:
        labels = archive["labels"]
    reports = examine(path, SampleRequest(test_set, limit=len(labels)))
    prepared = reports[0].prepared
    (codes,) = run_litert(prepared.tflite, stored(prepared.validation.inputs, prepared.model.inputs))
    (floats,) = prepared.float_outputs
    return Result(
        name=path.stem,
        parameters=prepared.model.parameters,
        float_accuracy=accuracy(floats, labels),
        int8_accuracy=accuracy(codes, labels),
        agreement=reports[0].proof.agreement,
        cost=cost(reports),
    )


def examine(path: Path, validation: SampleRequest) -> list[Report]:
    """What edgeattn finds out about a network on each of CORES."""
    return list(examine_on(CORES, path, Conversion(calibration=CALIBRATION, validation=validation)))


def cost(reports: Sequence[Report]) -> Cost:
    """The numbers of the first report; bytes are compared in all."""
    counted = reports[0]
    return Cost(
        macs=counted.exported.program.macs,
        instructions=counted.instructions,
        ram_bytes=counted.needs.activations_bytes,
        flash_bytes=counted.needs.flash_bytes,
        differing_bytes=sum(report.proof.differing_bytes for report in reports),
    )


def accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose class has the largest output; int8 outputs rank as the real values do."""
    return float(np.mean(outputs.argmax(axis=1) == labels))
