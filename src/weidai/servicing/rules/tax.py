"""VAT contained in income: an exact split whose rounding is carried, so that no fen is lost over the days (R7.11)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class VatSplit:
    """One day's income in fen: gross = net + tax; `carried` is what rounding left over, in fen, between -1/2 and 1/2."""

    gross_fen: int
    tax_fen: int
    net_fen: int
    carried: Fraction


def vat_split(gross_fen: int, *, rate: Fraction, carried: Fraction = Fraction(0)) -> VatSplit:
    """Split income that contains VAT at `rate` (0.06): tax = gross × rate ÷ (1 + rate), rounded half up with the carry.

    The taxes of any number of days differ from the tax of their sum by the last carry alone. Gross may be negative.
    """
    exact = gross_fen * rate / (1 + rate) + carried
    tax_fen = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return VatSplit(gross_fen, tax_fen, gross_fen - tax_fen, exact - tax_fen)
