"""Reading the event log: search for the console, and verification of digests, seals and the chain."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature

from weidai.audit import rules
from weidai.audit.models import Event, Seal, SealedEvent
from weidai.audit.services import GENESIS, canonical, statement_of
from weidai.audit.signing import public_key


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event ready to show."""

    id: UUID
    occurred_at: datetime
    name: str
    subject_type: str
    subject_id: UUID
    customer_id: UUID | None
    actor_kind: str
    actor_id: str
    facts: dict[str, Any]
    digest: str
    request_id: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal ready to show; `is_signed` says that its signature holds for what it states."""

    id: UUID
    number: int
    day: date
    tree_size: int
    root: str
    previous: str
    sealed_at: datetime
    is_signed: bool


@dataclass(frozen=True, slots=True)
class EventProof:
    """Whether an event is what was written, and the seal that holds it, if its day is closed."""

    is_intact: bool
    seal: SealRow | None
    leaf_index: int | None


@dataclass(frozen=True, slots=True)
class EventSearch:
    """What to look for; empty fields do not filter. `before` continues a list (the last row's id)."""

    name_prefix: str = ""
    customer_id: UUID | None = None
    subject_id: UUID | None = None
    actor_id: str = ""
    actor_kind: str = ""
    on_or_after: date | None = None
    on_or_before: date | None = None
    before: UUID | None = None
    names: tuple[str, ...] = ()  # exactly one of these


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """Outcome of verifying the whole log; `faults` says what is wrong and where."""

    event_count: int
    sealed_count: int
    seal_count: int
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """True when every digest, root, signature and link holds."""
        return not self.faults


def events_search(search: EventSearch, *, limit: int = 50, offset: int = 0) -> list[EventRow]:
    """Return matching events, newest first."""
    found = Event.objects.order_by("-id")
    filters: dict[str, Any] = {
        "name__startswith": search.name_prefix or None, "customer_id": search.customer_id,
        "subject_id": search.subject_id, "actor_id": search.actor_id or None,
        "actor_kind": search.actor_kind or None, "day__gte": search.on_or_after,
        "day__lte": search.on_or_before, "id__lt": search.before, "name__in": search.names or None,
    }
    found = found.filter(**{key: value for key, value in filters.items() if value is not None})
    return [_event_row(event) for event in found[offset:offset + limit]]


def subjects_seen(name: str, *, actor_id: str, subject_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of some subjects that this person is on record with under an event's name; one statement."""
    rows = Event.objects.filter(subject_id__in=list(subject_ids), name=name, actor_id=actor_id)
    return frozenset(rows.values_list("subject_id", flat=True)) if subject_ids else frozenset()


def event_find(event_id: UUID) -> EventRow | None:
    """Return one event, or None."""
    event = Event.objects.filter(id=event_id).first()
    return _event_row(event) if event else None


def event_proof(event_id: UUID) -> EventProof:
    """Recompute the event's digest and find its seal; the event must exist."""
    event = Event.objects.get(id=event_id)
    sealed = SealedEvent.objects.select_related("seal").filter(event_id=event_id).first()
    return EventProof(
        is_intact=rules.event_digest(canonical(event)) == event.digest, seal=_seal_row(sealed.seal) if sealed else None,
        leaf_index=sealed.leaf_index if sealed else None)


def seals_list(*, limit: int = 50, offset: int = 0) -> list[SealRow]:
    """Return seals, newest first, each with its signature checked."""
    return [_seal_row(seal) for seal in Seal.objects.order_by("-number")[offset:offset + limit]]


def _event_row(e: Event) -> EventRow:
    return EventRow(e.id, e.occurred_at, e.name, e.subject_type, e.subject_id, e.customer_id, e.actor_kind, e.actor_id,
                    e.facts, e.digest, e.request_id, e.recorded_at)


def _seal_row(seal: Seal) -> SealRow:
    return SealRow(seal.id, seal.number, seal.day, seal.tree_size, seal.root, seal.previous, seal.sealed_at,
                   _is_signed(seal))


def _is_signed(seal: Seal) -> bool:
    try:
        public_key().verify(base64.b64decode(seal.signature), statement_of(seal))
    except InvalidSignature:
        return False
    return True


def verify(*, fault_limit: int = 100) -> AuditCheck:
    """Recompute every event digest, every seal's root, signature and link to the seal before it.

    The seals that are there at the start are checked: what is sealed meanwhile belongs to the next check, and no more
    events are found sealed than were read.
    """
    faults: list[str] = []
    stored = list(Seal.objects.order_by("number"))
    events = 0
    for event in Event.objects.order_by("id").iterator(chunk_size=5000):
        events += 1
        if rules.event_digest(canonical(event)) != event.digest:
            faults.append(f"event {event.id}: content does not match its digest")
    sealed = seals = 0
    previous = GENESIS
    for seal in stored:
        digests = list(seal.sealedevent_set.order_by("leaf_index").values_list("event__digest", flat=True))
        seals += 1
        sealed += len(digests)
        faults += _seal_faults(seal, digests, previous, seals)
        previous = rules.statement_digest(statement_of(seal))
    return AuditCheck(events, sealed, seals, tuple(faults[:fault_limit]))


def _seal_faults(seal: Seal, digests: list[str], previous: str, expected_number: int) -> list[str]:
    faults = []
    if seal.number != expected_number:
        faults.append(f"seal {seal.number}: seal {expected_number} is missing")
    if seal.previous != previous:
        faults.append(f"seal {seal.number}: the link to the seal before it is broken")
    if len(digests) != seal.tree_size or rules.merkle_root(digests) != seal.root:
        faults.append(f"seal {seal.number}: events of {seal.day} were added, removed or altered")
    if not _is_signed(seal):
        faults.append(f"seal {seal.number}: signature does not hold")
    return faults
