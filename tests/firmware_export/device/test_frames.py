"""Frames come through however the stream is cut, and no bytes make the decoder raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_export.device.frames import MAGIC, OVERHEAD, Damage, Decoded, Frame, decode, encode

LONGEST = 300
FRAMES = st.builds(
    Frame,
    st.characters(min_codepoint=0, max_codepoint=255),
    st.integers(0, 255),
    st.binary(max_size=60) | st.lists(st.sampled_from([MAGIC, b"\xea", b"\x7e", b"\0"]), max_size=20).map(b"".join),
)
LIKE_FRAMES = st.lists(st.binary(max_size=40) | st.just(MAGIC) | FRAMES.map(encode), max_size=8).map(b"".join)


def fed(pieces: list[bytes]) -> Decoded:
    """What a reader finds that is given the stream piece by piece."""
    frames, rest, skipped = [], b"", 0
    for piece in pieces:
        decoded = decode(rest + piece, longest=LONGEST)
        frames += decoded.frames
        rest, skipped = decoded.rest, skipped + decoded.skipped
    return Decoded(tuple(frames), rest, skipped)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(stream) + 1) for place in places} | {len(stream)})
    return [stream[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def test_a_frame_has_the_bytes_that_the_firmware_documents():
    assert encode(Frame("i", 5)) == bytes.fromhex("ea7e 69 05 00000000 4170d956")


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(0), max_size=10))
def test_frames_come_through_however_the_stream_is_cut(frames, places):
    assert fed(cut(b"".join(map(encode, frames)), places)) == Decoded(tuple(frames), b"", 0)


@given(LIKE_FRAMES, st.lists(st.integers(0), max_size=10))
def test_any_bytes_are_read_the_same_however_they_are_cut(stream, places):
    assert fed(cut(stream, places)) == decode(stream, longest=LONGEST)


@given(LIKE_FRAMES)
def test_what_is_kept_is_never_more_than_one_frame(stream):
    assert len(decode(stream, longest=LONGEST).rest) < LONGEST + OVERHEAD


@given(FRAMES, st.integers(0), st.integers(1, 255), FRAMES)
def test_a_changed_byte_spoils_its_own_frame_only(frame, place, flip, after):
    spoiled = bytearray(encode(frame))
    spoiled[place % len(spoiled)] ^= flip
    decoded = decode(bytes(spoiled) + encode(after) + bytes(LONGEST + OVERHEAD), longest=LONGEST)
    assert [found for found in decoded.frames if isinstance(found, Frame)] == [after]


@given(FRAMES, st.integers(0), FRAMES)
def test_a_lost_byte_spoils_its_own_frame_only(frame, place, after):
    whole = encode(frame)
    place %= len(whole)
    decoded = decode(whole[:place] + whole[place + 1 :] + encode(after) + bytes(LONGEST + OVERHEAD), longest=LONGEST)
    assert after in decoded.frames


@pytest.mark.parametrize("length", [LONGEST + 1, 1 << 31, (1 << 32) - 1])
def test_a_length_beyond_reason_is_not_waited_for(length):
    header = MAGIC + b"R\1" + length.to_bytes(4, "little")
    assert decode(header, longest=LONGEST) == Decoded((Damage(f"a length of {length} bytes"),), b"", 6)
