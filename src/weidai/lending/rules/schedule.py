"""The repayment schedule: what is due when, to the fen (R3.1, ARCHITECTURE §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from weidai.kernel.money import E8
from weidai.lending.rules.interest import interest_fen
from weidai.lending.rules.pay_later import minimum_principal
from weidai.lending.rules.terms import LoanTerms, RepaymentMethod, due_dates

HALF_E8 = E8 // 2
_row = tuple.__new__  # a named tuple's own constructor takes twice as long, and quotes build thousands of rows


class PlannedInstallment(NamedTuple):
    """One row. Interest runs from `starts_on` (counted) to `due_on` (not counted); amounts in fen."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    remaining_fen: int  # principal still to come after this row

    @property
    def due_fen(self) -> int:
        """What the borrower pays on the due date."""
        return self.principal_fen + self.interest_fen


@dataclass(frozen=True, slots=True)
class Schedule:
    """All rows of a loan. `size_fen`: the regular level payment, or the regular principal part of equal principal."""

    terms: LoanTerms
    installments: tuple[PlannedInstallment, ...]
    size_fen: int

    @property
    def interest_fen(self) -> int:
        """Interest over the whole life when every row is paid on its due date."""
        return sum(row.interest_fen for row in self.installments)

    @property
    def total_fen(self) -> int:
        """Principal and interest together."""
        return self.terms.principal_fen + self.interest_fen

    @property
    def first_due_on(self) -> date:
        """The first due date."""
        return self.installments[0].due_on

    @property
    def ends_on(self) -> date:
        """The last due date."""
        return self.installments[-1].due_on


def schedule_build(terms: LoanTerms) -> Schedule:
    """Return the schedule of a loan whose money arrives on `terms.starts_on`.

    Rows equal the term (one row for BULLET; REVOLVING ends early once at most 100 yuan would remain); principal sums
    to the amount; the last row takes the residue.
    """
    dates = due_dates(terms)
    if terms.method is RepaymentMethod.BULLET:
        dates = dates[-1:]
    size_fen = regular_size(terms, principal_fen=terms.principal_fen, starts_on=terms.starts_on, dates=dates)
    start = PlanStart(principal_fen=terms.principal_fen, starts_on=terms.starts_on)
    rows = plan_rows(terms, start=start, dates=dates, size_fen=size_fen)
    return Schedule(terms=terms, installments=rows, size_fen=size_fen)


@dataclass(frozen=True, slots=True)
class PlanStart:
    """Where planning begins: at disbursement, or again after a prepayment (then with the history's exact interest)."""

    principal_fen: int
    starts_on: date
    interest_numerator: int = 0  # cumulative exact interest before `starts_on`, 1e-8 fen
    interest_billed_fen: int = 0  # cumulative interest of earlier rows
    first_number: int = 1


def regular_size(terms: LoanTerms, *, principal_fen: int, starts_on: date, dates: Sequence[date]) -> int:
    """Return the regular installment for the dates ahead: level payment (half-up), principal part (down), or 0."""
    if terms.method is RepaymentMethod.EQUAL_PRINCIPAL:
        return principal_fen // len(dates)
    if terms.method is RepaymentMethod.LEVEL_PAYMENT:
        return level_payment(principal_fen, daily_rate_e8=terms.daily_rate_e8, starts_on=starts_on, dates=dates)
    return 0


def level_payment(principal_fen: int, *, daily_rate_e8: int, starts_on: date, dates: Sequence[date]) -> int:
    """Return the equal payment that repays the principal exactly on the actual due dates, rounded half-up to fen.

    payment × Σ 1 ÷ Π(1 + rate × days) = principal, solved in integers from the last date backwards.
    """
    ordinals = [starts_on.toordinal(), *(day.toordinal() for day in dates)]
    factor_numerator, factor_denominator = 0, 1
    for index in range(len(ordinals) - 1, 0, -1):
        growth_e8 = E8 + daily_rate_e8 * (ordinals[index] - ordinals[index - 1])
        factor_numerator = (factor_denominator + factor_numerator) * E8
        factor_denominator *= growth_e8
    return (2 * principal_fen * factor_denominator + factor_numerator) // (2 * factor_numerator)


def plan_rows(
    terms: LoanTerms, *, start: PlanStart, dates: Sequence[date], size_fen: int, stops_when_repaid: bool = False
) -> tuple[PlannedInstallment, ...]:
    """Return the rows for the dates ahead; REVOLVING, or any plan on demand, stops at the row that repays the rest.

    Billed interest = rounded cumulative exact interest minus what was billed before.
    """
    stops_when_repaid = stops_when_repaid or terms.method is RepaymentMethod.REVOLVING
    rows: list[PlannedInstallment] = []
    remaining, starts_on, rate, method = start.principal_fen, start.starts_on, terms.daily_rate_e8, terms.method
    numerator, billed, starts_at = start.interest_numerator, start.interest_billed_fen, starts_on.toordinal()
    last, is_level = start.first_number + len(dates) - 1, method is RepaymentMethod.LEVEL_PAYMENT
    for number, due_on in enumerate(dates, start.first_number):
        due_at = due_on.toordinal()
        numerator += remaining * rate * (due_at - starts_at)
        cumulative = (numerator + HALF_E8) // E8
        if cumulative * E8 > numerator:  # rounded up: the cap may say no
            cumulative = interest_fen(numerator, terms=terms)
        interest, billed = cumulative - billed, cumulative
        if number == last:
            principal = remaining
        elif is_level:
            principal = size_fen - interest
            principal = 0 if principal < 0 else remaining if principal > remaining else principal
        else:
            principal = _principal_part(method, remaining=remaining, size_fen=size_fen)
        remaining -= principal
        rows.append(_row(PlannedInstallment, (number, starts_on, due_on, principal, interest, remaining)))
        if remaining == 0 and stops_when_repaid:
            break
        starts_on, starts_at = due_on, due_at
    return tuple(rows)


def _principal_part(method: RepaymentMethod, *, remaining: int, size_fen: int) -> int:
    """Return the principal of a row before the last that does not depend on its interest; 0 to what remains."""
    if method is RepaymentMethod.EQUAL_PRINCIPAL:
        return min(size_fen, remaining)
    if method is RepaymentMethod.REVOLVING:
        return minimum_principal(remaining)
    return 0
