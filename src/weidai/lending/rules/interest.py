"""Interest: exact numerators in 1e-8 fen, and the one place where they become fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from weidai.kernel.money import E8, Money
from weidai.kernel.rates import DAYS_PER_YEAR, PPM
from weidai.lending.rules.terms import LoanTerms

_CAP_BASIS = DAYS_PER_YEAR * PPM


def interest_numerator(principal_fen: int, *, daily_rate_e8: int, starts_on: date, on: date) -> int:
    """Return principal × daily rate × actual days, in 1e-8 fen: first day counted, last not; 0 before the start."""
    return principal_fen * daily_rate_e8 * max((on - starts_on).days, 0)


def interest_fen(numerator: int, *, terms: LoanTerms) -> int:
    """Return cumulative interest in fen, rounded half-up.

    The one exception: the nearest fen must not lie above the annual cap on the same principal and days (R7.3); then it
    is the fen below. That can only happen within the loan's first few fen of interest or with a rate equal to the cap.
    """
    rounded = (2 * numerator + E8) // (2 * E8)
    if rounded * E8 <= numerator:
        return rounded
    principal_days = numerator // terms.daily_rate_e8
    return min(rounded, principal_days * terms.annual_cap_ppm // _CAP_BASIS)


def cap_numerator(principal_days: int, *, annual_cap_ppm: int) -> int:
    """Return the most that may ever have been charged on Σ daily principal (fen × days), in 1e-8 fen, rounded down."""
    return principal_days * annual_cap_ppm * E8 // _CAP_BASIS


@dataclass(frozen=True, slots=True)
class OverduePrincipal:
    """Principal of one installment that is unpaid since its due date."""

    outstanding: Money  # principal only: interest bears no interest (R7.3)
    due_on: date


def penalty_interest(overdue: OverduePrincipal, *, daily_rate_e8: int, on: date) -> Money:
    """Return penalty interest accrued from the day after `due_on` through `on` (R7.3).

    Simple, never compounded, in place of the contract rate. The cap over the whole loan is applied by `owed`.
    """
    days_past_due = max((on - overdue.due_on).days, 0)
    return overdue.outstanding.times_e8(daily_rate_e8 * days_past_due).rounded_half_up_to_fen()
