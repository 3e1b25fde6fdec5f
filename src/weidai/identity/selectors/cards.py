"""Bank cards: masked for people, whole for the bank only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.identity import errors, policy
from weidai.identity.models import BankCard, Customer
from weidai.kernel.text import Text
from weidai.platform import clock, statements


@dataclass(frozen=True, slots=True)
class BankCardRow:
    """A bound card ready to show; `account_class` is I or II, Type I is recommended (R1.6)."""

    id: UUID
    bank_code: str
    bank_name: Text
    account_class: str
    masked: str
    is_default: bool
    bound_at: datetime


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a bank needs to pay to or debit a card; never shown, never logged."""

    card_number: str
    name: str
    bank_code: str
    masked: str


def bank_card_row(card: BankCard) -> BankCardRow:
    """Return a card ready to show."""
    bank = policy.current(clock.today()).bank(card.bank_code)
    name = bank.name if bank else Text(card.bank_name_zh, card.bank_name_zh)
    return BankCardRow(card.id, card.bank_code, name, card.account_class, card.masked, card.is_default, card.bound_at)


def bank_cards(customer_id: UUID) -> tuple[BankCardRow, ...]:
    """Return the customer's cards, the default one first."""
    rows = BankCard.objects.filter(customer_id=customer_id, state=BankCard.State.ACTIVE)
    return tuple(bank_card_row(row) for row in rows.order_by("-is_default", "id"))


def is_card_bound(customer_id: UUID, card_id: UUID) -> bool:
    """Say whether money may go to a card: the customer's own, and not removed."""
    return statements.row("SELECT 1 FROM identity_bankcard WHERE customer_id = %s AND id = %s AND state = 'active'",
                          [customer_id, card_id]) is not None


def default_card(customer_id: UUID) -> BankCardRow | None:
    """Return the card money goes to and comes from, None before one is bound."""
    row = BankCard.objects.filter(customer_id=customer_id, is_default=True).first()
    return bank_card_row(row) if row else None


def default_card_ids(customer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the default card of many customers with one query (nightly debits)."""
    rows = BankCard.objects.filter(customer_id__in=customer_ids, is_default=True)
    return dict(rows.values_list("customer_id", "id"))


def card_masked(customer_id: UUID, card_id: UUID) -> str:
    """Return a bound card as it is shown, empty when it was removed; no number is opened for it."""
    found = statements.row("SELECT masked FROM identity_bankcard WHERE customer_id = %s AND id = %s AND state = 'active'",
                           [customer_id, card_id])
    return str(found[0]) if found else ""


def card_private(customer_id: UUID, card_id: UUID) -> CardFacts:
    """Return the whole number and the holder's name, for the bank port only. A removed card still answers."""
    card = BankCard.objects.filter(customer_id=customer_id, id=card_id).first()
    holder = Customer.objects.filter(customer_id=customer_id).only("name").first()
    if card is None or holder is None or holder.name is None:
        raise errors.CardNotFound
    return CardFacts(card.card_number, holder.name, card.bank_code, card.masked)
