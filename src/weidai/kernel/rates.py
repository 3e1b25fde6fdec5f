"""Rates: a daily rate is an integer in 1e-8 a day (0.05 % a day = 50_000), exact, never turned yearly and back."""

from __future__ import annotations

import re

from weidai.kernel.money import E8, round_half_up

DAYS_PER_YEAR = 365
PPM = 1_000_000

_FRACTION = re.compile(r"(?P<whole>\d{1,3})(?:\.(?P<part>\d+))?", re.ASCII)


def _parse_fraction(text: str, digits: int) -> int:
    match = _FRACTION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a plain decimal fraction: {text[:40]!r}")
    part = (match["part"] or "").rstrip("0")
    if len(part) > digits:
        raise ValueError(f"finer than {digits} decimals: {text[:40]!r}")
    return int(match["whole"]) * int(10**digits) + int(part.ljust(digits, "0"))


def parse_daily_rate_e8(text: str) -> int:
    """Return the daily rate of a policy string: "0.0004" → 40_000. ValueError when not exact in 1e-8."""
    return _parse_fraction(text, 8)


def parse_ratio_ppm(text: str) -> int:
    """Return a ratio of a policy string in millionths: "0.24" → 240_000. ValueError when finer than that."""
    return _parse_fraction(text, 6)


def _percent_text(numerator: int, per_percent: int, *, least_decimals: int = 2) -> str:
    """Return numerator ÷ per_percent as percent, exact, with trailing zeros cut down to `least_decimals`."""
    decimals = len(str(per_percent)) - 1
    whole, part = divmod(numerator, per_percent)
    digits = f"{part:0{decimals}d}"
    kept = max(least_decimals, len(digits.rstrip("0")))
    return f"{whole}.{digits[:kept]}%"


def daily_rate_text(daily_rate_e8: int) -> str:
    """Return the daily rate as an exact percentage: 40_000 → "0.04%", 25_000 → "0.025%"."""
    return _percent_text(daily_rate_e8, E8 // 100)


def apr_simple_ppm(daily_rate_e8: int) -> int:
    """Return 365 × the daily rate in millionths, half-up: 40_000 → 146_000. For display and comparison only."""
    return round_half_up(daily_rate_e8 * DAYS_PER_YEAR * PPM, E8)


def simple_annual_text(daily_rate_e8: int) -> str:
    """Return the simple annual rate, 365 × daily, as percent: 40_000 → "14.60%", exact (R6.2)."""
    return _percent_text(daily_rate_e8 * DAYS_PER_YEAR, E8 // 100)


def ratio_text(ratio_ppm: int) -> str:
    """Return a ratio in millionths as percent, half-up to two decimals: 240_000 → "24.00%"."""
    hundredths = round_half_up(ratio_ppm, 100)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
