"""An order of groups that keeps within a limit of bytes in use, where one is found in time.

What leaves no more bytes in use than there were, and keeps within the limit, is run at once: put first in any order, it
lets everything else run with no more bytes than before. Only where there is nothing of that kind are all ways tried,
and none twice from where the same groups have run.
"""

from __future__ import annotations

from typing import NamedTuple

from firmware_export.passes.order_groups import Groups
from firmware_export.passes.order_tasks import Moment

NEVER = 1 << 62  # bytes


class State(NamedTuple):
    """A moment, the groups that could run next, and those that have run, in order."""

    moment: Moment
    ready: tuple[int, ...]
    order: tuple[int, ...]


class Attempt(NamedTuple):
    """The tasks in order; where there is none, the bytes that any needs, or 0 where too few looks were left to tell."""

    order: tuple[int, ...]
    least: int
    looks: int  # left


class Walk(NamedTuple):
    """Where a group leads, and those behind it that nothing else holds up."""

    first: State | None  # after the group alone; None where that is beyond the limit
    level: State | None  # after as many as leave no more bytes in use than there were
    drop: int  # from the most bytes in use to the fewest behind it
    beyond: int  # the bytes in use where it went beyond the limit
    looks: int


def search(groups: Groups, start: Moment, limit: int, looks: int) -> Attempt:
    """An order of all groups; looks: how many tasks may be tried."""
    everyone = range(len(groups.groups))
    stack = [State(start, tuple(index for index in everyone if groups.is_ready(start, index)), ())]
    least, seen = NEVER, set()
    while stack and looks > 0:
        state = stack.pop()
        if not state.ready:
            return Attempt(tuple(task for index in state.order for task in groups.groups[index].tasks), 0, looks)
        if state.moment.done in seen:
            continue
        seen.add(state.moment.done)
        walks = walks_from(groups, state, limit)
        least = min(least, *(walk.beyond for walk in walks))
        looks -= sum(walk.looks for walk in walks)
        stack.extend(next_states(walks))
    return Attempt((), 0 if stack else least, looks)


def walks_from(groups: Groups, state: State, limit: int) -> list[Walk]:
    """Where each group that is ready leads; none behind one that costs nothing."""
    walks: list[Walk] = []
    for index in state.ready:
        walks.append(walk_from(groups, state, index, limit))
        if walks[-1].level is not None:
            break
    return walks


def next_states(walks: list[Walk]) -> list[State]:
    """The states to go on from, the most promising last: what needs much and keeps little should run early."""
    if walks[-1].level is not None:
        return [walks[-1].level]
    promising = sorted(reversed(walks), key=lambda walk: walk.drop)
    return [walk.first for walk in promising if walk.first is not None]


def walk_from(groups: Groups, state: State, index: int, limit: int) -> Walk:
    """Follow a group until bytes in use are as few as before, or beyond the limit, or there are others to choose."""
    first, here, most, fewest, drop, looks = None, state, 0, NEVER, 0, 0
    while True:
        looks += len(groups.groups[index].tasks)
        used, moment = groups.run(here.moment, index)
        if used > limit:
            return Walk(first, None, drop, used, looks)
        fresh = groups.readied(moment, index)
        here = after(here, moment, index, fresh)
        first, most = first or here, max(most, used)
        if moment.live <= state.moment.live:
            return Walk(first, here, most - moment.live, NEVER, looks)
        if moment.live < fewest:
            fewest, drop = moment.live, most - moment.live
        if len(fresh) != 1:
            return Walk(first, None, drop, NEVER, looks)
        index = fresh[0]


def after(state: State, moment: Moment, index: int, fresh: list[int]) -> State:
    """The state when a group has run and others became ready."""
    ready = tuple(sorted((*(other for other in state.ready if other != index), *fresh)))
    return State(moment, ready, (*state.order, index))
