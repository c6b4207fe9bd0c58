"""The decoder of compressed weights alone, under sanitizers, against the encoder."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import huffman
from firmware_export.emulator.toolchain import WARNINGS
from firmware_export.huffman import LONGEST, Code, code_of, coded_bits, counts_of, encode
from firmware_export.kernels import FOLDER, source_text
from tests.kernels.sanitized import SANITIZED

FIBONACCI = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584]  # the longest codes there are
RANDOM = np.random.default_rng(3)
DATA = {
    "nothing": b"",
    "one byte": b"\x80",
    "one symbol": b"\x07" * 1000,
    "one symbol, the last": b"\xff" * 5,
    "two symbols": b"\x00\xff" * 9,
    "every byte once": bytes(range(256)),
    "every byte, often one": bytes(range(256)) + bytes(5000),
    "codes longer than allowed": b"".join(bytes([value]) * count for value, count in enumerate(FIBONACCI)),
    "weights": RANDOM.normal(0, 20, 5001).round().astype(np.int8).tobytes(),
    "noise": RANDOM.bytes(4096),
}
TOGETHER = (1, 2, 7, 640, 1 << 20)  # bytes that are decoded at a time


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    """The decoder, built for this machine."""
    file = tmp_path_factory.mktemp("decode") / "decode"
    includes = [f"-I{FOLDER / folder}" for folder in ("decode_u8", "support")]
    main = Path(__file__).with_name("decode_main.c")
    done = subprocess.run(
        [*SANITIZED, *WARNINGS, *includes, str(main), "-o", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return file


def decoded(program: Path, code: Code, words: np.ndarray, count: int, together: int = 1 << 20) -> bytes:
    parts = (
        np.array([len(code.symbols), len(words), count, together], np.int32),
        np.array(code.last, np.uint16),
        np.array(code.base, np.uint8),
        np.array(code.shortest, np.uint8),
        code.symbols,
        words,
    )
    given_bytes = b"".join(part.tobytes() for part in parts)
    done = subprocess.run([program], input=given_bytes, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[:2000]
    return done.stdout


@pytest.mark.parametrize("together", TOGETHER)
@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_what_was_encoded_is_decoded(program, data, together):
    code = code_of(counts_of(data))
    assert decoded(program, code, encode(code, data), len(data), together) == data


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_a_code_fills_its_tree_and_no_code_is_too_long(data):
    code = code_of(counts_of(data))
    assert code.lengths.max() <= LONGEST
    assert (1 << (LONGEST - code.lengths)).sum() == 1 << LONGEST
    assert len(encode(code, data)) == -(-coded_bits(code, counts_of(data)) // 16)


def test_a_code_is_the_best_where_no_length_is_at_the_limit():
    data = b"a" * 8 + b"b" * 4 + b"c" * 2 + b"de"
    code = code_of(counts_of(data))
    assert bytes(code.symbols) == b"abcde"
    assert code.lengths.tolist() == [1, 2, 3, 4, 4]
    assert coded_bits(code, counts_of(data)) == 8 + 4 * 2 + 2 * 3 + 2 * 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(1, 400))
def test_any_bytes_come_back_from_a_code_made_for_more(program, data, others, together):
    code = code_of(counts_of(data + others))
    assert decoded(program, code, encode(code, data), len(data), together) == data


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=80), st.integers(0, 2000), st.integers(1, 400))
def test_corrupted_words_give_as_many_symbols_of_the_code_and_leave_no_buffer(program, data, words, count, together):
    """The sanitizers see a byte read or written outside."""
    code = code_of(counts_of(data))
    found = decoded(program, code, np.frombuffer(words[: len(words) // 2 * 2], np.uint16), count, together)
    assert len(found) == count
    assert {*found} <= {*code.symbols.tolist()}


def test_the_c_and_the_encoder_have_the_same_limits():
    header = source_text("decode_u8/ea_decode_u8.h")
    limits = dict(re.findall(r"#define EA_CODE_(\w+) (\d+)", header))
    assert limits == {"LONGEST": str(huffman.LONGEST), "FIRST": str(huffman.FIRST)}
