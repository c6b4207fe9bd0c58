"""A second opinion on counts: the same network in QEMU, its instructions counted by a plugin."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_export.emulator.boards import Board
from firmware_export.emulator.counter import BETWEEN_LAYERS, BLOCK, Block, blocks_of, layer_marks
from firmware_export.emulator.firmware import Firmware, build_firmware, report_main
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface, Sample
from firmware_export.emulator.native import native_file
from firmware_export.emulator.qemu import run_report
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.errors import EmulationFault

# struct state of qemu_counter.c
HEAD = np.dtype(
    [
        *((name, "u8") for name in ("file_bytes", "base", "bytes", "entry", "layers", "calls_wanted", "calls")),
        *((name, "u8") for name in ("code", "marks", "blocks", "layer_instructions")),
    ]
)


@dataclass(frozen=True)
class QemuCall:
    """What one call of `<name>_run` gave, and the instructions it took, by layer as well."""

    status: int
    outputs: tuple[bytes, ...]
    instructions: int
    layers: Mapping[str, int]  # those between layers under BETWEEN_LAYERS
    stack_bytes: int


@dataclass(frozen=True)
class QemuRun:
    """One call for each sample. Blocks are QEMU's: it cuts code elsewhere than Unicorn, at the ends of pages."""

    image: Image  # the whole firmware
    calls: tuple[QemuCall, ...]
    blocks: tuple[Block, ...]  # of all calls together


@dataclass(frozen=True)
class _Counts:
    layers: tuple[Mapping[str, int], ...]  # of each call
    blocks: tuple[Block, ...]


def run_in_qemu(
    firmware: Firmware, samples: Sequence[Sample], *, board: Board, toolchain: Toolchain, seconds: float = 600
) -> QemuRun:
    """Boot a network on a board, call it once for each sample and count.

    firmware: its main is replaced by one that holds the samples. Raises DoesNotFit, BuildFailed, EmulationFault,
    ToolMissing.
    """
    reporting = Firmware(
        firmware.name,
        firmware.files,
        firmware.interface,
        report_main(firmware.interface, samples),
        firmware.stack_bytes,
    )
    image = build_firmware(reporting, board=board, toolchain=toolchain)
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as folder:
        state = Path(folder) / "state"
        state.write_bytes(_state(image, len(samples)))
        options = ("-plugin", f"{_plugin()},state={state}")
        report = run_report(image, board, options=options, seconds=seconds)
        counts = _read_state(state.read_bytes(), image)
    if len(counts.layers) != len(samples) or len(report.outputs) != len(samples):
        raise EmulationFault(
            f"{image.name} on {board.name} in QEMU: {len(counts.layers)} of {len(samples)} calls counted"
        )
    calls = zip(report.statuses, report.outputs, counts.layers, report.stacks, strict=True)
    return QemuRun(
        image,
        tuple(
            QemuCall(status, _outputs(output, firmware.interface), sum(layers.values()), layers, stack)
            for status, output, layers, stack in calls
        ),
        counts.blocks,
    )


@cache
def _plugin() -> Path:
    return native_file("qemu_counter.c", "counter.h", flags=("-Wl,-z,undefs",))  # QEMU has what is missing


def _parts(image: Image, calls: int) -> dict[str, NDArray[np.generic]]:
    code = image.code.data
    layers = 1 + len(image.layers)
    return {
        "code": np.frombuffer(
            code + bytes(2 + len(code) % 2), np.uint16
        ),  # a last block may end in half an instruction
        "marks": layer_marks(image),
        "blocks": np.zeros((layers, len(code) // 2), BLOCK),
        "layer_instructions": np.zeros((calls, layers), np.uint64),
    }


def _state(image: Image, calls: int) -> bytes:
    head = np.zeros((), HEAD)
    code = image.code
    head["base"], head["bytes"], head["entry"] = code.address, len(code.data) // 2 * 2, image.entry
    head["layers"], head["calls_wanted"] = 1 + len(image.layers), calls
    data = bytearray(HEAD.itemsize)
    for name, part in _parts(image, calls).items():
        head[name] = len(data)
        data += part.tobytes()
        data += bytes(-len(data) % 8)
    head["file_bytes"] = len(data)
    data[: HEAD.itemsize] = head.tobytes()
    return bytes(data)


def _read_state(data: bytes, image: Image) -> _Counts:
    head = np.frombuffer(data, HEAD, count=1)[0]
    shapes = _parts(image, int(head["calls_wanted"]))
    names = (BETWEEN_LAYERS, *image.layers)

    def part(name: str) -> NDArray[np.generic]:
        like = shapes[name]
        return np.frombuffer(data, like.dtype, count=like.size, offset=int(head[name])).reshape(like.shape)

    rows = part("layer_instructions")[: int(head["calls"])]
    layers = tuple(dict(zip(names, map(int, row), strict=True)) for row in rows)
    return _Counts(layers, blocks_of(part("blocks"), names, int(head["base"])))


def _outputs(data: bytes, interface: Interface) -> tuple[bytes, ...]:
    ends = np.cumsum(interface.output_bytes)
    return tuple(data[end - size : end] for size, end in zip(interface.output_bytes, ends, strict=True))
