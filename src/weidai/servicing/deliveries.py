"""Calls of servicing to the bank, made outside transactions; the bank's query decides, never a single answer."""

from __future__ import annotations

from collections.abc import Callable

from weidai.identity import selectors as identity
from weidai.kernel.bank import BankAnswer, BankState
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock, outbox
from weidai.platform.outbox import Delivery, TryAgain
from weidai.servicing.models import DebitInstruction, MoneyDiscrepancy, Refund
from weidai.servicing.ports import collection_bank
from weidai.servicing.services.debits import (
    DEBIT_KIND,
    OPEN,
    RECHECK_KIND,
    debit_cancel_if_paid,
    debit_fail,
    debit_sent,
    debit_succeed,
    debit_unknown,
)
from weidai.servicing.services.refunds import (
    FINAL,
    REFUND_KIND,
    REFUND_RECHECK_KIND,
    refund_fail,
    refund_sent,
    refund_succeed,
    refund_succeed_after_all,
)


def confirmed(said: BankAnswer, query: Callable[[str], BankAnswer]) -> BankAnswer:
    """Return the state as the query tells it once an answer claims to be final; accepted stays accepted."""
    if not said.is_final:
        return said
    try:
        truth = query(said.request_id)
    except PartnerUnavailable:
        raise TryAgain("answered, not yet confirmed by query") from None
    if truth.state is BankState.NOT_FOUND and said.state is BankState.FAILED:
        return said  # refused at once: both say that nothing was booked
    return truth


@outbox.handles(DEBIT_KIND, never_gives_up=True)
def debit_deliver(delivery: Delivery) -> None:
    """Take one repayment from a card once; unknown is asked again, never taken for failed."""
    row = DebitInstruction.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if row.state not in OPEN or debit_cancel_if_paid(delivery.customer_id, debit_id=row.id):
        return
    if row.state == DebitInstruction.State.CREATED and row.send_at > clock.now():
        raise TryAgain("its window has not come", after_seconds=60)
    try:
        answer = collection_bank().query(row.request_id) if row.sent_at else None
        if answer is None or answer.state is BankState.NOT_FOUND:
            answer = _debit(row)
    except PartnerUnavailable:
        debit_unknown(delivery.customer_id, debit_id=row.id)
        raise
    if answer is not None:
        _book_debit(row, answer)


def _debit(row: DebitInstruction) -> BankAnswer | None:
    """Ask the bank for the money; None when the permission was withdrawn a moment ago and nothing was asked."""
    if not debit_sent(row.customer_id, debit_id=row.id):
        return None
    card = identity.card_private(row.customer_id, row.card_id)
    said = collection_bank().debit(
        request_id=row.request_id, card_number=card.card_number, name=card.name, amount_fen=row.amount_fen,
        agreement_id=row.agreement_number or row.request_id, memo="weidai")
    return confirmed(said, collection_bank().query)


def _book_debit(row: DebitInstruction, answer: BankAnswer) -> None:
    if answer.state is BankState.SUCCEEDED:
        debit_succeed(row.customer_id, debit_id=row.id, answer=answer)
    elif answer.state is BankState.FAILED:
        debit_fail(row.customer_id, debit_id=row.id, reason=answer.reason or "unknown")
    else:
        raise TryAgain(f"bank says {answer.state.value}")


@outbox.handles(RECHECK_KIND, never_gives_up=True)
def debit_recheck(delivery: Delivery) -> None:
    """Ask the bank about a contradiction told by a callback: money really taken is booked, a false alarm is closed."""
    row = MoneyDiscrepancy.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if row.resolved_at is not None:
        return
    debit = DebitInstruction.objects.get(customer_id=row.customer_id, id=row.subject_id)
    answer = collection_bank().query(debit.request_id)
    if not answer.is_final:
        raise TryAgain(f"bank says {answer.state.value}")
    resolution = "bank query confirms our books"
    if answer.state.value != row.booked_state:
        if answer.state is not BankState.SUCCEEDED:
            MoneyDiscrepancy.objects.filter(pk=row.pk).update(source="query")
            return
        debit_succeed(row.customer_id, debit_id=debit.id, answer=answer)
        resolution = "bank query: money was taken; booked"
    MoneyDiscrepancy.objects.filter(pk=row.pk).update(resolved_at=clock.now(), resolution=resolution)


@outbox.handles(REFUND_KIND, never_gives_up=True)
def refund_deliver(delivery: Delivery) -> None:
    """Give money back once."""
    row = Refund.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if row.state in FINAL:
        return
    bank = collection_bank()
    answer = bank.query(row.request_id) if row.state == Refund.State.SENT else None
    if answer is None or answer.state is BankState.NOT_FOUND:
        refund_sent(row.customer_id, refund_id=row.id)
        said = bank.refund(request_id=row.request_id, original_request_id=row.original_request_id,
                           amount_fen=row.amount_fen, memo="weidai")
        answer = confirmed(said, bank.query)
    if answer.state is BankState.SUCCEEDED:
        refund_succeed(row.customer_id, refund_id=row.id)
    elif answer.state is BankState.FAILED:
        refund_fail(row.customer_id, refund_id=row.id, reason=answer.reason or "unknown")
    else:
        raise TryAgain(f"bank says {answer.state.value}")


@outbox.handles(REFUND_RECHECK_KIND, never_gives_up=True)
def refund_recheck(delivery: Delivery) -> None:
    """Ask the bank about a contradicted refund: one paid after all is booked, a false alarm closed, the rest waits."""
    row = MoneyDiscrepancy.objects.get(customer_id=delivery.customer_id, id=delivery.subject_id)
    if row.resolved_at is not None:
        return
    refund = Refund.objects.get(customer_id=row.customer_id, id=row.subject_id)
    answer = collection_bank().query(refund.request_id)
    if not answer.is_final:
        raise TryAgain(f"bank says {answer.state.value}")
    resolution = "bank query confirms our books"
    if answer.state.value != row.booked_state:
        if answer.state is not BankState.SUCCEEDED or not refund_succeed_after_all(row.customer_id, refund_id=refund.id):
            MoneyDiscrepancy.objects.filter(pk=row.pk).update(source="query")
            return
        resolution = "bank query: the refund was paid; booked"
    MoneyDiscrepancy.objects.filter(pk=row.pk).update(resolved_at=clock.now(), resolution=resolution)
