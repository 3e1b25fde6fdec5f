"""Recording and sealing. An event is written in the transaction of the fact it tells; sealing happens at day closing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from threading import get_ident
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from weidai.audit import rules
from weidai.audit.models import Event, Seal
from weidai.audit.signing import signing_key
from weidai.kernel.days import shanghai_date
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a customer, a staff member, the system itself or a partner."""

    kind: str
    id: str

    @classmethod
    def system(cls) -> Actor:
        """The program acting by its own schedule."""
        return cls("system", "weidai")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to record; `facts` holds ids, codes, fen and dates only."""

    name: str
    subject_type: str
    subject_id: UUID
    customer_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventFields:
    """An event as it is written: the columns of `Event`."""

    id: UUID
    customer_id: UUID | None
    name: str
    subject_type: str
    subject_id: UUID
    actor_kind: str
    actor_id: str
    occurred_at: datetime
    recorded_at: datetime
    day: date
    request_id: str
    facts: dict[str, Any]

    @property
    def recording(self) -> tuple[object, ...]:
        """What the events of one recording share."""
        return self.actor_kind, self.actor_id, self.occurred_at, self.recorded_at, self.day, self.request_id


@dataclass(slots=True)
class _Together:
    """Events of one block that are written when it ends; they carry its instants and stay in its thread."""

    occurred_at: datetime
    recorded_at: datetime
    thread: int
    rows: list[EventFields] = field(default_factory=list)


_actor: ContextVar[Actor | None] = ContextVar("weidai_actor", default=None)
_request_id: ContextVar[str] = ContextVar("weidai_request_id", default="")
_together: ContextVar[_Together | None] = ContextVar("weidai_events_together", default=None)


@contextmanager
def acting_as(actor: Actor, *, request_id: str = "") -> Iterator[None]:
    """Attribute the events of the block to `actor` (web requests, command line, workers)."""
    actor_token, request_token = _actor.set(actor), _request_id.set(request_id)
    try:
        yield
    finally:
        _actor.reset(actor_token)
        _request_id.reset(request_token)


def current_actor() -> Actor:
    """Return who is acting now, the system when nobody said."""
    return _actor.get() or Actor.system()


def event_record(
    name: str, *, subject_type: str, subject_id: UUID, customer_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None, actor: Actor | None = None, at: datetime | None = None,
) -> UUID:
    """Append one event in the caller's transaction and return its id. `name` is `room.entity.past_tense`."""
    event = NewEvent(name, subject_type, subject_id, customer_id, facts or {})
    return events_record([event], actor=actor, at=at)[0]


@contextmanager
def events_together() -> Iterator[None]:
    """Write the events of one transaction with one statement when the block ends; a refusal writes none of them.

    The block lies inside the transaction of the facts, and its events share one instant. What another connection writes
    meanwhile, to stay whatever becomes of this transaction, does not wait for it.
    """
    assert connection.in_atomic_block, "events belong to the transaction of their facts"
    together = _Together(clock.now(), clock.wall_now(), get_ident())
    token = _together.set(together)
    try:
        yield
    finally:
        _together.reset(token)
    for _, rows in groupby(together.rows, key=lambda row: row.recording):
        _insert(list(rows))


def events_record(
    events: Sequence[NewEvent], *, actor: Actor | None = None, at: datetime | None = None,
) -> list[UUID]:
    """Append many events with one statement and return their ids in order."""
    together, who = _together.get(), actor or current_actor()
    if together is not None and together.thread == get_ident():
        rows = [_event_fields(event, who, at or together.occurred_at, together.recorded_at) for event in events]
        together.rows += rows
        return [row.id for row in rows]
    moment, recorded = at or clock.now(), clock.wall_now()
    rows = [_event_fields(event, who, moment, recorded) for event in events]
    if rows:
        _insert(rows)
    return [row.id for row in rows]


def _insert(rows: Sequence[EventFields]) -> None:
    """Write events of one recording: what they share once, the rest as arrays, so that thousands cost one statement."""
    statements.count(
        """INSERT INTO audit_event (actor_kind, actor_id, occurred_at, recorded_at, day, request_id, id, customer_id, name,
             subject_type, subject_id, facts, digest)
           SELECT %s::text, %s::text, %s::timestamptz, %s::timestamptz, %s::date, %s::text, *
             FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::jsonb[], %s::text[])""",
        [*rows[0].recording, [row.id for row in rows], [row.customer_id for row in rows], [row.name for row in rows],
         [row.subject_type for row in rows], [row.subject_id for row in rows], [json.dumps(row.facts) for row in rows],
         [rules.event_digest(canonical(row)) for row in rows]])


def _event_fields(event: NewEvent, who: Actor, moment: datetime, recorded: datetime) -> EventFields:
    return EventFields(
        id=uuid7(), customer_id=event.customer_id, name=event.name, subject_type=event.subject_type,
        subject_id=event.subject_id, actor_kind=who.kind, actor_id=who.id, occurred_at=moment, recorded_at=recorded,
        day=shanghai_date(moment), request_id=_request_id.get(), facts=_plain(event.facts))


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Turn ids and dates into text once, so that what is digested is what is stored."""
    return {key: value if isinstance(value, str | int | bool | list | dict) or value is None else str(value)
            for key, value in facts.items()}


def canonical(row: Event | EventFields) -> dict[str, Any]:
    """Return the fields the digest covers, in the form in which they are digested."""
    return {
        "id": str(row.id), "customer_id": str(row.customer_id) if row.customer_id else None, "name": row.name,
        "subject_type": row.subject_type, "subject_id": str(row.subject_id), "actor_kind": row.actor_kind,
        "actor_id": row.actor_id, "occurred_at": row.occurred_at.astimezone(UTC).isoformat(), "day": row.day.isoformat(),
        "recorded_at": row.recorded_at.astimezone(UTC).isoformat(), "request_id": row.request_id, "facts": row.facts,
    }


@transaction.atomic
def day_seal(day: date) -> int:
    """Seal every event up to `day` that no seal holds yet and return how many; nothing new writes nothing.

    Two books may close their days at once: the second sealer waits for the first and goes on from its seal. Seal
    numbers are unique besides, so the chain cannot fork.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit.day_seal'))")
    last = Seal.objects.order_by("-number").first()
    unsealed = list(
        Event.objects.filter(day__lte=day, sealedevent__isnull=True).order_by("id").values_list("id", "digest"))
    if not unsealed:
        return 0
    number, previous = 1, GENESIS
    if last:
        number = last.number + 1
        previous = rules.statement_digest(statement_of(last))
    seal = Seal(
        id=uuid7(), number=number, day=day, sequence=Seal.objects.filter(day=day).count(), tree_size=len(unsealed),
        root=rules.merkle_root([digest for _, digest in unsealed]), previous=previous, sealed_at=clock.wall_now(),
    )
    seal.signature = base64.b64encode(signing_key().sign(statement_of(seal))).decode()
    seal.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_sealedevent (event_id, seal_id, leaf_index)"
            " SELECT e, %s, i - 1 FROM unnest(%s::uuid[]) WITH ORDINALITY AS t(e, i)",
            [seal.id, [event_id for event_id, _ in unsealed]],
        )
    return len(unsealed)


def statement_of(seal: Seal) -> bytes:
    """Return the signed bytes of a stored seal."""
    return rules.seal_statement(number=seal.number, day=seal.day.isoformat(), tree_size=seal.tree_size, root=seal.root,
                                previous=seal.previous)
