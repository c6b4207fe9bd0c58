"""Random networks through every pass give the reference's bytes: in the interpreter, and in C under sanitizers."""

from __future__ import annotations

from functools import cache

from firmware_export import interpreter
from firmware_export.ir import Excite, SqueezeAverage, SqueezeMax, SqueezeMean
from tests.kernels.batch import Prepared, prepared, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.sanitized import SANITIZED

SEEDS = range(70)


@cache
def networks() -> tuple[Prepared, ...]:
    """All of them: neither we nor LiteRT refuse one."""
    return prepared([Case(f"seed {seed}", random_network(seed), seed) for seed in SEEDS])


def test_random_networks_have_every_fused_op():
    kinds = {type(op.attrs) for item in networks() for op in item.export.graph.ops}
    assert kinds >= {Excite, SqueezeAverage, SqueezeMax, SqueezeMean}


def test_random_networks_give_the_reference_bytes(tmp_path):
    wrong = [
        item.case.name
        for item in networks()
        if tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) != item.expected
    ]
    assert not wrong
    assert not wrong_on_host(networks(), SANITIZED, tmp_path)
