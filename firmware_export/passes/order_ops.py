"""Run the ops in the order that needs the least memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from firmware_export import memory
from firmware_export.ir import Graph, Op
from firmware_export.passes.order_groups import groups_of
from firmware_export.passes.order_search import search
from firmware_export.passes.order_tasks import Moment, Tasks, tasks_of

LOOKS = 40_000  # tasks tried before settling for the best order found: a fraction of a second
SHARES = 4  # one of what is left goes to each attempt


@dataclass(frozen=True)
class Part:
    """Tasks that run after all of those before and before all of those behind, in the best order found.

    The order within one part is nothing to another: what is in use between them is the same in any.
    """

    tasks: range
    start: Moment
    order: tuple[int, ...]
    peak: int  # bytes in use at the worst moment
    bound: int = 0  # those that any order needs, as far as they are known


def order_ops(graph: Graph) -> Graph:
    """Before: ops in any order that gives the right bytes. After: in the one found that needs the least memory.

    As they were where no order needs less. Squeezes stay behind their hosts and excitations before them, and what is
    written over the network's memory stays behind all that read it.
    """
    ops, _ = lowest_peak(graph)
    return graph if ops == graph.ops else smaller(graph, replace(graph, ops=ops))


def smaller(given: Graph, ordered: Graph) -> Graph:
    """The graph with the smaller arena, or the given one: fewer bytes in use may still lie badly."""
    arena = memory.plan(memory.lifetimes(ordered)).total
    lives = memory.lifetimes(given)
    is_smaller = arena < memory.lower_bound(lives.buffers) or arena < memory.plan(lives).total
    return ordered if is_smaller else given


def lowest_peak(graph: Graph) -> tuple[tuple[Op, ...], bool]:
    """The ops in the order with the fewest `memory.bytes_in_use` at the worst moment, and whether that is proved.

    In the given order where none found is better. Deterministic.
    """
    tasks = tasks_of(graph)
    parts = given_parts(tasks)
    peak = bound = tasks.least
    found: dict[range, Part] = {}
    looks = LOOKS
    for part in sorted(parts, key=lambda part: -part.peak):
        if part.peak <= peak:  # nor is it worse than any part that follows
            break
        found[part.tasks], looks = improved(part, tasks, floor=peak, looks=looks)
        peak = max(peak, found[part.tasks].peak)
        bound = max(bound, found[part.tasks].bound)
    chosen = [found[part.tasks] if part.peak > peak else part for part in parts]
    if chosen == parts:
        return graph.ops, bound >= peak
    return tuple(op for part in chosen for index in part.order for op in tasks.tasks[index].ops), bound >= peak


def given_parts(tasks: Tasks) -> list[Part]:
    """The parts as they stand."""
    parts, moment = [], Moment(0, 0)
    for part in tasks.parts:
        start = moment
        peak, moment = tasks.run_all(start, part)
        parts.append(Part(part, start, tuple(part), peak))
    return parts


def improved(part: Part, tasks: Tasks, *, floor: int, looks: int) -> tuple[Part, int]:
    """The part in an order that needs less, down to a floor of bytes, and the looks left."""
    groups = groups_of(tasks, part.tasks)
    while floor < part.peak and looks > 0:
        limit = (floor + part.peak - 1) // 2
        share = looks // SHARES + 1
        attempt = search(groups, part.start, limit, share)
        looks += attempt.looks - share
        if attempt.order:
            peak, _ = tasks.run_all(part.start, attempt.order)
            part = replace(part, order=attempt.order, peak=peak)
        elif attempt.least:
            floor = min(attempt.least, part.peak)
            part = replace(part, bound=floor)
        else:
            floor = limit + 1
    return part, looks
