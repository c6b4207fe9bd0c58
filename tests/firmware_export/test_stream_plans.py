"""Plans in which ops take turns: the proof refuses wrong ones, and agrees with the planner about every distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from firmware_export import memory, passes
from firmware_export.errors import BadPlan, UnsupportedOp
from firmware_export.export import Delivery, export
from firmware_export.ir import Graph
from firmware_export.memory import ALIGN, Plan, Segment
from firmware_export.memory.conflicts import conflicts_of
from firmware_export.memory.schedule import eager, lazy
from firmware_export.optimize import Optimize
from firmware_export.quantised_math import Affine
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.affines import tensor
from tests.kernels.random_networks import random_network
from tests.kernels.squeeze_excite_models import Network
from tests.kernels.test_streams import HEIGHTS, EveryStream
from tests.single_op import model

ANY = Affine(0.05, 0)


def graph_of(content: bytes, isa: Isa = Isa.DSP) -> Graph:
    return passes.run(read_tflite(content, name="net"), passes.exact(isa, Optimize.RAM))


@cache
def residual() -> tuple[Graph, Plan]:
    """Three convolutions around a sum with what went into them, one row a turn."""
    net = Network()
    x = net.add(tensor((1, 12, 4, 4), ANY))
    first = net.layer("CONV_2D", x, (4, 3, 3, 4), tensor((1, 12, 4, 4), ANY), padding="SAME")
    second = net.layer("CONV_2D", first, (4, 3, 3, 4), tensor((1, 12, 4, 4), ANY), padding="SAME")
    total = net.op("ADD", (first, second), tensor((1, 12, 4, 4), ANY))
    last = net.layer("CONV_2D", total, (4, 3, 3, 4), tensor((1, 12, 4, 4), ANY), padding="SAME")
    graph = graph_of(model(net.tensors, net.ops, [last]))
    return graph, EveryStream(1, eager)(graph)


def with_turns(plan: Plan, change: Callable[[list[int]], list[int]]) -> Plan:
    (segment,) = plan.schedule
    return replace(plan, schedule=(replace(segment, turns=tuple(change(list(segment.turns)))),))


def swapped(turns: list[int]) -> list[int]:
    """The first turn of the second op comes before all."""
    turns.insert(0, turns.pop(turns.index(1)))
    return turns


def shorter_ring(plan: Plan, graph: Graph, index: int) -> Plan:
    """A ring with one row less, its bytes as they were."""
    name = list(plan.rings)[index]
    return replace(plan, rings=plan.rings | {name: plan.rings[name] - 1})


WRONG: dict[str, Callable[[Plan, Graph], Plan]] = {
    "a row read before it is written": lambda plan, _: with_turns(plan, swapped),
    "a turn too few": lambda plan, _: with_turns(plan, lambda turns: turns[:-1]),
    "a turn too many": lambda plan, _: with_turns(plan, lambda turns: [*turns, turns[-1]]),
    "the rows of one op first": lambda plan, _: with_turns(plan, sorted),
    "a ring of the sum a row too short": lambda plan, graph: shorter_ring(plan, graph, -1),
    "a ring of the first layer a row too short": lambda plan, graph: shorter_ring(plan, graph, 0),
    "a ring without its bytes": lambda plan, _: replace(plan, rings={}),
    "two rows a turn in rings for one": lambda plan, _: replace(
        plan, schedule=tuple(replace(one, rows=tuple(2 for _ in one.rows)) for one in plan.schedule)
    ),
}


@cache
def two_rows_a_turn() -> tuple[Graph, Plan]:
    """A layer whose rows are written two at a time, and read so by one that takes them for one."""
    net = Network()
    x = net.add(tensor((1, 12, 4, 4), ANY))
    first = net.layer("CONV_2D", x, (4, 3, 3, 4), tensor((1, 12, 4, 4), ANY), padding="SAME")
    second = net.layer("CONV_2D", first, (4, 1, 1, 4), tensor((1, 12, 4, 4), ANY))
    third = net.layer("CONV_2D", second, (4, 1, 1, 4), tensor((1, 12, 4, 4), ANY))
    last = net.layer("CONV_2D", third, (4, 3, 3, 4), tensor((1, 12, 4, 4), ANY), padding="SAME")
    graph = graph_of(model(net.tensors, net.ops, [last]))
    return graph, EveryStream(2, lazy)(graph)


@pytest.mark.parametrize("kept", [1, 3])
@pytest.mark.parametrize("index", range(2))
def test_rows_that_are_taken_at_once_must_lie_one_behind_the_other(index, kept):
    graph, plan = two_rows_a_turn()
    memory.check(graph, plan)
    name = [home for home, rows in plan.rings.items() if rows == 2][index]
    row = plan.sizes[name] // 2
    end = -(-plan.total // ALIGN) * ALIGN
    wrong = replace(
        plan,
        rings=plan.rings | {name: kept},
        sizes=plan.sizes | {name: kept * row},
        offsets=plan.offsets | {name: end},
        total=end + kept * row,
    )
    with pytest.raises(BadPlan):
        memory.check(graph, wrong)


def test_rows_outside_the_image_do_not_keep_all_of_it():
    """A window that lies in the padding alone reads nothing."""
    net = Network()
    x = net.add(tensor((1, 11, 5, 3), ANY))
    made = net.layer("CONV_2D", x, (16, 3, 3, 3), tensor((1, 11, 5, 16), ANY), padding="SAME")
    paddings = [[0, 0], [5, 5], [2, 1], [0, 0]]
    wide = net.op("PAD", (made,), tensor((1, 21, 8, 16), ANY), paddings=paddings)
    shrunk = net.layer("CONV_2D", wide, (8, 3, 3, 16), tensor((1, 19, 6, 8), ANY), padding="VALID")
    last = net.layer("CONV_2D", shrunk, (2, 3, 3, 8), tensor((1, 17, 4, 2), ANY), padding="VALID")
    program = export(model(net.tensors, net.ops, [last]), name="net", optimize=Optimize.RAM)
    assert len(program.plan.rings) == 2


def test_the_plan_is_proved():
    graph, plan = residual()
    assert len(plan.rings) > 2
    memory.check(graph, plan)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_plan_is_refused(wrong):
    graph, plan = residual()
    with pytest.raises(BadPlan):
        memory.check(graph, wrong(plan, graph))


def is_refused(graph: Graph, plan: Plan) -> bool:
    try:
        memory.check(graph, plan)
    except BadPlan:
        return True
    return False


@pytest.mark.parametrize("seed", range(12))
def test_the_proof_refuses_nothing_that_the_planner_allows_and_most_of_the_rest(seed):
    """Every buffer is moved about. The planner may allow less: of what it counts whole, not all is in use."""
    graph = graph_of(random_network(300 + seed, heights=HEIGHTS))
    planner = EveryStream((1, 2, 4)[seed % 3], (eager, lazy)[seed % 2])
    plan = planner(graph)
    lives = memory.lifetimes(graph, plan.schedule, plan.held)
    conflicts = conflicts_of(lives.buffers, lives.in_place)
    names = [buffer.name for buffer in lives.buffers]
    random = Random(seed)
    clashing, refused = 0, 0
    for index, name in enumerate(names):
        for other in [*conflicts[index]][:6]:
            offset = max(plan.offsets[names[other]] + ALIGN * random.randint(-3, 3), 0)
            moved = replace(plan, offsets=plan.offsets | {name: offset}, total=plan.total + 4096)
            clashes = any(
                low < moved.offsets[names[place]] - offset < high
                for place, gaps in conflicts[index].items()
                for low, high in gaps
            )
            found = is_refused(graph, moved)
            assert clashes or not found, (name, names[other], offset)
            clashing, refused = clashing + clashes, refused + found
    assert refused > 0.5 * clashing > 0


def test_rows_that_an_op_has_read_for_the_last_time_are_written_over():
    """A pointwise layer by rows: its output begins one row before its input."""
    net = Network()
    x = net.add(tensor((1, 16, 4, 8), ANY))
    made = net.layer("CONV_2D", x, (8, 1, 1, 8), tensor((1, 16, 4, 8), ANY))
    last = net.layer("CONV_2D", made, (8, 3, 3, 8), tensor((1, 14, 2, 8), ANY), padding="VALID")
    graph = graph_of(model(net.tensors, net.ops, [last]))
    held = (*graph.inputs, *graph.outputs)
    schedule = (*(memory.alone(op.name, graph, 1) for op in graph.ops),)
    plan = memory.plan(memory.lifetimes(graph, schedule, held), schedule)
    memory.check(graph, plan)
    largest = max(tensor.nbytes for tensor in graph.tensors.values() if tensor.data is None)
    scratch = max(op.scratch for op in graph.ops)
    assert plan.total < largest + 4 * 32 + scratch


def test_a_sum_takes_the_place_of_what_it_adds():
    net = Network()
    x = net.add(tensor((1, 8, 8, 8), ANY))
    one = net.layer("CONV_2D", x, (8, 3, 3, 8), tensor((1, 8, 8, 8), ANY), padding="SAME")
    two = net.layer("CONV_2D", x, (8, 1, 1, 8), tensor((1, 8, 8, 8), ANY))
    total = net.op("ADD", (one, two), tensor((1, 8, 8, 8), ANY))
    last = net.layer("CONV_2D", total, (8, 3, 3, 8), tensor((1, 6, 6, 8), ANY), padding="VALID")
    graph = graph_of(model(net.tensors, net.ops, [last]))
    plan = memory.plan(memory.lifetimes(graph, memory.one_by_one(graph)))
    memory.check(graph, plan)
    added = graph.named("add").inputs
    assert plan.offsets[graph.named("add").outputs[0]] in {plan.offsets[name] for name in added}


def test_segments_of_one_op_are_no_streams():
    assert not Segment(("a",), (1,), (0, 0, 0)).is_stream


def tall(rows: int) -> bytes:
    net = Network()
    x = net.add(tensor((1, rows, 1, 4), ANY))
    made = net.layer("CONV_2D", x, (4, 3, 1, 4), tensor((1, rows, 1, 4), ANY), padding="SAME")
    last = net.layer("CONV_2D", made, (4, 3, 1, 4), tensor((1, rows, 1, 4), ANY), padding="SAME")
    return model(net.tensors, net.ops, [last])


def test_images_of_very_many_rows_are_whole():
    """Or the table of turns would be longer than what it saves, and planning would take minutes."""
    program = export(tall(20_000), name="net", optimize=Optimize.RAM).program
    assert not program.streams
    assert program.activations_bytes < 3 * 80_000


def test_very_many_rows_can_be_fed_but_not_more_than_are_counted():
    assert export(tall(20_000), name="net", delivery=Delivery.ROWS).program.feeding
    with pytest.raises(UnsupportedOp, match="more than 32767 rows"):
        export(tall(40_000), name="net", delivery=Delivery.ROWS)
