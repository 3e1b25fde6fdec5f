"""Bank transfers: booked for whoever the memo or the paying card names, else kept in suspense (R7.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.ledger import services as ledger
from weidai.ledger.services import LENDER_PARTITION, AccountCode, AccountRef, Transfer
from weidai.lending import selectors as lending_rows
from weidai.platform import books, clock
from weidai.platform.ids import uuid7
from weidai.servicing.bookings import COLLECTION
from weidai.servicing.errors import SuspenseNotFound
from weidai.servicing.models import SuspenseItem
from weidai.servicing.services.repayments import repayment_receive

SUSPENSE = AccountRef(AccountCode.SUSPENSE, None)
_LOAN_NUMBER = re.compile(r"JK\d{8}[0-9A-F]{10}")


@dataclass(frozen=True, slots=True)
class IncomingTransfer:
    """A transfer on the collection account as the bank tells it."""

    transfer_id: str
    amount_fen: int
    received_at: datetime
    memo: str
    entry_id: str
    payer_name: str
    payer_masked: str
    payer_card_number: str


@transaction.atomic
def transfer_receive(incoming: IncomingTransfer) -> UUID | None:
    """Book a transfer once and return its customer, or None when it went into suspense."""
    loan_id: UUID | None = None
    customer_id = _customer_by_card(incoming.payer_card_number)
    if found := _LOAN_NUMBER.search(incoming.memo.upper()):
        named = lending_rows.customer_by_loan_number(found.group())
        if named is not None:
            customer_id, loan_id = named
    if SuspenseItem.objects.filter(reference=incoming.transfer_id).exists():
        return None
    if customer_id is None:
        _suspend(incoming)
        return None
    repayment_receive(
        customer_id, amount_fen=incoming.amount_fen, received_at=incoming.received_at, channel="transfer",
        reference=incoming.transfer_id, entry_id=incoming.entry_id, loan_id=loan_id)
    return customer_id


def _customer_by_card(card_number: str) -> UUID | None:
    return identity.customer_by_card(card_number) if card_number else None


def _suspend(incoming: IncomingTransfer) -> None:
    moment, item_id = clock.now(), uuid7()
    journal_id = ledger.journal_post(
        LENDER_PARTITION, transfers=[Transfer(COLLECTION, SUSPENSE, incoming.amount_fen, "suspense.received")],
        cause_type="servicing.suspense_item", cause_id=item_id, book_id=books.MAIN_BOOK,
        booked_on=books.business_date(books.MAIN_BOOK), at=moment)
    SuspenseItem.objects.create(
        id=item_id, book_id=books.MAIN_BOOK, reference=incoming.transfer_id, amount_fen=incoming.amount_fen,
        payer_masked=incoming.payer_masked, payer_name=incoming.payer_name, memo=incoming.memo,
        received_at=incoming.received_at, journal_id=journal_id)
    event_record("servicing.suspense_item.received", subject_type="servicing.suspense_item", subject_id=item_id,
                 facts={"amount_fen": incoming.amount_fen})


@transaction.atomic
def suspense_assign(item_id: UUID, *, customer_id: UUID, loan_id: UUID | None = None) -> UUID:
    """Give a suspense item to a customer (staff, after looking into it): it counts from when it was received."""
    item = SuspenseItem.objects.select_for_update().filter(id=item_id, state=SuspenseItem.State.WAITING).first()
    if item is None:
        raise SuspenseNotFound
    ledger.journal_reverse(LENDER_PARTITION, item.journal_id, at=clock.now(),
                           booked_on=books.business_date(item.book_id))
    SuspenseItem.objects.filter(pk=item.pk).update(
        state=SuspenseItem.State.ASSIGNED, assigned_customer_id=customer_id, assigned_at=clock.now())
    event_record("servicing.suspense_item.assigned", customer_id=customer_id, subject_type="servicing.suspense_item",
                 subject_id=item_id, facts={"amount_fen": item.amount_fen})
    booked = repayment_receive(
        customer_id, amount_fen=item.amount_fen, received_at=item.received_at, channel="transfer",
        reference=item.reference, loan_id=loan_id)
    return booked.repayment_id
