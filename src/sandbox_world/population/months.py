"""Calendar words of the data sources: months as "YYYY-MM", windows that end before the as-of day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WINDOW_DAYS = 90


def month_of(day: date) -> str:
    """Return the month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def month_start(month: str) -> date:
    """Return the first day of a month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def month_after(month: str, *, by: int = 1) -> str:
    """Return the month that lies `by` months later (earlier when negative)."""
    position = int(month[:4]) * 12 + int(month[5:7]) - 1 + by
    return f"{position // 12:04d}-{position % 12 + 1:02d}"


def month_days(month: str) -> int:
    """Return how many days a month has."""
    return (month_start(month_after(month)) - month_start(month)).days


def complete_months(as_of: date, *, count: int) -> list[str]:
    """Return the last `count` calendar months before the month of the as-of day, oldest first."""
    current = month_of(as_of)
    return [month_after(current, by=-back) for back in range(count, 0, -1)]


def window_days(as_of: date) -> Iterator[date]:
    """Yield the ninety days before the as-of day, oldest first."""
    return (as_of - timedelta(days=back) for back in range(WINDOW_DAYS, 0, -1))


def instant_text(at: datetime) -> str:
    """Write an instant the way the protocol does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shanghai_day(at: datetime) -> date:
    """Return the day in Shanghai on which an instant falls."""
    return at.astimezone(SHANGHAI).date()


def shanghai_instant(day: date, *, second: int) -> datetime:
    """Return the instant `second` seconds after midnight in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC) + timedelta(seconds=second)
