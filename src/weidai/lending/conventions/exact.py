"""Exact numbers and named roundings: fractions throughout, shortened only where a convention says so (ARCHITECTURE §3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from weidai.kernel.money import FEN_PER_YUAN

ZERO = Fraction(0)
HALF = Fraction(1, 2)

_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:/\d{1,30})?", re.ASCII)


def parse_number(text: str) -> Fraction:
    """Return the exact value of a decimal or of a decimal over a whole number: "9.4822", "1/6". ValueError otherwise."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"not a decimal number or fraction: {text[:40]!r}")
    numerator, _, denominator = text.partition("/")
    if denominator and int(denominator) == 0:
        raise ValueError("a fraction over zero")
    return Fraction(numerator) / int(denominator or 1)


def parse_amount(text: str) -> Fraction:
    """Return the fen of an amount in yuan, exactly: "12.045" is 1204.5 fen."""
    return parse_number(text) * FEN_PER_YUAN


class RoundingMode(StrEnum):
    """How a number that does not fit its unit is shortened. Halves and "up" are meant away from zero; money is positive."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    HALF_DOWN = "half_down"
    CEILING = "ceiling"
    FLOOR = "floor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Rounding:
    """A mode and the unit it rounds to, in the unit of the number: for amounts 1 = a fen, 100 = a yuan."""

    mode: RoundingMode = RoundingMode.HALF_UP
    unit: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.unit <= 0:
            raise ValueError("the rounding unit must be positive")

    def __call__(self, value: Fraction) -> Fraction:
        """Return the value in whole units."""
        if self.mode is RoundingMode.NONE:
            return value
        units = value / self.unit
        below = units.numerator // units.denominator
        return self.unit * (below + _goes_up(units - below, below=below, mode=self.mode))


def _goes_up(rest: Fraction, *, below: int, mode: RoundingMode) -> bool:
    """Return whether a rest of 0 ≤ rest < 1 above the whole number `below` is rounded up to the next one."""
    if mode is RoundingMode.CEILING:
        return rest > 0
    if mode is RoundingMode.FLOOR:
        return False
    if rest != HALF:
        return rest > HALF
    if mode is RoundingMode.HALF_EVEN:
        return below % 2 == 1
    upwards = below >= 0
    return upwards if mode is RoundingMode.HALF_UP else not upwards


@dataclass(frozen=True, slots=True)
class SignificantDigits:
    """Rounding to significant digits, as decimal libraries with a fixed precision do to intermediate factors."""

    digits: int
    mode: RoundingMode = RoundingMode.HALF_EVEN

    def __call__(self, value: Fraction) -> Fraction:
        """Return the value with at most `digits` significant decimal digits."""
        if value == 0 or self.mode is RoundingMode.NONE:
            return value
        exponent, size = 0, abs(value)
        while size >= 10:
            size, exponent = size / 10, exponent + 1
        while size < 1:
            size, exponent = size * 10, exponent - 1
        return Rounding(self.mode, Fraction(10) ** (exponent - self.digits + 1))(value)


def decimal_text(value: Fraction, *, most_decimals: int = 16) -> str:
    """Return the number for people: exact when it has few decimals, else cut to `most_decimals` with an ellipsis."""
    for decimals in range(most_decimals + 1):
        scaled = value * 10**decimals
        if scaled.denominator == 1:
            return _digits(int(scaled), decimals)
    scaled = value * 10**most_decimals
    whole = abs(scaled.numerator) // scaled.denominator
    return _digits(whole if value >= 0 else -whole, most_decimals) + "…"


def _digits(scaled: int, decimals: int) -> str:
    sign, text = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(decimals + 1, "0")
    return f"{sign}{text[:-decimals]}.{text[-decimals:]}" if decimals else f"{sign}{text}"
