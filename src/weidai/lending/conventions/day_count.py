"""Day counts: what share of a year, or how many days, lies between two dates of a period."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from weidai.kernel.days import months_later
from weidai.lending.conventions.exact import ZERO
from weidai.lending.conventions.periods import Period, PeriodUnit


class DayCount(StrEnum):
    """The conventions by name. `docs/reference/vector-schema.md` describes each with an example."""

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_366 = "ACT/366"
    ACT_ACT_ISDA = "ACT/ACT_ISDA"
    NL_365 = "NL/365"  # actual days without 29 February
    THIRTY_360_US = "30/360_US"  # bond basis
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360_ISDA"
    THIRTY_E_365 = "30E/365"
    PERIOD = "PERIOD"  # one month = 1/12, one week = 1/52, one day = 1/365; within a period by actual days
    PERIOD_30_360 = "PERIOD_30/360"  # one month = 30/360, a week = 7/360; within a period by actual days
    PERIOD_30_364 = "PERIOD_30/364"
    PERIOD_30_365 = "PERIOD_30/365"
    PERIOD_30_ACT = "PERIOD_30/ACT"  # one month = 30 days of the year (365 or 366) the period begins in
    ACT_DAILY = "ACT_DAILY"  # days themselves, for a rate stated per day

    @property
    def needs_dates(self) -> bool:
        """Whether the result depends on which dates they are, not only on how many days or months lie between."""
        return self in _BY_CALENDAR


_BY_CALENDAR = frozenset({
    DayCount.ACT_ACT_ISDA, DayCount.NL_365, DayCount.THIRTY_360_US, DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA,
    DayCount.THIRTY_E_365, DayCount.PERIOD_30_ACT})
_ACTUAL_YEAR = {DayCount.ACT_365F: 365, DayCount.ACT_360: 360, DayCount.ACT_364: 364, DayCount.ACT_366: 366}
_PERIOD_YEAR = {DayCount.PERIOD_30_360: 360, DayCount.PERIOD_30_364: 364, DayCount.PERIOD_30_365: 365}
_THIRTY_YEAR = {
    DayCount.THIRTY_360_US: 360, DayCount.THIRTY_E_360: 360, DayCount.THIRTY_E_360_ISDA: 360, DayCount.THIRTY_E_365: 365}


class CountedDay(StrEnum):
    """Of the days from one date to another, which end is counted. It decides the year or the rate a night belongs to."""

    FIRST = "first"  # 算头不算尾
    LAST = "last"  # 算尾不算头


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time within one period: the whole of it or a part."""

    starts_on: date
    ends_on: date
    period: Period

    @property
    def days(self) -> int:
        """Actual days."""
        return (self.ends_on - self.starts_on).days


def year_share(span: Span, *, day_count: DayCount, counted_day: CountedDay = CountedDay.FIRST) -> Fraction:
    """Return the share of a year, exactly; for ACT_DAILY the number of days."""
    if day_count is DayCount.ACT_DAILY:
        return Fraction(span.days)
    if day_count in _ACTUAL_YEAR:
        return Fraction(span.days, _ACTUAL_YEAR[day_count])
    if day_count is DayCount.ACT_ACT_ISDA:
        return _by_calendar_year(span, counted_day=counted_day)
    if day_count is DayCount.NL_365:
        return Fraction(span.days - _leap_days(span, counted_day=counted_day), 365)
    if day_count in _THIRTY_YEAR:
        return Fraction(thirty_days(span.starts_on, span.ends_on, day_count=day_count), _THIRTY_YEAR[day_count])
    return _whole_period(span.period, day_count=day_count) * period_share(span)


def counted_days(span: Span, *, day_count: DayCount, counted_day: CountedDay = CountedDay.FIRST) -> int:
    """Return the days the convention counts: thirty a month for the 30-day months, else actual ones."""
    if day_count in _THIRTY_YEAR:
        return thirty_days(span.starts_on, span.ends_on, day_count=day_count)
    if day_count is DayCount.NL_365:
        return span.days - _leap_days(span, counted_day=counted_day)
    return span.days


def period_share(span: Span) -> Fraction:
    """Return the part of its period the span covers, by actual days."""
    days = span.period.days
    return Fraction(span.days, days) if days else ZERO


def _by_calendar_year(span: Span, *, counted_day: CountedDay) -> Fraction:
    """Return each calendar year's days over its own length. Counting the last day moves the border to 31 December."""
    total, start = ZERO, span.starts_on
    while start < span.ends_on:
        year = (start.year + 1) if counted_day is CountedDay.LAST and (start.month, start.day) == (12, 31) else start.year
        border = date(year + 1, 1, 1) if counted_day is CountedDay.FIRST else date(year, 12, 31)
        until = min(border, span.ends_on)
        total += Fraction((until - start).days, 366 if isleap(year) else 365)
        start = until
    return total


def _leap_days(span: Span, *, counted_day: CountedDay) -> int:
    """Return how many 29ths of February are among the counted days."""
    found = 0
    for year in range(span.starts_on.year, span.ends_on.year + 1):
        if isleap(year):
            day = date(year, 2, 29)
            is_first = counted_day is CountedDay.FIRST
            found += (span.starts_on <= day < span.ends_on) if is_first else (span.starts_on < day <= span.ends_on)
    return found


def _is_february_end(day: date) -> bool:
    return day.month == 2 and day == months_later(day, 0, day_of_month=31)


def thirty_days(start: date, end: date, *, day_count: DayCount) -> int:
    """Return days between two dates with months of thirty days, by the variant's rule for 31st and February."""
    first, last = start.day, end.day
    if day_count is DayCount.THIRTY_360_US:
        first = 30 if first == 31 else first
        last = 30 if last == 31 and first == 30 else last
    elif day_count is DayCount.THIRTY_E_360_ISDA:
        first = 30 if first == 31 or _is_february_end(start) else first
        last = 30 if last == 31 or _is_february_end(end) else last
    else:
        first, last = min(first, 30), min(last, 30)
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def _whole_period(period: Period, *, day_count: DayCount) -> Fraction:
    """Return the share of a year the whole period counts for under the conventions that go by periods."""
    months = period.months
    if day_count is DayCount.PERIOD:
        if months is not None:
            return months / 12
        if period.unit is PeriodUnit.WEEKS:
            return Fraction(period.days, 7 * 52)
        return Fraction(period.days, 365)
    if day_count is DayCount.PERIOD_30_ACT:
        year = 366 if isleap(period.starts_on.year) else 365
    else:
        year = _PERIOD_YEAR[day_count]
    return (Fraction(period.days) if months is None else 30 * months) / year
