"""`edgeattn validate`: the network in the emulator against LiteRT's reference kernels, also layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import firmware_export
from edgeattn.comparison import LayerComparison, compare_layers, first_wrong
from edgeattn.conversion import DEFAULTS, Conversion, bench_of, check, examine, silent
from edgeattn.errors import EdgeattnError, OptionError
from edgeattn.files import check_places, write_all
from edgeattn.models import Port
from edgeattn.proof import Say, given, integer_ports
from edgeattn.report import Report, as_dict
from edgeattn.runners import real, run_layers
from firmware_export import Emulator, LayerTensor

Array = NDArray[np.generic]


@dataclass(frozen=True)
class OnEmulator:
    """What is asked beside the outputs."""

    per_layer: bool = False
    save: Path | None = None  # an .npz


@dataclass(frozen=True, eq=False)
class Validation:
    """The report, and every layer of the first input where that was asked for, without removed channels."""

    report: Report
    tensors: tuple[LayerTensor, ...] = ()
    expected: tuple[Array, ...] = ()
    got: Mapping[str, bytes] | None = None

    @property
    def layers(self) -> tuple[LayerComparison, ...]:
        """Each layer's output in the emulator beside LiteRT's."""
        names = [tensor.layer for tensor in self.tensors]
        wanted = {name: array.tobytes() for name, array in zip(names, self.expected, strict=True)}
        return compare_layers(wanted, {name: (self.got or {})[name] for name in names})


def validate(
    model: Path | str, asked: OnEmulator, conversion: Conversion = DEFAULTS, *, say: Say = silent
) -> Validation:
    """Compare on the emulated core of the target; nothing is judged, and `asked.save` alone is written.

    Raises as `convert` does.
    """
    check_save(asked.save)
    report = examine(model, conversion, say=say)
    done = compare_in_layers(report, conversion, say) if asked.per_layer else Validation(report)
    if asked.save is not None:
        write_all({asked.save: npz(done)})
    return done


def check_validation(done: Validation, conversion: Conversion) -> None:
    """Raise what is wrong, the first layer that differs before all else."""
    wrong = first_wrong(done.layers)
    if wrong is not None and wrong.difference is not None:
        part = wrong.difference
        raise EdgeattnError(
            f"{done.report.name}: layer {wrong.name} is the first that differs from LiteRT's reference kernels, in "
            f"{part.bytes} of {wrong.size} bytes, first in byte {part.first} ({part.got} instead of {part.expected}); "
            "this is a bug in edgeattn: please report it with the model"
        )
    check(done.report, conversion)


def validation_dict(done: Validation) -> dict[str, Any]:
    """The report for scripts, with the layers that were compared."""
    wrong = first_wrong(done.layers)
    compared = [
        {"name": layer.name, "bytes": layer.size, "differing_bytes": layer.difference.bytes if layer.difference else 0}
        for layer in done.layers
    ]
    return {**as_dict(done.report), "compared_layers": compared, "first_wrong_layer": wrong.name if wrong else None}


def check_save(place: Path | None) -> None:
    """Refuse before minutes of work what could not be saved after them."""
    if place is None:
        return
    if place.suffix != ".npz":
        raise OptionError(f"--save {place}: the file is an .npz, so give it that ending")
    check_places([place])


def compare_in_layers(report: Report, conversion: Conversion, say: Say) -> Validation:
    """Every layer of the first input, in Unicorn: on the core that stands in where it has not the target's."""
    say("comparing layer by layer")
    inputs = [array[0] for array in report.proof.inputs]
    tensors = firmware_export.layer_tensors(report.exported)
    sample = given(report.prepared, report.exported, [array[np.newaxis] for array in inputs])
    kept = run_layers(report.prepared.tflite, sample, [tensor.index for tensor in tensors])
    expected = tuple(
        np.delete(array[0], tensor.removed, axis=-1) if tensor.removed else array[0]
        for tensor, array in zip(tensors, kept, strict=True)
    )
    toolchain = bench_of(report.target, replace(conversion, emulator=Emulator.UNICORN)).toolchain
    got = firmware_export.emulated_layer_outputs(report.exported, inputs, toolchain)
    return Validation(report, tensors, expected, got)


def npz(done: Validation) -> bytes:
    """Real values as ST's tools name them: m_inputs_N, m_outputs_N of LiteRT's reference, c_outputs_N of the C.

    With layers, the outputs are theirs, of the first input, and `layers` has their names.
    """
    file = BytesIO()
    np.savez(file, **(layer_arrays(done) if done.tensors else output_arrays(done.report)))  # type: ignore[arg-type]
    return file.getvalue()


def output_arrays(report: Report) -> dict[str, Array]:
    """The inputs compared in the emulator, and both sides' outputs."""
    program, proof = report.exported.program, report.proof
    inputs = real(proof.inputs, integer_ports(program.inputs))
    ports = integer_ports(program.outputs)
    return {
        **{f"m_inputs_{n}": array for n, array in enumerate(inputs, 1)},
        **{f"m_outputs_{n}": array for n, array in enumerate(real(proof.expected, ports), 1)},
        **{f"c_outputs_{n}": array for n, array in enumerate(real(proof.emulated.outputs, ports), 1)},
    }


def layer_arrays(done: Validation) -> dict[str, Array]:
    """Every layer of the first input, both sides, with the layers' names."""
    arrays: dict[str, Array] = {"layers": np.array([tensor.layer for tensor in done.tensors])}
    got = done.got or {}
    for n, (tensor, expected) in enumerate(zip(done.tensors, done.expected, strict=True), 1):
        port = Port(tensor.layer, tensor.shape, tensor.dtype, tensor.scale, tensor.zero_point)
        stored = np.frombuffer(got[tensor.layer], tensor.dtype).reshape(tensor.shape)
        arrays[f"m_outputs_{n}"], arrays[f"c_outputs_{n}"] = real((expected, stored), (port, port))
    return arrays
