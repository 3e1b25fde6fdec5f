"""Punctuality, buckets and categories (R7.2, R7.7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from weidai.lending.rules import LoanTerms, RepaymentMethod, loan_open, schedule_build
from weidai.servicing.rules import (
    ClassThresholds,
    LoanClass,
    NextDue,
    Punctuality,
    bucket,
    five_category,
    next_due,
    punctuality,
)

DUE = date(2026, 3, 10)
DAY_BEGINS = datetime(2026, 3, 9, 16, tzinfo=UTC)  # 00:00 of the due date in Shanghai
DAY_ENDS = DAY_BEGINS + timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("received_at", "expected"),
    [
        (DAY_BEGINS - timedelta(days=5), Punctuality.PROMPT),
        (DAY_BEGINS, Punctuality.PROMPT),
        (DAY_BEGINS + TICK, Punctuality.ON_TIME),
        (DAY_ENDS - TICK, Punctuality.ON_TIME),
        (DAY_ENDS, Punctuality.OVERDUE),
    ],
)
def test_punctuality_by_the_instant_of_receipt(received_at: datetime, expected: Punctuality) -> None:
    assert punctuality(DUE, received_at=received_at) is expected


def test_the_first_debit_window_is_prompt() -> None:
    six = DAY_BEGINS + timedelta(hours=6)
    assert punctuality(DUE, received_at=six, is_first_window_debit=True) is Punctuality.PROMPT
    assert punctuality(DUE, received_at=DAY_ENDS, is_first_window_debit=True) is Punctuality.OVERDUE


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, "current"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (90, "days_61_90"),
        (91, "days_91_180"),
        (180, "days_91_180"),
        (181, "days_181_plus"),
    ],
)
def test_buckets(days: int, name: str) -> None:
    assert bucket(days) == name


@pytest.mark.parametrize(
    ("days", "category"),
    [
        (0, LoanClass.NORMAL),
        (1, LoanClass.SPECIAL_MENTION),
        (90, LoanClass.SPECIAL_MENTION),
        (91, LoanClass.SUBSTANDARD),
        (270, LoanClass.SUBSTANDARD),
        (271, LoanClass.DOUBTFUL),
        (361, LoanClass.LOSS),
    ],
)
def test_five_categories(days: int, category: LoanClass) -> None:
    assert five_category(days) is category


def test_thresholds_are_the_operators() -> None:
    assert five_category(5, thresholds=ClassThresholds(special_mention=10)) is LoanClass.NORMAL
    with pytest.raises(ValueError, match="rise"):
        ClassThresholds(substandard=300)


def test_next_due_is_the_earliest_row_not_past_due() -> None:
    state = loan_open(
        schedule_build(LoanTerms(1_000_000, 50_000, RepaymentMethod.EQUAL_PRINCIPAL, 5, date(2018, 9, 11)))
    )
    assert next_due(state, on=date(2018, 10, 11)) == NextDue(date(2018, 10, 11), 215_000)
    assert next_due(state, on=date(2018, 10, 12)) == NextDue(date(2018, 11, 11), 212_400)
    assert next_due(state, on=date(2019, 2, 12)) is None
