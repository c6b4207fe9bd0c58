"""The ops of a graph as tasks to be ordered: which wait for which, and the bytes that each takes and lets go.

A set of tasks is an integer: bit i is the task that stands i-th in the given order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import NamedTuple

from firmware_export import memory
from firmware_export.ir import Excite, Graph, Op
from firmware_export.passes.place_states import sources_of


class Hold(NamedTuple):
    """Bytes in use from the first of the tasks that use them, which writes them, until the last one has run."""

    users: int
    size: int


class Moment(NamedTuple):
    """What has run, and the bytes in use between that and whatever runs next."""

    done: int
    live: int


@dataclass(frozen=True)
class Task:
    """An op, behind the excitations in its loop: these need memory only when it runs."""

    ops: tuple[Op, ...]
    waits: int  # for the tasks whose results it reads, and for those that read what it writes over
    begun: int  # bytes of which it is the first user
    holds: tuple[Hold, ...]  # all that it uses
    rows: tuple[Hold, ...]  # of its excitations: needed while x has users left, else they are written in place


@dataclass(frozen=True)
class Tasks:
    """All of them, in the given order."""

    tasks: tuple[Task, ...]
    holds: tuple[Hold, ...]

    def run(self, moment: Moment, index: int) -> tuple[int, Moment]:
        """The bytes in use while a task runs, and the moment after."""
        task, done = self.tasks[index], moment.done | 1 << index
        taken = moment.live + task.begun
        rows = sum([size for users, size in task.rows if users & ~done])
        return taken + rows, Moment(done, taken - sum([size for users, size in task.holds if not users & ~done]))

    def run_all(self, moment: Moment, order: Iterable[int]) -> tuple[int, Moment]:
        """The bytes in use at the worst moment while tasks run in an order, and the moment after."""
        peak = 0
        for index in order:
            used, moment = self.run(moment, index)
            peak = max(peak, used)
        return peak, moment

    @cached_property
    def followers(self) -> tuple[tuple[int, ...], ...]:
        """For each task, those that wait for it itself."""
        found: list[list[int]] = [[] for _ in self.tasks]
        for later, task in enumerate(self.tasks):
            for index in members(task.waits):
                found[index].append(later)
        return tuple(map(tuple, found))

    @cached_property
    def ancestors(self) -> tuple[int, ...]:
        """For each task, all that run before it in any order."""
        found: list[int] = []
        for task in self.tasks:
            found.append(union((task.waits, *(found[index] for index in members(task.waits)))))
        return tuple(found)

    @cached_property
    def descendants(self) -> tuple[int, ...]:
        """For each task, all that run after it in any order."""
        found = [0] * len(self.tasks)
        for index in reversed(range(len(self.tasks))):
            found[index] = union(found[later] | 1 << later for later in self.followers[index])
        return tuple(found)

    @cached_property
    def spared(self) -> tuple[int, ...]:
        """For each task, the bytes of others' excited rows that may be written in place as soon as it has run."""
        found = [0] * len(self.tasks)
        for host, task in enumerate(self.tasks):
            for users, size in task.rows:
                for index in members(users & ~(1 << host)):
                    found[index] += size
        return tuple(found)

    @cached_property
    def parts(self) -> tuple[range, ...]:
        """The tasks cut wherever all of those behind run after all of those before, in any order."""
        count = len(self.tasks)
        cuts, common = [count], -1  # what has to run before all tasks from an index on
        for index in reversed(range(count)):
            common &= self.ancestors[index]
            if common & (before := (1 << index) - 1) == before:
                cuts.append(index)
        return tuple(range(*cut) for cut in pairwise(reversed(cuts)))

    @cached_property
    def least(self) -> int:
        """Bytes that are in use at the worst moment, whatever the order."""
        return max(map(self._least, range(len(self.tasks))), default=0)

    def _least(self, index: int) -> int:
        own, later = 1 << index, self.descendants[index]
        begun = self.ancestors[index] | own
        held = sum(size for users, size in self.holds if users & -users & begun and users & (own | later))
        return held + sum(size for users, size in self.tasks[index].rows if users & later)


