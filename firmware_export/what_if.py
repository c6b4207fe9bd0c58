"""What would lower the peak of RAM: every change is planned, as the network itself was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from firmware_export.export import Export
from firmware_export.ir import Graph
from firmware_export.memory import PlacedBuffer, Plan, Role
from firmware_export.optimize import Optimize
from firmware_export.planner import plan_of
from firmware_export.shrunk import double_stride, halve_channels, halve_input

MOST_LAYERS = 2  # at the peak, whose outputs are made smaller


class Change(Enum):
    """What may be changed."""

    OPTIMIZE_RAM = "optimize_ram"  # -O ram, with input and output in the activations
    HALF_CHANNELS = "half_channels"
    STRIDE_TWO = "stride_two"
    HALF_INPUT = "half_input"  # in height and width


@dataclass(frozen=True)
class WhatIf:
    """A change, of a layer or of the network (""), from and to these channels or sides, and the bytes it then takes.

    ram_bytes: activations, and the inputs and outputs that do not lie in them.
    """

    change: Change
    layer: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    activations_bytes: int
    ram_bytes: int


def ram_of(graph: Graph, plan: Plan) -> int:
    """Bytes of the activations, and of the inputs and outputs that do not lie in them."""
    outside = [name for name in (*graph.inputs, *graph.outputs) if name not in plan.offsets]
    return plan.total + sum(tensor.nbytes for tensor in graph.of(tuple(outside)))


def what_ifs(exported: Export, optimize: Optimize) -> tuple[WhatIf, ...]:
    """The changes of the model that lower the RAM it takes, that which lowers it most first."""
    least = ram_of(exported.graph, exported.plan)
    found = [one for one in _planned(exported, optimize) if one.ram_bytes < least]
    return tuple(sorted(found, key=lambda one: one.ram_bytes))


def optimized_for_ram(exported: Export) -> WhatIf:
    """What an export with -O ram takes."""
    ram_bytes = ram_of(exported.graph, exported.plan)
    return WhatIf(Change.OPTIMIZE_RAM, "", (), (), exported.plan.total, ram_bytes)


@dataclass(frozen=True, eq=False)
class _Candidate:
    change: Change
    layer: str
    tensor: str  # that which becomes smaller
    graph: Graph | None


def _planned(exported: Export, optimize: Optimize) -> Iterator[WhatIf]:
    for candidate in _candidates(exported):
        if candidate.graph is None:
            continue
        plan = plan_of(candidate.graph, optimize)
        yield WhatIf(
            candidate.change,
            candidate.layer,
            _told(candidate, exported.graph),
            _told(candidate, candidate.graph),
            plan.total,
            ram_of(candidate.graph, plan),
        )


def _told(candidate: _Candidate, graph: Graph) -> tuple[int, ...]:
    """The channels of a tensor, or its sides."""
    shape = graph.tensors[candidate.tensor].shape
    return shape[-1:] if candidate.change is Change.HALF_CHANNELS else shape[1:3]


def _candidates(exported: Export) -> Iterator[_Candidate]:
    graph = exported.graph
    if exported.walked.fed:
        return  # whose rows come one by one: what is planned here has them all
    for buffer in _large_at_peak(exported):
        op = graph.named(buffer.layer)
        tensor = op.outputs[0]
        yield _Candidate(Change.HALF_CHANNELS, op.name, tensor, halve_channels(graph, tensor))
        yield _Candidate(Change.STRIDE_TWO, op.name, tensor, double_stride(graph, op))
    smaller = halve_input(graph)
    image = next((name for name in graph.inputs if len(graph.tensors[name].shape) == 4), "")
    yield _Candidate(Change.HALF_INPUT, "", image, smaller)


def _large_at_peak(exported: Export) -> list[PlacedBuffer]:
    """The layers' own buffers with most bytes in use at the peak."""
    alive = exported.timeline.alive_at_peak
    return [buffer for buffer in alive if buffer.role in (Role.LAYER, Role.OUTPUT)][:MOST_LAYERS]
