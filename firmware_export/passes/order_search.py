"""An order of tasks that keeps within a limit of bytes in use, where one is found in time.

What leaves no more bytes in use than there were, and keeps within the limit, is run at once: put first in any order, it
lets everything else run with no more bytes than before. Only where there is nothing of that kind are all ways tried,
and none from the same tasks twice.
"""

from __future__ import annotations

from typing import NamedTuple

from firmware_export.passes.order_tasks import Moment, Tasks

NEVER = 1 << 62  # bytes


class State(NamedTuple):
    """A moment, the tasks that could run next, and those that have run, in order."""

    moment: Moment
    ready: tuple[int, ...]
    order: tuple[int, ...]


class Goal(NamedTuple):
    """What has to be done, and the bytes that may be in use till then."""

    done: int
    limit: int


class Attempt(NamedTuple):
    """The order; where there is none, what any order needs, or 0 where not enough looks were left to tell."""

    order: tuple[int, ...]
    least: int
    looks: int  # left


class Walk(NamedTuple):
    """Where a task leads, and those behind it that nothing else holds up."""

    first: State | None  # after the task alone; None where that is beyond the limit
    level: State | None  # after as many as leave no more bytes in use than there were
    drop: int  # from the most bytes in use to the fewest behind it
    beyond: int  # the bytes in use where it went beyond the limit
    looks: int


def search(tasks: Tasks, start: State, goal: Goal, looks: int) -> Attempt:
    """An order that leads from a state to a goal; looks: how many tasks may be tried."""
    least, stack, seen = NEVER, [start], set()
    while stack and looks > 0:
        state = stack.pop()
        if state.moment.done == goal.done:
            return Attempt(state.order, 0, looks)
        if state.moment.done in seen:
            continue
        seen.add(state.moment.done)
        walks = walks_from(tasks, state, goal)
        least = min(least, *(walk.beyond for walk in walks))
        looks -= sum(walk.looks for walk in walks)
        stack.extend(next_states(walks))
    return Attempt((), 0 if stack else least, looks)


def walks_from(tasks: Tasks, state: State, goal: Goal) -> list[Walk]:
    """Where each task that is ready leads; none behind one that costs nothing."""
    walks: list[Walk] = []
    for index in state.ready:
        walks.append(walk_from(tasks, state, index, goal))
        if walks[-1].level is not None:
            break
    return walks


def next_states(walks: list[Walk]) -> list[State]:
    """The states to go on from, the most promising last: what needs much for a while comes first, as in Liu 1987."""
    if walks[-1].level is not None:
        return [walks[-1].level]
    promising = sorted(reversed(walks), key=lambda walk: walk.drop)
    return [walk.first for walk in promising if walk.first is not None]


def walk_from(tasks: Tasks, state: State, index: int, goal: Goal) -> Walk:
    """Follow a task until bytes in use are as few as before, or beyond the limit, or other tasks have to be chosen."""
    first, here, most, fewest, drop, looks = None, state, 0, NEVER, 0, 0
    while True:
        looks += 1
        used, moment = tasks.run(here.moment, index)
        if used > goal.limit:
            return Walk(first, None, drop, used, looks)
        fresh = [later for later in tasks.readied(moment.done, index) if goal.done >> later & 1]
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
    """The state when a task has run and others became ready."""
    ready = tuple(sorted((*(other for other in state.ready if other != index), *fresh)))
    return State(moment, ready, (*state.order, index))
