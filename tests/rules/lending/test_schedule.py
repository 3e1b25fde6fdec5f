"""Schedule laws and golden tables (R3.1, ARCHITECTURE §3)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given

from tests.rules.lending.strategies import loan_terms
from weidai.kernel.money import E8, round_half_up
from weidai.lending.rules import (
    LoanTerms,
    RepaymentMethod,
    Schedule,
    due_dates,
    pay_later_minimum,
    schedule_build,
)

MONTHLY = (RepaymentMethod.EQUAL_PRINCIPAL, RepaymentMethod.LEVEL_PAYMENT, RepaymentMethod.INTEREST_ONLY_BULLET)


def terms(**changes: object) -> LoanTerms:
    values: dict[str, object] = {
        "principal_fen": 1_000_000,
        "daily_rate_e8": 50_000,
        "method": RepaymentMethod.EQUAL_PRINCIPAL,
        "term_months": 5,
        "starts_on": date(2018, 9, 11),
    }
    return LoanTerms(**(values | changes))  # type: ignore[arg-type]


def interests(schedule: Schedule) -> list[int]:
    return [row.interest_fen for row in schedule.installments]


def test_golden_equal_principal_of_2018() -> None:
    schedule = schedule_build(terms())
    assert interests(schedule) == [15_000, 12_400, 9_000, 6_200, 3_100]
    assert [row.principal_fen for row in schedule.installments] == [200_000] * 5
    assert schedule.ends_on == date(2019, 2, 11)


def test_golden_pay_later_statement() -> None:
    revolving = terms(
        principal_fen=500_000,
        daily_rate_e8=40_000,
        method=RepaymentMethod.REVOLVING,
        term_months=12,
        starts_on=date(2023, 9, 1),
    )
    rows = schedule_build(revolving).installments
    assert [(row.interest_fen, row.due_fen) for row in rows[:3]] == [(6_000, 56_000), (5_580, 50_580), (4_860, 45_360)]
    assert pay_later_minimum(500_000, interest_fen=6_000).total_fen == 56_000
    assert pay_later_minimum(10_000, interest_fen=120).total_fen == 10_120
    assert pay_later_minimum(10_001, interest_fen=0).total_fen == 1_000


def test_golden_level_payment() -> None:
    schedule = schedule_build(terms(method=RepaymentMethod.LEVEL_PAYMENT, term_months=12))
    dues = {row.due_fen for row in schedule.installments[:-1]}
    assert dues == {schedule.size_fen} == {91_779}
    assert abs(schedule.installments[-1].due_fen - schedule.size_fen) <= 12


@pytest.mark.parametrize("principal_fen", [13_000, 130])
@pytest.mark.parametrize("method", MONTHLY)
def test_twelve_months_have_twelve_rows(principal_fen: int, method: RepaymentMethod) -> None:
    rows = schedule_build(terms(principal_fen=principal_fen, method=method, term_months=12)).installments
    assert len(rows) == 12
    assert sum(row.principal_fen for row in rows) == principal_fen


@pytest.mark.parametrize(
    ("starts_on", "due_day", "first"),
    [
        (date(2024, 1, 15), 21, date(2024, 2, 21)),  # the nearest due day is skipped
        (date(2024, 1, 21), 21, date(2024, 2, 21)),
        (date(2024, 1, 25), 21, date(2024, 3, 21)),
        (date(2024, 1, 31), None, date(2024, 2, 29)),
        (date(2023, 1, 31), 31, date(2023, 2, 28)),
        (date(2023, 2, 28), 31, date(2023, 3, 31)),
        (date(2023, 12, 25), 1, date(2024, 2, 1)),
    ],
)
def test_first_due_date(starts_on: date, due_day: int | None, first: date) -> None:
    assert due_dates(terms(starts_on=starts_on, due_day=due_day))[0] == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"principal_fen": 0},
        {"term_months": 0},
        {"term_months": 121},
        {"due_day": 32},
        {"daily_rate_e8": -1},
        {"daily_rate_e8": 65_754},  # 24.00021 % a year
        {"penalty_daily_rate_e8": -1},
    ],
)
def test_impossible_terms_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|cannot|above"):
        terms(**wrong)


@given(loan_terms())
def test_schedule_laws(loan: LoanTerms) -> None:
    schedule = schedule_build(loan)
    rows = schedule.installments
    assert sum(row.principal_fen for row in rows) == loan.principal_fen
    assert all(row.principal_fen >= 0 and row.interest_fen >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].starts_on == loan.starts_on
    assert all(row.due_on == following.starts_on for row, following in pairwise(rows))
    assert all((row.due_on - row.starts_on).days >= 28 for row in rows)
    assert rows[-1].remaining_fen == 0
    assert schedule.total_fen == sum(row.due_fen for row in rows) == loan.principal_fen + schedule.interest_fen
    if loan.method in MONTHLY:
        assert len(rows) == loan.term_months
    elif loan.method is RepaymentMethod.BULLET:
        assert len(rows) == 1


@given(loan_terms())
def test_billed_interest_is_the_rounded_day_by_day_sum(loan: LoanTerms) -> None:
    numerator = billed = principal_days = 0
    outstanding = loan.principal_fen
    for row in schedule_build(loan).installments:
        day = row.starts_on
        while day < row.due_on:
            numerator += outstanding * loan.daily_rate_e8
            principal_days += outstanding
            day += timedelta(days=1)
        billed += row.interest_fen
        within_cap = principal_days * loan.annual_cap_ppm // (365 * 10**6)
        assert billed == min(round_half_up(numerator, E8), max(within_cap, numerator // E8))
        assert billed <= within_cap
        outstanding -= row.principal_fen


@given(loan_terms(smallest_fen=1_000))
def test_the_residue_is_bounded(loan: LoanTerms) -> None:
    schedule = schedule_build(loan)
    rows = schedule.installments
    if loan.method is RepaymentMethod.EQUAL_PRINCIPAL:
        assert {row.principal_fen for row in rows[:-1]} <= {schedule.size_fen}
        assert 0 <= rows[-1].principal_fen - schedule.size_fen < len(rows)
    if loan.method is RepaymentMethod.LEVEL_PAYMENT:
        assert {row.due_fen for row in rows[:-1]} <= {schedule.size_fen}
        assert abs(rows[-1].due_fen - schedule.size_fen) <= 2 * len(rows)
