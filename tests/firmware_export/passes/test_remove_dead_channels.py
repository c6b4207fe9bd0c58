"""Channels that tell nothing go, and no byte of an output changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter, passes
from firmware_export.export import export
from firmware_export.ir import Graph
from firmware_export.macs import macs
from firmware_export.passes.channel_ranges import channel_ranges
from firmware_export.passes.remove_dead_channels import remove_dead_channels
from firmware_export.quantised_math import Affine
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.affines import random_int8, tensor
from tests.chain import ACTIVATION, IMAGE, SCALE, ZERO, Chain
from tests.kernels.batch import prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import Pruned, random_network
from tests.kernels.sanitized import SANITIZED
from tests.kernels.squeeze_excite_models import WEIGHT_SCALE
from tests.same_bytes import apply, inputs_of
from tests.single_op import constant, litert_reference, model

VWW = Path(__file__).parents[4] / "shared" / "models" / "mlperf_tiny" / "vww_96_int8.tflite"
FAR = 1 << 24  # a bias that outweighs all inputs


def before_removal(network: bytes) -> Graph:
    """A network as the pass finds it."""
    pipeline = passes.exact(Isa.C)
    return passes.run(read_tflite(network, name="chain"), pipeline[: pipeline.index(remove_dead_channels)])


def channels(graph: Graph) -> list[int]:
    """How many each op writes."""
    return [graph.tensors[op.outputs[0]].shape[-1] for op in graph.ops]


def after(net: Chain, outputs: Sequence[int] | None = None) -> Graph:
    """The network without dead channels: the same bytes as before, which are LiteRT's."""
    network = model(net.tensors, net.ops, outputs)
    before = before_removal(network)
    done = apply(remove_dead_channels, before)
    inputs = inputs_of(before, 9)
    expected = litert_reference(network, inputs)
    for array, result in zip(expected, interpreter.run(done, inputs), strict=True):
        np.testing.assert_array_equal(result, array)
    return done


def test_a_filter_of_zeros_goes_and_its_constant_moves_into_the_bias():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(1, 4, bias=700)
    net.conv(x, 3)
    done = after(net)
    assert channels(done) == [4, 3]
    assert [done.tensors[op.inputs[1]].shape for op in done.ops] == [(4, 1, 1, 4), (3, 1, 1, 4)]
    written = done.tensors[done.ops[0].outputs[0]]
    assert (written.removed, written.index) == ((1, 4), x)


def test_a_clamp_that_no_input_reaches_into_makes_a_channel_dead():
    net = Chain()
    x = net.conv(net.image(), 6, activation="RELU")
    net.bias(0, bias=-FAR)
    net.bias(2, bias=FAR)
    net.conv(x, 3)
    assert channels(after(net)) == [4, 3]


@pytest.mark.parametrize(("reach", "expected"), [(-1, [5, 3]), (0, [6, 3])], ids=["never", "just"])
def test_a_channel_that_one_input_alone_wakes_is_alive(reach, expected):
    """The largest sum gives 0 after RELU, or 1."""
    net = Chain()
    x = net.conv(net.image(), 6, activation="RELU")
    (weights, _), real = net.constants(), SCALE * WEIGHT_SCALE / SCALE
    ends = np.array([127 - ZERO, -128 - ZERO])
    most = int(np.max(weights[2].reshape(-1, 1) * ends, axis=1).sum())
    net.bias(2, bias=int(0.5 / real) + reach - most)
    net.conv(x, 3)
    assert channels(after(net)) == expected


PADDED = {
    "the zero point, padded": (0, "SAME", [4, 4, 3]),
    "another constant, padded": (700, "SAME", [6, 6, 3]),
    "another constant, not padded": (700, "VALID", [4, 4, 3]),
}


@pytest.mark.parametrize(("bias", "padding", "expected"), PADDED.values(), ids=PADDED)
def test_through_a_depthwise_convolution(bias, padding, expected):
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(0, 3, bias=bias)
    net.conv(net.depthwise(x, padding), 3)
    assert channels(after(net)) == expected


@pytest.mark.parametrize(("bias", "expected"), [(0, [4, 3]), (700, [6, 3])], ids=["zero point", "another"])
def test_a_convolution_with_padding_takes_only_the_zero_point(bias, expected):
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(0, 3, bias=bias)
    net.conv(x, 3, (3, 3), padding="SAME")
    assert channels(after(net)) == expected


def test_a_live_channel_whose_depthwise_filter_is_zeros_goes():
    net = Chain()
    x = net.depthwise(net.conv(net.image(), 6))
    net.dead(2, 5, bias=900)
    net.conv(x, 3)
    assert channels(after(net)) == [4, 4, 3]


