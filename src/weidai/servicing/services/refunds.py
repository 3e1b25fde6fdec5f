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
from weidai.servicing.errors import RefundNotFound, RefundNotRetryable
from weidai.servicing.models import MoneyDiscrepancy, Refund, Repayment

REFUND_KIND = "servicing.refund"
REFUND_RECHECK_KIND = "servicing.refund_recheck"
FINAL = (Refund.State.SUCCEEDED, Refund.State.FAILED)
BANK_CHANNELS = ("debit", "transfer")


def refund_create(
    repayment: Repayment, *, amount_fen: int, reason: str, retry_of: Refund | None = None,
) -> UUID | None:
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
        amount_fen=amount_fen, reason=reason, journal_id=journal_id, created_at=moment, retry_of=retry_of)
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
    if refund.state in FINAL:
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
    if refund.state in FINAL:
        return False
    moment = clock.now()
    ledger.journal_void_pending(customer_id, refund.journal_id, at=moment,
                                booked_on=books.business_date(refund.book_id))
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.FAILED, failure_reason=reason, finished_at=moment)
    event_record("servicing.refund.failed", customer_id=customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"amount_fen": refund.amount_fen, "reason": reason})
    return True


@transaction.atomic
def refund_retry(customer_id: UUID, *, refund_id: UUID, staff_id: str, note: str = "") -> UUID:
    """Try a failed refund again under a request number of its own and return the new refund; a second call the same one.

    The bank answers an old number with the old failure for ever, so the failed refund stays as it is.
    """
    refund = Refund.objects.select_for_update().filter(customer_id=customer_id, id=refund_id).first()
    if refund is None:
        raise RefundNotFound
    made = Refund.objects.filter(customer_id=customer_id, retry_of=refund).first()
    if made is not None:
        return made.id
    if refund.state != Refund.State.FAILED or refund.repayment.state == Repayment.State.REVERSED:
        raise RefundNotRetryable
    new_id = refund_create(refund.repayment, amount_fen=refund.amount_fen, reason=refund.reason, retry_of=refund)
    assert new_id is not None, "a refund that was sent once came through a bank"
    event_record("servicing.refund.retried", customer_id=customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"new_refund_id": str(new_id), "staff_id": staff_id, "note": note})
    return new_id


@transaction.atomic
def refund_contradicted(customer_id: UUID, *, refund_id: UUID, claimed_state: str, source: str) -> None:
    """Keep a contradiction of the bank about a refund that was final, once, and ask the bank again."""
    refund = _locked(customer_id, refund_id)
    row, is_new = MoneyDiscrepancy.objects.get_or_create(
        customer_id=customer_id, subject_id=refund_id, booked_state=refund.state, claimed_state=claimed_state,
        defaults={"subject_type": "refund", "source": source, "amount_fen": refund.amount_fen, "noted_at": clock.now()})
    if is_new:
        event_record("servicing.refund.contradicted", customer_id=customer_id, subject_type="servicing.refund",
                     subject_id=refund_id, facts={"booked": refund.state, "claimed": claimed_state, "source": source})
        outbox.enqueue(customer_id, kind=REFUND_RECHECK_KIND, subject_id=row.id)


@transaction.atomic
def refund_succeed_after_all(customer_id: UUID, *, refund_id: UUID) -> bool:
    """Book a refund that was held for failed and that the bank's query says was paid.

    False when a person has to look: it has been tried again since, or its money is no longer owed.
    """
    refund = _locked(customer_id, refund_id)
    is_retried = Refund.objects.filter(customer_id=customer_id, retry_of=refund).exists()
    if refund.state != Refund.State.FAILED or is_retried or refund.repayment.state == Repayment.State.REVERSED:
        return False
    moment = clock.now()
    journal_id = ledger.journal_post(
        customer_id, transfers=[Transfer(PAYABLE, COLLECTION, refund.amount_fen, "refund")],
        cause_type="servicing.refund", cause_id=refund_id, book_id=refund.book_id,
        booked_on=books.business_date(refund.book_id), at=moment)
    Refund.objects.filter(pk=refund.pk).update(
        state=Refund.State.SUCCEEDED, failure_reason="", finished_at=moment, journal_id=journal_id)
    event_record("servicing.refund.paid", customer_id=customer_id, subject_type="servicing.refund",
                 subject_id=refund_id, facts={"amount_fen": refund.amount_fen})
    return True
