"""How values read on a page: money, rates, days, instants, masked personal data. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from weidai.kernel.text import Language

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def yuan(fen: int) -> str:
    """`300050` → `3,000.50`; exact, the sign before the digits."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def money(fen: int, language: Language) -> str:
    """With its unit: `3,000.50 元` or `CNY 3,000.50`."""
    return f"CNY {yuan(fen)}" if language == "en" else f"{yuan(fen)} 元"


def percent(share: Decimal | Fraction | int | str, places: int = 2) -> str:
    """A share of one as percent, rounded half up: `Decimal("0.146")` → `14.60%`."""
    exact = Fraction(share) * 100 * 10**places
    rounded = (abs(exact) * 2 + 1) // 2
    sign = "-" if exact < 0 and rounded else ""
    whole, rest = divmod(int(rounded), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}%" if places else f"{sign}{whole}%"


def rate(daily_rate_e8: int) -> str:
    """A daily rate in 1e-8 as percent without loss, at least two decimals: `50_000` → `0.05%`, `36_500` → `0.0365%`."""
    whole, rest = divmod(abs(daily_rate_e8), 1_000_000)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if daily_rate_e8 < 0 else ''}{whole}.{digits}%"


def day(on: date, language: Language) -> str:
    """`2026年3月1日` or `1 Mar 2026`; an instant is taken on its Shanghai day."""
    if isinstance(on, datetime):
        on = on.astimezone(SHANGHAI).date()
    if language == "en":
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日"


def instant(at: datetime, language: Language) -> str:
    """Day and minute in Shanghai: `2026年3月1日 14:05` or `1 Mar 2026, 14:05`."""
    local = at.astimezone(SHANGHAI)
    joint = ", " if language == "en" else " "
    return f"{day(local, language)}{joint}{local:%H:%M}"


def masked_mobile(mobile: str) -> str:
    """`13812345678` → `138****5678`."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 8 else "****"


def masked_card(number: str) -> str:
    """The last four digits only."""
    return f"**** {number[-4:]}" if len(number) >= 8 else "****"


def masked_id_number(number: str) -> str:
    """First and last character of an ID number."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) >= 8 else "****"


def masked_name(name: str) -> str:
    """The last character of a name, as Chinese banks show it: `张小明` → `**明`."""
    return "*" * max(len(name) - 1, 1) + name[-1:] if name else ""