def test_a_live_channel_that_is_read_with_weights_of_0_goes():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.conv(x, 3, (3, 3), padding="SAME")
    net.constants()[0][..., 1] = 0
    assert channels(after(net)) == [5, 3]


def test_a_sum_of_a_dead_and_a_live_branch_stays_and_of_two_dead_ones_goes():
    net = Chain()
    image = net.image()
    a = net.conv(image, 6)
    net.dead(0, 1, bias=300)
    b = net.conv(image, 6)
    net.dead(1, 2, bias=-200)
    net.conv(net.elementwise("ADD", a, b, activation="RELU"), 3)
    assert channels(after(net)) == [5, 5, 5, 3]


def test_a_constant_operand_loses_the_values_of_dead_channels():
    net = Chain()
    x = net.conv(net.image(), 4)
    net.dead(1)
    scales = net.add(constant(random_int8(2, 4), "int8", (0.02,), (3,)))
    net.conv(net.op("MUL", (x, scales), tensor(IMAGE, ACTIVATION)), 3)
    done = after(net)
    assert channels(done) == [3, 3, 3]
    assert done.tensors[done.ops[1].inputs[1]].shape == (3,)


GATES = {
    "dead squeezed channels": ("conv", 0, [4, 4, 2, 4, 4, 4, 3]),
    "a dead channel that is no zero": ("conv", 700, [6, 6, 2, 6, 6, 6, 3]),
    "dead gates of live channels": ("gate", -FAR, [6, 6, 2, 6, 6, 6, 3]),
}


@pytest.mark.parametrize(("where", "bias", "expected"), GATES.values(), ids=GATES)
def test_a_gated_channel_goes_with_its_squeeze_and_its_gate(where, bias, expected):
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(*((0, 3) if where == "conv" else ()), bias=bias)
    squeezed = net.op("MEAN", (x,), tensor((1, 6), ACTIVATION), axes=[1, 2])
    hidden = net.dense(squeezed, 2, activation="RELU")
    gate = net.dense(hidden, 6)
    if where == "gate":
        net.dead(1, bias=bias)
    gate = net.op("LOGISTIC", (gate,), tensor((1, 6), Affine(1 / 256, -128)))
    net.conv(net.elementwise("MUL", x, gate), 3)
    assert channels(after(net)) == expected


def test_a_gate_of_positions_keeps_its_only_channel():
    net = Chain()
    image = net.image()
    x = net.conv(image, 6)
    net.dead(0, 5)
    gate = net.op("LOGISTIC", (net.conv(image, 1),), tensor((*IMAGE[:3], 1), Affine(1 / 256, -128)))
    net.conv(net.elementwise("MUL", x, gate), 3)
    assert channels(after(net)) == [4, 1, 1, 4, 3]


def test_an_output_keeps_its_shape():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(0, 3, bias=50)
    assert channels(after(net)) == [6]
    y = net.conv(x, 3)
    assert channels(after(net, [x, y])) == [6, 3]


def test_one_channel_stays_where_all_are_dead():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(*range(6), bias=70)
    net.conv(net.depthwise(x, "VALID"), 3)
    assert channels(after(net)) == [1, 1, 3]


def test_a_layer_without_bias_gets_one():
    net = Chain()
    x = net.conv(net.image((1, 1, 1, 4)), 6)
    net.dead(0, bias=700)
    net.dense(x, 3)
    last = net.ops[-1]
    net.ops[-1] = replace(last, inputs=last.inputs[:2])
    done = after(net)
    assert channels(done) == [5, 3]
    assert len(done.ops[-1].inputs) == 3


def test_sums_that_wrap_wrap_alike():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(0, bias=FAR)
    net.conv(x, 3)
    net.bias(0, 1, bias=(1 << 31) - 5)
    net.bias(2, bias=-(1 << 31))
    assert channels(after(net)) == [5, 3]


def test_a_channel_whose_sums_may_wrap_is_not_taken_for_dead():
    net = Chain()
    x = net.conv(net.image(), 6, activation="RELU")
    net.bias(0, 1, bias=(1 << 31) - 5)
    net.conv(x, 3)
    assert channels(after(net)) == [6, 3]


def test_scales_of_each_channel_go_with_it():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(0, 3)
    filters, biases = net.ops[-1].inputs[1:]
    for index, scale in ((filters, WEIGHT_SCALE), (biases, WEIGHT_SCALE * SCALE)):
        steps = tuple(scale * (1 + k) for k in range(6))
        net.tensors[index] = replace(net.tensors[index], scale=steps, zero_point=(0,) * 6, axis=0)
    net.conv(x, 3)
    done = after(net)
    quant = done.tensors[done.ops[0].inputs[1]].quant
    assert quant is not None
    np.testing.assert_allclose(quant.scale, [WEIGHT_SCALE * k for k in (2, 3, 5, 6)])


