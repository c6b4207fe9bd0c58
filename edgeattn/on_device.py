"""`edgeattn validate --device`: the network on a real board against LiteRT's reference kernels, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import firmware_export
from edgeattn.comparison import compare_layers, difference
from edgeattn.conversion import DEFAULTS, Conversion, make_ready, silent
from edgeattn.device_report import DeviceReport, InputRun
from edgeattn.litert import Kernels
from edgeattn.proof import Arrays, Say, emulated_rows, integer_ports, litert, with_random
from edgeattn.runners import stored
from firmware_export import Device, Export, Wanted


@dataclass(frozen=True)
class OnDevice:
    """How a device is asked."""

    address: str  # serial:PORT or serial:PORT,BAUD
    timeout_seconds: float = 60.0  # for one inference
    per_layer: bool = False


def validate_on_device(
    model: Path | str, asked: OnDevice, conversion: Conversion = DEFAULTS, *, say: Say = silent
) -> DeviceReport:
    """Run the validation samples and random inputs on a device that holds this model, and compare.

    Judges nothing: `check_device` does. Raises as `convert` does, and firmware_export.DeviceError where the device does
    not answer or holds another network.
    """
    say(f"looking for a device at {asked.address}")  # before minutes of work, which would be in vain
    patience = firmware_export.Patience(reply_seconds=asked.timeout_seconds)
    with firmware_export.open_device(asked.address, patience) as device:
        target = firmware_export.find(conversion.target)
        prepared, exported = make_ready(Path(model), conversion, say, target=target)
        device.require(wanted(exported))
        known = stored(prepared.validation.inputs, integer_ports(exported.program.inputs))
        inputs = with_random(known, wanted=conversion.inputs, seed=conversion.seed)
        chosen = emulated_rows(prepared.validation.count, len(inputs[0]), conversion.inputs)
        inputs = tuple(array[chosen] for array in inputs)
        say("running LiteRT's reference kernels")
        expected = litert(prepared, exported, inputs, Kernels.REFERENCE)
        runs = tuple(run_inputs(device, exported, inputs, expected, say))
        report = DeviceReport(Path(model).name, exported.program.name, asked.address, device.info, runs)
        if asked.per_layer:
            say("comparing layer by layer")
            report = with_layers(report, device, exported, inputs)
        return report if report.byte_exact else replace(report, weights_are_whole=device.weights_are_whole())


def wanted(exported: Export) -> Wanted:
    """What the device must hold."""
    program = exported.program
    return Wanted(
        program.name,
        program.model_sha256,
        (*(port.nbytes for port in program.inputs), *map(len, begun(exported))),
        (*(port.nbytes for port in program.outputs), *map(len, begun(exported))),
    )


def begun(exported: Export) -> tuple[bytes, ...]:
    """What the device is given beside the first inputs: zeros, from which it begins a stream, where there are any."""
    size = exported.program.state_bytes
    return (bytes(size),) if size else ()


def row_bytes(arrays: Arrays, row: int) -> tuple[bytes, ...]:
    """One sample of each array."""
    return tuple(array[row].tobytes() for array in arrays)


def run_inputs(device: Device, exported: Export, inputs: Arrays, expected: Arrays, say: Say) -> Iterator[InputRun]:
    """Every inference on the device, compared; what the network remembers goes from each to the next."""
    state = begun(exported)
    for row in range(len(inputs[0])):
        say(f"input {row + 1} of {len(inputs[0])} on the device")
        done = device.run((*row_bytes(inputs, row), *state))
        outputs, state = done.outputs[: len(expected)], done.outputs[len(expected) :]
        pairs = zip(row_bytes(expected, row), outputs, strict=True)
        yield InputRun(tuple(difference(left, right) for left, right in pairs), done.cycles)


def with_layers(report: DeviceReport, device: Device, exported: Export, inputs: Arrays) -> DeviceReport:
    """Every layer of the first input that came out wrong, else of the first, beside what it should be.

    Of the first input where the network remembers.
    """
    row = report.first[0] if report.first and not begun(exported) else 0
    layer_runs, _ = device.run_layers((*row_bytes(inputs, row), *begun(exported)))
    expected = firmware_export.layer_outputs(exported, [array[row] for array in inputs])
    layers = compare_layers(expected, {f"{index} {layer.name}": layer.output for index, layer in enumerate(layer_runs)})
    return replace(report, layers=layers, layer_runs=layer_runs, layers_of=row)
