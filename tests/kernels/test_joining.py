"""Concatenations of whole bytes copy nothing: what they join is made where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from firmware_export.emulator.toolchain import Toolchain
from firmware_export.export import Export
from firmware_export.optimize import Optimize
from firmware_export.program import Call
from firmware_export.quantised_math import Affine
from firmware_export.targets import CORES as CORE_TABLE
from firmware_export.targets import Isa
from tests.affines import tensor
from tests.kernels.batch import Prepared, exported_for, prepared, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.sanitized import SANITIZED
from tests.kernels.squeeze_excite_models import Network
from tests.single_op import model

A = Affine(0.05, 3)
IMAGE = (1, 6, 4, 8)


def convolved(net: Network, x: int, height: int = 6, kernel: int = 3) -> int:
    return net.layer("CONV_2D", x, (8, kernel, kernel, 8), tensor((1, height, 4, 8), A), padding="SAME")


def joined(net: Network, parts: list[int], shape: tuple[int, ...], axis: int = 1) -> int:
    return net.op("CONCATENATION", tuple(parts), tensor(shape, A), axis=axis)


def two_images(net: Network, x: int) -> list[int]:
    tall = joined(net, [convolved(net, x), convolved(net, x, kernel=1)], (1, 12, 4, 8))
    return [convolved(net, tall, 12)]


def the_output_itself(net: Network, x: int) -> list[int]:
    return [joined(net, [convolved(net, x), convolved(net, x, kernel=1)], (1, 12, 4, 8))]


def an_input_between(net: Network, x: int) -> list[int]:
    """The caller's bytes are copied."""
    tall = joined(net, [convolved(net, x), x, convolved(net, x, kernel=1)], (1, 18, 4, 8))
    return [convolved(net, tall, 18)]


def one_twice(net: Network, x: int) -> list[int]:
    made = convolved(net, x)
    return [convolved(net, joined(net, [made, made], (1, 12, 4, 8)), 12)]


def a_part_read_by_others(net: Network, x: int) -> list[int]:
    made = convolved(net, x)
    tall = joined(net, [made, convolved(net, made)], (1, 12, 4, 8))
    return [convolved(net, tall, 12), convolved(net, made)]


def parts_of_two_wholes(net: Network, x: int) -> list[int]:
    one, two = convolved(net, x), convolved(net, x, kernel=1)
    first, second = joined(net, [one, two], (1, 12, 4, 8)), joined(net, [two, one], (1, 12, 4, 8))
    return [convolved(net, first, 12), convolved(net, second, 12)]


def nested(net: Network, x: int) -> list[int]:
    inner = joined(net, [convolved(net, x), convolved(net, x, kernel=1)], (1, 12, 4, 8))
    return [convolved(net, joined(net, [inner, convolved(net, x)], (1, 18, 4, 8)), 18)]


def an_output_that_is_a_part(net: Network, x: int) -> list[int]:
    made = convolved(net, x)
    return [made, convolved(net, joined(net, [made, convolved(net, x, kernel=1)], (1, 12, 4, 8)), 12)]


def by_channels(net: Network, x: int) -> list[int]:
    """Not whole bytes one behind the other."""
    wide = joined(net, [convolved(net, x), convolved(net, x, kernel=1)], (1, 6, 4, 16), axis=3)
    return [net.layer("CONV_2D", wide, (8, 1, 1, 16), tensor(IMAGE, A))]


COPIES: dict[Callable[[Network, int], list[int]], int] = {
    two_images: 0,
    the_output_itself: 0,
    an_input_between: 1,
    one_twice: 2,
    a_part_read_by_others: 0,
    parts_of_two_wholes: 2,
    nested: 1,
    an_output_that_is_a_part: 1,
    by_channels: 2,
}


def network(build: Callable[[Network, int], list[int]]) -> bytes:
    net = Network()
    outputs = build(net, net.add(tensor(IMAGE, A)))
    return model(net.tensors, net.ops, outputs)


@cache
def networks() -> tuple[Prepared, ...]:
    return prepared([Case(build.__name__, network(build)) for build in COPIES])


def copies(done: Export) -> int:
    steps = [step for layer in done.program.layers for step in layer.steps]
    return sum(isinstance(step, Call) and step.function.startswith("ea_copy") for step in steps)


def test_only_what_lies_elsewhere_is_copied():
    found = {item.case.name: copies(item.export) for item in networks()}
    assert found == {build.__name__: count for build, count in COPIES.items()}


@pytest.mark.parametrize("optimize", [Optimize.BALANCED, Optimize.RAM])
@pytest.mark.parametrize("isa", [Isa.C, Isa.DSP])
def test_joined_parts_give_the_reference_bytes(isa, optimize, tmp_path):
    assert not wrong_on_host(exported_for(networks(), isa, optimize), SANITIZED, tmp_path)


@pytest.mark.parametrize("core", ["cortex-m4", pytest.param("cortex-m0", marks=pytest.mark.slow)])
def test_joined_parts_give_the_reference_bytes_on_a_core(core):
    assert not wrong_on_core(exported_for(networks(), CORE_TABLE[core].isa, Optimize.RAM), Toolchain(core))
