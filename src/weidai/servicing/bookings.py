"""What an event means in the ledger: the difference of two positions, so that a replay books itself (R7.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.ledger.rules import AccountCode, AccountRef, Transfer
from weidai.lending.rules import LoanState

COLLECTION = AccountRef(AccountCode.COLLECTION_CLEARING, None)
PAYABLE = AccountRef(AccountCode.CUSTOMER_PAYABLE, None)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a loan stands in the books, in fen."""

    outstanding_fen: int
    interest_billed_fen: int
    interest_paid_fen: int
    penalty_paid_fen: int
    interest_suspended_fen: int = 0


def position_of(
    state: LoanState, *, billed_fen: Mapping[int, int], suspended: Collection[int] = frozenset(),
) -> Position:
    """Return the position that a state and the billed interest of its rows stand for.

    Of the rows in `suspended` (billed while the loan did not accrue), what is billed and not paid is no income yet (R7.7).
    """
    assert all(row.fee_fen == 0 for row in state.installments), "no fee is on the cost sheet, so none can be posted"
    return Position(
        outstanding_fen=state.outstanding_principal_fen,
        interest_billed_fen=sum(billed_fen.get(row.number, 0) for row in state.installments),
        interest_paid_fen=sum(row.interest_paid_fen for row in state.installments),
        penalty_paid_fen=sum(row.penalty_paid_fen for row in state.installments),
        interest_suspended_fen=sum(
            billed_fen.get(row.number, 0) - row.interest_paid_fen for row in state.installments if row.number in suspended),
    )


def billed_after(state: LoanState, *, billed_fen: Mapping[int, int]) -> dict[int, int]:
    """Return billed interest by row after an event: never less than paid, never more than the row now bears."""
    return {
        row.number: min(max(billed_fen.get(row.number, 0), row.interest_paid_fen), row.interest_fen)
        for row in state.installments
    }


def billed_without(
    state: LoanState, *, billed_fen: Mapping[int, int], open_on: date, today: date,
) -> dict[int, int]:
    """Return billed interest by row after a payment was taken out: what it had billed early is billed no more.

    The closing of a due day bills its row whole. Between a day's end and its closing a row may already be billed: kept.
    """
    billed = {}
    for row in state.installments:
        by_closing = row.interest_fen if row.due_on < open_on else billed_fen.get(row.number, 0) if row.due_on < today else 0
        billed[row.number] = min(max(by_closing, row.interest_paid_fen), row.interest_fen)
    return billed


def event_transfers(loan_id: UUID, *, before: Position, after: Position) -> list[Transfer]:
    """Return the transfers from one position to the next; a correction runs the other way round."""
    principal = AccountRef(AccountCode.LOAN_PRINCIPAL, loan_id)
    receivable = AccountRef(AccountCode.INTEREST_RECEIVABLE, loan_id)
    income = AccountRef(AccountCode.INTEREST_INCOME, loan_id)
    suspended = AccountRef(AccountCode.SUSPENDED_INTEREST, loan_id)
    penalty = AccountRef(AccountCode.PENALTY_RECEIVABLE, loan_id)
    penalty_income = AccountRef(AccountCode.PENALTY_INCOME, loan_id)
    penalty_fen = after.penalty_paid_fen - before.penalty_paid_fen
    moves = (
        (receivable, income, after.interest_billed_fen - before.interest_billed_fen, "interest.billed"),
        (suspended, income, before.interest_suspended_fen - after.interest_suspended_fen, "interest.released"),
        (penalty, penalty_income, penalty_fen, "penalty.billed"),
        (COLLECTION, penalty, penalty_fen, "penalty.collected"),
        (COLLECTION, receivable, after.interest_paid_fen - before.interest_paid_fen, "interest.collected"),
        (COLLECTION, principal, before.outstanding_fen - after.outstanding_fen, "principal.collected"),
    )
    return [
        Transfer(debit, credit, amount, kind) if amount > 0 else Transfer(credit, debit, -amount, f"{kind}.correction")
        for debit, credit, amount, kind in moves if amount
    ]
