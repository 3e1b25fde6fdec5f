"""From rows to `LoanState` and back: one loan as the pure rules see it, with what the tables add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.lending.models import Installment, Loan
from weidai.lending.rules.state import InstallmentState, LoanState, LoanStatus
from weidai.lending.rules.terms import LoanTerms, RepaymentMethod


@dataclass(frozen=True, slots=True)
class LoanAccount:
    """A paid-out loan: its state for the rules, and per installment number what is billed, marked overdue, suspended."""

    id: UUID
    customer_id: UUID
    book_id: int
    line_id: UUID
    card_id: UUID
    number: str
    product: str
    policy_version: str
    principal_fen: int
    state: LoanState
    billed_fen: Mapping[int, int]
    overdue_numbers: frozenset[int]
    suspended_numbers: frozenset[int] = frozenset()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to pay."""
        return self.state.status is LoanStatus.SETTLED


def terms_of(loan: Loan, *, starts_on: date) -> LoanTerms:
    """Return the signed terms of a loan whose money arrived on a day."""
    return LoanTerms(
        principal_fen=loan.principal_fen, daily_rate_e8=loan.daily_rate_e8, method=RepaymentMethod(loan.method),
        term_months=loan.term_months, starts_on=starts_on, due_day=loan.due_day,
        penalty_daily_rate_e8=loan.penalty_daily_rate_e8, annual_cap_ppm=loan.annual_cap_ppm,
        grace_days=loan.grace_days,
    )


def installment_state(row: Installment) -> InstallmentState:
    """Return one row as the rules see it."""
    return InstallmentState(
        number=row.number, starts_on=row.starts_on, due_on=row.due_on, principal_fen=row.principal_fen,
        interest_fen=row.interest_fen, principal_paid_fen=row.principal_paid_fen,
        interest_paid_fen=row.interest_paid_fen, penalty_paid_fen=row.penalty_paid_fen, fee_fen=row.fee_fen,
        fee_paid_fen=row.fee_paid_fen, penalty_numerator=row.penalty_numerator,
        penalty_anchored_on=row.penalty_anchored_on, settled_on=row.settled_on,
    )


def account_of(loan: Loan, rows: Iterable[Installment]) -> LoanAccount:
    """Return a paid-out loan with its rows in order of their numbers."""
    ordered = sorted(rows, key=lambda row: row.number)
    assert loan.starts_on is not None, "a loan has a state once its money arrived"
    assert loan.anchored_on is not None, "a loan has a state once its money arrived"
    state = LoanState(
        terms=terms_of(loan, starts_on=loan.starts_on),
        status=LoanStatus.SETTLED if loan.state == Loan.State.SETTLED else LoanStatus.ACTIVE,
        installments=tuple(installment_state(row) for row in ordered), size_fen=loan.size_fen,
        anchored_on=loan.anchored_on, interest_numerator=loan.interest_numerator, principal_days=loan.principal_days,
        prepaid_principal_fen=loan.prepaid_principal_fen,
    )
    return LoanAccount(
        id=loan.id, customer_id=loan.customer_id, book_id=loan.book_id, line_id=loan.line_id, card_id=loan.card_id,
        number=loan.number, product=loan.product, policy_version=loan.policy_version,
        principal_fen=loan.principal_fen, state=state,
        billed_fen={row.number: row.interest_billed_fen for row in ordered},
        overdue_numbers=frozenset(row.number for row in ordered if row.is_overdue),
        suspended_numbers=frozenset(row.number for row in ordered if row.is_interest_suspended),
    )


def row_fields(row: InstallmentState) -> dict[str, object]:
    """Return the columns of one row of the plan."""
    return {
        "number": row.number, "starts_on": row.starts_on, "due_on": row.due_on, "principal_fen": row.principal_fen,
        "interest_fen": row.interest_fen, "principal_paid_fen": row.principal_paid_fen,
        "interest_paid_fen": row.interest_paid_fen, "penalty_paid_fen": row.penalty_paid_fen, "fee_fen": row.fee_fen,
        "fee_paid_fen": row.fee_paid_fen, "penalty_numerator": row.penalty_numerator,
        "penalty_anchored_on": row.penalty_anchored_on, "settled_on": row.settled_on,
    }


def anchor_fields(state: LoanState, *, overdue_numbers: frozenset[int]) -> dict[str, object]:
    """Return the columns of the loan row that follow from its state."""
    unsettled = [row for row in state.installments if not row.is_settled]
    late = [row for row in unsettled if row.number in overdue_numbers]
    is_settled = state.status is LoanStatus.SETTLED
    return {
        "state": Loan.State.SETTLED if is_settled else Loan.State.ACTIVE,
        "settled_on": state.anchored_on if is_settled else None,
        "size_fen": state.size_fen, "anchored_on": state.anchored_on, "interest_numerator": state.interest_numerator,
        "principal_days": state.principal_days, "prepaid_principal_fen": state.prepaid_principal_fen,
        "outstanding_fen": state.outstanding_principal_fen,
        "overdue_principal_fen": sum(row.principal_unpaid_fen for row in late),
        "overdue_since": min((row.due_on for row in late), default=None),
        "next_due_on": min((row.due_on for row in unsettled), default=None),
    }
