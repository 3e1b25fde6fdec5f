"""Reading the ground for operations: books, calls that wait or gave up, messages nobody could apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from weidai.platform import clock
from weidai.platform.models import Book, InboxMessage, OutboxMessage

STUCK_ATTEMPTS = 5  # as many tries as take half a minute: from here on operations should know


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book and its open business date; `days_behind` is how many days are not closed that could be."""

    id: int
    name: str
    open_on: date
    state: str
    days_behind: int


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A call to the outside and how far it is; `last_error` holds a code, never personal data.

    `age` is business time since the act that asked for the call.
    """

    id: UUID
    customer_id: UUID
    kind: str
    subject_id: UUID
    state: str
    attempts: int
    not_before: datetime
    business_at: datetime
    last_error: str
    age: timedelta

    @property
    def is_stuck(self) -> bool:
        """Tried often, and still tried: a person should look."""
        return self.state == OutboxMessage.State.PENDING and self.attempts >= STUCK_ATTEMPTS


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message of a partner that is not applied; the payload is not shown."""

    id: UUID
    partner: str
    partner_event_id: str
    kind: str
    state: str
    note: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """How many messages wait, gave up, or could not be applied; `oldest_age` is that of the oldest call for a person."""

    outbox_pending: int
    outbox_stuck: int
    outbox_parked: int
    inbox_open: int
    oldest_age: timedelta | None = None

    @property
    def needs_person(self) -> int:
        """What will not mend itself for certain."""
        return self.outbox_stuck + self.outbox_parked + self.inbox_open


def books_list() -> list[BookRow]:
    """Return every book."""
    today = clock.today()
    return [BookRow(row.id, row.name, row.open_on, row.state, max(0, (today - row.open_on).days))
            for row in Book.objects.order_by("id")]


def clock_offset() -> timedelta:
    """Return how far business time is ahead of the machine's."""
    return clock.offset()


def outbox_list(*, only: str = "", kind: str = "", offset: int = 0, limit: int = 26) -> list[OutboxRow]:
    """Return calls that are not done, newest first; `only` is parked, stuck (tried often) or waiting."""
    rows = OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE).order_by("-id")
    if only == "parked":
        rows = rows.filter(state=OutboxMessage.State.PARKED)
    elif only == "stuck":
        rows = _stuck(rows)
    elif only == "waiting":
        rows = rows.filter(state=OutboxMessage.State.PENDING, attempts__lt=STUCK_ATTEMPTS)
    if kind:
        rows = rows.filter(kind__startswith=kind)
    return [_outbox_row(row) for row in rows[offset:offset + limit]]


def outbox_find(message_id: UUID) -> OutboxRow | None:
    """Return one call, or None."""
    row = OutboxMessage.objects.filter(id=message_id).first()
    return _outbox_row(row) if row else None


def outbox_for(customer_id: UUID, subject_ids: set[UUID]) -> list[OutboxRow]:
    """Return every call about some things of a customer, oldest first."""
    rows = OutboxMessage.objects.filter(customer_id=customer_id, subject_id__in=subject_ids).order_by("id")
    return [_outbox_row(row) for row in rows]


def inbox_list(*, offset: int = 0, limit: int = 26) -> list[InboxRow]:
    """Return messages that are not applied, newest first."""
    rows = InboxMessage.objects.exclude(state=InboxMessage.State.APPLIED).order_by("-received_at")
    return [_inbox_row(row) for row in rows[offset:offset + limit]]


def inbox_find(message_id: UUID) -> InboxRow | None:
    """Return one message, or None."""
    row = InboxMessage.objects.filter(id=message_id).first()
    return _inbox_row(row) if row else None


def message_counts() -> MessageCounts:
    """Return the state of all messages with two statements."""
    waiting, given_up = Q(state=OutboxMessage.State.PENDING), Q(state=OutboxMessage.State.PARKED)
    stuck = waiting & Q(attempts__gte=STUCK_ATTEMPTS)
    out = OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE).aggregate(
        pending=Count("id", filter=waiting), stuck=Count("id", filter=stuck), parked=Count("id", filter=given_up),
        oldest=Min("business_at", filter=stuck | given_up))
    inbox_open = InboxMessage.objects.exclude(state=InboxMessage.State.APPLIED).count()
    return MessageCounts(out["pending"], out["stuck"], out["parked"], inbox_open,
                         _age(out["oldest"]) if out["oldest"] else None)


def _stuck(rows: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    return rows.filter(state=OutboxMessage.State.PENDING, attempts__gte=STUCK_ATTEMPTS)


def _outbox_row(row: OutboxMessage) -> OutboxRow:
    return OutboxRow(row.id, row.customer_id, row.kind, row.subject_id, row.state, row.attempts, row.not_before,
                     row.business_at, row.last_error, _age(row.business_at))


def _age(began: datetime) -> timedelta:
    return max(clock.now() - began, timedelta(0))


def _inbox_row(row: InboxMessage) -> InboxRow:
    return InboxRow(row.id, row.partner, row.partner_event_id, row.kind, row.state, row.note, row.received_at)
