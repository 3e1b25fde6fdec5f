"""The terms of one loan, as signed, and the due dates that follow from them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from weidai.kernel.days import months_later
from weidai.kernel.money import E8
from weidai.kernel.rates import DAYS_PER_YEAR, PPM

LONGEST_TERM_MONTHS = 120
LARGEST_PRINCIPAL_FEN = 10**13


class RepaymentMethod(StrEnum):
    """How principal comes back. Interest is always remaining principal × daily rate × actual days."""

    EQUAL_PRINCIPAL = "equal_principal"
    LEVEL_PAYMENT = "level_payment"
    INTEREST_ONLY_BULLET = "interest_only_bullet"  # 先息后本: interest monthly, principal with the last row
    BULLET = "bullet"  # 到期一次还本付息: one row at maturity
    REVOLVING = "revolving"  # 随借随还: each month the pay-later minimum, the rest with the last row


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What was signed. Amounts in fen, rates in 1e-8 a day, the annual cap in millionths (R7.3).

    `due_day` None means: the same day of the month as `starts_on`, clipped to the month's end. With a due day, the
    first due date is the *second* due day on or after the start: a draw on 15 January with due day 21 is first due on
    21 February (FACTS §1.1), so the first period is never shorter than a month.
    """

    principal_fen: int
    daily_rate_e8: int
    method: RepaymentMethod
    term_months: int
    starts_on: date
    due_day: int | None = None
    penalty_daily_rate_e8: int = 50_000
    annual_cap_ppm: int = 240_000
    grace_days: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.principal_fen <= LARGEST_PRINCIPAL_FEN:
            raise ValueError("the principal must be positive and within bounds")
        if not 1 <= self.term_months <= LONGEST_TERM_MONTHS:
            raise ValueError(f"the term must be 1 to {LONGEST_TERM_MONTHS} months")
        if self.due_day is not None and not 1 <= self.due_day <= 31:
            raise ValueError("the due day must be 1 to 31")
        if self.daily_rate_e8 < 0 or self.penalty_daily_rate_e8 < 0 or self.grace_days < 0:
            raise ValueError("rates and grace days cannot be negative")
        if self.daily_rate_e8 * DAYS_PER_YEAR * PPM > self.annual_cap_ppm * E8:
            raise ValueError("365 × the contract rate is above the annual cap")


def due_dates(terms: LoanTerms) -> tuple[date, ...]:
    """Return the monthly due dates, one per month of the term; a day the month does not have is its last day."""
    start = terms.starts_on
    day = terms.due_day or start.day
    is_skipped_next_month = months_later(start, 0, day_of_month=day) < start
    first = start.year * 12 + start.month + is_skipped_next_month
    if day <= 28:
        return tuple([date(index // 12, index % 12 + 1, day) for index in range(first, first + terms.term_months)])
    return tuple([_day_in_month(index, day) for index in range(first, first + terms.term_months)])


def _day_in_month(month_index: int, day: int) -> date:
    """Return the day, or the month's last one, in the month counted from January of year 0."""
    year, month = divmod(month_index, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
