"""Chains of tasks that may as well run without a break: collapsed, so that the search is over real branching only.

Whatever else has run, the bytes that a group needs and those that it keeps lie within bounds. Where these tell that
nothing is gained by running anything else between two groups, the two are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from firmware_export.passes.order_tasks import Moment, Tasks, union


class Bounds(NamedTuple):
    """The fewest and the most bytes, beside those in use before, whatever else has run."""

    low: int
    high: int


class Group(NamedTuple):
    """Tasks that run one directly behind the other."""

    tasks: tuple[int, ...]
    own: int  # the set of them
    waits: int  # for tasks of the same part
    leads: int  # to those that wait for it
    peak: Bounds  # at its worst moment
    kept: Bounds  # when it has run


@dataclass(frozen=True)
class Groups:
    """The groups of a part of the tasks."""

    tasks: Tasks
    groups: tuple[Group, ...]
    followers: tuple[tuple[int, ...], ...]  # for each group, those that wait for it

    def run(self, moment: Moment, index: int) -> tuple[int, Moment]:
        """The bytes in use at the worst moment of a group, and the moment after it."""
        return self.tasks.run_all(moment, self.groups[index].tasks)

    def readied(self, moment: Moment, index: int) -> list[int]:
        """The groups for which a group was the last to wait for."""
        return [later for later in self.followers[index] if self.is_ready(moment, later)]

    def is_ready(self, moment: Moment, index: int) -> bool:
        """Whether a group waits for nothing any more."""
        return not self.groups[index].waits & ~moment.done


def groups_of(tasks: Tasks, part: range) -> Groups:
    """The tasks of a part in groups, which some order with the lowest peak of all does not break."""
    groups: list[Group] = []
    for index in part:
        group = group_of(tasks, index, union(1 << one for one in part))
        while (first := next(partners(group, groups), None)) is not None:
            groups.remove(first)
            group = joined(first, group)
        groups.append(group)
    followers = (tuple(index for index, other in enumerate(groups) if other.waits & group.own) for group in groups)
    return Groups(tasks, tuple(groups), tuple(followers))


def group_of(tasks: Tasks, index: int, part: int) -> Group:
    """A task alone."""
    task, before, own = tasks.tasks[index], tasks.ancestors[index], 1 << index
    freed = sum(hold.size for hold in task.holds if not hold.users & ~(before | own))
    left = sum(hold.size for hold in task.holds if not hold.users & tasks.descendants[index])
    left += tasks.spared[index]  # what others need while it waits is as good as kept
    rows = sum(row.size for row in task.rows)
    return Group(
        tasks=(index,),
        own=own,
        waits=task.waits & part,
        leads=union(1 << later for later in tasks.followers[index]),
        peak=Bounds(task.begun, task.begun + rows),
        kept=Bounds(task.begun - left, task.begun - freed),
    )


def partners(group: Group, groups: list[Group]) -> Iterator[Group]:
    """The groups that may as well run directly before this one."""
    for first in groups:
        if first.own & group.waits and (may_wait(first, group) or may_hurry(first, group)):
            yield first


def may_wait(first: Group, second: Group) -> bool:
    """Whether the first serves the second alone, and run just before it would neither free bytes late nor need more."""
    serves = not first.leads & ~second.own
    return serves and first.kept.low >= 0 and first.peak.high <= first.kept.low + second.peak.low


def may_hurry(first: Group, second: Group) -> bool:
    """Whether the second waits for the first alone, and run just behind it would keep nothing nor need more."""
    follows = not second.waits & ~first.own
    return follows and second.kept.high <= 0 and first.kept.high + second.peak.high <= first.peak.low


def joined(first: Group, second: Group) -> Group:
    """Two groups as one."""
    own = first.own | second.own
    peaks = zip(first.peak, first.kept, second.peak, strict=True)
    return Group(
        tasks=first.tasks + second.tasks,
        own=own,
        waits=(first.waits | second.waits) & ~own,
        leads=(first.leads | second.leads) & ~own,
        peak=Bounds(*(max(one, kept + other) for one, kept, other in peaks)),
        kept=Bounds(first.kept.low + second.kept.low, first.kept.high + second.kept.high),
    )
