"""How punctual each installment of a loan was paid in full (R7.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from weidai.kernel.days import due_instant
from weidai.kernel.text import Text
from weidai.lending.accounts import LoanAccount
from weidai.servicing.models import DebitInstruction, Repayment, RepaymentLine
from weidai.servicing.rules import Punctuality, punctuality

PUNCTUALITY_TEXTS: dict[str, Text] = {
    Punctuality.PROMPT: Text("提前", "prompt"),
    Punctuality.ON_TIME: Text("按时", "on time"),
    Punctuality.OVERDUE: Text("逾期还", "late"),
}


def punctuality_of(account: LoanAccount) -> dict[int, Punctuality]:
    """Return the class of every row that was paid in full, by number; two statements.

    A row is as punctual as the money that settled it. Received after the due date but within the contract's grace days it
    counts as on time. A row that a prepayment emptied has no class: nothing was paid in it.
    """
    settled_by: dict[int, tuple[datetime, UUID]] = {}
    lines = RepaymentLine.objects.filter(
        customer_id=account.customer_id, share__loan_id=account.id, share__repayment__state=Repayment.State.BOOKED)
    for number, received_at, repayment_id in lines.values_list(
            "installment_number", "share__repayment__received_at", "share__repayment_id"):
        settled_by[number] = max(settled_by.get(number, (received_at, repayment_id)), (received_at, repayment_id))
    first_window: set[tuple[UUID | None, date | None]] = set(DebitInstruction.objects.filter(
        customer_id=account.customer_id, loan_id=account.id, kind=DebitInstruction.Kind.AUTOMATIC, window=1,
        state=DebitInstruction.State.SUCCEEDED).values_list("repayment_id", "due_on"))
    grace, found = timedelta(days=account.state.terms.grace_days), {}
    for row in account.state.installments:
        if not row.is_settled or row.number not in settled_by:
            continue
        received_at, repayment_id = settled_by[row.number]
        one = punctuality(row.due_on, received_at=received_at,
                          is_first_window_debit=(repayment_id, row.due_on) in first_window)
        is_graced = one is Punctuality.OVERDUE and received_at < due_instant(row.due_on + grace)
        found[row.number] = Punctuality.ON_TIME if is_graced else one
    return found
