"""The result of a validation on a device: as a value, as a verdict, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from edgeattn.comparison import Difference, LayerComparison, first_wrong
from edgeattn.errors import DeviceDiffers
from firmware_export import DeviceInfo, LayerRun


@dataclass(frozen=True)
class InputRun:
    """One input's result on the device."""

    differences: tuple[Difference | None, ...]  # one an output
    cycles: int | None


@dataclass(frozen=True)
class DeviceReport:
    """What came of it."""

    model: str  # the file's name
    name: str  # in C
    device: str
    info: DeviceInfo
    runs: tuple[InputRun, ...]
    layers: tuple[LayerComparison, ...] = ()
    layer_runs: tuple[LayerRun, ...] = ()
    layers_of: int | None = None  # the input whose layers these are
    weights_are_whole: bool | None = None  # asked only where bytes differ

    @property
    def differing_bytes(self) -> int:
        """Over all inputs and outputs."""
        return sum(part.bytes for run in self.runs for part in run.differences if part)

    @property
    def byte_exact(self) -> bool:
        """Whether the device gave the reference's bytes, in every layer that was shown."""
        return self.differing_bytes == 0 and first_wrong(self.layers) is None

    @property
    def first(self) -> tuple[int, int, Difference] | None:
        """The first difference with its input and its output, both counted from 0."""
        every = ((row, index, part) for row, run in enumerate(self.runs) for index, part in enumerate(run.differences))
        return next(((row, index, part) for row, index, part in every if part is not None), None)

    @property
    def cycles(self) -> tuple[int, ...]:
        """One an input; none where the device cannot count."""
        return tuple(run.cycles for run in self.runs if run.cycles is not None)

    def milliseconds(self, cycles: float) -> float | None:
        """By the device's clock; None where it does not tell its rate."""
        return 1000 * cycles / self.info.clock_hz if self.info.clock_hz else None


def check_device(report: DeviceReport) -> None:
    """Raise DeviceDiffers where a byte is not the reference's, with where and what to look at."""
    if report.byte_exact:
        return
    if len(report.layer_runs) not in (0, len(report.layers)):
        raise DeviceDiffers(
            f"{report.name}: the device at {report.device} shows {len(report.layer_runs)} layers and this network has "
            f"{len(report.layers)}: build its firmware again from this model's header"
        )
    raise DeviceDiffers(f"{report.name}: {told(report)}; {advice(report)}")


def told(report: DeviceReport) -> str:
    """Where the bytes differ."""
    where = f"on the device at {report.device}"
    layer = first_wrong(report.layers)
    in_layer = f"; the first layer that differs is {layer.name}" if layer else ""
    if report.first is None:
        return f"every output is right {where}, but a layer is not{in_layer}"
    row, output, part = report.first
    return (
        f"{report.differing_bytes} output bytes {where} differ from LiteRT's reference kernels, first in input {row}, "
        f"byte {part.first} of output {output} ({part.got} instead of {part.expected}){in_layer}"
    )


def advice(report: DeviceReport) -> str:
    """What to do about it."""
    if report.weights_are_whole is False:
        return "the weights in its flash are not those of the header: flash the firmware again"
    layers = "" if report.layers else "ask for --per-layer to see where, and "
    return (
        f"its weights are whole, so the fault is on the device: {layers}look at its stack size, at memory that other "
        "code or a DMA writes, and at its compiler's flags; `edgeattn validate` without --device tells whether the C "
        "is right"
    )


def as_dict(report: DeviceReport) -> dict[str, Any]:
    """Plain facts for scripts. Keys may join, none leaves."""
    wrong = first_wrong(report.layers)
    return {
        "edgeattn": version("edgeattn"),
        "name": report.name,
        "model": report.model,
        "model_sha256": report.info.model_sha256,
        "device": report.device,
        "byte_exact": report.byte_exact,
        "inputs_compared": len(report.runs),
        "differing_bytes": report.differing_bytes,
        "first_difference": first_difference_dict(report),
        "weights_are_whole": report.weights_are_whole,
        "clock_hz": report.info.clock_hz or None,
        "cycles": cycles_dict(report),
        "layers_of_input": report.layers_of,
        "first_wrong_layer": wrong.name if wrong else None,
        "layers": [layer_dict(layer, run) for layer, run in paired(report)],
    }


def paired(report: DeviceReport) -> Sequence[tuple[LayerComparison, LayerRun | None]]:
    """Each layer with what the device said of it."""
    missing = [None] * (len(report.layers) - len(report.layer_runs))
    return list(zip(report.layers, (*report.layer_runs, *missing), strict=False))


def first_difference_dict(report: DeviceReport) -> dict[str, int] | None:
    """Where the first byte differs."""
    if report.first is None:
        return None
    row, output, part = report.first
    return {"input": row, "output": output, "byte": part.first, "expected": part.expected, "got": part.got}


def cycles_dict(report: DeviceReport) -> dict[str, Any] | None:
    """The spread over the inputs, and the mean in milliseconds; None where the device cannot count."""
    if not report.cycles:
        return None
    mean = sum(report.cycles) / len(report.cycles)
    return {
        "min": min(report.cycles),
        "mean": round(mean),
        "max": max(report.cycles),
        "ms": report.milliseconds(mean),
    }


def layer_dict(layer: LayerComparison, run: LayerRun | None) -> dict[str, Any]:
    """One layer."""
    return {
        "name": layer.name,
        "bytes": layer.size,
        "differing_bytes": layer.difference.bytes if layer.difference else 0,
        "first_byte": layer.difference.first if layer.difference else None,
        "cycles": run.cycles if run else None,
    }
