"""Canonical Huffman codes of bytes, none longer than the decoder in kernels/decode_u8 knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST = 12  # EA_CODE_LONGEST
FIRST = 5  # EA_CODE_FIRST
WORD = 16  # bits
BYTES = 256  # values of one

Counts = NDArray[np.int64]  # of each of the 256 bytes


@dataclass(frozen=True, eq=False)
class Code:
    """Symbols by length of their code, then by value, and how many have each length. No bits are left over: they fill
    the tree, if need be with a symbol that is there twice.
    """

    symbols: NDArray[np.uint8]
    lengths: NDArray[np.int64]  # of the code of each of the symbols, rising

    @property
    def codes(self) -> NDArray[np.int64]:
        """The code of each of the symbols."""
        ends = np.cumsum(1 << (LONGEST - self.lengths))  # in units of the longest
        return np.asarray((ends - (1 << (LONGEST - self.lengths))) >> (LONGEST - self.lengths))

    @property
    def last(self) -> tuple[int, ...]:
        """By length: the last code that is no longer, filled up with ones to a word; of no code the first one."""
        ends = [int((1 << (WORD - self.lengths[self.lengths <= n])).sum()) - 1 for n in range(LONGEST + 1)]
        return tuple(max(end, 0) for end in ends)

    @property
    def base(self) -> tuple[int, ...]:
        """By length: what is to be added to a code, modulo 256, to find its place among the symbols."""
        firsts = np.searchsorted(self.lengths, np.arange(LONGEST + 1)).tolist()
        codes = self.codes.tolist()
        pairs = enumerate(firsts)
        return tuple(
            (first - codes[first]) % BYTES if first < len(codes) and self.lengths[first] == length else 0
            for length, first in pairs
        )

    @property
    def shortest(self) -> tuple[int, ...]:
        """By the first bits: the least length of a code that begins with them."""
        windows = np.arange(1 << FIRST) << (WORD - FIRST)
        ends = np.cumsum(1 << (WORD - self.lengths))
        return tuple(self.lengths[np.searchsorted(ends, windows, side="right")].tolist())


def code_of(counts: Counts) -> Code:
    """The code that makes bytes of these counts shortest, those that do not occur having none."""
    symbols = np.flatnonzero(counts)
    if len(symbols) < 2:  # one bit tells nothing, and is the least there is
        return Code(np.repeat(np.append(symbols, 0)[:1], 2).astype(np.uint8), np.ones(2, np.int64))
    lengths = _lengths(counts[symbols].tolist())
    order = np.argsort(lengths, kind="stable")
    return Code(symbols[order].astype(np.uint8), lengths[order])


def _lengths(weights: list[int]) -> NDArray[np.int64]:
    """The best lengths up to LONGEST. Source: Larmore and Hirschberg 1990, package-merge."""
    leaves = sorted((weight, (index,)) for index, weight in enumerate(weights))
    packages: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(LONGEST):
        pairs = zip(packages[::2], packages[1::2], strict=False)
        packages = sorted([*leaves, *((a[0] + b[0], a[1] + b[1]) for a, b in pairs)])
    chosen = [index for _, members in packages[: 2 * len(weights) - 2] for index in members]
    return np.bincount(chosen, minlength=len(weights))


def counts_of(data: bytes) -> Counts:
    """How often each byte occurs."""
    return np.bincount(np.frombuffer(data, np.uint8), minlength=BYTES).astype(np.int64)


def coded_bits(code: Code, counts: Counts) -> int:
    """The length of bytes of these counts, coded."""
    lengths = np.zeros(BYTES, np.int64)
    lengths[code.symbols] = code.lengths
    return int((lengths * counts).sum())


def encode(code: Code, data: bytes) -> NDArray[np.uint16]:
    """Bytes as words, filled from the highest bit on; zeros fill up the last one."""
    numbers, lengths = np.zeros(BYTES, np.int64), np.zeros(BYTES, np.int64)
    numbers[code.symbols[::-1]], lengths[code.symbols] = code.codes[::-1], code.lengths
    symbols = np.frombuffer(data, np.uint8)
    each = lengths[symbols]
    places = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)  # of a bit in its code
    bits = (np.repeat(numbers[symbols], each) >> (np.repeat(each, each) - 1 - places)) & 1
    packed = np.packbits(np.append(bits, np.zeros(-len(bits) % WORD, np.int64)).astype(np.uint8))
    return packed.view(">u2").astype(np.uint16)
