"""Days and months as papers and reviewers write them: 2026-08, 2025-09/2026-08, 2026-08-15. Pure."""

from __future__ import annotations

import re
from datetime import date

MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)


def month_end(month: str) -> date:
    """Return the last day of a month."""
    year, number = int(month[:4]), int(month[5:7])
    following = date(year + number // 12, number % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def span(first: str, last: str) -> int:
    """Return how many calendar months lie from one to the other, both counted."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7]) + 1


def period_months(period: str) -> int:
    """Return how many months a period has, both counted; 0 when it is none."""
    parts = period.split("/")
    if len(parts) != 2 or not all(MONTH.fullmatch(part) for part in parts):
        return 0
    return max(span(*parts), 0)


def day_of(value: str) -> date | None:
    """Return the day a text names, None when it is none."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
