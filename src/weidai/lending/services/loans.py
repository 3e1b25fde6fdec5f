"""A loan under lock, and the only way its state is written (R7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from weidai.lending.accounts import LoanAccount, account_of, anchor_fields, row_fields
from weidai.lending.errors import LoanNotFound
from weidai.lending.models import Installment, Loan
from weidai.lending.rules.state import LoanState


@dataclass(frozen=True, slots=True)
class LoanChange:
    """What an event makes of a loan: the state after it, and interest billed by installment where that changed."""

    state: LoanState
    billed_fen: Mapping[int, int] = field(default_factory=dict)


def loans_lock(customer_id: UUID, *, loan_ids: list[UUID]) -> list[LoanAccount]:
    """Lock paid-out loans in id order in the caller's transaction (after the credit lines) and return their states."""
    assert connection.in_atomic_block, "a lock lives in the caller's transaction"
    loans = list(Loan.objects.select_for_update().filter(
        customer_id=customer_id, id__in=loan_ids, state__in=[Loan.State.ACTIVE, Loan.State.SETTLED]).order_by("id"))
    rows: dict[UUID, list[Installment]] = {loan.id: [] for loan in loans}
    for row in Installment.objects.filter(customer_id=customer_id, loan_id__in=list(rows)):
        rows[row.loan_id].append(row)
    return [account_of(loan, rows[loan.id]) for loan in loans]


def loan_lock(customer_id: UUID, loan_id: UUID) -> LoanAccount:
    """Lock one paid-out loan; raises LoanNotFound."""
    found = loans_lock(customer_id, loan_ids=[loan_id])
    if not found:
        raise LoanNotFound
    return found[0]


def loan_save(account: LoanAccount, change: LoanChange) -> None:
    """Write the state after an event: the anchor, and only the rows that differ. The loan is locked by the caller."""
    assert connection.in_atomic_block, "a state is written in the transaction of its event"
    before = {row.number: row for row in account.state.installments}
    billed = {**account.billed_fen, **change.billed_fen}
    for row in change.state.installments:
        if before.get(row.number) == row and billed.get(row.number, 0) == account.billed_fen.get(row.number, 0):
            continue
        still_late = row.number in account.overdue_numbers and not row.is_settled
        Installment.objects.filter(
            customer_id=account.customer_id, loan_id=account.id, number=row.number,
        ).update(**row_fields(row), interest_billed_fen=billed.get(row.number, 0), is_overdue=still_late)
    Loan.objects.filter(customer_id=account.customer_id, id=account.id).update(
        **anchor_fields(change.state, overdue_numbers=account.overdue_numbers))
