"""A payout we took for failed and the bank made after all: the loan comes to life as it was signed (R6.3)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.kernel.bank import BankAnswer, BankState
from weidai.kernel.days import shanghai_date
from weidai.ledger import services as ledger
from weidai.ledger.services import AccountCode, AccountRef, Transfer
from weidai.lending.errors import PayoutNotConfirmed
from weidai.lending.models import Disbursement, Loan, PayoutDiscrepancy
from weidai.lending.ports import disbursement_bank
from weidai.lending.services.payouts import discrepancy_resolve, loan_begin, payout_lock, tell_arrived
from weidai.limits import services as limits
from weidai.platform import books, clock


def payout_reinstate(customer_id: UUID, *, discrepancy_id: UUID, resolution: str) -> bool:
    """Book the payout of an open discrepancy once the bank's own query confirms it; False when it was booked before.

    The loan, the ledger and the limit are as if it had been posted in time: interest and schedule count from the day the
    money arrived, what fell due meanwhile is billed and marked by the next closing. Raises PayoutNotConfirmed.
    """
    row = PayoutDiscrepancy.objects.filter(customer_id=customer_id, id=discrepancy_id).first()
    if row is None:
        raise PayoutNotConfirmed
    disbursement = Disbursement.objects.get(customer_id=customer_id, loan_id=row.loan_id)
    if disbursement.state == Disbursement.State.SUCCEEDED:
        return False
    answer = disbursement_bank().query(disbursement.request_id)
    if answer.state is not BankState.SUCCEEDED or answer.booked_at is None:
        raise PayoutNotConfirmed
    return _book(row, answer, resolution=resolution)


@transaction.atomic
def _book(row: PayoutDiscrepancy, answer: BankAnswer, *, resolution: str) -> bool:
    assert answer.booked_at is not None, "a payout that was made has its instant"
    customer_id = row.customer_id
    loan, disbursement = payout_lock(customer_id, row.loan_id)
    if disbursement.state != Disbursement.State.FAILED or loan.state != Loan.State.CANCELLED:
        return False
    moment = clock.now()
    journal_id = ledger.journal_post(
        customer_id, transfers=[Transfer(
            debit=AccountRef(AccountCode.LOAN_PRINCIPAL, loan.id),
            credit=AccountRef(AccountCode.DISBURSEMENT_CLEARING, None),
            amount_fen=loan.principal_fen, kind="disbursement.reinstated")],
        cause_type="lending.loan", cause_id=loan.id, book_id=loan.book_id,
        booked_on=books.business_date(loan.book_id), at=moment)
    Disbursement.objects.filter(pk=disbursement.pk).update(
        state=Disbursement.State.SUCCEEDED, booked_at=answer.booked_at, entry_id=answer.entry_id or "",
        failure_reason="", answered_at=moment, journal_id=journal_id)
    limits.limit_reuse(customer_id, line_id=loan.line_id, amount_fen=loan.principal_fen, cause_id=row.id)
    first_due_on = loan_begin(loan, starts_on=shanghai_date(answer.booked_at), at=moment)
    event_record("lending.loan.reinstated", customer_id=customer_id, subject_type="lending.loan", subject_id=loan.id,
                 facts={"amount_fen": loan.principal_fen, "starts_on": shanghai_date(answer.booked_at),
                        "entry_id": answer.entry_id or ""})
    tell_arrived(loan, first_due_on=first_due_on)
    if row.resolved_at is None:
        discrepancy_resolve(customer_id, discrepancy_id=row.id, resolution=resolution)
    return True
