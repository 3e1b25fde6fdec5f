"""Recognizing dates, months, quarters and time stamps in a column, as days since 1970-01-01."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.errors import TimeUnreadable
from weidai.assessment.scorecards.tables import polars_ready
from weidai.assessment.scorecards.words_missing import MISSING_WORDS

if TYPE_CHECKING:
    import polars

Days = NDArray[np.float64]
_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%m/%d/%y",
    "%d/%m/%y",
)
_MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%Y%m", "%Y年%m月", "%b-%Y", "%b-%y", "%b %Y", "%m/%Y")
_TIME_NAME = re.compile(r"date|time|month|day|_on$|_at$|dt$|period|year|日期|时间|月份|日$", re.IGNORECASE)
_MOSTLY = 0.98
_FIRST, _LAST = -25_567.0, 47_846.0  # 1900 to 2100
_SECONDS = 86_400.0


def dates_of(series: polars.Series, numbers: Days | None, *, name: str) -> Days | None:
    """Return a column's dates as days, NaN for missing; None when it does not hold dates.

    Numbers are dates only as YYYYMMDD, or as YYYYMM, a year or seconds when the column's name speaks of time.
    """
    pl = polars_ready()
    if series.dtype.is_temporal():
        return _temporal(series)
    if numbers is not None:
        return _from_numbers(numbers, is_named=_TIME_NAME.search(name) is not None)
    if series.dtype != pl.String:
        return None
    return _from_text(series)


def time_of(series: polars.Series, numbers: Days | None, *, name: str) -> Days:
    """Return the column somebody named as time, as days; anything that cannot be read as time is refused."""
    days = dates_of(series, numbers, name=f"{name} date")
    if days is None and series.dtype == polars_ready().String:
        days = _quarters(series)
    if days is None and numbers is not None and len(np.unique(numbers[~np.isnan(numbers)])) > 1:
        return numbers  # any rising period number orders the rows
    if days is None or np.isnan(days).mean() > 1 - 0.9:
        share = 1.0 if days is None else float(np.isnan(days).mean())
        raise TimeUnreadable(column=name, share=f"{share:.0%}", example=repr(series.drop_nulls().head(1).to_list())[1:-1])
    return days


def month_names(days: Days) -> list[str]:
    """Return each day's month as YYYY-MM; plain period numbers as they are."""
    if np.nanmax(np.abs(days)) < 1000:
        return [f"{day:g}" for day in days]
    return np.datetime_as_string(np.nan_to_num(days).astype("int64").astype("datetime64[D]"), unit="M").tolist()


def _temporal(series: polars.Series) -> Days | None:
    pl = polars_ready()
    if series.dtype == pl.Duration:
        return series.dt.total_seconds().cast(pl.Float64).to_numpy() / _SECONDS
    if series.dtype == pl.Time:
        return None
    days = series.cast(pl.Date).to_physical().cast(pl.Float64).to_numpy().astype(np.float64, copy=True)
    return days


def _from_numbers(numbers: Days, *, is_named: bool) -> Days | None:
    present = numbers[~np.isnan(numbers)]
    if not len(present) or (present != np.round(present)).any():
        return None
    low, high, distinct = present.min(), present.max(), len(np.unique(present))
    if distinct < 2:
        return None
    if low >= 19_000_101 and high <= 21_001_231:
        return _split(numbers, numbers // 10_000, numbers // 100 % 100, numbers % 100)
    if low >= 190_001 and high <= 210_012 and is_named:
        return _split(numbers, numbers // 100, numbers % 100, np.ones_like(numbers))
    if is_named and low >= 1900 and high <= 2100:
        return _split(numbers, numbers, np.ones_like(numbers), np.ones_like(numbers))
    if is_named and low >= 3e8 and high <= 4.2e9:
        return np.floor(numbers / _SECONDS)
    if is_named and low >= 3e11 and high <= 4.2e12:
        return np.floor(numbers / 1000 / _SECONDS)
    return None


def _split(numbers: Days, year: Days, month: Days, day: Days) -> Days | None:
    present = ~np.isnan(numbers)
    valid = present & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    if valid.sum() < _MOSTLY * present.sum():
        return None
    months = ((year[valid] - 1970) * 12 + month[valid] - 1).astype("int64").astype("datetime64[M]")
    days = np.full(len(numbers), np.nan)
    days[valid] = months.astype("datetime64[D]").astype("int64") + day[valid] - 1
    return days


def _from_text(series: polars.Series) -> Days | None:
    pl = polars_ready()
    text = series.str.strip_chars()
    text = text.set(text.str.to_lowercase().is_in(list(MISSING_WORDS)).fill_null(False), None)
    present = text.drop_nulls()
    if not len(present) or present.head(50).str.contains(r"\d").mean() < _MOSTLY or present.str.len_chars().max() > 40:
        return None
    short = text.str.replace(r"[T ]\d{1,2}:\d{2}.*$", "")
    for pattern in _FORMATS:
        parsed = short.str.to_date(pattern, strict=False, exact=True)
        if parsed.count() >= _MOSTLY * len(present):
            return _plausible(parsed.to_physical().cast(pl.Float64).to_numpy())
    for pattern in _MONTH_FORMATS:
        parsed = (pl.Series(["1 "] * len(short)) + short).str.to_date(f"%d {pattern}", strict=False, exact=True)
        if parsed.count() >= _MOSTLY * len(present):
            return _plausible(parsed.to_physical().cast(pl.Float64).to_numpy())
    return None


def _quarters(series: polars.Series) -> Days | None:
    """Read 2026Q1 or 2026-Q1, and years alone."""
    days = np.full(len(series), np.nan)
    for row, text in enumerate(series.cast(polars_ready().String).to_list()):
        found = re.fullmatch(r"\s*(\d{4})(?:\s*[-/ ]?\s*[Qq]([1-4]))?\s*", text or "")
        if found:
            month = 3 * (int(found[2] or 1) - 1) + 1
            days[row] = np.datetime64(f"{found[1]}-{month:02d}-01", "D").astype("int64")
    return days if np.isfinite(days).mean() >= _MOSTLY else None


def _plausible(days: Days) -> Days | None:
    values = days.astype(np.float64, copy=True)
    present = values[~np.isnan(values)]
    return values if len(present) and present.min() >= _FIRST and present.max() <= _LAST else None
