"""Ops that move values, and extrema, on int16: some of the cases of int8, widened."""

from __future__ import annotations

from dataclasses import replace

from tests.kernels import elementwise_cases, rearranging_cases, reduction_cases
from tests.kernels.case import Case
from tests.kernels.widened import widened

FEW = 5  # of so many cases one
NOT_INT16 = ("ARG_", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE")  # of the names that the tables give


def ops_of(case: Case, *names: str) -> bool:
    """Whether a case is of one of these ops."""
    return any(name.lower() in case.name.lower() for name in names)


def moves() -> tuple[Case, ...]:
    """Every fifth one of those that the reference moves as int16."""
    found = [case for case in rearranging_cases.CASES if not ops_of(case, *NOT_INT16, "to_depth", "to_space", "depth")]
    return tuple(found[::FEW])


CASES = tuple(
    replace(case, model=widened(case.model))
    for case in (
        *moves(),
        *[case for case in reduction_cases.CASES if ops_of(case, "REDUCE_M")][::3],
        *[case for case in elementwise_cases.CASES if ops_of(case, "MINIMUM", "MAXIMUM")][::2],
    )
)
