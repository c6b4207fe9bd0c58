"""Attention blocks are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from firmware_export import passes
from firmware_export.attention import Attention, attention_blocks, gate_values
from firmware_export.ir import Graph
from firmware_export.quantised_math import Affine
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.affines import tensor
from tests.kernels.squeeze_excite_cases import GATES, SPELLINGS
from tests.kernels.squeeze_excite_models import Block, Network, gated, squeeze_excite
from tests.same_bytes import SIXTEENTH
from tests.single_op import model

IMAGE = (1, 4, 6, 8)
PROBABILITY = Affine(1 / 256, -128)


def exported(file: bytes) -> Graph:
    return passes.run(read_tflite(file, name="net"), passes.exact(Isa.C))


def network(build) -> Graph:
    net = Network()
    build(net, net.add(tensor(IMAGE, SIXTEENTH)))
    return exported(model(net.tensors, net.ops))


@pytest.mark.parametrize("block", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_squeeze_and_excitation_is_one_block(block):
    graph = exported(squeeze_excite(block))
    (found,) = attention_blocks(graph)
    assert found.kind is Attention.CHANNEL
    kinds = {op.name: op.kind for op in graph.ops}
    assert kinds[found.ops[-1]] in ("Mul", "Excite")
    assert len([op for op in found.ops if "Squeeze" in kinds[op] or "Mean" in kinds[op]]) <= len(block.squeezes)
    assert not {"DepthwiseConv2D"} & {kinds[op] for op in found.ops}


def spatial(net: Network, x: int) -> None:
    mean = net.op("MEAN", (x,), tensor((1, 4, 6, 1), SIXTEENTH), axes=[3], keep_dims=True)
    gate = net.op("LOGISTIC", (mean,), tensor((1, 4, 6, 1), PROBABILITY))
    net.op("MUL", (x, gate), tensor(IMAGE, SIXTEENTH))


def coordinate(net: Network, x: int) -> None:
    product = x
    for axis, shape in ((2, (1, 4, 1, 8)), (1, (1, 1, 6, 8))):
        mean = net.op("MEAN", (x,), tensor(shape, SIXTEENTH), axes=[axis], keep_dims=True)
        gate = net.op("LOGISTIC", (mean,), tensor(shape, PROBABILITY))
        product = net.op("MUL", (product, gate), tensor(IMAGE, SIXTEENTH))


def context(net: Network, x: int) -> None:
    mean = net.op("MEAN", (x,), tensor((1, 8), SIXTEENTH), axes=[1, 2])
    net.op("ADD", (x, mean), tensor(IMAGE, SIXTEENTH))


def dot_products(net: Network, x: int) -> None:
    rows = net.op("RESHAPE", (x,), tensor((24, 8), SIXTEENTH))
    scores = net.op("BATCH_MATMUL", (rows, rows), tensor((24, 24), SIXTEENTH), adj_y=True)
    weights = net.op("SOFTMAX", (scores,), tensor((24, 24), PROBABILITY))
    net.op("BATCH_MATMUL", (weights, rows), tensor((24, 8), SIXTEENTH))


KINDS = {
    Attention.SPATIAL: (spatial, 3),
    Attention.COORDINATE: (coordinate, 6),
    Attention.CONTEXT: (context, 2),
    Attention.SELF: (dot_products, 3),
}


@pytest.mark.parametrize(("kind", "row"), KINDS.items(), ids=[kind.value for kind in KINDS])
def test_every_kind_is_found_with_all_its_ops(kind, row):
    build, ops = row
    (found,) = attention_blocks(network(build))
    assert (found.kind, len(found.ops)) == (kind, ops)


def normalised(net: Network, x: int) -> None:
    shape = (1, 4, 6, 1)
    square = net.op("MUL", (x, x), tensor(IMAGE, SIXTEENTH))
    mean = net.op("MEAN", (square,), tensor(shape, SIXTEENTH), axes=[3], keep_dims=True)
    scale = net.op("RSQRT", (mean,), tensor(shape, SIXTEENTH))
    net.op("MUL", (x, scale), tensor(IMAGE, SIXTEENTH))


def residual(net: Network, x: int) -> None:
    net.op("ADD", (x, net.op("TANH", (x,), tensor(IMAGE, PROBABILITY))), tensor(IMAGE, SIXTEENTH))


@pytest.mark.parametrize("build", [normalised, residual])
def test_what_is_no_attention_is_not_taken_for_it(build):
    assert attention_blocks(network(build)) == ()


def twice(net: Network, x: int) -> None:
    for _ in range(2):
        mean = net.op("MEAN", (x,), tensor((1, 1, 1, 8), SIXTEENTH), axes=[1, 2], keep_dims=True)
        x = net.op("MUL", (x, mean), tensor(IMAGE, SIXTEENTH))
    mean = net.op("MEAN", (x,), tensor((1, 4, 6, 1), SIXTEENTH), axes=[3], keep_dims=True)
    net.op("MUL", (x, mean), tensor(IMAGE, SIXTEENTH))


def test_blocks_of_one_layer_have_names_of_their_own():
    """Gates are kept by the name of their block: of two that shared one, the first one's values were lost."""
    assert [block.name for block in attention_blocks(network(twice))] == ["mul", "mul_channel", "mul_spatial"]


@pytest.mark.parametrize("gates", GATES.values(), ids=GATES)
def test_a_gate_that_is_another_input_is_no_attention(gates):
    assert attention_blocks(exported(gated(gates))) == ()


def test_a_gate_is_told_with_the_ends_of_its_table():
    graph = exported(squeeze_excite(Block(gate="HARD_SIGMOID")))
    (block,) = attention_blocks(graph)
    values = gate_values(block, graph)
    assert values is not None
    assert (values.zero_point, values.low, values.high) == (-128, -128, 127)
    assert values.index == graph.tensors[block.gate].index


def test_a_context_has_no_gate():
    graph = network(context)
    assert gate_values(attention_blocks(graph)[0], graph) is None
