"""Video checks: who waits for a talk, and how talks ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from weidai.identity.models import StaffVideoRequest, Verification
from weidai.identity.video_words import STAFF_VIDEO_ENDS, STAFF_VIDEO_REMARKS
from weidai.kernel.days import shanghai_instant
from weidai.kernel.text import Text
from weidai.platform import clock

PAGE_LIMIT = 200
MAX_CSV_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class StaffVideoRow:
    """One request; `code` is why a talk did not pass, `reason` the note for colleagues."""

    id: UUID
    customer_id: UUID
    purpose: str
    state: str
    requested_at: datetime
    claimed_by: str
    is_locked: bool
    locked_until: datetime | None
    first_decided_by: str
    first_decided_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    code: str
    code_text: Text | None
    remarks: tuple[Text, ...]
    reason: str

    @property
    def is_waiting(self) -> bool:
        """Nobody has decided."""
        return self.state == "waiting"

    @property
    def needs_second(self) -> bool:
        """The talk passed and waits for a second person to confirm it."""
        return self.is_waiting and bool(self.first_decided_by)


@dataclass(frozen=True, slots=True)
class StaffVideoFilter:
    """Which requests: `state` waiting, decided or all; `only` mine or free for `staff_id`, among the waiting ones."""

    state: Literal["waiting", "decided", "all"] = "waiting"
    only: Literal["all", "mine", "free"] = "all"
    staff_id: str = ""
    purpose: str = ""
    asked_from: date | None = None
    asked_to: date | None = None


def _row(row: StaffVideoRequest) -> StaffVideoRow:
    is_locked = row.state == "waiting" and row.locked_until is not None and row.locked_until > clock.now()
    end = STAFF_VIDEO_ENDS.get(row.code)
    return StaffVideoRow(
        row.id, row.customer_id, row.purpose, row.state, row.requested_at, row.claimed_by if is_locked else "", is_locked,
        row.locked_until, row.first_decided_by, row.first_decided_at, row.decided_at, row.decided_by, row.code,
        end.text if end else None, tuple(STAFF_VIDEO_REMARKS[code] for code in row.remarks if code in STAFF_VIDEO_REMARKS),
        row.note or "")


def _found(wanted: StaffVideoFilter) -> QuerySet[StaffVideoRequest]:
    rows = StaffVideoRequest.objects.all()
    waiting = StaffVideoRequest.State.WAITING
    if wanted.state == "waiting":
        rows = rows.filter(state=waiting)
    elif wanted.state == "decided":
        rows = rows.exclude(state=waiting)
    if wanted.only == "mine":
        rows = rows.filter(state=waiting, claimed_by=wanted.staff_id, locked_until__gt=clock.now())
    elif wanted.only == "free":
        rows = rows.filter(state=waiting).exclude(~Q(claimed_by=wanted.staff_id), locked_until__gt=clock.now())
        rows = rows.exclude(first_decided_by=wanted.staff_id)
    if wanted.purpose:
        rows = rows.filter(purpose=wanted.purpose)
    if wanted.asked_from:
        rows = rows.filter(requested_at__gte=shanghai_instant(wanted.asked_from, time.min))
    if wanted.asked_to:
        rows = rows.filter(requested_at__lt=shanghai_instant(wanted.asked_to + timedelta(days=1), time.min))
    return rows.order_by("requested_at", "id") if wanted.state == "waiting" else rows.order_by("-requested_at", "-id")


def staff_video_page(wanted: StaffVideoFilter, *, limit: int = 50, offset: int = 0) -> tuple[StaffVideoRow, ...]:
    """Return requests: the longest waiting first, decided ones the newest first."""
    return tuple(_row(row) for row in _found(wanted)[offset:offset + min(limit, PAGE_LIMIT)])


def staff_video_iterate(wanted: StaffVideoFilter) -> Iterator[StaffVideoRow]:
    """Yield requests for a file, at most MAX_CSV_REQUESTS."""
    for row in _found(wanted)[:MAX_CSV_REQUESTS].iterator(chunk_size=500):
        yield _row(row)


def staff_video_queue(*, limit: int = 50, offset: int = 0) -> tuple[StaffVideoRow, ...]:
    """Return waiting requests, the longest waiting first."""
    return staff_video_page(StaffVideoFilter(), limit=limit, offset=offset)


def staff_video_requests(customer_id: UUID, *, limit: int = 10) -> tuple[StaffVideoRow, ...]:
    """Return a customer's requests, the newest first."""
    rows = StaffVideoRequest.objects.filter(customer_id=customer_id).order_by("-requested_at", "-id")
    return tuple(_row(row) for row in rows[:limit])


def staff_video_find(request_id: UUID) -> StaffVideoRow | None:
    """Return one request by its id alone, for staff."""
    row = StaffVideoRequest.objects.filter(id=request_id).first()
    return _row(row) if row else None


def staff_video_count() -> int:
    """Return how many wait."""
    return StaffVideoRequest.objects.filter(state=StaffVideoRequest.State.WAITING).count()


def staff_video_waiting(customer_id: UUID, *, purpose: str) -> StaffVideoRow | None:
    """Return the customer's waiting request for a purpose."""
    row = StaffVideoRequest.objects.filter(
        customer_id=customer_id, purpose=purpose, state=StaffVideoRequest.State.WAITING).first()
    return _row(row) if row else None


def has_fresh_staff_video(customer_id: UUID, *, purpose: str, within: timedelta) -> bool:
    """Say whether a video check for this purpose passed within the given time; equal to a face check (R1.3)."""
    return Verification.objects.filter(
        customer_id=customer_id, item=Verification.Item.STAFF_VIDEO, purpose=purpose,
        state=Verification.State.PASSED, checked_at__gt=clock.now() - within,
    ).exists()
