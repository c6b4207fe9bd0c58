"""A damaged network is refused in one of our sentences, or becomes C that is safe and computes what LiteRT computes."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from firmware_export import interpreter
from firmware_export.errors import BadPlan, ExportError
from firmware_export.export import Export, export
from tests.firmware_export.mutations import int16_mutant, mutant, stateful_mutant
from tests.kernels.batch import Prepared, compile_on_host, on_host, samples, to_bytes
from tests.kernels.case import Case
from tests.kernels.sanitized import SANITIZED
from tests.litert_children import references

LARGEST_RUN = 1 << 20  # bytes of a network that is run and not only exported
SEEDS = range(250)
FEW_SEEDS = range(90)  # of a network that takes long
MANY_SEEDS = range(1000, 6000)
A_PROGRAM = 60  # networks compiled together


def accepted(seeds: Iterable[int], make: Callable[[int], bytes] = mutant) -> list[Prepared]:
    """The mutants that export, each once, with inputs and what the interpreter makes of them."""
    found: dict[bytes, Prepared] = {}
    for seed in seeds:
        model = make(seed)
        digest = hashlib.sha256(model).digest()
        done = exported(model, f"m{seed}")
        if done is not None and digest not in found and runnable(done):
            found[digest] = prepare(Case(f"seed {seed}", model, seed), done)
    return list(found.values())


def exported(model: bytes, name: str) -> Export | None:
    """None where the model is refused; any other exception is a bug, and so is a wrong plan."""
    try:
        return export(model, name=name)
    except BadPlan:
        raise
    except ExportError as error:
        assert str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        return None


def runnable(done: Export) -> bool:
    ports = (*done.program.inputs, *done.program.outputs)
    return done.program.activations_bytes + sum(port.elements for port in ports) <= LARGEST_RUN


def prepare(case: Case, done: Export) -> Prepared:
    inputs = samples(done, case.seed)
    expected = tuple(map(to_bytes, interpreter.run_sequence(done.graph, inputs)))
    return Prepared(case, done, inputs, expected)


def wrong(batch: list[Prepared], folder: Path) -> list[str]:
    """The networks whose sanitized C, interpreter and LiteRT do not agree."""
    compile_on_host(batch, SANITIZED, folder)
    literal = references([(item.case.model, item.inputs) for item in batch])
    assert 2 * sum(outputs is not None for outputs in literal) > len(batch)  # else nothing was compared
    return [
        f"{item.case.name}: {who}"
        for index, (item, reference) in enumerate(zip(batch, literal, strict=True))
        for who, differs in (
            ("the C and the interpreter differ", on_host(folder, index, item) != item.expected),
            ("LiteRT and the interpreter differ", reference not in (None, item.expected)),
        )
        if differs
    ]


needs_tools = pytest.mark.skipif(
    not hasattr(os, "fork") or shutil.which(SANITIZED[0]) is None, reason="no fork or no compiler on this system"
)


@needs_tools
def test_mutants_are_refused_or_safe_and_exact(tmp_path):
    batch = accepted(SEEDS)
    assert len(batch) > 20
    assert not wrong(batch, tmp_path)


@needs_tools
def test_mutants_of_a_network_that_remembers_are_refused_or_safe_and_exact(tmp_path):
    batch = accepted(SEEDS, stateful_mutant)
    assert len(batch) > 20
    assert not wrong(batch, tmp_path)


@needs_tools
def test_mutants_of_a_network_of_int16_are_refused_or_safe_and_exact(tmp_path):
    batch = accepted(FEW_SEEDS, int16_mutant)
    assert len(batch) > 10
    assert not wrong(batch, tmp_path)


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
def test_many_mutants_are_refused_or_safe_and_exact(part, tmp_path):
    batch = accepted(MANY_SEEDS[part::6])
    for start in range(0, len(batch), A_PROGRAM):
        assert not wrong(batch[start : start + A_PROGRAM], tmp_path)


@needs_tools
@pytest.mark.slow
def test_many_mutants_of_a_network_of_int16_are_refused_or_safe_and_exact(tmp_path):
    batch = accepted(MANY_SEEDS[:1750], int16_mutant)  # of a network that takes long
    for start in range(0, len(batch), A_PROGRAM):
        assert not wrong(batch[start : start + A_PROGRAM], tmp_path)


@needs_tools
@pytest.mark.slow
def test_many_mutants_of_a_network_that_remembers_are_refused_or_safe_and_exact(tmp_path):
    batch = accepted(MANY_SEEDS, stateful_mutant)
    for start in range(0, len(batch), A_PROGRAM):
        assert not wrong(batch[start : start + A_PROGRAM], tmp_path)


def test_a_padding_that_is_neither_same_nor_valid_is_damage():
    """A mutant that was read as VALID, where LiteRT gives an output of no elements."""
    with pytest.raises(ExportError, match="a padding that is neither SAME nor VALID"):
        export(int16_mutant(2782), name="mutant")
