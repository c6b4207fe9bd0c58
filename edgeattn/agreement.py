"""How well two runs of a network agree: the metrics users of ST's tools know, with a threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edgeattn.errors import EdgeattnError

THRESHOLD = 0.98  # of the cosine
TINY = 1e-12


@dataclass(frozen=True)
class Agreement:
    """`candidate` measured against `reference` over all samples; sums run in float64.

    rmse, mae, l2r (error over candidate), nse (Nash-Sutcliffe), cos (of the flattened arrays) and acc (share of samples
    whose largest value stands at the same place). Where a formula divides by zero, equal arrays count as perfect and
    others as bad: l2r is the error over TINY, nse and cos are 0. An output that is not finite is infinitely far
    away: rmse, mae and l2r are infinite, nse minus infinity, cos 0.
    """

    reference: str
    candidate: str
    samples: int
    rmse: float
    mae: float
    l2r: float
    nse: float
    cos: float
    acc: float
    worst_sample: int
    worst_error: float  # largest absolute difference, found in worst_sample

    def ok(self, threshold: float = THRESHOLD) -> bool:
        """Whether the cosine reaches the threshold."""
        return math.isfinite(self.rmse) and self.cos >= threshold

    def as_dict(self) -> dict[str, str | int | float | None]:
        """The fields for JSON: what is not finite becomes None."""
        return {key: _json_safe(value) for key, value in asdict(self).items()}


def measure(
    reference: NDArray[np.generic], candidate: NDArray[np.generic], *, names: tuple[str, str] = ("float", "int8")
) -> Agreement:
    """Compare two arrays (samples, ...) of real values; one value a sample is allowed."""
    if reference.shape != candidate.shape:
        raise EdgeattnError(f"{names[0]} has shape {reference.shape} and {names[1]} {candidate.shape}: cannot compare")
    if reference.size == 0:
        raise EdgeattnError(f"{names[0]} and {names[1]} hold no values: nothing to compare")
    ref = reference.reshape(len(reference), -1).astype(np.float64)
    got = candidate.reshape(len(candidate), -1).astype(np.float64)
    if not (np.isfinite(ref).all() and np.isfinite(got).all()):
        return _not_finite(ref, got, names)
    error = ref - got
    errors = np.abs(error).max(axis=1)
    return Agreement(
        *names,
        samples=len(ref),
        rmse=float(np.sqrt(np.mean(error**2))),
        mae=float(np.mean(np.abs(error))),
        l2r=_ratio(float(np.linalg.norm(error)), float(np.linalg.norm(got))),
        nse=_nse(ref, error),
        cos=_cosine(ref, got),
        acc=_same_argmax(ref, got),
        worst_sample=int(errors.argmax()),
        worst_error=float(errors.max()),
    )


def measure_outputs(
    references: Sequence[NDArray[np.generic]],
    candidates: Sequence[NDArray[np.generic]],
    *,
    names: tuple[str, str] = ("float", "int8"),
) -> tuple[Agreement, ...]:
    """Compare each output of a network; `worst_of` combines them."""
    if len(references) != len(candidates):
        raise EdgeattnError(f"{names[0]} has {len(references)} outputs and {names[1]} {len(candidates)}")
    return tuple(measure(ref, got, names=names) for ref, got in zip(references, candidates, strict=True))


def worst_of(parts: Sequence[Agreement]) -> Agreement:
    """Each metric at its worst over the outputs, so that a threshold holds for all where it holds for this."""
    if not parts:
        raise EdgeattnError("no outputs: nothing to combine")
    farthest = max(parts, key=lambda part: part.worst_error)
    return replace(
        farthest,
        rmse=max(part.rmse for part in parts),
        mae=max(part.mae for part in parts),
        l2r=max(part.l2r for part in parts),
        nse=min(part.nse for part in parts),
        cos=min(part.cos for part in parts),
        acc=min(part.acc for part in parts),
    )


def count_differing_bytes(left: NDArray[np.generic], right: NDArray[np.generic]) -> int:
    """The number of bytes that differ between two arrays of one shape and type."""
    if left.shape != right.shape or left.dtype != right.dtype:
        raise EdgeattnError(f"{left.dtype}{left.shape} and {right.dtype}{right.shape} cannot be compared byte by byte")
    one, two = (np.frombuffer(np.ascontiguousarray(side).tobytes(), np.uint8) for side in (left, right))
    return int(np.count_nonzero(one != two))


def _ratio(error_norm: float, norm: float) -> float:
    return 0.0 if error_norm == 0 else error_norm / (norm + TINY)


def _nse(ref: NDArray[np.float64], error: NDArray[np.float64]) -> float:
    squares, spread = float(np.sum(error**2)), float(np.sum((ref - ref.mean()) ** 2))
    if spread <= TINY:
        return 1.0 if squares <= TINY else 0.0
    return 1.0 - squares / spread


def _cosine(ref: NDArray[np.float64], got: NDArray[np.float64]) -> float:
    norms = float(np.linalg.norm(ref)) * float(np.linalg.norm(got))
    if norms == 0:
        return 1.0 if np.array_equal(ref, got) else 0.0
    return float(np.clip(np.vdot(ref, got) / norms, -1.0, 1.0))


def _same_argmax(ref: NDArray[np.float64], got: NDArray[np.float64]) -> float:
    return float(np.mean(ref.argmax(axis=1) == got.argmax(axis=1)))


def _not_finite(ref: NDArray[np.float64], got: NDArray[np.float64], names: tuple[str, str]) -> Agreement:
    bad = ~(np.isfinite(ref) & np.isfinite(got)).all(axis=1)
    acc = float(np.mean(~bad & (ref.argmax(axis=1) == got.argmax(axis=1))))
    far = math.inf
    return Agreement(*names, len(ref), far, far, far, -far, 0.0, acc, int(bad.argmax()), far)


def _json_safe(value: str | int | float) -> str | int | float | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
