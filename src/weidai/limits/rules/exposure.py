"""Income that counts and the debt-to-income ratio (R5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from weidai.limits.policy import LimitsPolicy, WagesPolicy

_SCALE = 10**6


@dataclass(frozen=True, slots=True)
class Income:
    """Monthly income as the rules count it."""

    monthly_fen: int | None  # None: no income known
    basis: Literal["verified", "declared", "declared_capped", "unknown"]


def income_counted(
    *, verified_fen: int | None, declared_fen: int | None, province_code: str | None, wages: WagesPolicy
) -> Income:
    """Return verified income, else declared income up to the regional average wage, else unknown; monthly (R5.6)."""
    if verified_fen:
        return Income(verified_fen, "verified")
    if not declared_fen:
        return Income(None, "unknown")
    average = wages.monthly_fen(province_code)
    return Income(declared_fen, "declared") if declared_fen <= average else Income(average, "declared_capped")


def debt_to_income(*, bureau_debt_fen: int, own_debt_fen: int, new_fen: int, income: Income) -> Fraction | None:
    """Return (bureau debt + own debt + new amount) ÷ (12 × monthly income), half-up to 1e-6; None without income."""
    if not income.monthly_fen:
        return None
    exact = Fraction(bureau_debt_fen + own_debt_fen + new_fen, 12 * income.monthly_fen)
    return Fraction((2 * exact.numerator * _SCALE + exact.denominator) // (2 * exact.denominator), _SCALE)


def is_over_indebted(ratio: Fraction | None, policy: LimitsPolicy) -> bool:
    """Say whether a ratio is above the maximum; unknown income is dealt with by the starter segment instead (R7.4)."""
    return ratio is not None and ratio > policy.debt_to_income_maximum
