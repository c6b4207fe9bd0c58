"""Outputs that a network must give, to the byte: an .npz with m_inputs_1, ... and c_outputs_1, ...

Either as the firmware stores them, or as real values, as `edgeattn validate --save` writes them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgeattn.calibration import LARGEST_BYTES
from edgeattn.errors import GoldenDiffers, OptionError, SamplesError
from edgeattn.on_core import Array, Result, Stored, dequantised, quantised, rows_of
from firmware_export import Header, Port

BETWEEN = 0.01  # of a step: more than rounding to float32 explains

Golden = tuple[tuple[Stored, ...], tuple[Stored, ...]]


def read_golden(file: Path, header: Header) -> Golden:
    """The inputs and the outputs they must give, (samples, *shape) each; real values as the firmware stores them.

    Raises SamplesError where the file cannot be read, OptionError where it is not one for this network.
    """
    program = header.program
    input_keys = [f"m_inputs_{index}" for index, _ in enumerate(program.inputs, 1)]
    output_keys = [f"c_outputs_{index}" for index, _ in enumerate(program.outputs, 1)]
    arrays = _read(file, [*input_keys, *output_keys])
    what = f"{file.name}: {program.name}"
    inputs = tuple(
        rows_of(_stored(arrays[key], port), port, what) for key, port in zip(input_keys, program.inputs, strict=True)
    )
    outputs = tuple(
        rows_of(_exact(arrays[key], port, what), port, what)
        for key, port in zip(output_keys, program.outputs, strict=True)
    )
    counts = {len(array) for array in (*inputs, *outputs)}
    if len(counts) > 1:
        raise OptionError(f"{file.name}: the arrays differ in their number of samples ({sorted(counts)})")
    return inputs, outputs


def check_golden(result: Result, expected: Sequence[Stored], ports: Sequence[Port], file: Path) -> None:
    """Raise GoldenDiffers with the first byte of each output that is another one."""
    found = [
        _difference(port.name, got, wanted)
        for port, got, wanted in zip(ports, result.outputs, expected, strict=True)
        if not np.array_equal(got, wanted)
    ]
    if found:
        raise GoldenDiffers(
            "\n  ".join((f"{result} does not give the outputs in {file.name}:", *found))
            + f"\nif the network was meant to change, put the new outputs into {file.name}"
        )


def _difference(name: str, got: Stored, wanted: Stored) -> str:
    places = np.argwhere(got != wanted)
    sample, *place = (int(index) for index in places[0])
    at = (sample, *place)
    where = ", ".join(map(str, place))
    values = "bytes" if got.itemsize == 1 else "values"
    return (
        f"{name}: {len(places):,} of {got.size:,} {values} differ, first in sample {sample} at [{where}]: "
        f"{got[at]} instead of {wanted[at]}"
    )


def _stored(array: Array, port: Port) -> Array:
    return quantised(array, port) if array.dtype.kind == "f" else array


def _exact(array: Array, port: Port, what: str) -> Array:
    if array.dtype.kind != "f":
        return array
    if port.scale is None:
        return _plain(array, port, what)
    stored = quantised(array, port)
    if not np.allclose(dequantised(stored, port), array, rtol=0, atol=port.scale * BETWEEN):
        raise OptionError(
            f"{what} cannot give the real values for {port.name}: between its steps of {port.scale:g}, or beyond them; "
            "save what the int8 network gives (edgeattn validate --save)"
        )
    return stored


def _plain(array: Array, port: Port, what: str) -> Array:
    plain = array.astype(np.float64)
    if not np.all((plain == np.rint(plain)) & (plain >= port.low) & (plain <= port.high)):
        raise OptionError(f"{what} cannot give the values for {port.name}: it holds whole numbers ({port.dtype})")
    return plain.astype(port.dtype)


def _read(file: Path, keys: Sequence[str]) -> dict[str, Array]:
    if not file.is_file():
        raise SamplesError(f"{file}: there is no such file: save one with {', '.join(keys)} (edgeattn validate --save)")
    try:
        with zipfile.ZipFile(file) as archive:
            largest = max((info.file_size for info in archive.infolist()), default=0)
        if largest > LARGEST_BYTES:
            raise SamplesError(f"{file}: holds an array of {largest} bytes, more than {LARGEST_BYTES}: split it")
        with np.load(file, allow_pickle=False) as loaded:
            missing = [key for key in keys if key not in loaded.files]
            if missing:
                there = ", ".join(sorted(loaded.files)) or "nothing"
                raise OptionError(f"{file}: it holds {there}, and {', '.join(missing)} must be there too")
            return {key: loaded[key] for key in keys}
    except (ValueError, OSError, EOFError, SyntaxError, zipfile.BadZipFile, MemoryError) as error:
        raise SamplesError(f"{file}: not an .npz of plain arrays, or damaged ({error})") from None
