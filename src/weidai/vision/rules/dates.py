"""Dates and amounts as papers print them. Pure."""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(r"(\d{4})(?:年|[.\-/,])?(\d{1,2})(?:月|[.\-/,])?(\d{1,2})日?")
_AMOUNT = re.compile(r"([+\-])?(?:¥|RMB|人民币)?(\d{1,3}(?:[,.]\d{3})+|\d+)[.,](\d{2})(?!\d)")


def real_date(year: int, month: int, day: int) -> date | None:
    """Return the day of the calendar, None when there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_in(text: str) -> date | None:
    """Return the first real date in a tidy text: 2019年9月7日, 2019.09.07, 2019-09-07 or 20190907."""
    for match in _DATE.finditer(text):
        found = real_date(*(int(part) for part in match.groups()))
        if found is not None and 1900 <= found.year <= 2100:
            return found
    return None


def amounts_in(text: str) -> list[int]:
    """Return the amounts in a tidy text in fen: two decimals are required, thousands may be marked."""
    found = []
    for sign, whole, cents in _AMOUNT.findall(text):
        fen = int(re.sub(r"[,.]", "", whole)) * 100 + int(cents)
        found.append(-fen if sign == "-" else fen)
    return found
