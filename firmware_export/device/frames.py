"""Frames on the serial line: bytes <-> values. What they mean stands in emulator/device/ea_device.h."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

MAGIC = b"\xea\x7e"
HEADER = struct.Struct("<2scBI")  # magic, type, sequence, length
CRC = struct.Struct("<I")
OVERHEAD = HEADER.size + CRC.size


@dataclass(frozen=True)
class Frame:
    """A frame that came through whole."""

    kind: str  # one character
    sequence: int
    payload: bytes = b""


@dataclass(frozen=True)
class Damage:
    """Something that began like a frame and was none."""

    reason: str


@dataclass(frozen=True)
class Decoded:
    """What some bytes say: whole and damaged frames in order, and the bytes to read again with those that follow."""

    frames: tuple[Frame | Damage, ...]
    rest: bytes
    skipped: int  # bytes that belong to no frame


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    body = HEADER.pack(MAGIC, frame.kind.encode("latin-1"), frame.sequence, len(frame.payload)) + frame.payload
    return body + CRC.pack(zlib.crc32(body[len(MAGIC) :]))


def decode(data: bytes, *, longest: int) -> Decoded:
    """Read all frames with a payload of at most `longest` bytes; any bytes will do, none raises.

    Fed with its own `rest` and what came since, it finds the same frames however the stream was cut.
    """
    frames: list[Frame | Damage] = []
    position = skipped = 0
    while True:
        start = _next_start(data, position)
        skipped += start - position
        position = start
        found = _frame_at(data, position, longest)
        if found is None:
            return Decoded(tuple(frames), data[position:], skipped)
        frames.append(found)
        # What follows a damaged frame may lie inside it, where bytes were lost.
        position += OVERHEAD + len(found.payload) if isinstance(found, Frame) else len(MAGIC)


def _next_start(data: bytes, position: int) -> int:
    start = data.find(MAGIC, position)
    if start >= 0:
        return start
    return max(position, len(data) - 1) if data.endswith(MAGIC[:1]) else len(data)


def _frame_at(data: bytes, position: int, longest: int) -> Frame | Damage | None:
    if len(data) - position < HEADER.size:
        return None
    _, kind, sequence, length = HEADER.unpack_from(data, position)
    if length > longest:
        return Damage(f"a length of {length} bytes")
    end = position + HEADER.size + length
    if len(data) < end + CRC.size:
        return None
    if CRC.unpack_from(data, end)[0] != zlib.crc32(data[position + len(MAGIC) : end]):
        return Damage("a wrong CRC-32")
    return Frame(kind.decode("latin-1"), sequence, data[position + HEADER.size : end])
