"""Giving back what was paid too much or twice (R7.1): owed in the ledger first, sent through the outbox."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.ledger import services as ledger
from weidai.ledger.services import Transfer
from weidai.messaging.services import notice_send
from weidai.platform import books, clock, outbox
from weidai.platform.ids import uuid7
from weidai.servicing.bookings import COLLECTION, PAYABLE
from weidai.servicing.models import Refund, Repayment

REFUND_KIND = "servicing.refund"
BANK_CHANNELS = ("debit", "transfer")


def refund_create(repayment: Repayment, *, amount_fen: int, reason: str) -> UUID | None:
    """Decide a refund in the caller's transaction and send it; money from other channels stays owed and visible."""
    if repayment.channel not in BANK_CHANNELS:
        return None
    refund_id, moment = uuid7(), clock.now()
    journal_id = ledger.journal_pending(
        repayment.customer_id, transfers=[Transfer(PAYABLE, COLLECTION, amount_fen, "refund")],
        cause_type="servicing.refund", cause_id=refund_id, book_id=repayment.book_id,
        booked_on=books.business_date(repayment.book_id), at=moment)
    Refund.objects.create(
        id=refund_id, customer_id=repayment.customer_id, repayment=repayment, book_id=repayment.book_id,
        request_id=f"rf-{refund_id}", original_request_id=repayment.reference.partition("#")[0],
        amount_fen=amount_fen, reason=reason, journal_id=journal_id, created_at=moment)
    outbox.enqueue(repayment.customer_id, kind=REFUND_KIND, subject_id=refund_id)
    event_record("servicing.refund.decided", customer_id=repayment.customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"amount_fen": amount_fen, "reason": reason,
                                              "repayment_id": str(repayment.id)})
    return refund_id


def _locked(customer_id: UUID, refund_id: UUID) -> Refund:
    return Refund.objects.select_for_update().get(customer_id=customer_id, id=refund_id)


@transaction.atomic
def refund_sent(customer_id: UUID, *, refund_id: UUID) -> None:
    """Note that the bank is about to be asked."""
    Refund.objects.filter(customer_id=customer_id, id=refund_id, state=Refund.State.CREATED).update(
        state=Refund.State.SENT)


@transaction.atomic
def refund_succeed(customer_id: UUID, *, refund_id: UUID) -> bool:
    """The bank gave the money back. False when that was known."""
    refund = _locked(customer_id, refund_id)
    if refund.state in (Refund.State.SUCCEEDED, Refund.State.FAILED):
        return False
    moment = clock.now()
    ledger.journal_post_pending(customer_id, refund.journal_id, at=moment,
                                booked_on=books.business_date(refund.book_id))
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.SUCCEEDED, finished_at=moment)
    event_record("servicing.refund.paid", customer_id=customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"amount_fen": refund.amount_fen})
    notice_send(customer_id, template="servicing.refunded",
                values={"amount_fen": refund.amount_fen, "card_masked": ""}, channels=("in_app",))
    return True


@transaction.atomic
def refund_fail(customer_id: UUID, *, refund_id: UUID, reason: str) -> bool:
    """The bank could not give it back: it stays owed to the customer and waits for a person. False when known."""
    refund = _locked(customer_id, refund_id)
    if refund.state in (Refund.State.SUCCEEDED, Refund.State.FAILED):
        return False
    moment = clock.now()
    ledger.journal_void_pending(customer_id, refund.journal_id, at=moment,
                                booked_on=books.business_date(refund.book_id))
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.FAILED, failure_reason=reason, finished_at=moment)
    event_record("servicing.refund.failed", customer_id=customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"amount_fen": refund.amount_fen, "reason": reason})
    return True
