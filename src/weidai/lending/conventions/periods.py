"""Repayment periods: every so many months, weeks or days, on given dates or of given lengths; first periods; holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from weidai.kernel.days import months_later

BASE_DAY = date(2001, 1, 1)  # stands in where a case states no dates and its conventions need none
MOST_PERIODS = 1200


class PeriodUnit(StrEnum):
    """What periods are counted in."""

    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


class MonthEnd(StrEnum):
    """Where a monthly date falls when the loan began late in a month."""

    CLIP = "clip"  # the same day, or the month's last when it has no such day
    LAST_DAY = "last_day"  # always the month's last day when the loan began on one
    ROLL_FORWARD = "roll_forward"  # the first of the next month when the month has no such day


class FirstPeriod(StrEnum):
    """Which date is the first due one when a due day is agreed."""

    NEXT_DUE_DAY = "next_due_day"  # the first due day after the start: the first period may be short
    WHOLE_PERIOD = "whole_period"  # the first due day at least one whole period after the start: it may be long
    SKIP_ONE = "skip_one"  # the second due day on or after the start (FACTS §1.1)


class HolidayRule(StrEnum):
    """What a due date on a day off becomes."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"  # following, unless that is in the next month; then preceding
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Holidays and weekly days off, and what they do to due dates and to interest."""

    rule: HolidayRule = HolidayRule.NONE
    holidays: frozenset[date] = frozenset()
    weekly: frozenset[int] = frozenset()  # 1 = Monday … 7 = Sunday
    moves_interest: bool = False  # whether interest runs to the moved date or to the regular one

    def moved(self, day: date) -> date:
        """Return the date payment is due when it would fall on `day`."""
        if self.rule is HolidayRule.NONE or not self._is_off(day):
            return day
        if self.rule is HolidayRule.PRECEDING:
            return self._nearest(day, step=-1)
        following = self._nearest(day, step=1)
        if self.rule is HolidayRule.MODIFIED_FOLLOWING and following.month != day.month:
            return self._nearest(day, step=-1)
        return following

    def _is_off(self, day: date) -> bool:
        return day in self.holidays or day.isoweekday() in self.weekly

    def _nearest(self, day: date, *, step: int) -> date:
        for _ in range(366):
            if not self._is_off(day):
                return day
            day += timedelta(days=step)
        raise ValueError("no working day within a year")


@dataclass(frozen=True, slots=True)
class Period:
    """One period: interest runs from `starts_on` to `ends_on`, payment is due on `due_on`."""

    number: int
    starts_on: date
    ends_on: date
    due_on: date
    unit: PeriodUnit
    months: Fraction | None  # length in months; None when it is not counted in months

    @property
    def days(self) -> int:
        """Actual days."""
        return (self.ends_on - self.starts_on).days


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """How due dates follow from the start. Explicit `dates` or `lengths` in days win over counting."""

    every: int = 1
    unit: PeriodUnit = PeriodUnit.MONTHS
    due_day: int | None = None
    first_due_on: date | None = None
    first_period: FirstPeriod = FirstPeriod.WHOLE_PERIOD
    month_end: MonthEnd = MonthEnd.CLIP
    dates: tuple[date, ...] = ()
    lengths: tuple[int, ...] = ()
    days_off: DaysOff = field(default_factory=DaysOff)


def build_periods(rule: PeriodRule, *, starts_on: date, count: int) -> tuple[Period, ...]:
    """Return `count` periods from the start. Lengths of odd first periods are exact: whole months and days of a month."""
    if not 1 <= count <= MOST_PERIODS:
        raise ValueError(f"1 to {MOST_PERIODS} periods")
    if rule.dates or rule.lengths:
        ends: Sequence[date] = rule.dates or _ends_by_length(rule.lengths, starts_on=starts_on)
        if len(ends) < count:
            raise ValueError("fewer dates than periods")
        return _periods(ends[:count], rule=rule, starts_on=starts_on, has_regular=False)
    return _periods(_ends_by_rule(rule, starts_on=starts_on, count=count), rule=rule, starts_on=starts_on, has_regular=True)


def broken_part(rule: PeriodRule, *, starts_on: date, first: Period) -> tuple[date, date] | None:
    """Return the days before the first whole period when the first one is longer than a whole period, else None."""
    whole_from = _shifted(rule, first.ends_on, steps=-1, day=first.ends_on.day)
    return (starts_on, whole_from) if whole_from > starts_on else None


def periods_after_due_day_change(
    periods: Sequence[Period], *, on: date, due_day: int, is_longer: bool
) -> tuple[Period, ...]:
    """Return the periods with every due date after `on` moved to the new day of the month.

    The first moved date is the next such day on or after the old one (longer) or the last on or before it (shorter, but
    after `on` and after the period's start); the others follow monthly.
    """
    kept = [period for period in periods if period.ends_on <= on]
    moved = periods[len(kept) :]
    if not moved:
        return tuple(periods)
    first = months_later(moved[0].ends_on, 0, day_of_month=due_day)
    if is_longer and first < moved[0].ends_on:
        first = months_later(first, 1, day_of_month=due_day)
    if not is_longer and first > moved[0].ends_on:
        first = months_later(first, -1, day_of_month=due_day)
    if first <= max(on, moved[0].starts_on):
        first = months_later(first, 1, day_of_month=due_day)
    ends = [months_later(first, index, day_of_month=due_day) for index in range(len(moved))]
    result, start = list(kept), moved[0].starts_on
    for period, end in zip(moved, ends, strict=True):
        result.append(Period(period.number, start, end, end, PeriodUnit.MONTHS, months_between(start, end)))
        start = end
    return tuple(result)


def _ends_by_length(lengths: Sequence[int], *, starts_on: date) -> list[date]:
    ends, day = [], starts_on
    for length in lengths:
        day += timedelta(days=length)
        ends.append(day)
    return ends


def _ends_by_rule(rule: PeriodRule, *, starts_on: date, count: int) -> list[date]:
    first = rule.first_due_on or _first_due(rule, starts_on=starts_on)
    day = rule.due_day or (starts_on.day if rule.first_due_on is None else first.day)
    if rule.month_end is MonthEnd.LAST_DAY and _is_month_end(starts_on) and rule.due_day is None:
        day = 31
        first = months_later(first, 0, day_of_month=31) if rule.first_due_on is None else first
    return [_rolled(rule, _shifted(rule, first, steps=step, day=day), day=day) for step in range(count)]


def _first_due(rule: PeriodRule, *, starts_on: date) -> date:
    whole = _shifted(rule, starts_on, steps=1, day=starts_on.day)
    if rule.due_day is None or rule.unit is not PeriodUnit.MONTHS:
        return whole
    this_month = months_later(starts_on, 0, day_of_month=rule.due_day)
    if rule.first_period is FirstPeriod.NEXT_DUE_DAY:
        return this_month if this_month > starts_on else months_later(starts_on, 1, day_of_month=rule.due_day)
    if rule.first_period is FirstPeriod.SKIP_ONE:
        nearest_in = 0 if this_month >= starts_on else 1
        return months_later(starts_on, nearest_in + 1, day_of_month=rule.due_day)
    same_month = months_later(whole, 0, day_of_month=rule.due_day)
    return same_month if same_month >= whole else months_later(whole, 1, day_of_month=rule.due_day)


def _shifted(rule: PeriodRule, start: date, *, steps: int, day: int) -> date:
    """Return the date so many steps from another; monthly ones on the wanted day of the month."""
    if rule.unit is PeriodUnit.WEEKS:
        return start + timedelta(weeks=rule.every * steps)
    if rule.unit is PeriodUnit.DAYS:
        return start + timedelta(days=rule.every * steps)
    return months_later(start, rule.every * steps, day_of_month=day)


def _rolled(rule: PeriodRule, clipped: date, *, day: int) -> date:
    """Return the day after the month's end instead of that end, where the rule says so and the month lacks the day."""
    if rule.month_end is MonthEnd.ROLL_FORWARD and rule.unit is PeriodUnit.MONTHS and clipped.day < day:
        return clipped + timedelta(days=1)
    return clipped


def _periods(
    ends: Sequence[date], *, rule: PeriodRule, starts_on: date, has_regular: bool
) -> tuple[Period, ...]:
    result, start = [], starts_on
    for number, end in enumerate(ends, 1):
        due_on = rule.days_off.moved(end)
        until = due_on if rule.days_off.moves_interest else end
        if until < start or (until == start and number > 1):
            raise ValueError("due dates must rise")
        months: Fraction | None = None
        if rule.unit is PeriodUnit.MONTHS and not rule.lengths:
            is_regular = has_regular and number > 1
            months = Fraction(rule.every) if is_regular else months_between(start, end)
        result.append(Period(number, start, until, due_on, rule.unit, months))
        start = until
    return tuple(result)


def months_between(start: date, end: date) -> Fraction:
    """Return whole months counted back from the end, and the days left over the length of the month they lie in."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if _is_whole_months(start, end):
        return Fraction(months)
    back = months_later(end, -months)
    if back < start:
        months -= 1
        back = months_later(end, -months)
    month_before = months_later(end, -months - 1)
    return months + Fraction((back - start).days, (back - month_before).days)


def _is_whole_months(start: date, end: date) -> bool:
    """Whether the end is the start's day of its month, or that month's last day standing in for it."""
    return start.day == end.day or (_is_month_end(end) and start.day > end.day) or (
        _is_month_end(start) and end.day > start.day and _is_month_end(end))


def _is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).month != day.month
