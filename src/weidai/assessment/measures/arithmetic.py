"""Exact arithmetic of the indicators: whole numbers and fractions, every rounding half-up and named (R2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

RATIO_SCALE = 10**6  # ratios are rounded half-up to 1e-6 before they are compared
RATIO_MAXIMUM = 1000  # a larger ratio is told as this one: the mean is next to nothing


def rounded_half_up(value: Fraction) -> int:
    """Round to a whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def ratio_rounded_half_up(value: Fraction) -> Fraction:
    """Round a ratio half-up to 1e-6 (R2.1)."""
    return Fraction(rounded_half_up(value * RATIO_SCALE), RATIO_SCALE)


def variation_millionths(totals_fen: Sequence[int]) -> int:
    """Return sample standard deviation ÷ mean in millionths, rounded half-up exactly: no float, no decimal context.

    With n totals, S their sum and d = n·x − S, the ratio is √(Σd² ÷ ((n−1)·S²)). floor(2·10⁶·√q) is an integer square
    root, and half-up of x is (floor(2x) + 1) // 2. Ratios above RATIO_MAXIMUM are told as that.
    """
    count, total = len(totals_fen), sum(totals_fen)
    if count < 2 or total <= 0:
        raise ValueError("needs two totals and a mean above 0")
    spread = sum((count * amount - total) ** 2 for amount in totals_fen)
    doubled = isqrt(4 * RATIO_SCALE**2 * spread // ((count - 1) * total * total))
    return min((doubled + 1) // 2, RATIO_MAXIMUM * RATIO_SCALE)


def coefficient_of_variation(totals_fen: Sequence[int]) -> Fraction:
    """Return sample standard deviation ÷ mean, rounded half-up to 1e-6 (R2.1)."""
    return Fraction(variation_millionths(totals_fen), RATIO_SCALE)
