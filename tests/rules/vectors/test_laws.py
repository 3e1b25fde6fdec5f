"""Laws of the convention engine, and its agreement with the rules the platform lends by (ARCHITECTURE §3)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from tests.rules.lending.strategies import loan_terms
from weidai.kernel.money import E8
from weidai.lending.conventions import terms as t
from weidai.lending.conventions.day_count import CountedDay, DayCount, Span, year_share
from weidai.lending.conventions.engine import compute
from weidai.lending.conventions.exact import Rounding, RoundingMode, decimal_text, parse_number
from weidai.lending.conventions.installment import LevelProblem, level_installment
from weidai.lending.conventions.periods import FirstPeriod, Period, PeriodRule, PeriodUnit, build_periods
from weidai.lending.rules import LoanTerms, RepaymentMethod, schedule_build

NO_CAP = 10_000_000
METHODS = {
    RepaymentMethod.EQUAL_PRINCIPAL: t.Method.EQUAL_PRINCIPAL, RepaymentMethod.LEVEL_PAYMENT: t.Method.LEVEL_PAYMENT,
    RepaymentMethod.INTEREST_ONLY_BULLET: t.Method.INTEREST_ONLY, RepaymentMethod.BULLET: t.Method.BULLET,
    RepaymentMethod.REVOLVING: t.Method.REVOLVING_MINIMUM,
}


def as_case(loan: LoanTerms) -> t.Case:
    """Return a loan of the platform in the general conventions."""
    size_mode = RoundingMode.HALF_UP if loan.method is RepaymentMethod.LEVEL_PAYMENT else RoundingMode.FLOOR
    return t.Case(
        principal_fen=Fraction(loan.principal_fen), rate=t.Rate(Fraction(loan.daily_rate_e8, E8), t.RatePer.DAY),
        starts_on=loan.starts_on, count=loan.term_months,
        conventions=t.Conventions(
            method=METHODS[loan.method],
            periods=PeriodRule(due_day=loan.due_day, first_period=FirstPeriod.SKIP_ONE),
            interest=t.InterestRule(day_count=DayCount.ACT_DAILY, rounded_at=t.InterestRoundedAt.CUMULATIVE),
            installment=t.InstallmentRule(rounding=Rounding(size_mode)),
            when_repaid=t.WhenRepaid.ENDS if loan.method is RepaymentMethod.REVOLVING else t.WhenRepaid.KEEPS_ROWS))


@given(loan_terms())
def test_the_platform_lends_by_these_conventions(loan: LoanTerms) -> None:
    loan = replace(loan, annual_cap_ppm=NO_CAP)
    rows = compute(as_case(loan)).rows
    planned = schedule_build(loan).installments
    assert [(row.due_on, row.principal_fen, row.interest_fen, row.balance_after_fen) for row in rows] == [
        (row.due_on, row.principal_fen, row.interest_fen, row.remaining_fen) for row in planned]


amounts = st.integers(1, 10**9).map(Fraction)
roundings = st.builds(Rounding, st.sampled_from([m for m in RoundingMode if m is not RoundingMode.NONE]),
                      st.sampled_from([Fraction(1), Fraction(10), Fraction(100)]))
plain_counts = [DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_364, DayCount.ACT_ACT_ISDA, DayCount.THIRTY_E_360,
                DayCount.PERIOD, DayCount.NL_365, DayCount.PERIOD_30_365]


@st.composite
def cases(draw: st.DrawFn) -> t.Case:
    """Draw loans under conventions of every kind, with a tranche and repayments."""
    starts_on = draw(st.dates(date(2019, 1, 1), date(2027, 12, 31)))
    count = draw(st.integers(1, 24))
    method = draw(st.sampled_from([m for m in t.Method if m is not t.Method.BULLET]))
    principal = draw(amounts)
    rule = t.InterestRule(day_count=draw(st.sampled_from(plain_counts)), counted_day=draw(st.sampled_from(CountedDay)),
                          rounding=draw(roundings), rounded_at=draw(st.sampled_from(t.InterestRoundedAt)))
    periods = PeriodRule(unit=draw(st.sampled_from(PeriodUnit)), every=draw(st.integers(1, 3)))
    early = t.EarlyRule(draw(st.sampled_from(t.EarlyTakesEffect)), draw(st.sampled_from(t.EarlyCovers)),
                        draw(st.sampled_from(t.ExcessRule)))
    events = [t.Event(t.EventKind.DISBURSEMENT, starts_on, principal)]
    last = build_periods(periods, starts_on=starts_on, count=count)[-1].ends_on
    for kind in draw(st.lists(st.sampled_from([t.EventKind.DISBURSEMENT, t.EventKind.REPAYMENT, t.EventKind.PREPAYMENT]),
                              max_size=4)):
        on = draw(st.dates(starts_on, last - timedelta(days=1)))
        events.append(t.Event(kind, on, draw(amounts)))
    return t.Case(
        principal_fen=principal, rate=t.Rate(Fraction(draw(st.integers(0, 3600)), 10_000)), starts_on=starts_on, count=count,
        conventions=t.Conventions(method=method, periods=periods, interest=rule, early=early,
                                  installment=t.InstallmentRule(rounding=draw(roundings))),
        events=tuple(events))


def drawn(case: t.Case) -> Fraction:
    return sum((event.amount_fen for event in case.events if event.kind is t.EventKind.DISBURSEMENT), Fraction(0))


def _repaid_but_for_its_own_interest() -> t.Case:
    """The last but one row receives everything that is owed, a fen of which its own interest takes."""
    starts_on = date(2025, 11, 24)
    events = (t.Event(t.EventKind.DISBURSEMENT, starts_on, Fraction(4730)),
              t.Event(t.EventKind.REPAYMENT, date(2029, 3, 23), Fraction(455)))
    rule = t.InterestRule(rounded_at=t.InterestRoundedAt.SEGMENT)
    early = t.EarlyRule(t.EarlyTakesEffect.PAYMENT_DATE, t.EarlyCovers.PRINCIPAL, t.ExcessRule.PAYS_NEXT_ROWS)
    return t.Case(Fraction(4730), t.Rate(Fraction(1003, 5000)), starts_on, 21, t.Conventions(
        method=t.Method.EQUAL_PRINCIPAL, periods=PeriodRule(every=2), interest=rule, early=early), events)


@given(cases())
@example(_repaid_but_for_its_own_interest())
def test_principal_comes_back_once(case: t.Case) -> None:
    rows = compute(case).rows
    assert len(rows) <= (case.count or 0)
    assert sum(row.principal_fen + row.prepaid_fen for row in rows) == drawn(case)
    assert rows[-1].balance_after_fen == 0
    assert all(row.principal_fen >= 0 and row.interest_fen >= 0 for row in rows)


@given(cases())
def test_rows_are_chained_and_their_parts_are_whole_units(case: t.Case) -> None:
    rows, rule = compute(case).rows, case.conventions.interest
    for row, following in itertools.pairwise(rows):
        assert row.period.ends_on == following.period.starts_on
    if rule.rounded_at is t.InterestRoundedAt.ROW and case.conventions.early.excess is not t.ExcessRule.PAYS_NEXT_ROWS:
        assert all((row.interest_fen + row.prepaid_interest_fen) % rule.rounding.unit == 0 for row in rows)


@given(cases(), st.randoms())
def test_the_order_events_are_given_in_does_not_matter(case: t.Case, random: object) -> None:
    """Money of one day and kind adds up; other events are ordered by date and kind."""
    merged: dict[tuple[t.EventKind, date], t.Event] = {}
    for event in case.events:
        before = merged.get((event.kind, event.on))
        merged[event.kind, event.on] = replace(event, amount_fen=event.amount_fen + (before.amount_fen if before else 0))
    events = list(merged.values())
    ordered = compute(replace(case, events=tuple(events)))
    random.shuffle(events)  # type: ignore[attr-defined]
    assert compute(replace(case, events=tuple(events))) == ordered


@given(st.integers(1, 10**9), st.lists(st.integers(0, 5_000), max_size=36))
def test_the_level_installment_repays_exactly(debt: int, factors: list[int]) -> None:
    later = [Fraction(factor, 100_000) for factor in factors]
    installment = level_installment(LevelProblem(Fraction(debt), later))
    owed = Fraction(debt)
    for factor in later:
        owed = (owed - installment) * (1 + factor)
    assert owed == installment


ADDITIVE = [DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA, DayCount.NL_365, DayCount.THIRTY_E_360, DayCount.PERIOD]


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(0, 900), st.integers(0, 900),
       st.sampled_from(ADDITIVE), st.sampled_from(CountedDay))
def test_time_adds_up(start: date, first: int, second: int, day_count: DayCount, counted: CountedDay) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    period = Period(1, start, end, end, PeriodUnit.MONTHS, Fraction(7, 2))
    parts = [year_share(Span(a, b, period), day_count=day_count, counted_day=counted)
             for a, b in ((start, middle), (middle, end), (start, end))]
    assert parts[0] + parts[1] == parts[2]


@given(st.fractions(-1000, 1000), roundings)
def test_a_rounding_moves_less_than_its_unit(value: Fraction, rounding: Rounding) -> None:
    rounded = rounding(value)
    assert rounded % rounding.unit == 0 and abs(rounded - value) < rounding.unit
    if rounding.mode in (RoundingMode.HALF_UP, RoundingMode.HALF_EVEN, RoundingMode.HALF_DOWN):
        assert abs(rounded - value) * 2 <= rounding.unit
        assert rounding(-value) == -rounded


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-10**9, max_value=10**9))
def test_numbers_survive_reading_and_writing(number: object) -> None:
    value = parse_number(f"{number:f}")
    assert parse_number(decimal_text(value)) == value == Fraction(str(number))


@given(st.integers(1_000, 5_000_000), st.integers(0, 400), st.integers(0, 300_000), st.integers(1, 65_000))
def test_penalty_never_passes_the_cap(principal: int, late_days: int, penalty_e8: int, rate_e8: int) -> None:
    starts_on = date(2024, 1, 1)
    rule = t.PenaltyRule(t.Rate(Fraction(penalty_e8, E8), t.RatePer.DAY), DayCount.ACT_DAILY, annual_cap=Fraction(24, 100))
    case = t.Case(
        principal_fen=Fraction(principal), rate=t.Rate(Fraction(rate_e8, E8), t.RatePer.DAY), starts_on=starts_on, count=1,
        conventions=t.Conventions(method=t.Method.EQUAL_PRINCIPAL, interest=t.InterestRule(
            day_count=DayCount.ACT_DAILY, rounding=Rounding(RoundingMode.FLOOR)),
            arrears=t.ArrearsRule(t.ArrearsInterest.NONE, penalty=rule)),
        as_of=date(2024, 2, 1) + timedelta(days=late_days))
    (row,) = compute(case).rows
    assert row.interest_fen + row.penalty_fen <= Fraction(principal * 24 * (31 + late_days), 36_500)