def union(sets: Iterable[int]) -> int:
    """The tasks that are in any of these sets."""
    return reduce(or_, sets, 0)


def members(tasks: int) -> Iterator[int]:
    """The tasks of a set."""
    while tasks:
        yield (tasks & -tasks).bit_length() - 1
        tasks &= tasks - 1


def tasks_of(graph: Graph) -> Tasks:
    """The tasks of a graph: every order that keeps to what they wait for gives the same bytes."""
    hosts = [op for op in graph.ops if not isinstance(op.attrs, Excite)]
    places = {op.name: index for index, op in enumerate(hosts)}
    places |= {op.name: places[op.host] for op in graph.ops if isinstance(op.attrs, Excite)}
    holds, rows = holds_of(graph, places)
    waits = waits_of(graph, places)
    return Tasks(
        tuple(
            Task(
                ops=(*(guest for guest in graph.guests(op) if isinstance(guest.attrs, Excite)), op),
                waits=waits[index] & ~(1 << index),
                begun=sum(size for users, size in holds if users & -users == 1 << index),
                holds=tuple(hold for hold in holds if hold.users >> index & 1),
                rows=tuple(rows[index]),
            )
            for index, op in enumerate(hosts)
        ),
        holds,
    )


def holds_of(graph: Graph, places: dict[str, int]) -> tuple[tuple[Hold, ...], dict[int, list[Hold]]]:
    """The buffers of `memory.lifetimes` in any order, and by task the excited rows that may need one."""
    storage = memory.lifetimes(graph).storage
    elsewhere = {*graph.given, *graph.outputs}
    users: dict[str, int] = defaultdict(int)
    sizes: dict[str, int] = {}
    for op in graph.ops:
        moments = 1 << places[op.name] | 1 << places[op.host or op.name]
        for name in used_by(op, graph):
            if storage[name] not in elsewhere:
                users[storage[name]] |= 1 << places[op.name]
                sizes[storage[name]] = graph.tensors[name].nbytes
        if op.scratch:
            users[memory.scratch_name(op)] = moments
            sizes[memory.scratch_name(op)] = op.scratch
    rows: dict[int, list[Hold]] = defaultdict(list)
    for op in graph.ops:
        if not isinstance(op.attrs, Excite) or op.inputs[0] in graph.excited:  # which are excited where they are
            continue
        host, size, home = places[op.name], memory.row_bytes(op, graph), storage[op.inputs[0]]
        if home in users:
            rows[host].append(Hold(users[home], size))
        else:
            users[op.outputs[0]], sizes[op.outputs[0]] = 1 << host, size
    return tuple(Hold(users[name], sizes[name]) for name in users), rows


def used_by(op: Op, graph: Graph) -> Iterator[str]:
    """The tensors that must be whole when an op runs: a squeeze has read its input in its host's loop."""
    is_squeeze = op.host and not isinstance(op.attrs, Excite)
    for name in op.outputs if is_squeeze else (*op.outputs, *op.inputs):
        if graph.tensors[name].data is None and name not in graph.excited:
            yield name


def waits_of(graph: Graph, places: dict[str, int]) -> list[int]:
    """For each task, the tasks whose results it reads, and those that read what it writes over."""
    writers = {name: places[op.name] for op in graph.ops for name in op.outputs}
    sources = sources_of(graph)
    remembered = {state.before: sources[state.after] for state in graph.states}
    waits = [0] * len(places)
    for op in graph.ops:
        for name in op.inputs:
            if name in writers:
                waits[places[op.name]] |= 1 << writers[name]
            after = remembered.get(sources[name])
            if after in writers and after != sources[name]:
                waits[writers[after]] |= 1 << places[op.name]
    return waits
