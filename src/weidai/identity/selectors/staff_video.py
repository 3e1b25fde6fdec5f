"""Video checks waiting for a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from weidai.identity.models import StaffVideoRequest, Verification
from weidai.platform import clock

PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class StaffVideoRow:
    """One request."""

    id: UUID
    customer_id: UUID
    purpose: str
    state: str
    requested_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


def _row(row: StaffVideoRequest) -> StaffVideoRow:
    return StaffVideoRow(row.id, row.customer_id, row.purpose, row.state, row.requested_at, row.decided_at,
                         row.decided_by, row.reason)


def staff_video_queue(*, limit: int = 50, offset: int = 0) -> tuple[StaffVideoRow, ...]:
    """Return waiting requests, the longest waiting first."""
    rows = StaffVideoRequest.objects.filter(state=StaffVideoRequest.State.WAITING).order_by("requested_at")
    return tuple(_row(row) for row in rows[offset:offset + min(limit, PAGE_LIMIT)])


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
