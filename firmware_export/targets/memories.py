"""The memories that a part's activations may be split over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from firmware_export.targets.target import Bank, join

# RAM that the core reads without a wait, whatever others do on the bus: data sheets call it core-coupled (F3, F4, G4)
# and tightly coupled (F7, H7). No DMA reaches the CCM of an F3 or F4, and the MDMA alone the DTCM of an H7.
COUPLED = ("CCM", "DTCM")
JOINED = "SRAM"


def memories(ram: Sequence[Bank], apart: Collection[str] = ()) -> tuple[Bank, ...]:
    """RAM fastest first: what is coupled to the core, then the others, largest first.

    Banks at adjacent addresses are one, called SRAM. apart: names, in lower case, of banks that stay alone.
    """
    pieces = tuple(_pieces(ram, {*apart}))
    return tuple(sorted(pieces, key=lambda bank: (bank.name not in COUPLED, -bank.bytes)))


def _pieces(ram: Sequence[Bank], apart: set[str]) -> Iterator[Bank]:
    """Banks that stay alone, and what joins the others."""
    is_joined = False
    for alone, banks in groupby(ram, key=lambda bank: bank.name in COUPLED or bank.name.lower() in apart):
        if alone:
            yield from banks
            continue
        for piece in join(tuple(banks)):
            is_new = piece not in ram and not is_joined
            is_joined = is_joined or is_new
            yield replace(piece, name=JOINED) if is_new else piece
