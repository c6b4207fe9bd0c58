"""What users ask for with -O as a plan: who takes turns, with which kernels, and where everything lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from firmware_export import memory
from firmware_export.ir import Graph, Op
from firmware_export.macs import macs
from firmware_export.memory import Plan
from firmware_export.optimize import Optimize
from firmware_export.passes.select_kernels import selected
from firmware_export.targets import Isa

TOGETHER = {Optimize.TIME: (4,), Optimize.BALANCED: (4,), Optimize.RAM: (1, 2, 4)}  # rows a turn that are tried
MOST_TRIED = 8  # layers that are given a quicker kernel one by one


def planned(graph: Graph, optimize: Optimize, isa: Isa) -> tuple[Graph, Plan]:
    """The graph with the kernels that it is planned with, and its plan."""
    plan = plan_of(graph, optimize)
    joint = memory.joined(graph)
    if joint.ops != graph.ops:  # its parts may need room earlier than copies would
        other = plan_of(joint, optimize)
        graph, plan = (joint, other) if other.total <= plan.total else (graph, plan)
    return quickened(graph, plan, isa) if optimize is Optimize.RAM else (graph, plan)


def plan_of(graph: Graph, optimize: Optimize) -> Plan:
    """Who takes turns, and where everything lies; inputs and outputs, too, where RAM counts most."""
    held = held_ports(graph, optimize)
    schedules = memory.best_schedules(graph, held, TOGETHER[optimize])
    lives = [memory.lifetimes(graph, schedule, held) for schedule in schedules]
    bounds = [memory.lower_bound(one.buffers, one.in_place) for one in lives]
    best: Plan | None = None
    for bound, index in sorted((bound, index) for index, bound in enumerate(bounds)):
        if best is None or bound < best.total:
            plan = memory.plan(lives[index], schedules[index])
            best = plan if best is None or plan.total < best.total else best
    assert best is not None
    return best


def held_ports(graph: Graph, optimize: Optimize) -> tuple[str, ...]:
    """The inputs and outputs that lie in the activations: where RAM counts most, and outputs where rows are fed."""
    if graph.fed:
        return graph.outputs
    return (*graph.inputs, *graph.outputs) if optimize is Optimize.RAM and not graph.states else ()


def quickened(graph: Graph, plan: Plan, isa: Isa) -> tuple[Graph, Plan]:
    """The same with quicker kernels for the layers that run alone, wherever the arena has room for their scratch."""
    alone = [graph.named(one.ops[0]) for one in plan.schedule if len(one.ops) == 1 and one.turns]
    quick = [
        other
        for op in alone
        if op.kernel and (other := selected(op, graph, isa, Optimize.BALANCED)).kernel != op.kernel
    ]
    best = (graph, plan)
    for chosen in (quick, *([op] for op in sorted(quick, key=lambda op: -macs(op, graph))[:MOST_TRIED])):
        candidate = _with_kernels(best[0], best[1], chosen)
        if candidate[1].total <= plan.total:
            best = candidate
        if chosen is quick and best[0] is not graph:
            break
    return best


def _with_kernels(graph: Graph, plan: Plan, ops: Iterable[Op]) -> tuple[Graph, Plan]:
    """The graph with these ops in the place of those of the same names, planned with the same turns otherwise."""
    new = {op.name: op for op in ops}
    changed = replace(graph, ops=tuple(new.get(op.name, op) for op in graph.ops))
    schedule = tuple(
        memory.alone(one.ops[0], changed, new[one.ops[0]].together) if one.ops[0] in new and len(one.ops) == 1 else one
        for one in plan.schedule
    )
    return changed, memory.planned(changed, schedule, plan.held)
