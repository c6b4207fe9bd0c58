"""Squeezes and excitations move into the row loops around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import memory, passes
from firmware_export.ir import Excite, Graph, SqueezeAverage, SqueezeMax, SqueezeMean
from firmware_export.kernels.squeezes import MOST_POSITIONS
from firmware_export.passes.fuse_squeeze_excite import fuse_squeeze_excite
from firmware_export.quantised_math import Affine, quantise_multiplier, requantise_twice
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.affines import tensor
from tests.kernels.squeeze_excite_cases import GATES
from tests.kernels.squeeze_excite_models import ACTIVATION, Block, Network, gated, headed, produced, squeeze_excite
from tests.same_bytes import apply, kinds
from tests.single_op import model

FUSED = {"SqueezeMean", "SqueezeAverage", "SqueezeMax", "Excite"}


def fused(block: Block) -> Graph:
    """The block's graph just before and after the pass, which keeps every byte."""
    pipeline = passes.exact(Isa.C)
    before = passes.run(
        read_tflite(squeeze_excite(block), name="block"), pipeline[: pipeline.index(fuse_squeeze_excite)]
    )
    return apply(fuse_squeeze_excite, before)


def parts(block: Block) -> set[str]:
    return FUSED & set(kinds(fused(block)))


SPELLINGS = {
    "MEAN, FULLY_CONNECTED": (Block(), {"SqueezeMean", "Excite"}),
    "MEAN keeping its axes, CONV_2D": (Block(keeps=True, dense=False), {"SqueezeMean", "Excite"}),
    "AVERAGE_POOL_2D": (Block(squeezes=("AVERAGE_POOL_2D",)), {"SqueezeAverage", "Excite"}),
    "REDUCE_MAX": (Block(squeezes=("REDUCE_MAX",)), {"SqueezeMax", "Excite"}),
    "MAX_POOL_2D": (Block(squeezes=("MAX_POOL_2D",)), {"SqueezeMax", "Excite"}),
    "CBAM": (Block(squeezes=("MEAN", "REDUCE_MAX")), {"SqueezeMean", "SqueezeMax", "Excite"}),
    "MUL in the other order": (Block(gate_first=True), {"SqueezeMean", "Excite"}),
    "a hard sigmoid": (Block(gate="HARD_SIGMOID"), {"SqueezeMean", "Excite"}),
    "a softmax gate": (Block(gate="SOFTMAX"), {"SqueezeMean", "Excite"}),
    "x of a pool": (Block(producer="AVERAGE_POOL_2D"), {"SqueezeMean", "Excite"}),
    "a reader of every other row": (Block(strides=(2, 2)), {"SqueezeMean", "Excite"}),
    "a reader with a kernel of one row": (Block(reader=(1, 3)), {"SqueezeMean", "Excite"}),
    "x of nobody's row loop": (Block(producer=None), {"Excite"}),
    "a reader that reads rows again": (Block(reader=(3, 1)), {"SqueezeMean"}),
    "no reader": (Block(reader=None), {"SqueezeMean"}),
    "a clipped product": (Block(activation="RELU"), {"SqueezeMean"}),
    "a product finer than its factors": (Block(x=Affine(4.0, 5), product=Affine(0.01, 0)), {"SqueezeMean"}),
    "one position, of which the mean is finer": (Block(size=(1, 1, 8)), set()),
    "three positions, of which it is nearly as fine": (Block(size=(1, 3, 8)), {"Excite"}),
}


