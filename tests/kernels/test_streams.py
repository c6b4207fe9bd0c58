"""Networks in which every op that can takes turns with others: the reference's bytes, whatever the rows a turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest

from firmware_export import memory
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.ir import Graph
from firmware_export.memory import Plan, Segment
from firmware_export.memory.schedule import Order, eager, lazy, segment_of
from firmware_export.memory.streams import Room, Search
from firmware_export.optimize import Optimize
from firmware_export.targets import CORES as CORE_TABLE
from firmware_export.targets import Isa
from tests.kernels.batch import Prepared, exported_for, prepared, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.sanitized import SANITIZED

SEEDS = range(100, 130)
HEIGHTS = (6, 9, 13)


@dataclass(frozen=True)
class EveryStream:
    """A planner: runs of ops as long as can be, so many rows a turn, inputs and outputs in the arena."""

    together: int
    order: Order

    def __call__(self, graph: Graph) -> Plan:
        held = () if graph.states else (*graph.inputs, *graph.outputs)
        search = Search(graph, held, self.together, Room.ROWS)
        segments: list[Segment] = []
        end = len(graph.ops)
        while end:
            start = min(search.starts[end - 1])
            paces = [search.pace(op) for op in graph.ops[start:end]]
            is_alone = end - start == 1
            segments.append(search.look(start, end).segment if is_alone else segment_of(paces, graph, self.order))
            end = start
        schedule = tuple(reversed(segments))
        return memory.planned(graph, schedule, held)


PLANNERS = {
    f"{together} rows, {order.__name__}": EveryStream(together, order)
    for together in (1, 2, 4)
    for order in (eager, lazy)
}
QUICK_HOSTS = {(Isa.C, "1 rows, eager"), (Isa.C, "2 rows, lazy"), (Isa.DSP, "4 rows, lazy"), (Isa.MVE, "1 rows, lazy")}
QUICK_CORES = {("cortex-m0", "1 rows, lazy"), ("cortex-m4", "1 rows, eager"), ("cortex-m4", "4 rows, eager")}
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")


def slow_but(quick, *choices):
    """Every pair of choices, those that are not quick being marked."""
    return [pytest.param(*pair, marks=() if pair in quick else pytest.mark.slow) for pair in product(*choices)]


@cache
def networks() -> tuple[Prepared, ...]:
    return prepared([Case(f"seed {seed}", random_network(seed, heights=HEIGHTS), seed) for seed in SEEDS])


@cache
def streamed(isa: Isa, name: str) -> tuple[Prepared, ...]:
    return exported_for(networks(), isa, Optimize.RAM, planner=PLANNERS[name])


def test_most_networks_stream_and_keep_rings():
    programs = [item.export.program for item in streamed(Isa.DSP, "2 rows, eager")]
    assert sum(bool(program.streams) for program in programs) > len(programs) // 2
    kernels = {layer.kernel for program in programs for layer in program.layers if layer.rows}
    assert len(kernels) > 12


@pytest.mark.parametrize(("isa", "name"), slow_but(QUICK_HOSTS, Isa, PLANNERS))
def test_streams_give_the_reference_bytes(isa, name, tmp_path):
    assert not wrong_on_host(streamed(isa, name), SANITIZED, tmp_path)


@pytest.mark.parametrize(("core", "name"), slow_but(QUICK_CORES, CORES, PLANNERS))
def test_streams_give_the_reference_bytes_on_a_core(core, name):
    assert not wrong_on_core(streamed(CORE_TABLE[core].isa, name), Toolchain(core))
