"""Asks a device over its link: what it holds, and what its network makes of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from firmware_export.device.attempt import Question
from firmware_export.device.conversation import Conversation, Patience
from firmware_export.device.frames import Frame
from firmware_export.device.link import Link, open_link, parse_address
from firmware_export.device.replies import DeviceInfo, DeviceRun, LayerRun, check_of, info_of, joined, layer_of, run_of
from firmware_export.errors import DeviceError

PATIENCE = Patience()
LONGEST_INFO = 4096
LONGEST_LAYER = 1 << 22  # no STM32 has more RAM
STATUSES = {1: "NULL_POINTER", 2: "MISALIGNED", 3: "CORRUPTED", 4: "NOT_RESET"}


@dataclass(frozen=True)
class Wanted:
    """The network that the device must hold."""

    name: str
    model_sha256: str
    input_bytes: tuple[int, ...]
    output_bytes: tuple[int, ...]


class Device:
    """A device that answers. Every call raises DeviceError, within a bounded time, where it does not."""

    def __init__(self, link: Link, patience: Patience = PATIENCE) -> None:
        self._link = link
        self._talk = Conversation(link, patience)
        self.info: DeviceInfo = info_of(self._ask("i", b"", LONGEST_INFO)[-1].payload)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._link.close()

    def require(self, wanted: Wanted) -> None:
        """Raise DeviceError where the device holds another network."""
        at, info = self._talk.address, self.info
        if info.model_sha256 != wanted.model_sha256:
            raise DeviceError(
                f"the device at {at} holds another model: {info.name} with SHA-256 {info.model_sha256[:12]}, while "
                f"{wanted.name} has {wanted.model_sha256[:12]}: flash firmware built from this model's header"
            )
        if (info.input_bytes, info.output_bytes) != (wanted.input_bytes, wanted.output_bytes):
            raise DeviceError(
                f"the device at {at} takes {_bytes(info.input_bytes)} and gives {_bytes(info.output_bytes)}, while "
                f"{wanted.name} takes {_bytes(wanted.input_bytes)} and gives {_bytes(wanted.output_bytes)}: "
                "build its firmware again from this model's header"
            )

    def run(self, inputs: Sequence[bytes]) -> DeviceRun:
        """One inference. inputs: one an input, of the sizes that the device told."""
        answer = self._ask("r", self._payload(inputs), 8 + sum(self.info.output_bytes))
        return self._run_of(answer[-1])

    def run_layers(self, inputs: Sequence[bytes]) -> tuple[tuple[LayerRun, ...], DeviceRun]:
        """One inference with the output of every layer, in order."""
        if not self.info.shows_layers:
            raise DeviceError(
                f"the firmware at {self._talk.address} was built without its layers: compile it with "
                f"-D{self.info.name.upper()}_TRACE and without EA_WITHOUT_LAYERS, and flash it again"
            )
        *layers, last = self._ask("l", self._payload(inputs), LONGEST_LAYER)
        return joined(layer_of(frame.payload, self.info) for frame in layers), self._run_of(last)

    def weights_are_whole(self) -> bool:
        """Whether the weights in the device's flash have the CRC-32 that they were exported with."""
        return check_of(self._ask("c", b"", LONGEST_INFO)[-1].payload) == 0

    def _ask(self, kind: str, payload: bytes, longest: int) -> tuple[Frame, ...]:
        return self._talk.ask(Question(kind, payload, longest))

    def _payload(self, inputs: Sequence[bytes]) -> bytes:
        sizes = tuple(map(len, inputs))
        if sizes != self.info.input_bytes:
            raise ValueError(f"inputs of {_bytes(sizes)} for a device that takes {_bytes(self.info.input_bytes)}")
        return b"".join(inputs)

    def _run_of(self, frame: Frame) -> DeviceRun:
        done = run_of(frame.payload, self.info)
        if done.status != 0:
            raise DeviceError(
                f"{self.info.name}_run on the device at {self._talk.address} returned status {done.status} "
                f"({STATUSES.get(done.status, 'unknown')}): build its firmware again from this model's header"
            )
        return done


def open_device(text: str, patience: Patience = PATIENCE) -> Device:
    """Open `serial:PORT[,BAUD]` and ask what is there.

    Raises UnknownDevice where the text names none, ToolMissing without pyserial, DeviceError where it cannot be opened
    or does not answer.
    """
    link = open_link(parse_address(text))
    try:
        return Device(link, patience)
    except BaseException:
        link.close()
        raise


def _bytes(sizes: Sequence[int]) -> str:
    return f"{' + '.join(map(str, sizes))} bytes"
