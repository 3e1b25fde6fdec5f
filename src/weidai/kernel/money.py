"""Money: whole fen, never float. Every rounding is named where it happens (ARCHITECTURE §3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

E8 = 100_000_000
FEN_PER_YUAN = 100

_YUAN = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d{1,2}))?", re.ASCII)
_LONGEST_AMOUNT_TEXT = 24


def round_half_up(numerator: int, denominator: int) -> int:
    """Return numerator ÷ denominator as the nearest integer, ties upwards; the denominator is positive."""
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True, order=True)
class ExactMoney:
    """An amount finer than a fen, kept as a numerator of 1e-8 fen until someone names the rounding."""

    numerator: int

    def __add__(self, other: ExactMoney) -> ExactMoney:
        return ExactMoney(self.numerator + other.numerator)

    def __sub__(self, other: ExactMoney) -> ExactMoney:
        return ExactMoney(self.numerator - other.numerator)

    def rounded_half_up_to_fen(self) -> Money:
        """Return the nearest fen, half a fen upwards."""
        return Money(round_half_up(self.numerator, E8))

    def rounded_down_to_fen(self) -> Money:
        """Return the whole fen below (towards minus infinity)."""
        return Money(self.numerator // E8)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A whole number of fen; may be negative as a difference."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError("money is a whole number of fen")

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        return yuan_text(self.fen)

    def times_e8(self, factor_e8: int) -> ExactMoney:
        """Return the amount times a factor in 1e-8, exactly; the caller names the rounding."""
        return ExactMoney(self.fen * factor_e8)


def parse_yuan(text: str) -> int:
    """Return the fen of an amount in yuan as a person types it: "3,000.50", "¥3000.5", " 12 元".

    Raises ValueError for anything else: more than two decimals, misplaced commas, a sign, an exponent.
    """
    if len(text) > _LONGEST_AMOUNT_TEXT:
        raise ValueError("too long for an amount")
    cleaned = text.strip().removeprefix("¥").removeprefix("￥").removesuffix("元").strip().replace("，", ",")
    match = _YUAN.fullmatch(cleaned)
    if match is None:
        raise ValueError("not an amount in yuan with at most two decimals")
    return int(match["whole"].replace(",", "")) * FEN_PER_YUAN + int((match["part"] or "").ljust(2, "0"))


def yuan_text(fen: int) -> str:
    """Return an amount for people: 300_050 → "3,000.50"."""
    yuan, part = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{part:02d}"
