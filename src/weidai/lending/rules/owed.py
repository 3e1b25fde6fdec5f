"""What is owed on a day, and what it costs to settle everything that day (R6.6, R7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from weidai.lending.rules.accrual import accrued_interest_fen, penalties_unpaid_fen
from weidai.lending.rules.state import InstallmentState, LoanState


@dataclass(frozen=True, slots=True)
class OwedInstallment:
    """One row that is due: unpaid parts in fen, and by how many days it is past due (0 on the due date)."""

    number: int
    due_on: date
    fee_fen: int
    penalty_fen: int
    interest_fen: int
    principal_fen: int
    days_past_due: int

    @property
    def total_fen(self) -> int:
        """All unpaid parts."""
        return self.fee_fen + self.penalty_fen + self.interest_fen + self.principal_fen


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on a loan on a day. `due` lists unpaid rows with due date on or before the day, oldest first."""

    on: date
    due: tuple[OwedInstallment, ...]
    overdue_fen: int  # rows past their due date, with penalty
    due_today_fen: int  # rows whose due date is the day itself
    days_past_due: int  # from the oldest unpaid due date; 0 when nothing is overdue, or within the grace days
    next_due_on: date | None  # earliest unpaid row not past due; today counts
    next_due_fen: int

    @property
    def total_fen(self) -> int:
        """Everything to be paid by the end of the day: overdue and due today."""
        return self.overdue_fen + self.due_today_fen

    @property
    def is_overdue(self) -> bool:
        """Something is past its due date (and its grace days)."""
        return self.days_past_due > 0

    @property
    def overdue_principal_fen(self) -> int:
        """Principal past its due date."""
        return sum(row.principal_fen for row in self.due if row.days_past_due > 0)

    @property
    def penalty_fen(self) -> int:
        """Penalty unpaid on all overdue rows."""
        return sum(row.penalty_fen for row in self.due)


@dataclass(frozen=True, slots=True)
class SettlementQuote:
    """The exact price of ending the loan on a day; interest only for the days used, no fee for it (R7.1)."""

    on: date
    principal_fen: int
    interest_fen: int  # billed and unpaid, plus accrued to the day
    penalty_fen: int
    fee_fen: int
    interest_saved_fen: int  # planned interest that will no longer be charged

    @property
    def total_fen(self) -> int:
        """What to pay."""
        return self.principal_fen + self.interest_fen + self.penalty_fen + self.fee_fen


def owed(state: LoanState, *, on: date) -> Owed:
    """Return what is owed on a day."""
    penalties = penalties_unpaid_fen(state, on=on)
    unsettled = [row for row in state.installments if not row.is_settled]
    rows = (
        _owed_installment(row, penalty_fen=penalties.get(row.number, 0), on=on) for row in unsettled if row.due_on <= on
    )
    due = tuple(row for row in rows if row.total_fen > 0)
    oldest = max((row.days_past_due for row in due), default=0)
    upcoming = next((row for row in unsettled if row.due_on >= on and row.unpaid_fen > 0), None)
    return Owed(
        on=on,
        due=due,
        overdue_fen=sum(row.total_fen for row in due if row.due_on < on),
        due_today_fen=sum(row.total_fen for row in due if row.due_on == on),
        days_past_due=oldest if oldest > state.terms.grace_days else 0,
        next_due_on=upcoming.due_on if upcoming else None,
        next_due_fen=upcoming.unpaid_fen if upcoming else 0,
    )


def settlement_quote(state: LoanState, *, on: date) -> SettlementQuote:
    """Return the exact price of settling the whole loan on a day."""
    unsettled = [row for row in state.installments if not row.is_settled]
    billed = sum(row.interest_unpaid_fen for row in unsettled if row.due_on <= on)
    ahead = sum(row.interest_unpaid_fen for row in unsettled if row.due_on > on)
    accrued = accrued_interest_fen(state, on=on)
    return SettlementQuote(
        on=on,
        principal_fen=sum(row.principal_unpaid_fen for row in unsettled),
        interest_fen=billed + accrued,
        penalty_fen=sum(penalties_unpaid_fen(state, on=on).values()),
        fee_fen=sum(row.fee_unpaid_fen for row in unsettled if row.due_on <= on),
        interest_saved_fen=ahead - accrued,
    )


def _owed_installment(row: InstallmentState, *, penalty_fen: int, on: date) -> OwedInstallment:
    return OwedInstallment(
        number=row.number,
        due_on=row.due_on,
        fee_fen=row.fee_unpaid_fen,
        penalty_fen=penalty_fen,
        interest_fen=row.interest_unpaid_fen,
        principal_fen=row.principal_unpaid_fen,
        days_past_due=(on - row.due_on).days,
    )
