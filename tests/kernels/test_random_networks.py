"""Random networks through every pass give the reference's bytes: in the interpreter, and in C under sanitizers."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_export import interpreter
from firmware_export.errors import UnsupportedOp
from tests.kernels.batch import Prepared, prepare, to_bytes, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network
from tests.kernels.sanitized import SANITIZED

SEEDS = range(120)


def accepted() -> Iterator[Prepared]:
    for seed in SEEDS:
        try:
            yield prepare(Case(f"seed {seed}", random_network(seed), seed), f"case_{seed}")
        except (UnsupportedOp, RuntimeError, ValueError):  # by us, or by LiteRT
            continue


def test_random_networks_give_the_reference_bytes(tmp_path):
    batch = tuple(accepted())
    assert len(batch) > len(SEEDS) // 2
    wrong = [
        item.case.name
        for item in batch
        if tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) != item.expected
    ]
    assert not wrong
    assert not wrong_on_host(batch, SANITIZED, tmp_path)
