"""An integer multiplier that reproduces a rounded float64 product on every accumulator.

The reference scales the accumulators of FULLY_CONNECTED as round(float64(accumulator) * scale), halves away from zero.
Output values are few, so the accumulators at which they change are few too; each bounds the multiplier from both sides,
and any integer within all the bounds is exact.
"""

from __future__ import annotations

import math

PRODUCT_BITS = 62  # of accumulator times multiplier, leaving room for the rounding term
BOUND_BITS = 128  # fractional bits of the bounds


def exact_multiplier(real: float, *, accumulator_bound: int, output_bound: int) -> tuple[int, int]:
    """The narrowest (multiplier, shift) for `requantise_once` that equals round(accumulator * real) in float64.

    Exact for |accumulator| <= accumulator_bound, as far as results lie within +-output_bound; where one lies beyond, so
    does the other. The multiplier has 31 bits or, seldom, a few more. Raises ArithmeticError where none is exact whose
    product with the accumulator fits in 62 bits.
    """
    if accumulator_bound * real < 0.5:  # every result is 0
        return 0, 0
    low, high = _bounds(real, accumulator_bound, output_bound)
    exponent = math.frexp(real)[1]
    for bits in range(31, PRODUCT_BITS - accumulator_bound.bit_length() + 1):
        right = bits - exponent
        multiplier = _round_up(low, BOUND_BITS - right)
        fits = 1 <= right <= PRODUCT_BITS and multiplier.bit_length() <= bits
        if fits and multiplier << (BOUND_BITS - right) < high:
            return multiplier, 31 - right
    raise ArithmeticError(f"no integer multiplier is exact for the scale {real!r}")


def _round_up(value: int, bits: int) -> int:
    return -(-value >> bits)


def _bounds(real: float, accumulator_bound: int, output_bound: int) -> tuple[int, int]:
    """Multipliers m / 2**BOUND_BITS are exact for low <= m < high."""
    low, high = 0, 1 << 2 * BOUND_BITS
    for step in range(1, output_bound + 2):
        half = (2 * step - 1) << (BOUND_BITS - 1)
        first = _first_accumulator(real, step)
        if first > accumulator_bound:
            return low, min(high, -(-half // accumulator_bound))
        low = max(low, -(-half // first))
        if first > 1:
            high = min(high, -(-half // (first - 1)))
    return low, high


def _first_accumulator(real: float, step: int) -> int:
    """The smallest accumulator whose float64 product rounds to `step` or more."""
    numerator, denominator = real.as_integer_ratio()
    guess = max(-(-(2 * step - 1) * denominator // (2 * numerator)), 1)
    while guess > 1 and (guess - 1) * real >= step - 0.5:
        guess -= 1
    while guess * real < step - 0.5:
        guess += 1
    return guess