def test_columns_of_a_dense_layer_behind_flatten_go():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(2, 4, bias=-333)
    net.dense(net.reshape(x, (1, 5 * 6 * 6)), 3)
    done = after(net)
    assert channels(done) == [4, 5 * 6 * 4, 3]
    assert done.tensors[done.ops[-1].inputs[1]].shape == (3, 5 * 6 * 4)


def test_an_image_made_of_a_dense_layer_loses_channels_that_are_dead_at_all_positions():
    net = Chain()
    x = net.dense(net.image(), 8)
    net.dead(1, 3, 5, 7, 2)
    net.conv(net.reshape(x, (1, 2, 1, 4)), 3)
    assert channels(after(net)) == [4, 2, 3]


def test_a_concatenation_loses_channels_of_each_branch():
    net = Chain()
    image = net.image()
    a = net.conv(image, 4)
    net.dead(0, bias=100)
    b = net.conv(image, 5)
    net.dead(1, 4, bias=-90)
    joined = net.op("CONCATENATION", (a, b), tensor((*IMAGE[:3], 9), ACTIVATION), axis=3)
    net.conv(joined, 3)
    assert channels(after(net)) == [3, 3, 6, 3]


def test_filters_of_a_depthwise_convolution_of_one_channel_go():
    net = Chain()
    x = net.image((1, 5, 6, 1))
    output = tensor((1, 5, 6, 4), ACTIVATION)
    y = net.layer("DEPTHWISE_CONV_2D", x, (1, 3, 3, 4), output, padding="SAME", multiplier=4)
    net.dead(3, bias=1)
    net.conv(y, 3)
    assert channels(after(net)) == [3, 3]


def test_pools_tables_and_means_hand_dead_channels_on():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(1, bias=40)
    x = net.op("AVERAGE_POOL_2D", (x,), tensor((1, 5, 6, 6), ACTIVATION), filter=(2, 2), padding="SAME")
    x = net.op("TANH", (x,), tensor((1, 5, 6, 6), Affine(1 / 128, 0)))
    x = net.op("MEAN", (x,), tensor((1, 1, 1, 6), ACTIVATION), axes=[1, 2], keep_dims=True)
    net.conv(x, 3)
    assert channels(after(net)) == [5, 5, 5, 5, 3]


def test_ops_that_look_at_all_channels_keep_them():
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(1, bias=40)
    net.op("SOFTMAX", (x,), tensor((1, 5, 6, 6), Affine(1 / 256, -128)), beta=1.0)
    assert channels(after(net)) == [6, 6]


@settings(derandomize=True, deadline=None, max_examples=250)
@given(st.integers(1000, 1 << 30))
def test_random_networks_with_dead_channels_keep_every_byte(seed):
    before = before_removal(random_network(seed, Pruned))
    apply(remove_dead_channels, before)
    ranges = channel_ranges(before)
    for sample in range(2):
        values = interpreter.run_all(before, inputs_of(before, sample))
        for name, (low, high) in ranges.items():
            found = values[name].reshape(-1, len(low))
            assert np.all(found >= low), name
            assert np.all(found <= high), name


def loses_channels(network: bytes) -> bool:
    return any(tensor.removed for tensor in remove_dead_channels(before_removal(network)).tensors.values())


def test_random_networks_with_dead_channels_give_the_reference_bytes(tmp_path):
    networks = [Case(f"seed {seed}", random_network(seed, Pruned), seed) for seed in range(300)]
    losing = prepared([case for case in networks if loses_channels(case.model)])
    assert len(losing) > 25
    wrong = [
        item.case.name
        for item in losing
        if tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) != item.expected
    ]
    assert not wrong
    assert not wrong_on_host(losing, SANITIZED, tmp_path)


@pytest.mark.skipif(not VWW.exists(), reason="the public network vww_96_int8 is not here")
def test_half_of_the_visual_wake_words_network_is_dead():
    network = VWW.read_bytes()
    done = export(network, name="vww")
    before = before_removal(network)
    assert sum(macs(op, before) for op in before.ops) == 7_489_664
    assert done.program.macs < 3_870_000
    assert done.program.weights_bytes < 50_000
    assert sum(done.removed_channels.values()) == 1724
    (x,) = inputs_of(done.graph, 4)
    (expected,) = litert_reference(network, [x])
    np.testing.assert_array_equal(interpreter.run(done.graph, [x])[0], expected)
