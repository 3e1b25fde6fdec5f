"""The worked numbers of docs/explanation/money.md are what the rules compute."""

from __future__ import annotations

from datetime import date

import pytest

from tests.docs.render import REPOSITORY
from weidai.kernel.money import yuan_text
from weidai.lending.rules import (
    LoanTerms,
    RepaymentMethod,
    annual_cost,
    loan_open,
    owed,
    percent_text,
    schedule_build,
    settlement_quote,
)

PAGE = (REPOSITORY / "docs" / "explanation" / "money.md").read_text(encoding="utf-8")


def terms(method):
    return LoanTerms(principal_fen=1_000_000, daily_rate_e8=40_000, method=method, term_months=3,
                     starts_on=date(2026, 1, 10))


@pytest.mark.parametrize("method", ["level_payment", "equal_principal", "interest_only_bullet"])
def test_schedules_on_the_page(method):
    schedule = schedule_build(terms(RepaymentMethod(method)))
    part = PAGE.split(f"(`{method}`)")[1]
    rows = "\n".join(
        f"| {row.number} | {row.due_on} | {(row.due_on - row.starts_on).days} | {yuan_text(row.principal_fen)} "
        f"| {yuan_text(row.interest_fen)} | {yuan_text(row.principal_fen + row.interest_fen)} |"
        for row in schedule.installments)
    assert rows in part
    assert f"Total interest {yuan_text(schedule.interest_fen)}, total paid {yuan_text(schedule.total_fen)}." in part
    assert percent_text(annual_cost(schedule).apr_simple_ppm / 10**6).removesuffix("%") + " %" in PAGE


def test_settling_early_and_being_late_on_the_page():
    loan = loan_open(schedule_build(terms(RepaymentMethod.LEVEL_PAYMENT)))
    quote = settlement_quote(loan, on=date(2026, 1, 20))
    assert (quote.principal_fen + quote.interest_fen, quote.interest_saved_fen) == (1_004_000, 20_097)
    assert "pay-off figure is 10,040.00 and 200.97 of interest is saved" in PAGE
    late = owed(loan, on=date(2026, 2, 15))
    assert (late.due[0].penalty_fen, late.overdue_fen, late.days_past_due) == (822, 342_188, 5)
    assert "the penalty is 8.22" in PAGE
    assert "3,421.88" in PAGE
