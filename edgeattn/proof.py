"""What the numbers say: float, LiteRT's reference and default kernels, and the emulated core, on the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import firmware_export
from edgeattn.agreement import Agreement, count_differing_bytes, measure_outputs, worst_of
from edgeattn.errors import KernelsDied, UnsupportedModel
from edgeattn.litert import Kernels
from edgeattn.models import Port
from edgeattn.quantise import Prepared
from edgeattn.runners import NAMES, real, run_litert, stored
from firmware_export import Emulated, Emulator, Export, Flash, Toolchain

Arrays = tuple[NDArray[np.generic], ...]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """What the C is built for."""

    toolchain: Toolchain
    flash: Flash | None = None
    emulator: Emulator = Emulator.BEST


@dataclass(frozen=True, eq=False)
class References:
    """Inputs, and what LiteRT makes of them: the same for every core."""

    inputs: Arrays  # as the network stores them: the validation samples, then random bytes
    expected: Arrays  # of the reference kernels
    usual: Arrays | None  # of the default kernels; None: they died
    rows: tuple[int, ...]  # of the inputs, those that a core is compared on
    on_core: Arrays  # what the reference kernels make of these
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Proof:
    """The comparisons. `agreement` is None for a model that was int8 already: there is no float one to compare."""

    agreement: Agreement | None
    outputs: tuple[Agreement, ...]  # one an output
    inputs: Arrays  # that the emulated core was given, (samples, *shape)
    expected: Arrays  # what the reference makes of them
    emulated: Emulated
    inputs_compared: int
    differing_bytes: int  # of the emulated core's outputs from the reference's
    default_differing: int | None  # the same of LiteRT's default kernels; None: they died
    values: int  # output bytes compared between the two kinds of kernels
    notes: tuple[str, ...]


def refer(prepared: Prepared, exported: Export, *, wanted: int, seed: int, say: Say) -> References:
    """Run LiteRT on the validation samples and on random bytes; `wanted` inputs are for a core."""
    known = stored(prepared.validation.inputs, integer_ports(exported.program.inputs))
    inputs = with_random(known, wanted=wanted, seed=seed)
    say("running LiteRT's reference kernels")
    expected = litert(prepared, exported, inputs, Kernels.REFERENCE)
    say("running LiteRT's default kernels")
    usual, notes = default_kernels(prepared, exported, inputs)
    rows = emulated_rows(prepared.validation.count, len(inputs[0]), wanted)
    on_core = tuple(array[rows] for array in expected)
    if exported.program.state_bytes:  # another stream: each inference depends on those before it
        on_core = litert(prepared, exported, tuple(array[rows] for array in inputs), Kernels.REFERENCE)
    return References(inputs, expected, usual, tuple(rows), on_core, notes)


def prove(prepared: Prepared, exported: Export, references: References, bench: Bench, say: Say) -> Proof:
    """Run the C on an emulated core, and compare all there is to compare."""
    say(f"compiling for {bench.toolchain.core} and running the emulator")
    chosen, expected, usual = list(references.rows), references.expected, references.usual
    inputs = tuple(array[chosen] for array in references.inputs)
    emulated = firmware_export.emulate(exported, inputs, bench.toolchain, flash=bench.flash, emulator=bench.emulator)
    parts = agreements(prepared, exported, tuple(array[: prepared.validation.count] for array in expected))
    return Proof(
        agreement=worst_of(parts) if parts else None,
        outputs=parts,
        inputs=inputs,
        expected=references.on_core,
        emulated=emulated,
        inputs_compared=len(chosen),
        differing_bytes=differing(references.on_core, emulated.outputs),
        default_differing=None if usual is None else differing(expected, usual),
        values=sum(array.nbytes for array in expected),
        notes=references.notes,
    )


def integer_ports(ports: Sequence[firmware_export.Port]) -> tuple[Port, ...]:
    """The network's edges inside a float32 one, where the file has such."""
    return tuple(Port(port.name, port.shape, str(port.dtype), port.scale, port.zero_point) for port in ports)


def with_random(samples: Arrays, *, wanted: int, seed: int) -> Arrays:
    """The samples, then random bytes: at least two, and enough for the number to compare."""
    rng = np.random.default_rng(seed)
    count = max(2, wanted - len(samples[0]))
    return tuple(
        np.concatenate([array, random_values(rng, array.dtype, (count, *array.shape[1:]))]) for array in samples
    )


def random_values(rng: np.random.Generator, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Values of an integer type, all alike likely."""
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, int(limits.max) + 1, shape).astype(dtype)


def emulated_rows(samples: int, rows: int, wanted: int) -> list[int]:
    """The first samples and all random rows: `wanted` together, or more where the random rows alone are."""
    random = list(range(samples, rows))
    return [*range(min(samples, wanted - len(random))), *random]


def litert(prepared: Prepared, exported: Export, inputs: Arrays, kernels: Kernels) -> Arrays:
    """The integer outputs of the .tflite, (samples, *shape), whatever its own edges are."""
    raw = run_litert(prepared.tflite, given(prepared, exported, inputs), kernels)
    ports = integer_ports(exported.program.outputs)
    return tuple(as_integers(value, port).reshape(-1, *port.shape) for value, port in zip(raw, ports, strict=True))


def given(prepared: Prepared, exported: Export, inputs: Sequence[NDArray[np.generic]]) -> Arrays:
    """Integer inputs (samples, *shape) as the .tflite takes them: real values where its edges are float32."""
    is_float = [port.scale is None for port in prepared.model.inputs]
    reals = real(inputs, integer_ports(exported.program.inputs))
    return tuple(r if f else i for r, i, f in zip(reals, inputs, is_float, strict=True))


def as_integers(value: NDArray[np.generic], port: Port) -> NDArray[np.generic]:
    """An output as the network stores it inside a float32 edge: exact, as it came from there."""
    return value if value.dtype == port.dtype else stored([value.astype(np.float32)], [port])[0]


def default_kernels(prepared: Prepared, exported: Export, inputs: Arrays) -> tuple[Arrays | None, tuple[str, ...]]:
    """What LiteRT's default kernels give, or a note that they did not survive or refuse the network."""
    try:
        return litert(prepared, exported, inputs, Kernels.DEFAULT), ()
    except KernelsDied as death:
        return None, (str(death),)
    except UnsupportedModel as refusal:
        return None, (f"{NAMES[Kernels.DEFAULT]}: {refusal}",)


def differing(expected: Arrays, got: Arrays) -> int:
    """Bytes that differ over all outputs."""
    return sum(
        count_differing_bytes(left, right.reshape(left.shape)) for left, right in zip(expected, got, strict=True)
    )


def agreements(prepared: Prepared, exported: Export, expected: Arrays) -> tuple[Agreement, ...]:
    """The integer outputs against the float ones, one an output; none where the model came as int8."""
    if prepared.float_outputs is None:
        return ()
    reals = real(expected, integer_ports(exported.program.outputs))
    pairs = zip(reals, prepared.float_outputs, strict=True)
    names = ("float", exported.program.arithmetic)
    return measure_outputs(prepared.float_outputs, [value.reshape(known.shape) for value, known in pairs], names=names)
