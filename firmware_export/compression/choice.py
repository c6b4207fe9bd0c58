"""Which layers' weights are coded, in which codes: where flash shrinks by it, and memory suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from firmware_export import memory
from firmware_export.compression.candidates import Candidate, candidates
from firmware_export.huffman import BYTES, FIRST, LONGEST, WORD, Code, Counts, code_of, coded_bits
from firmware_export.ir import Graph
from firmware_export.memory import Plan
from firmware_export.program import Program

# Bytes of instructions, as compilers make them of the C: estimates, for it is not known here what compiles it.
DECODER_BYTES = 120
LAYER_BYTES, TILED_LAYER_BYTES = 110, 125
CODE_BYTES = 3 * (LONGEST + 1) + (1 << FIRST) + 5  # the struct; its symbols come on top


@dataclass(frozen=True, eq=False)
class Group:
    """Layers whose weights share a code."""

    members: tuple[Candidate, ...]

    @cached_property
    def counts(self) -> Counts:
        """Of all members."""
        return np.asarray(sum((member.counts for member in self.members), np.zeros(BYTES, np.int64)))

    @cached_property
    def code(self) -> Code:
        """The best one for all."""
        return code_of(self.counts)

    @property
    def table_bytes(self) -> int:
        """Flash that the code takes."""
        return CODE_BYTES + len(self.code.symbols)

    @cached_property
    def cost(self) -> float:
        """About the bytes of the members, coded, and the code."""
        counts = self.counts[self.counts > 0]
        return float((counts * np.log2(counts.sum() / counts)).sum() / 8) + CODE_BYTES + len(counts)

    def coded_bytes(self, member: Candidate) -> int:
        """Flash that a member's array takes, coded."""
        return -(-coded_bits(self.code, member.counts) // WORD) * 2

    def saved(self, member: Candidate) -> int:
        """Flash that is saved by coding one more of its members."""
        return len(member.data) - self.coded_bytes(member) - (TILED_LAYER_BYTES if member.tile else LAYER_BYTES)

    @property
    def saved_bytes(self) -> int:
        """Flash that is saved by it."""
        return sum(map(self.saved, self.members)) - self.table_bytes


@dataclass(frozen=True, eq=False)
class Choice:
    """The codes; the graph whose ops have memory to decode in; and those that would take less flash but more memory."""

    groups: tuple[Group, ...]
    graph: Graph
    plan: Plan
    too_large: tuple[Candidate, ...] = ()
    dearer: tuple[Candidate, ...] = ()  # that would take more flash


def choose(graph: Graph, plan: Plan, program: Program, most_ram: int) -> Choice:
    """Code what makes flash smaller, while activations grow by `most_ram` bytes at most. program: without."""
    found = tuple(candidates(program))
    wanted = by_saving(worthwhile(found))
    fitting = fit(wanted, graph, plan, plan.total + most_ram)
    groups = worthwhile(fitting)
    members = by_saving(groups)
    made = with_room(graph, members)
    too_large = tuple(one for one in wanted if one not in fitting)
    dearer = tuple(one for one in found if one not in too_large and one not in members)
    return Choice(groups, made, planned(made, plan) if members else plan, too_large, dearer)


def by_saving(groups: Sequence[Group]) -> tuple[Candidate, ...]:
    """The members, first those that save most."""
    saved = [(-group.saved(member), member.layer, member) for group in groups for member in group.members]
    return tuple(member for *_, member in sorted(saved, key=lambda row: row[:2]))


def worthwhile(found: Sequence[Candidate]) -> tuple[Group, ...]:
    """The candidates that save flash, each with those that it shares a code with; none if all save too little."""
    left = tuple(found)
    while left:
        groups = grouped(left)
        kept = [group for group in groups if group.saved_bytes > 0]
        good = tuple(one for group in kept for one in group.members if group.saved(one) > 0)
        if len(good) == len(left):
            return groups if sum(group.saved_bytes for group in groups) > DECODER_BYTES else ()
        left = tuple(one for one in left if one in good)
    return ()


def grouped(found: Sequence[Candidate]) -> tuple[Group, ...]:
    """Join those that save most by it, until nothing does."""
    groups = [Group((one,)) for one in found]
    joined: dict[tuple[Group, Group], Group] = {}
    while len(groups) > 1:
        pairs = [(a, b) for index, a in enumerate(groups) for b in groups[index + 1 :]]
        joined |= {(a, b): Group((*a.members, *b.members)) for a, b in pairs if (a, b) not in joined}
        gains = {pair: pair[0].cost + pair[1].cost - joined[pair].cost for pair in pairs}
        best = max(pairs, key=lambda pair: gains[pair])
        if gains[best] <= 0:
            break
        groups = [joined[best] if group is best[0] else group for group in groups if group is not best[1]]
    return tuple(groups)


def fit(wanted: Sequence[Candidate], graph: Graph, plan: Plan, limit: int) -> tuple[Candidate, ...]:
    """All of them if memory suffices, or the first ones that find room, each beside those before it."""
    if planned(with_room(graph, wanted), plan).total <= limit:
        return tuple(wanted)
    chosen: tuple[Candidate, ...] = ()
    for one in wanted:
        if planned(with_room(graph, (*chosen, one)), plan).total <= limit:
            chosen = (*chosen, one)
    return chosen


def with_room(graph: Graph, chosen: Sequence[Candidate]) -> Graph:
    """The graph whose ops ask for the memory to decode in."""
    room = {one.layer: one.ram_bytes for one in chosen}
    return replace(graph, ops=tuple(replace(op, decoded=room.get(op.name, 0)) for op in graph.ops))


def planned(graph: Graph, plan: Plan) -> Plan:
    """Another plan in which ops take turns as in this one."""
    return memory.planned(graph, plan.schedule, plan.held)
