"""Random networks through every pass give the reference's bytes: in the interpreter, and in C under sanitizers."""

from __future__ import annotations

from functools import cache

import pytest

from firmware_export import interpreter
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.ir import Excite, SqueezeAverage, SqueezeMax, SqueezeMean
from firmware_export.targets import CORES as CORE_TABLE
from firmware_export.targets import Isa
from tests.kernels.batch import Prepared, exported_for, prepared, to_bytes, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.sanitized import SANITIZED

SEEDS = range(70)
CORES = (
    "cortex-m4",
    *(pytest.param(core, marks=pytest.mark.slow) for core in ("cortex-m0", "cortex-m3", "cortex-m7", "cortex-m33")),
)


@cache
def networks() -> tuple[Prepared, ...]:
    """All of them: neither we nor LiteRT refuse one."""
    return prepared([Case(f"seed {seed}", random_network(seed), seed) for seed in SEEDS])


def test_random_networks_have_every_fused_op():
    kinds = {type(op.attrs) for item in networks() for op in item.export.graph.ops}
    assert kinds >= {Excite, SqueezeAverage, SqueezeMax, SqueezeMean}


def test_the_interpreter_gives_the_reference_bytes():
    wrong = [
        item.case.name
        for item in networks()
        if tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) != item.expected
    ]
    assert not wrong


@pytest.mark.parametrize("isa", Isa)
def test_the_c_of_random_networks_gives_the_reference_bytes(isa, tmp_path):
    assert not wrong_on_host(exported_for(networks(), isa), SANITIZED, tmp_path)


@pytest.mark.parametrize("core", CORES)
def test_random_networks_give_the_reference_bytes_on_a_core(core):
    assert not wrong_on_core(exported_for(networks(), CORE_TABLE[core].isa), Toolchain(core))
