"""Customers: masked rows for people, sealed facts for ports, look-up by digest (R1.1, R8.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weidai.identity import errors, policy, rules
from weidai.identity.facts import checks_for, identity_facts, with_voice
from weidai.identity.models import BankCard, Customer, DigestEntry, Verification
from weidai.identity.ports import borrowings
from weidai.identity.selectors.voices import items_not_offered
from weidai.kernel.id_card import age_on
from weidai.kernel.masking import masked_id_number, masked_mobile, masked_name
from weidai.platform import clock
from weidai.platform.crypto import index_digests

PAGE_LIMIT = 200
IDS_LIMIT = 100_000
_MOBILE = re.compile(r"1[0-9]{10}", re.ASCII)
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]", re.ASCII)
_CARD = re.compile(r"[0-9]{16,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer ready to show; personal data is masked."""

    id: UUID
    book_id: int
    status: str
    masked_name: str
    masked_mobile: str
    masked_id_number: str
    sex: str
    age: int | None
    language: str
    region_code: str
    occupation: str
    declared_monthly_income_fen: int | None
    registered_at: datetime
    has_id_card: bool
    has_face: bool
    has_staff_video: bool
    has_bank_card: bool
    has_mobile_check: bool
    is_real_name: bool
    has_type_i_default_card: bool
    strength_points: int
    is_strength_full: bool
    id_card_status: str  # missing, not_yet_valid, valid, expiring, expired
    id_card_valid_to: date | None
    mobile_number_status: str
    mobile_months_in_use: int | None


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """One line of the console's list."""

    id: UUID
    status: str
    masked_name: str
    masked_mobile: str
    masked_id_number: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class PrivateFacts:
    """Personal data in full, for ports and documents only; never shown unlogged, never logged."""

    name: str
    id_number: str
    mobile: str


def customer_get(customer_id: UUID) -> CustomerRow:
    """Return one customer, masked."""
    row = _row(customer_id)
    today, checks = clock.today(), checks_for(customer_id)
    cards = list(BankCard.objects.filter(customer_id=customer_id, state=BankCard.State.ACTIVE).values_list(
        "is_default", "account_class"))
    facts, terms = identity_facts(row, checks, has_card=bool(cards)), policy.current(today)
    strength = rules.strength(facts, terms, not_offered=items_not_offered())
    mobile = checks.get(Verification.Item.MOBILE)
    months = mobile.facts.get("months_in_use") if mobile else None
    return CustomerRow(
        id=row.id, book_id=row.book_id, status=row.status, masked_name=masked_name(row.name) if row.name else "",
        masked_mobile=masked_mobile(row.mobile),
        masked_id_number=masked_id_number(row.id_number) if row.id_number else "", sex=row.sex,
        age=age_on(facts.birth_on, on=today) if facts.birth_on else None, language=row.language,
        region_code=row.region_code, occupation=row.occupation,
        declared_monthly_income_fen=row.declared_monthly_income_fen, registered_at=row.registered_at,
        has_id_card=facts.id_card_verified, has_face=facts.face_verified, has_staff_video=facts.staff_video_verified,
        has_bank_card=facts.bank_card_verified, has_mobile_check=facts.mobile_verified,
        is_real_name=rules.can_apply(facts, terms, on=today).is_open, has_type_i_default_card=(True, "I") in cards,
        strength_points=strength.points, is_strength_full=strength.is_full,
        id_card_status=rules.id_card_status(facts.id_card_period, terms, on=today),
        id_card_valid_to=facts.id_card_period.valid_to if facts.id_card_period else None,
        mobile_number_status=str(mobile.facts.get("number_status") or "") if mobile else "",
        mobile_months_in_use=months if isinstance(months, int) else None,
    )


def customer_private(customer_id: UUID, *, purpose: str) -> PrivateFacts:
    """Return name, ID number and mobile in full; `purpose` says in the code which port or document needs them."""
    assert purpose, "say what the personal data is for"
    row = _row(customer_id)
    if row.name is None or row.id_number is None:
        raise errors.IdCardRequired
    return PrivateFacts(row.name, row.id_number, row.mobile)


def customers_search(query: str = "", *, after: UUID | None = None, limit: int = 50) -> tuple[CustomerSummary, ...]:
    """Find one customer by exact mobile, ID number, card or customer id; without a query list all, newest first.

    Names cannot be searched: they are stored sealed. `after` (the last id of a page) continues the list.
    """
    rows = Customer.objects.order_by("-id")
    cleaned = query.replace(" ", "")
    if cleaned:
        found = _looked_up(cleaned)
        rows = rows.filter(customer_id__in=found)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(
        CustomerSummary(row.id, row.status, masked_name(row.name) if row.name else "", masked_mobile(row.mobile),
                        masked_id_number(row.id_number) if row.id_number else "", row.registered_at)
        for row in rows[:min(limit, PAGE_LIMIT)])


def _looked_up(query: str) -> Sequence[UUID]:
    candidates = [
        customer_by_mobile(query) if _MOBILE.fullmatch(query) else None,
        customer_by_id_number(query.upper()) if _ID_NUMBER.fullmatch(query) else None,
        customer_by_card(query) if _CARD.fullmatch(query) else None,
    ]
    with suppress(ValueError):  # not an id: the other ways of looking up decide
        candidates.append(UUID(query))
    return [found for found in candidates if found is not None]


def customer_by_mobile(mobile: str) -> UUID | None:
    """Return whose mobile this is."""
    return _owner(DigestEntry.Kind.MOBILE, mobile)


def customer_by_id_number(id_number: str) -> UUID | None:
    """Return whose verified ID number this is."""
    return _owner(DigestEntry.Kind.ID_NUMBER, id_number)


def customer_by_card(card_number: str) -> UUID | None:
    """Return whose bound card this is (incoming transfers, R7.1)."""
    return _owner(DigestEntry.Kind.CARD, card_number)


def book_of(customer_id: UUID) -> int:
    """Return the book the customer belongs to."""
    book_id = Customer.objects.filter(customer_id=customer_id).values_list("book_id", flat=True).first()
    if book_id is None:
        raise errors.CustomerNotFound
    return book_id


def customer_ids(book_id: int, *, after: UUID | None = None, limit: int = 10_000) -> list[UUID]:
    """Return the active customers of a book in id order, for batch runs; `after` continues."""
    rows = Customer.objects.filter(book_id=book_id, status=Customer.Status.ACTIVE)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[:min(limit, IDS_LIMIT)])


def _row(customer_id: UUID) -> Customer:
    row = with_voice(Customer.objects.filter(customer_id=customer_id)).first()
    if row is None:
        raise errors.CustomerNotFound
    return row


def _owner(kind: str, value: str) -> UUID | None:
    return DigestEntry.objects.filter(kind=kind, digest__in=index_digests(kind, value)).order_by("id").values_list(
        "customer_id", flat=True).first()


def has_borrowed(customer_id: UUID) -> bool:
    """Say whether there is or was a loan: then the law keeps the records (R8.5)."""
    return borrowings().has_borrowed(customer_id)
