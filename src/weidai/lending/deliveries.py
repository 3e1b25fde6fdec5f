"""Calls of lending to the bank, made outside transactions; the bank's query decides, never a single answer (R6.3)."""

from __future__ import annotations

from uuid import UUID

from weidai.identity import selectors as identity
from weidai.kernel.bank import BankAnswer, BankState
from weidai.kernel.errors import PartnerUnavailable
from weidai.lending.models import Disbursement, PayoutDiscrepancy
from weidai.lending.ports import disbursement_bank
from weidai.lending.services.confirmation import PAYOUT_KIND
from weidai.lending.services.payouts import (
    RECHECK_KIND,
    discrepancy_resolve,
    payout_post,
    payout_sent,
    payout_void,
)
from weidai.platform import outbox
from weidai.platform.outbox import Delivery, TryAgain


@outbox.handles(PAYOUT_KIND, never_gives_up=True)
def payout_deliver(delivery: Delivery) -> None:
    """Pay a loan out once: ask, then believe what the query says; unknown is asked again, never taken for failed."""
    row = Disbursement.objects.get(customer_id=delivery.customer_id, loan_id=delivery.subject_id)
    if row.state != Disbursement.State.PENDING:
        return
    answer = disbursement_bank().query(row.request_id) if row.sent_at else None
    if answer is None or answer.state is BankState.NOT_FOUND:
        answer = _pay(delivery, row)
    _book(delivery.customer_id, delivery.subject_id, answer)


def _pay(delivery: Delivery, row: Disbursement) -> BankAnswer:
    """Send the payment and return its state as the query tells it."""
    payout_sent(delivery.customer_id, loan_id=delivery.subject_id)
    card = identity.card_private(delivery.customer_id, row.card_id)
    said = disbursement_bank().payout(
        request_id=row.request_id, card_number=card.card_number, name=card.name, amount_fen=row.amount_fen,
        memo="weidai")
    if said.state is BankState.ACCEPTED:
        return said
    try:
        confirmed = disbursement_bank().query(row.request_id)
    except PartnerUnavailable:
        raise TryAgain("answered, not yet confirmed by query") from None
    if confirmed.state is BankState.NOT_FOUND and said.state is BankState.FAILED:
        return said  # refused at once: both say that nothing was booked
    return confirmed


def _book(customer_id: UUID, loan_id: UUID, answer: BankAnswer) -> None:
    if answer.state is BankState.SUCCEEDED:
        assert answer.booked_at is not None, "a succeeded payment has its booking instant"
        payout_post(customer_id, loan_id=loan_id, booked_at=answer.booked_at, entry_id=answer.entry_id or "",
                    source="query")
    elif answer.state is BankState.FAILED:
        payout_void(customer_id, loan_id=loan_id, reason=answer.reason or "unknown", source="query")
    else:
        raise TryAgain(f"bank says {answer.state.value}")


@outbox.handles(RECHECK_KIND, never_gives_up=True)
def payout_recheck(delivery: Delivery) -> None:
    """Ask the bank about a contradiction told by a callback; when it confirms our books, the matter is closed."""
    row = PayoutDiscrepancy.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if row.resolved_at is not None:
        return
    payout = Disbursement.objects.get(customer_id=row.customer_id, loan_id=row.loan_id)
    answer = disbursement_bank().query(payout.request_id)
    if not answer.is_final:
        raise TryAgain(f"bank says {answer.state.value}")
    if answer.state.value == row.booked_state:
        discrepancy_resolve(delivery.customer_id, discrepancy_id=row.id, resolution="bank query confirms our books")
    else:
        PayoutDiscrepancy.objects.filter(pk=row.pk).update(source="query")
