"""Period factors: rate × share of time, over every rate the loan has had, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from weidai.lending.conventions.day_count import CountedDay, DayCount, Span, period_share, year_share
from weidai.lending.conventions.exact import ZERO
from weidai.lending.conventions.periods import Period, PeriodUnit
from weidai.lending.conventions.terms import Event, EventKind, InterestRule, Rate, RatePer


def rate_factor(rate: Rate, span: Span, *, rule: InterestRule, term_days: int) -> Fraction:
    """Return interest on one unit of principal over the span at one rate."""
    if rate.per is RatePer.PERIOD:
        return rate.value * period_share(span)
    if rate.per is RatePer.TERM:
        return rate.value * span.days / term_days
    share = year_share(span, day_count=rule.day_count, counted_day=rule.counted_day)
    return rate.value * share * (12 if rate.per is RatePer.MONTH else 1)


def rate_fits(rate: Rate, day_count: DayCount) -> bool:
    """Whether the day count measures time in what the rate is stated for: days for a daily rate, years otherwise."""
    if rate.per in (RatePer.PERIOD, RatePer.TERM):
        return True
    return (rate.per is RatePer.DAY) == (day_count is DayCount.ACT_DAILY)


@dataclass(frozen=True, slots=True)
class RateLine:
    """The loan's rates over time: (effective from, rate), in order."""

    rule: InterestRule
    term_days: int
    rates: tuple[tuple[date, Rate], ...]

    def factor(self, span: Span, *, known_on: date) -> Fraction:
        """Return the factor over the span, as far as rates were known on a date; later changes are not foreseen."""
        total, known = ZERO, [line for line in self.rates if line[0] <= known_on] or [self.rates[0]]
        for index, (since, rate) in enumerate(known):
            start = span.starts_on if index == 0 else max(since, span.starts_on)
            end = min(known[index + 1][0], span.ends_on) if index + 1 < len(known) else span.ends_on
            if start < end:
                total += rate_factor(rate, Span(start, end, span.period), rule=self.rule, term_days=self.term_days)
        return self.rule.factor_rounding(total) if self.rule.factor_rounding else total

    def borders(self, period: Period) -> list[date]:
        """Return the dates within a period (its start included) on which a new rate takes effect."""
        return [since for since, _ in self.rates[1:] if period.starts_on <= since < period.ends_on]

    def nominal_factor(self, *, unit: PeriodUnit, every: int, known_on: date) -> Fraction:
        """Return the factor of a period of regular length: thirty days a month, or its weeks or days."""
        days = every * {PeriodUnit.MONTHS: 30, PeriodUnit.WEEKS: 7, PeriodUnit.DAYS: 1}[unit]
        start = self.rates[0][0]
        end = start + timedelta(days=days)
        months = Fraction(every) if unit is PeriodUnit.MONTHS else None
        span = Span(start, end, Period(1, start, end, end, unit, months))
        rate = [line for line in self.rates if line[0] <= known_on][-1:] or [self.rates[0]]
        return rate_factor(rate[0][1], span, rule=self.rule, term_days=self.term_days)


def rate_line(rate: Rate, *, rule: InterestRule, starts_on: date, term_days: int, events: Sequence[Event]) -> RateLine:
    """Return the line of rates. With the last day counted, the night before a change already bears the new rate."""
    back = timedelta(days=1 if rule.counted_day is CountedDay.LAST else 0)
    changes = tuple((event.on - back, event.rate) for event in events if event.kind is EventKind.RATE_CHANGE and event.rate)
    return RateLine(rule=rule, term_days=term_days, rates=((starts_on, rate), *changes))
