"""The business clock: the only place that reads the wall clock (R9.5), so that years can be lived in a test.

Business time = wall time + an offset kept in the database (moved forward by `weidai clock forward` and the console),
unless the running code has travelled to a fixed instant (`travel_to`), as scenarios and the demo's history do.
Operational times (leases, retry delays, token ages against an outside system) use `wall_now`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from weidai.kernel.days import shanghai_date

_travelled: ContextVar[datetime | None] = ContextVar("weidai_business_instant", default=None)
_lane: ContextVar[str] = ContextVar("weidai_lane", default="")
_OFFSET_CACHE_SECONDS = 1.0
# Process-wide on purpose: one small row read at most once a second, not once a call.
_cached_offset: tuple[float, timedelta] | None = None


def wall_now() -> datetime:
    """Return the machine's instant (UTC), for leases, retries and signatures only."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the business instant (UTC)."""
    travelled = _travelled.get()
    return travelled if travelled is not None else wall_now() + offset()


def today() -> date:
    """Return the Shanghai calendar day of the business instant."""
    return shanghai_date(now())


@contextmanager
def travel_to(instant: datetime, *, lane: str = "") -> Iterator[None]:
    """Run the block at a fixed business instant; other threads and processes are not affected.

    With a `lane`, outbox messages written in the block are delivered only by code in the same lane, so that a worker
    living in the present does not answer for somebody living in the past.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    token, lane_token = _travelled.set(instant.astimezone(UTC)), _lane.set(lane)
    try:
        yield
    finally:
        _travelled.reset(token)
        _lane.reset(lane_token)


def lane() -> str:
    """Return the lane of the running code: empty for the present."""
    return _lane.get()


def offset() -> timedelta:
    """Return how far business time is ahead of wall time (cached for a second)."""
    global _cached_offset
    if _cached_offset is not None and time.monotonic() - _cached_offset[0] < _OFFSET_CACHE_SECONDS:
        return _cached_offset[1]
    from weidai.platform.models import ClockOffset

    row = ClockOffset.objects.filter(pk=1).first()
    found = timedelta(seconds=row.seconds if row else 0)
    _cached_offset = (time.monotonic(), found)
    return found


def move_forward(by: timedelta) -> timedelta:
    """Move business time forward for every process and return the new offset; ValueError if not forward."""
    global _cached_offset
    if by <= timedelta(0):
        raise ValueError("business time only moves forward")
    from django.db import transaction

    from weidai.platform.models import ClockOffset

    with transaction.atomic():
        ClockOffset.objects.get_or_create(pk=1)
        row = ClockOffset.objects.select_for_update().get(pk=1)
        row.seconds += int(by.total_seconds())
        row.save(update_fields=["seconds"])
    _cached_offset = None
    return timedelta(seconds=row.seconds)


def forget_cached_offset() -> None:
    """Drop the one-second cache, so that the next call reads the row (tests, long-running loops)."""
    global _cached_offset
    _cached_offset = None
