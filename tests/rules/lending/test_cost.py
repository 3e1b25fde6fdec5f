"""Cost of a loan: yuan, simple rate, dated internal rate (R6.2, FACTS §2.2)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from tests.rules.lending.strategies import loan_terms
from weidai.lending.rules import (
    LoanTerms,
    RepaymentMethod,
    annual_cost,
    irr_annual,
    irr_simple,
    percent_text,
    schedule_build,
    total_cost,
)


def test_golden_costs_of_the_2018_loan() -> None:
    schedule = schedule_build(LoanTerms(1_000_000, 50_000, RepaymentMethod.EQUAL_PRINCIPAL, 5, date(2018, 9, 11)))
    cost, annual = total_cost(schedule), annual_cost(schedule)
    assert (cost.principal_fen, cost.interest_fen, cost.fee_fen, cost.total_fen) == (1_000_000, 45_700, 0, 1_045_700)
    assert annual.apr_simple_ppm == 182_500
    assert percent_text(annual.irr_simple) == "18.25%"
    assert percent_text(annual.irr_effective) == "19.86%"


def test_one_payment_after_a_year_has_its_closed_form() -> None:
    schedule = schedule_build(LoanTerms(1_000_000, 50_000, RepaymentMethod.BULLET, 12, date(2023, 1, 1)))
    assert irr_annual(schedule) == pytest.approx(0.1825, abs=1e-12)
    assert irr_simple(schedule) == pytest.approx(12 * (1.1825 ** (1 / 12) - 1), abs=1e-12)


def test_a_loan_without_interest_costs_nothing() -> None:
    schedule = schedule_build(LoanTerms(1_000_000, 0, RepaymentMethod.LEVEL_PAYMENT, 12, date(2023, 1, 1)))
    assert irr_annual(schedule) == 0.0
    assert total_cost(schedule).interest_fen == 0


@given(loan_terms(smallest_fen=500))
def test_the_payments_discounted_at_the_rate_are_worth_the_principal(loan: LoanTerms) -> None:
    schedule = schedule_build(loan)
    rate = irr_annual(schedule)
    worth = sum(
        row.due_fen * (1 + rate) ** (-(row.due_on - loan.starts_on).days / 365) for row in schedule.installments
    )
    assert worth == pytest.approx(loan.principal_fen, rel=1e-9)
