"""Days belong to Asia/Shanghai, instants are UTC (ARCHITECTURE §3). Pure conversions, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def shanghai_date(instant: datetime) -> date:
    """Return the Shanghai calendar day an aware instant falls on."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(SHANGHAI).date()


def shanghai_instant(day: date, at: time = time.min) -> datetime:
    """Return the UTC instant of a Shanghai wall-clock time on a day."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def due_instant(due_on: date) -> datetime:
    """Return the end of the due date, 24:00 Asia/Shanghai, as a UTC instant (R7.2)."""
    return shanghai_instant(due_on + timedelta(days=1))


def month_start(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def months_later(day: date, months: int, *, day_of_month: int | None = None) -> date:
    """Return the date `months` later, on `day_of_month` (default: the same day), clipped to the month's end."""
    wanted = day_of_month or day.day
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(wanted, last))
