"""Changes of a network that are planned for comparison: the plan is that of the network so changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_export import Change, Export, Optimize, export, optimized_for_ram, ram_of, what_ifs
from firmware_export.ir import Graph
from firmware_export.memory import check
from firmware_export.planner import plan_of
from firmware_export.shrunk import double_stride, halve_channels, halve_input
from tests.kernels.random_networks import random_network
from tests.kernels.squeeze_excite_models import Block, squeeze_excite
from tests.single_op import TensorSpec, single_op
from tests.streamed import streamed

PUBLIC = Path(__file__).parents[3] / "shared" / "models"
NETWORKS = ("kws_ref_model", "pretrainedResnet_quant", "vww_96_int8")


def graph_of(model: bytes) -> Graph:
    return export(model, name="net").graph


def described(graph: Graph | None) -> list[object]:
    """The shapes of what ops compute, and their windows."""
    assert graph is not None
    shapes = [graph.tensors[name].shape for op in graph.ops for name in (*op.inputs[:1], *op.outputs)]
    return [*shapes, *(getattr(op.attrs, "window", None) for op in graph.ops)]


def test_a_smaller_input_is_the_network_of_that_input():
    assert described(halve_input(graph_of(streamed(side=24)))) == described(graph_of(streamed(side=12)))


@pytest.mark.parametrize("side", [23, 24])
def test_a_stride_is_the_network_of_that_stride(side):
    graph = graph_of(streamed(side=side))
    changed = double_stride(graph, graph.ops[0])
    assert described(changed) == described(graph_of(streamed(side=side, stride=2)))


@pytest.mark.parametrize(("layer", "sizes"), [(0, {"wide": 8}), (2, {"narrow": 4})], ids=["wide", "narrow"])
def test_fewer_channels_are_the_network_of_so_many(layer, sizes):
    graph = graph_of(streamed(wide=16, narrow=8))
    changed = halve_channels(graph, graph.ops[layer].outputs[0])
    assert described(changed) == described(graph_of(streamed(**{"wide": 16, "narrow": 8} | sizes)))


def test_channels_of_inputs_and_outputs_stay():
    graph = graph_of(streamed())
    assert halve_channels(graph, graph.ops[-1].outputs[0]) is None
    assert halve_channels(graph, graph.inputs[0]) is None


def test_an_image_that_is_the_output_stays():
    value = TensorSpec((1, 8, 8, 4), scale=(0.5,), zero_point=(0,))
    graph = graph_of(single_op("AVERAGE_POOL_2D", [value], value, filter=(3, 3), padding="SAME"))
    assert halve_input(graph) is None
    assert double_stride(graph, graph.ops[0]) is None


def test_only_what_lowers_ram_is_told_the_best_first():
    exported = export(streamed(), name="net")
    found = what_ifs(exported, Optimize.BALANCED)
    now = ram_of(exported.graph, exported.plan)
    assert {one.change for one in found} >= {Change.HALF_INPUT, Change.HALF_CHANNELS}
    assert [one.ram_bytes for one in found] == sorted(one.ram_bytes for one in found)
    assert all(one.ram_bytes < now for one in found)
    (smaller,) = (one for one in found if one.change is Change.HALF_INPUT)
    assert (smaller.layer, smaller.before, smaller.after) == ("", (24, 24), (12, 12))


def test_ram_counts_inputs_and_outputs_where_they_do_not_lie_in_the_activations():
    outside, inside = (export(streamed(), name="net", optimize=each) for each in (Optimize.BALANCED, Optimize.RAM))
    assert ram_of(outside.graph, outside.plan) == outside.plan.total + 24 * 24 * 3 + 5
    told = optimized_for_ram(inside)
    assert told.ram_bytes == told.activations_bytes == inside.program.activations_bytes


def check_all(exported: Export, optimize: Optimize) -> None:
    """Prove the plan of every network that another one could be made into."""
    graph = exported.graph
    made = [halve_input(graph)]
    for op in graph.ops:
        made += [double_stride(graph, op), halve_channels(graph, op.outputs[0])]
    for changed in made:
        if changed is not None:
            check(changed, plan_of(changed, optimize))


@pytest.mark.parametrize("optimize", [Optimize.BALANCED, Optimize.RAM], ids=lambda optimize: optimize.value)
@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_plans_of_changed_networks_hold(seed, optimize):
    for model in (random_network(seed), squeeze_excite(Block(head=seed * 4 or None))):
        check_all(export(model, name="net", optimize=optimize), optimize)


@pytest.mark.parametrize("network", NETWORKS)
def test_public_networks_have_something_that_lowers_their_ram(network):
    path = PUBLIC / "mlperf_tiny" / f"{network}.tflite"
    if not path.exists():
        pytest.skip(f"the public network {network} is not here")
    exported = export(path.read_bytes(), name="net")
    assert what_ifs(exported, Optimize.BALANCED)
