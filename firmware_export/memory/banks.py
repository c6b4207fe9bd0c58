"""One plan over several banks of RAM: the hottest buffers in the fastest bank while they fit, all else in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from firmware_export.errors import DoesNotFit
from firmware_export.ir import Graph
from firmware_export.memory.bounds import lower_bound
from firmware_export.memory.buffers import Bank, Buffer, Lifetimes, Plan, lifetimes
from firmware_export.memory.planning import plan
from firmware_export.memory.traffic import traffic_of

MOST_ATTEMPTS = 10

Share: TypeAlias = tuple[Buffer, ...]  # what lies in one bank


@dataclass(frozen=True)
class _Split:
    """What lies in each bank, and what found room in none."""

    shares: tuple[Share, ...]
    left: Share


def split(graph: Graph, whole: Plan, banks: Sequence[Bank]) -> Plan:
    """The plan with its buffers in banks, which are named fastest first; those that hold nothing are left out.

    Deterministic. Raises DoesNotFit with the bytes that each bank lacks.
    """
    lives = lifetimes(graph, whole.schedule or None, whole.held)
    if not lives.buffers:
        return whole
    traffic = traffic_of(graph, lives.storage)
    hottest = tuple(sorted(lives.buffers, key=lambda buffer: -traffic[buffer.name] / max(buffer.size, 1)))
    done = _settled(lives, hottest, banks)
    if done.left:
        raise _does_not_fit(graph.name, lives, done, banks)
    plans = [plan(_part(lives, share)) for share in done.shares]
    pairs = [(bank, part) for bank, part in zip(banks, plans, strict=True) if part.offsets]
    return replace(
        whole,
        offsets={name: part.offsets[name] for _, part in pairs for name in part.offsets},
        sizes={name: part.sizes[name] for _, part in pairs for name in part.sizes},
        total=sum(part.total for _, part in pairs),
        storage=lives.storage,
        rings=lives.rings,
        banks=tuple(replace(bank, used=part.total) for bank, part in pairs),
        homes={name: bank.name for bank, part in pairs for name in part.offsets},
    )


def _settled(lives: Lifetimes, hottest: Share, banks: Sequence[Bank]) -> _Split:
    """All by heat; where some find no room, those first from the slowest bank on, or the largest, until all do."""
    done = best = _begun_with((), lives, hottest, banks)
    first: Share = ()
    for _ in range(MOST_ATTEMPTS):
        late = [buffer for buffer in done.left if buffer not in first]
        if not late:
            break
        first = (*first, max(late, key=lambda buffer: buffer.size))
        done = _begun_with(first, lives, hottest, banks)
        best = min(best, done, key=_left_bytes)
    largest = sorted(hottest, key=lambda buffer: -buffer.size)
    for shift in range(len(largest).bit_length()):
        if not best.left:
            break
        best = min(best, _begun_with(tuple(largest[: 1 << shift]), lives, hottest, banks), key=_left_bytes)
    return best


def _begun_with(first: Share, lives: Lifetimes, hottest: Share, banks: Sequence[Bank]) -> _Split:
    """Some buffers first, the largest in the slowest bank, then the others by heat from the fastest on."""
    fastest = range(len(banks))
    empty = _Split(((),) * len(banks), ())
    ordered = tuple(sorted(first, key=lambda buffer: -buffer.size))
    begun = _filled(empty, ordered, lives, banks, order=fastest[::-1])
    return _filled(begun, tuple(b for b in hottest if b not in first), lives, banks, order=fastest)


def _left_bytes(done: _Split) -> int:
    return sum(buffer.size for buffer in done.left)


def _filled(start: _Split, wanted: Share, lives: Lifetimes, banks: Sequence[Bank], *, order: range) -> _Split:
    """Buffers added to banks, each to the first in this order that has room."""
    shares, left = list(start.shares), wanted
    for index in order:
        shares[index], left = _taken(lives, shares[index], left, banks[index].room)
    return _Split(tuple(shares), start.left + left)


def _taken(lives: Lifetimes, share: Share, wanted: Share, room: int) -> tuple[Share, Share]:
    """What a bank holds when it was offered buffers, the first ones first, and those for which it had no room."""
    refused: Share = ()
    count = len(wanted)  # that are offered at once: all, then fewer and fewer until some fit, then more again
    while wanted:
        offered = wanted[:count]
        if _fits(lives, share + offered, room):
            share, wanted, count = share + offered, wanted[count:], 2 * count
        elif count > 1:
            count //= 2
        else:
            refused, wanted = refused + offered, wanted[1:]
    return share, refused


def _fits(lives: Lifetimes, share: Share, room: int) -> bool:
    if max(buffer.size for buffer in share) > room:
        return False
    part = _part(lives, share)
    return lower_bound(part.buffers, part.in_place) <= room and plan(part).total <= room


def _part(lives: Lifetimes, share: Share) -> Lifetimes:
    """The lifetimes of some buffers alone."""
    names = {buffer.name for buffer in share}
    buffers = tuple(buffer for buffer in lives.buffers if buffer.name in names)
    return replace(lives, buffers=buffers, in_place=tuple(p for p in lives.in_place if {p.read, p.written} <= names))


def _does_not_fit(name: str, lives: Lifetimes, done: _Split, banks: Sequence[Bank]) -> DoesNotFit:
    """How much larger any one of the banks would have to be to hold what found no room."""
    needed = {
        bank.name: plan(_part(lives, share + done.left)).total - bank.room
        for bank, share in zip(banks, done.shares, strict=True)
    }
    amounts = " or ".join(f"{amount:,} bytes of {bank}" for bank, amount in needed.items())
    given = ", ".join(f"{bank.name} of {bank.room:,}" for bank in banks)
    return DoesNotFit(f"{name} does not fit the memories {given}: {amounts} are missing", missing=needed)
