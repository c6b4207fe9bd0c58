"""A plan as people look at it: names of layers, rows that are kept, the moment of the peak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_export import Export, Optimize, Role, export
from tests.kernels.random_networks import random_network
from tests.single_op import TensorSpec, single_op
from tests.streamed import streamed

SMALL = Path(__file__).parents[1] / "golden" / "small_se.tflite"
each_optimize = pytest.mark.parametrize("optimize", Optimize, ids=lambda optimize: optimize.value)


@pytest.fixture(scope="module")
def small() -> Export:
    return export(SMALL.read_bytes(), name="net", optimize=Optimize.RAM)


@pytest.fixture(scope="module")
def wide() -> Export:
    return export(streamed(), name="net")


def test_buffers_carry_the_names_of_layers(small):
    found = {buffer.name: (buffer.layer, buffer.role) for buffer in small.timeline.buffers}
    assert found == {
        "input": ("", Role.INPUT),
        "conv2d": ("conv2d", Role.LAYER),
        "scratch of conv2d": ("conv2d", Role.SCRATCH),
        "mean": ("mean", Role.LAYER),
        "scratch of mean": ("mean", Role.SCRATCH),
        "fullyconnected": ("fullyconnected", Role.LAYER),
        "logistic": ("logistic", Role.LAYER),
        "output": ("mul", Role.OUTPUT),
    }


def test_several_inputs_are_numbered():
    value = TensorSpec((1, 4, 4, 3), scale=(0.5,), zero_point=(0,))
    exported = export(single_op("ADD", [value, value], value), name="net", optimize=Optimize.RAM)
    assert [buffer.name for buffer in exported.timeline.buffers] == ["input 1", "input 2", "output"]


def test_streams_and_their_rings_are_told(wide):
    timeline = wide.timeline
    (stream,) = timeline.streams
    rings = {buffer.layer: buffer.rows_kept for buffer in timeline.buffers if buffer.is_ring}
    assert rings
    assert set(rings) < set(stream.layers)
    assert sorted(rings.values()) == sorted(wide.plan.rings.values())
    assert all(buffer.rows > buffer.rows_kept for buffer in timeline.buffers if buffer.is_ring)


def test_stretches_are_all_the_moments_one_behind_the_other(wide):
    stretches = wide.timeline.stretches
    assert [stretch.first for stretch in stretches[1:]] == [stretch.last + 1 for stretch in stretches[:-1]]
    assert (stretches[0].first, stretches[-1].last) == (0, len(wide.timeline.turns) - 1)


@each_optimize
@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 6])
def test_the_timeline_says_what_the_plan_says(seed, optimize):
    exported = export(random_network(seed), name="net", optimize=optimize)
    timeline, plan = exported.timeline, exported.plan
    assert (timeline.total, timeline.bound) == (plan.total, plan.bound)
    assert sorted(buffer.offset for buffer in timeline.buffers) == sorted(plan.offsets.values())
    assert len({buffer.name for buffer in timeline.buffers}) == len(plan.offsets)
    assert max(timeline.in_use, default=0) == timeline.in_use[timeline.peak] <= timeline.bound
    layers = {op.name for op in exported.graph.ops}
    assert {buffer.layer for buffer in timeline.buffers} <= layers | {""}
    assert timeline.peak_layer in layers


@each_optimize
@pytest.mark.parametrize("model", [streamed(), SMALL.read_bytes()], ids=["streamed", "small"])
def test_the_bytes_in_use_are_those_that_rows_cover(model, optimize):
    """Counted byte by byte: what two buffers share, as a sum takes in place, counts once."""
    timeline = export(model, name="net", optimize=optimize).timeline
    for moment, used in enumerate(timeline.in_use):
        covered = np.zeros(timeline.total, bool)
        for buffer in timeline.buffers:
            for offset, size, _, _ in buffer.blocks_at(moment):
                covered[offset : offset + size] = True
        assert covered.sum() >= used
        assert covered.sum() <= sum(buffer.bytes_at(moment) for buffer in timeline.buffers)


def test_a_network_without_buffers_has_a_peak_of_nothing():
    value = TensorSpec((1, 10), scale=(1 / 128,), zero_point=(0,))
    timeline = export(single_op("TANH", [value], value), name="net").timeline
    assert (timeline.buffers, timeline.in_use, timeline.alive_at_peak) == ((), (0,), ())
