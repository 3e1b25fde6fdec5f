"""Holds: reasons why nothing can be drawn, each with its source (R5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import connection, transaction

from weidai.audit.services import NewEvent, event_record, events_record
from weidai.limits.errors import HoldKindUnknown
from weidai.limits.models import HOLD_KINDS, CreditLine, Hold
from weidai.limits.rules import HOLD_KINDS as HOLD_WORDS
from weidai.limits.rules import HoldKind
from weidai.messaging.services import notice_send
from weidai.platform import clock
from weidai.platform.ids import uuid7


@dataclass(frozen=True, slots=True)
class BulkHold:
    """One customer to hold or to free in an end-of-day chunk."""

    customer_id: UUID
    kind: str
    source: str
    reason: str
    cause_id: UUID | None = None


@transaction.atomic
def hold_place(
    customer_id: UUID, *, kind: str, source: str, reason: str, cause_id: UUID | None = None, is_notified: bool = True,
) -> UUID:
    """Place a hold over all lines of a customer and return its id; the same one twice is one.

    `is_notified` False is for holds the customer must not be told about (aml, R8.8).
    """
    if kind not in HOLD_KINDS:
        raise HoldKindUnknown
    _lines_lock([customer_id])
    same = {"customer_id": customer_id, "kind": kind, "source": source, "cause_id": cause_id, "released_at": None}
    hold, is_new = Hold.objects.get_or_create(**same, defaults={"reason": reason, "placed_at": clock.now()})
    if not is_new:
        return hold.id
    event_record("limits.hold.placed", customer_id=customer_id, subject_type="limits.hold", subject_id=hold.id,
                 facts={"kind": kind, "source": source, "reason": reason})
    if is_notified and kind != "aml":
        notice_send(customer_id, template="limits.hold_placed",
                    values={"reason": HOLD_WORDS[cast(HoldKind, kind)].name})
    return hold.id


@transaction.atomic
def hold_release(customer_id: UUID, *, kind: str, source: str, reason: str, cause_id: UUID | None = None) -> int:
    """End the standing holds of that kind and source (all causes when none is given) and return how many ended."""
    _lines_lock([customer_id])
    standing = Hold.objects.filter(customer_id=customer_id, kind=kind, source=source, released_at=None)
    if cause_id is not None:
        standing = standing.filter(cause_id=cause_id)
    ids = list(standing.values_list("id", flat=True))
    standing.update(released_at=clock.now(), release_reason=reason)
    for hold_id in ids:
        event_record("limits.hold.released", customer_id=customer_id, subject_type="limits.hold", subject_id=hold_id,
                     facts={"kind": kind, "source": source, "reason": reason})
    if ids and kind != "aml" and not Hold.objects.filter(customer_id=customer_id, released_at=None).exists():
        notice_send(customer_id, template="limits.hold_released", values={})
    return len(ids)


@transaction.atomic
def holds_bulk_place(rows: Sequence[BulkHold]) -> list[tuple[UUID, UUID]]:
    """Place many holds with one statement, their events with another; return (customer, hold) of those that are new.

    The caller (end of day, R7.10) tells the customers of its chunk in its own set-based way.
    """
    if not rows:
        return []
    _lines_lock([row.customer_id for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO limits_hold (id, customer_id, kind, source, cause_id, reason, placed_at, release_reason)"
            " SELECT h.id, h.customer_id, h.kind, h.source, h.cause_id, h.reason, %s, ''"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[])"
            " AS h(id, customer_id, kind, source, cause_id, reason)"
            " ON CONFLICT DO NOTHING RETURNING customer_id, id, kind, source, reason",
            [clock.now(), [uuid7() for _ in rows], *_columns(rows), [row.reason for row in rows]])
        return _told("limits.hold.placed", cursor.fetchall())


@transaction.atomic
def holds_bulk_release(rows: Sequence[BulkHold]) -> list[tuple[UUID, UUID]]:
    """End many holds with one statement (`reason` says why; no cause means every cause); return those that ended."""
    if not rows:
        return []
    _lines_lock([row.customer_id for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE limits_hold AS standing SET released_at = %s, release_reason = h.reason"
            " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[])"
            " AS h(customer_id, kind, source, cause_id, reason)"
            " WHERE standing.customer_id = h.customer_id AND standing.kind = h.kind AND standing.source = h.source"
            " AND (h.cause_id IS NULL OR standing.cause_id = h.cause_id) AND standing.released_at IS NULL"
            " RETURNING standing.customer_id, standing.id, standing.kind, standing.source, standing.release_reason",
            [clock.now(), *_columns(rows), [row.reason for row in rows]])
        return _told("limits.hold.released", cursor.fetchall())


def _told(name: str, changed: Sequence[tuple[UUID, UUID, str, str, str]]) -> list[tuple[UUID, UUID]]:
    """Record what became of each hold, as for a single one, and return (customer, hold)."""
    events_record([
        NewEvent(name, "limits.hold", hold_id, customer_id, {"kind": kind, "source": source, "reason": reason})
        for customer_id, hold_id, kind, source, reason in changed])
    return [(customer_id, hold_id) for customer_id, hold_id, *_ in changed]


def _columns(rows: Sequence[BulkHold]) -> list[list[object]]:
    return [[row.customer_id for row in rows], [row.kind for row in rows], [row.source for row in rows],
            [row.cause_id for row in rows]]


def _lines_lock(customer_ids: Sequence[UUID]) -> None:
    """Lock the customers' lines in id order, so that no drawdown passes while a hold is being placed."""
    locked = CreditLine.objects.select_for_update().filter(customer_id__in=set(customer_ids))
    list(locked.exclude(status=CreditLine.Status.CLOSED).order_by("id").values_list("id", flat=True))
