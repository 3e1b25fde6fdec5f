"""Working time in China: holidays, make-up working days, and when a stage should be done (R4.3). Pure, never raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from weidai.kernel.days import SHANGHAI, shanghai_date, shanghai_instant

_SATURDAY = 5
_LONGEST_SEARCH_DAYS = 4000  # no run of closed days comes near it; a bound on the loop


@dataclass(frozen=True, slots=True)
class Expected:
    """An instant told to the customer; uncertain when it rests on a year whose holidays are not published yet."""

    at: datetime  # UTC
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Published holidays and make-up days, and the opening hours, Asia/Shanghai.

    A year without a published table knows weekends and the operator's own days only, and says that it is uncertain.
    """

    holidays: frozenset[date]
    make_up_days: frozenset[date]
    covered_years: frozenset[int]
    opens: time
    closes: time

    @property
    def minutes_per_day(self) -> int:
        """Working minutes of a working day."""
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day: make-up days do, holidays do not, else Monday to Friday."""
        if day in self.make_up_days:
            return True
        return day not in self.holidays and day.weekday() < _SATURDAY

    def is_certain(self, day: date) -> bool:
        """Say whether the year's holidays are published."""
        return day.year in self.covered_years

    def is_open(self, at: datetime) -> bool:
        """Say whether an instant is within working time; the closing minute is not."""
        local = at.astimezone(SHANGHAI)
        return self.is_working_day(local.date()) and self.opens <= local.time() < self.closes

    def next_open(self, at: datetime) -> datetime:
        """Return the instant itself when it is working time, else the next opening, in UTC."""
        if self.is_open(at):
            return at
        day = shanghai_date(at)
        opening = shanghai_instant(day, self.opens)
        if self.is_working_day(day) and at < opening:
            return opening
        return shanghai_instant(self.working_days_after(day, 1), self.opens)

    def working_days_after(self, day: date, count: int) -> date:
        """Return the count-th working day after a day (R4.5: appeals within 5 of them)."""
        for _ in range(_LONGEST_SEARCH_DAYS):
            if count <= 0:
                break
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def after_working_minutes(self, at: datetime, minutes: int) -> Expected:
        """Return the instant when so many working minutes have passed since `at`."""
        start = self.next_open(at)
        left = timedelta(minutes=minutes)
        for _ in range(_LONGEST_SEARCH_DAYS):
            closing = shanghai_instant(shanghai_date(start), self.closes)
            if left <= closing - start:
                break
            left -= closing - start
            start = self.next_open(closing)
        end = start + left
        return Expected(end, self._is_uncertain_between(at, end))

    def after_minutes(self, at: datetime, minutes: int) -> Expected:
        """Return the instant so many minutes of the clock later; the calendar does not matter to it."""
        return Expected(at + timedelta(minutes=minutes), is_uncertain=False)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Return whole working minutes from `start` to `end`: the SLA clock; 0 when `end` is not later."""
        total = timedelta()
        day, last = shanghai_date(start), shanghai_date(end)
        for _ in range(_LONGEST_SEARCH_DAYS):
            if day > last:
                break
            if self.is_working_day(day):
                opened = max(start, shanghai_instant(day, self.opens))
                closed = min(end, shanghai_instant(day, self.closes))
                total += max(closed - opened, timedelta())
            day += timedelta(days=1)
        return int(total.total_seconds()) // 60

    def _is_uncertain_between(self, start: datetime, end: datetime) -> bool:
        return not all(
            year in self.covered_years for year in range(shanghai_date(start).year, shanghai_date(end).year + 1)
        )
