"""The payloads of replies as values."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from firmware_export.errors import DeviceError

VERSION = 1
INFO = struct.Struct("<BBIBBB")  # version, counter, clock, shows layers, inputs, outputs
SHA256_BYTES = 32
RUN = struct.Struct("<iI")  # status, cycles
CYCLES = struct.Struct("<I")
STATUS = struct.Struct("<i")


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says of itself."""

    name: str  # of its network, in C
    model_sha256: str
    input_bytes: tuple[int, ...]
    output_bytes: tuple[int, ...]
    counts_cycles: bool
    clock_hz: int  # 0: unknown
    shows_layers: bool


@dataclass(frozen=True)
class DeviceRun:
    """One inference."""

    status: int  # what `<name>_run` returned
    outputs: tuple[bytes, ...]
    cycles: int | None  # modulo 2^32; None where the device cannot count


@dataclass(frozen=True)
class LayerRun:
    """One layer of one inference."""

    name: str
    output: bytes
    cycles: int | None


def info_of(payload: bytes) -> DeviceInfo:
    """Read an 'I'. Raises DeviceError for another version of the protocol."""
    if payload[:1] != bytes([VERSION]):
        spoken = payload[0] if payload else "none"
        raise DeviceError(
            f"the firmware speaks version {spoken} of the protocol and this tool {VERSION}: build it again"
        )
    if len(payload) < INFO.size:
        raise _senseless("I", payload)
    _, counter, clock_hz, shows_layers, inputs, outputs = INFO.unpack_from(payload)
    sizes_end = INFO.size + 4 * (inputs + outputs)
    if len(payload) < sizes_end + SHA256_BYTES:
        raise _senseless("I", payload)
    sizes = struct.unpack_from(f"<{inputs + outputs}I", payload, INFO.size)
    return DeviceInfo(
        name=payload[sizes_end + SHA256_BYTES :].decode("ascii", "replace"),
        model_sha256=payload[sizes_end : sizes_end + SHA256_BYTES].hex(),
        input_bytes=sizes[:inputs],
        output_bytes=sizes[inputs:],
        counts_cycles=counter != 0,
        clock_hz=clock_hz,
        shows_layers=shows_layers != 0,
    )


def run_of(payload: bytes, info: DeviceInfo) -> DeviceRun:
    """Read an 'R'."""
    if len(payload) != RUN.size + sum(info.output_bytes):
        raise _senseless("R", payload)
    status, cycles = RUN.unpack_from(payload)
    return DeviceRun(status, _split(payload[RUN.size :], info.output_bytes), cycles if info.counts_cycles else None)


def layer_of(payload: bytes, info: DeviceInfo) -> LayerRun:
    """Read a 'D'."""
    end = payload.find(b"\0", CYCLES.size)
    if len(payload) < CYCLES.size or end < 0:
        raise _senseless("D", payload)
    (cycles,) = CYCLES.unpack_from(payload)
    name = payload[CYCLES.size : end].decode("ascii", "replace")
    return LayerRun(name, payload[end + 1 :], cycles if info.counts_cycles else None)


def joined(parts: Iterable[LayerRun]) -> tuple[LayerRun, ...]:
    """The layers in the order in which they began: one that computes some rows at a time is told in parts."""
    layers: dict[str, LayerRun] = {}
    for part in parts:
        known = layers.get(part.name)
        if known is None:
            layers[part.name] = part
            continue
        cycles = None if known.cycles is None or part.cycles is None else known.cycles + part.cycles
        layers[part.name] = LayerRun(part.name, known.output + part.output, cycles)
    return tuple(layers.values())


def check_of(payload: bytes) -> int:
    """Read a 'C': what `<name>_check` returned."""
    if len(payload) != STATUS.size:
        raise _senseless("C", payload)
    (status,) = STATUS.unpack(payload)
    return int(status)


def _split(data: bytes, sizes: Sequence[int]) -> tuple[bytes, ...]:
    ends = list(accumulate(sizes))
    return tuple(data[end - size : end] for end, size in zip(ends, sizes, strict=True))


def _senseless(kind: str, payload: bytes) -> DeviceError:
    return DeviceError(
        f"the device sent a whole frame {kind!r} of {len(payload)} bytes that makes no sense: build its firmware again "
        "with the sources of this version"
    )