@pytest.mark.parametrize(("block", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_what_is_fused_of_a_block(block, expected):
    assert parts(block) == expected


@pytest.mark.parametrize(("name", "gates"), GATES.items(), ids=GATES)
def test_gates_of_every_shape_are_applied_to_rows(name, gates):
    pipeline = passes.exact(Isa.C)
    before = passes.run(read_tflite(gated(gates), name="gates"), pipeline[: pipeline.index(fuse_squeeze_excite)])
    assert kinds(apply(fuse_squeeze_excite, before)).count("Excite") == len(gates.gates), name


def test_a_pool_of_padding_same_that_gives_several_positions_is_no_squeeze():
    """Its window is as large as the image and has nothing above or left, but slides."""
    net, size = Network(), (1, 2, 2, 8)
    block = Block(size[1:], head=200)
    x = produced(net, block, headed(net, block, net.add(tensor(size, ACTIVATION))))
    net.op("AVERAGE_POOL_2D", (x,), tensor(size, ACTIVATION), filter=(2, 2), padding="SAME")
    graph = read_tflite(model(net.tensors, net.ops), name="pool")
    assert kinds(apply(fuse_squeeze_excite, graph)) == ["Conv2D", "Conv2D", "DepthwiseConv2D", "AveragePool2D"]


def test_a_sum_with_the_half_that_rounds_it_is_an_int32():
    """ea_squeeze_average_s8_c adds half of the count to 128 times the count."""
    assert 128 * MOST_POSITIONS + MOST_POSITIONS // 2 < 1 << 31


def test_the_hosts_are_the_ops_around_the_block():
    graph = fused(Block())
    hosts = {kind: op.host for op in graph.ops if (kind := type(op.attrs).__name__) in FUSED}
    _, _, producer, *_, reader = (op.name for op in graph.ops)
    assert hosts == {"SqueezeMean": producer, "Excite": reader}


def test_an_output_of_the_network_is_whole():
    graph = fused(Block())
    product = next(op.outputs[0] for op in graph.ops if isinstance(op.attrs, Excite))
    plain = replace(graph, outputs=(*graph.outputs, product))
    before = passes.run(read_tflite(squeeze_excite(Block()), name="block"), ())
    kept = fuse_squeeze_excite(replace(before, outputs=(*before.outputs, product)))
    assert plain.outputs == kept.outputs
    assert "Excite" not in kinds(kept)


def planned(block: Block) -> tuple[Graph, memory.Plan]:
    graph = passes.run(read_tflite(squeeze_excite(block), name="block"), passes.exact(Isa.C))
    plan = memory.plan(memory.lifetimes(graph))
    memory.check(graph, plan)
    return graph, plan


def test_rows_are_excited_in_place_where_nobody_reads_x_again():
    graph, plan = planned(Block())
    excite = next(op for op in graph.ops if isinstance(op.attrs, Excite))
    assert plan.storage[excite.outputs[0]] == plan.storage[excite.inputs[0]]


@pytest.mark.parametrize("block", [Block(x_is_read_later=True), Block(producer=None)], ids=["read later", "an input"])
def test_rows_are_excited_beside_x_where_it_must_stay(block):
    graph, plan = planned(block)
    excite = next(op for op in graph.ops if isinstance(op.attrs, Excite))
    assert plan.sizes[excite.outputs[0]] == 6 * 8  # a row


def test_sums_live_from_the_host_to_the_squeeze():
    graph, plan = planned(Block())
    squeeze = next(op for op in graph.ops if isinstance(op.attrs, SqueezeMean | SqueezeAverage | SqueezeMax))
    (sums,) = [buffer for buffer in memory.lifetimes(graph).buffers if buffer.name == memory.scratch_name(squeeze)]
    assert (sums.first, sums.last, sums.size) == (2, graph.ops.index(squeeze), 4 * 8)
    assert sums.name in plan.offsets


def test_bytes_in_use_are_those_of_each_op_though_excitations_have_no_turn():
    """Once, what an op used stood under the name of the one behind it as soon as an excitation came before."""
    graph, _ = planned(Block())
    place = next(index for index, op in enumerate(graph.ops) if isinstance(op.attrs, Excite))
    without = [index for index, op in enumerate(graph.ops) if not isinstance(op.attrs, Excite)]
    used, lives = memory.bytes_in_use(graph), memory.lifetimes(graph).buffers
    assert len(used) == len(graph.ops) > place + 1
    for moment, index in enumerate(without):
        assert used[index] == sum(buffer.size for buffer in lives if buffer.first <= moment <= buffer.last)


def test_a_squeeze_for_whose_sums_memory_has_no_room_stays_an_op():
    """Without layers in front, the most memory is in use while the host writes x, or soon after."""
    assert parts(Block(head=0)) == {"Excite"}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.integers(1, 10), st.floats(0.5, 1.0, exclude_max=True))
def test_the_excitation_without_branches_rounds_as_twice(right, fraction):
    """The arithmetic of ea_excite_row_s8_c for every product of two int8 with their offsets."""
    multiplier, _ = quantise_multiplier(fraction)
    products = np.arange(-255 * 255, 255 * 255 + 1)
    shift = right + 13
    scaled = ((products << 14) * multiplier) >> 32
    addend = (1 << (shift - 1)) + (1 << 12)
    result = (scaled + addend + np.where(products < 0, -1, 0) * (1 << 13)) >> shift
    np.testing.assert_array_equal(result, requantise_twice(products, multiplier, -right))
