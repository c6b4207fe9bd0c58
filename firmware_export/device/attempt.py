"""What has been heard since one request was sent, and whether it is an answer yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from firmware_export.device.frames import MAGIC, OVERHEAD, Damage, Frame, decode

ACCEPTED, RESTARTED, REFUSED, LAYER = "A", "B", "E", "D"
LAST_REPLY = {"i": "I", "c": "C", "r": "R", "l": "R"}
NO_LAYERS = 4
REFUSALS = {1: "a wrong CRC-32", 2: "an unknown type", 3: "a wrong length", NO_LAYERS: "its firmware shows no layers"}
LARGEST_NOISE = 1 << 16  # bytes outside of frames, after which an attempt is over
MOST_LAYERS = 1 << 14  # or parts of them: some rows at a time
FAULT = re.compile(rb"fault: [ -~]+")  # what the start-up code prints where the core stops
FAULT_BYTES = 200


class Trouble(Enum):
    """Why there is no answer."""

    SILENCE = "nothing was heard"
    NOISE = "bytes, but no frame"
    DAMAGE = "frames that were not whole"
    REFUSED = "the device said no"
    NO_RESULT = "the request was taken and nothing followed"
    RESTARTED = "the device said that it has started"
    FAULT = "the device said that its core has stopped"


@dataclass(frozen=True)
class Question:
    """A request, and how long the payload of a reply may be."""

    kind: str
    payload: bytes
    longest: int

    @property
    def size(self) -> int:
        """Bytes of its frame."""
        return OVERHEAD + len(self.payload)


@dataclass(frozen=True)
class Failed:
    """The end of an attempt without answer; asking again is no use where it is final."""

    trouble: Trouble
    detail: str = ""
    is_final: bool = False


def tells_start(data: bytes) -> bool:
    """Whether a device said among other bytes that it has started."""
    return any(isinstance(found, Frame) and found.kind == RESTARTED for found in decode(data, longest=0).frames)


class Attempt:
    """Fed with bytes as they come, it says when it is over."""

    def __init__(self, question: Question, sequence: int) -> None:
        self.request = Frame(question.kind, sequence, question.payload)
        self.steps = 0  # replies before the last: each is a sign of life
        self._question = question
        self._layers: list[Frame] = []
        self._rest = b""
        self._noise = 0
        self._damage = ""
        self._recent = b""

    @property
    def is_unsettled(self) -> bool:
        """Whether something was heard that must go on soon or is of no use."""
        return bool(self._rest or self._noise)

    def take(self, data: bytes) -> tuple[Frame, ...] | Failed | None:
        """The answer, why there is none, or None: it may still come."""
        self._recent = (self._recent + data)[-FAULT_BYTES - len(data) :]
        decoded = decode(self._rest + data, longest=self._question.longest)
        self._rest = decoded.rest
        self._noise += decoded.skipped
        for found in decoded.frames:
            outcome = self._take_frame(found)
            if outcome is not None:
                return outcome
        return self._incomplete() if self._noise > LARGEST_NOISE or len(self._layers) > MOST_LAYERS else None

    def gone_quiet(self) -> Failed:
        """What it means that nothing more comes."""
        if tells_start(self._rest[len(MAGIC) :]):  # it lies inside the reply that the restart cut off
            return self._restarted()
        if self.is_unsettled:
            return self._incomplete()
        return Failed(Trouble.NO_RESULT, is_final=True) if self.steps else Failed(Trouble.SILENCE)

    def _take_frame(self, found: Frame | Damage) -> tuple[Frame, ...] | Failed | None:
        match found:
            case Damage(reason):
                self._damage = reason
                self._noise += OVERHEAD
            case Frame(kind=kind) if kind == RESTARTED:
                return self._restarted()
            case Frame(sequence=sequence) if sequence == self.request.sequence:
                return self._take_own(found)
            case _:  # a late reply to an earlier request
                pass
        return None

    def _take_own(self, frame: Frame) -> tuple[Frame, ...] | Failed | None:
        if frame.kind == REFUSED:
            code = frame.payload[0] if frame.payload else 0
            return Failed(Trouble.REFUSED, REFUSALS.get(code, f"code {code}"), is_final=code == NO_LAYERS)
        if frame.kind == LAST_REPLY[self._question.kind]:
            lost_layers = self._question.kind == "l" and self._noise > 0
            return self._incomplete() if lost_layers else (*self._layers, frame)
        if frame.kind in (ACCEPTED, LAYER):
            self.steps += 1
        if frame.kind == LAYER:
            self._layers.append(frame)
        return None

    def _restarted(self) -> Failed:
        return Failed(Trouble.RESTARTED, is_final=self._question.kind != "i")  # opening a port resets some boards

    def _incomplete(self) -> Failed:
        if fault := FAULT.search(self._recent):
            return Failed(Trouble.FAULT, fault[0].decode("ascii"), is_final=True)
        if self._damage:
            return Failed(Trouble.DAMAGE, self._damage)
        if self._rest or self.steps:
            return Failed(Trouble.DAMAGE, "bytes are missing")
        return Failed(Trouble.NOISE, f"{self._noise} bytes")
