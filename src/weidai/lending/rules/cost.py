"""What a loan costs: yuan, simple annual rate and dated internal rate of return, always shown together (R6.2).

The internal rate is a ratio for display and comparison; it is the only float here and never becomes money.
"""

from __future__ import annotations

from dataclasses import dataclass

from weidai.kernel.rates import DAYS_PER_YEAR, apr_simple_ppm
from weidai.lending.rules.schedule import Schedule

FEES_FEN = 0  # the rules know no fee
_MONTHS = 12
_STEPS = 200
_CLOSE_ENOUGH = 1e-13


@dataclass(frozen=True, slots=True)
class TotalCost:
    """What the borrower gets and what the borrower pays, in fen. Anything not here cannot be charged."""

    principal_fen: int
    interest_fen: int
    fee_fen: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class AnnualCost:
    """Annual cost three ways: 365 × daily (simple), dated IRR as simple nominal (12 × monthly), dated IRR effective."""

    apr_simple_ppm: int
    irr_simple: float
    irr_effective: float


def total_cost(schedule: Schedule) -> TotalCost:
    """Return the total cost of a loan repaid on schedule."""
    return TotalCost(
        principal_fen=schedule.terms.principal_fen,
        interest_fen=schedule.interest_fen,
        fee_fen=FEES_FEN,
        total_fen=schedule.total_fen,
    )


def irr_annual(schedule: Schedule) -> float:
    """Return the effective annual internal rate of return on the actual dates (÷ 365), exact to 1e-9.

    The yearly rate at which the payments, each discounted for its actual days, are worth what was disbursed.
    """
    start = schedule.terms.starts_on.toordinal()
    flows = [
        ((row.due_on.toordinal() - start) / DAYS_PER_YEAR, row.principal_fen + row.interest_fen)
        for row in schedule.installments
    ]
    principal = schedule.terms.principal_fen
    if schedule.interest_fen == 0:
        return 0.0
    # Newton on v(x) = Σ payment × (1+x)^-years − principal: decreasing and convex, so from 0 it rises to the root.
    rate = 0.0
    for _ in range(_STEPS):
        value, slope = -float(principal), 0.0
        for years, payment in flows:
            worth = payment * (1.0 + rate) ** -years
            value += worth
            slope -= years * worth / (1.0 + rate)
        step = value / slope
        rate -= step
        if abs(step) < _CLOSE_ENOUGH * (1.0 + rate):
            return rate
    return rate


def irr_simple(schedule: Schedule) -> float:
    """Return the dated IRR as a simple nominal yearly rate: 12 × its monthly equivalent. Label it simple (单利)."""
    return simple_from_effective(irr_annual(schedule))


def simple_from_effective(effective: float) -> float:
    """Return 12 × ((1 + effective)^(1/12) − 1)."""
    return float(_MONTHS * ((1.0 + effective) ** (1 / _MONTHS) - 1.0))


def annual_cost(schedule: Schedule) -> AnnualCost:
    """Return the annual cost in all the ways it is shown."""
    effective = irr_annual(schedule)
    return AnnualCost(
        apr_simple_ppm=apr_simple_ppm(schedule.terms.daily_rate_e8),
        irr_simple=simple_from_effective(effective),
        irr_effective=effective,
    )


def percent_text(ratio: float) -> str:
    """Return a ratio for people, two decimals: 0.1986 → "19.86%"."""
    return f"{ratio:.2%}"
