"""Every fen explained: the lines of the derivation add up to what is owed and to what settles it (R6.6, R7.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.lending.strategies import loan_terms
from tests.rules.servicing.test_allocation import histories
from weidai.kernel.money import E8, round_half_up
from weidai.lending.rules import (
    LoanTerms,
    RepaymentMethod,
    accrued_interest_fen,
    charge_headroom_fen,
    charges_total_fen,
    interest_numerator_on,
    owed,
    penalties_unpaid_fen,
    principal_days_on,
    settlement_quote,
)
from weidai.servicing.rules import Component, CooledOff, Disbursed, LoanEvent, Paid, fold
from weidai.servicing.rules.explain import LoanExplanation, PrincipalRule, RowStatus, explain

START = date(2018, 9, 11)


def terms_of(**changes: object) -> LoanTerms:
    values: dict[str, object] = {
        "principal_fen": 1_000_000,
        "daily_rate_e8": 50_000,
        "method": RepaymentMethod.EQUAL_PRINCIPAL,
        "term_months": 5,
        "starts_on": START,
    }
    return LoanTerms(**(values | changes))  # type: ignore[arg-type]


def explained(*events: LoanEvent, on: date, **changes: object) -> LoanExplanation:
    return explain(terms_of(**changes), [Disbursed(START), *events], on=on)


# --- golden -----------------------------------------------------------------------------------------------------------


def test_the_known_loan_on_its_first_day_plans_150_124_90_62_31() -> None:
    found = explained(on=START)
    assert [row.interest.charged_fen for row in found.rows] == [15_000, 12_400, 9_000, 6_200, 3_100]
    assert [(part.days, part.principal_fen) for row in found.rows for part in row.interest.segments] == [
        (30, 1_000_000), (31, 800_000), (30, 600_000), (31, 400_000), (31, 200_000)]
    assert all(part.is_planned for row in found.rows for part in row.interest.segments)
    assert [row.principal_rule for row in found.rows] == [PrincipalRule.SHARE] * 4 + [PrincipalRule.REST]
    assert [row.status for row in found.rows] == [RowStatus.CURRENT] + [RowStatus.PLANNED] * 4
    assert found.owed.total_fen == 0
    assert (found.payoff.principal_fen, found.payoff.interest_fen) == (1_000_000, 0)


def test_the_known_loan_forty_days_late() -> None:
    found = explained(on=date(2018, 11, 20))
    first, second, third, *_ = found.rows
    assert (first.unpaid.principal_fen, first.unpaid.interest_fen, first.unpaid.penalty_fen) == (200_000, 15_000, 4_000)
    assert [(part.days, part.principal_fen, part.daily_rate_e8) for part in first.penalty.segments] == [
        (40, 200_000, 50_000)]
    assert [(part.days, part.principal_fen) for part in second.penalty.segments] == [(9, 200_000)]
    assert [(part.days, part.is_planned) for part in third.interest.segments] == [(9, False), (21, True)]
    assert third.accrued.charged_fen == 2_700  # 9 days × 6,000.00 × 0.05 %
    assert found.owed.total_fen == 432_300
    assert found.payoff.total_fen == 432_300 + 600_000 + 2_700
    assert found.cap.capped_on is None
    assert found.cap.cut_fen == 0


def test_a_part_payment_of_overdue_principal_splits_the_penalty() -> None:
    found = explained(Paid(date(2018, 10, 21), 116_000), on=date(2018, 10, 31))
    row = found.rows[0]
    assert [(part.days, part.principal_fen, part.numerator // E8) for part in row.penalty.segments] == [
        (10, 200_000, 1_000), (10, 100_000, 500)]
    assert (row.penalty.charged_fen, row.penalty.paid_fen, row.unpaid.penalty_fen) == (1_500, 1_000, 500)
    assert found.payments[0].changes == ()


def test_a_payment_ahead_shows_the_plan_it_changed() -> None:
    found = explained(Paid(date(2018, 10, 9), 215_000), on=date(2018, 10, 11))
    payment = found.payments[0]
    assert [(line.installment_number, line.component, line.amount_fen) for line in payment.lines] == [
        (1, Component.INTEREST, 14_000), (1, Component.PRINCIPAL, 200_000), (0, Component.PRINCIPAL, 1_000)]
    assert [(change.number, change.interest_before_fen, change.interest_after_fen) for change in payment.changes] == [
        (1, 15_000, 14_000), (2, 12_400, 13_184), (3, 9_000, 8_985), (4, 6_200, 6_184), (5, 3_100, 3_085)]
    assert (found.rows[0].ends_on, found.rows[1].starts_on) == (date(2018, 10, 9), date(2018, 10, 9))
    carry = found.rows[2].interest.carry_numerator
    assert carry == -E8 // 2  # 13,183.5 fen were asked as 13,184
    assert found.owed.total_fen == 0


def test_the_cap_says_where_it_stopped() -> None:
    on = date(2018, 10, 11) + timedelta(days=365)
    found = explained(on=on, term_months=1, penalty_daily_rate_e8=300_000)
    row = found.rows[0]
    assert row.penalty.rounded_fen == 1_000_000 * 365 * 3 // 1_000
    assert row.penalty.charged_fen == found.cap.headroom_fen == 259_726 - 15_000 - 1
    assert row.penalty.cut_fen == found.cap.cut_fen == 1_095_000 - 244_725
    stopped = found.cap.capped_on
    assert stopped == date(2018, 10, 14)  # day 3: 9,000 asked, 21,698.63 − 15,000 − 1 allowed
    before = explained(on=stopped - timedelta(days=1), term_months=1, penalty_daily_rate_e8=300_000)
    assert before.cap.capped_on is None


def test_cooling_off_leaves_no_interest() -> None:
    found = explained(CooledOff(START + timedelta(days=1), 1_000_300), on=START + timedelta(days=40))
    assert found.payoff.total_fen == 0
    assert all(row.interest.charged_fen == 0 and row.interest.segments == () for row in found.rows)
    assert (found.payments[0].is_cooling_off, found.payments[0].refund_fen) == (True, 300)


def test_a_day_before_the_money_arrived_has_no_explanation() -> None:
    with pytest.raises(ValueError, match="disbursement"):
        explained(on=START - timedelta(days=1))
    with pytest.raises(ValueError, match="disbursement"):
        explain(terms_of(), [Paid(START, 100)], on=START)


# --- laws -------------------------------------------------------------------------------------------------------------


@given(histories(), st.integers(0, 800))
def test_the_lines_add_up_to_what_is_owed_and_to_what_settles(history: tuple[LoanTerms, list[Paid]], wait: int) -> None:
    terms, payments = history
    events: list[LoanEvent] = [Disbursed(terms.starts_on), *payments]
    on = events[-1].on + timedelta(days=wait)
    state, found = fold(terms, events), explain(terms, events, on=on)
    debt, quote = owed(state, on=on), settlement_quote(state, on=on)
    assert found.state == state
    assert found.owed.total_fen == debt.total_fen
    for part in debt.due:
        row = found.rows[part.number - 1]
        assert row.is_due
        assert (row.unpaid.fee_fen, row.unpaid.penalty_fen, row.unpaid.interest_fen, row.unpaid.principal_fen) == (
            part.fee_fen, part.penalty_fen, part.interest_fen, part.principal_fen)
        assert row.days_past_due == part.days_past_due
    assert found.accrued_fen == accrued_interest_fen(state, on=on)
    payoff = found.payoff
    assert (payoff.principal_fen, payoff.interest_fen, payoff.penalty_fen, payoff.fee_fen, payoff.total_fen) == (
        quote.principal_fen, quote.interest_fen, quote.penalty_fen, quote.fee_fen, quote.total_fen)


@given(histories(), st.integers(0, 800))
def test_every_part_of_every_row_is_the_sum_of_its_lines(history: tuple[LoanTerms, list[Paid]], wait: int) -> None:
    terms, payments = history
    events: list[LoanEvent] = [Disbursed(terms.starts_on), *payments]
    on = events[-1].on + timedelta(days=wait)
    found = explain(terms, events, on=on)
    state = found.state
    billed = numerator = 0
    for row, kept in zip(found.rows, state.installments, strict=True):
        assert row.interest.charged_fen == kept.interest_fen
        assert (row.interest.numerator_before, row.interest.billed_before_fen) == (numerator, billed)
        assert row.interest.own_numerator == sum(part.numerator for part in row.interest.segments)
        numerator, billed = row.interest.numerator_after, billed + row.interest.charged_fen
        assert row.penalty.numerator == sum(part.numerator for part in row.penalty.segments)
        assert row.penalty.rounded_fen == round_half_up(row.penalty.numerator, E8)
        for component in Component:
            lines = [line for payment in found.payments for line in payment.lines]
            of_row = [line.amount_fen for line in lines if (line.installment_number, line.component) == (row.number, component)]
            assert sum(of_row) == getattr(row.paid, f"{component.value}_fen")
        for part in (*row.interest.segments, *row.penalty.segments):
            assert part.numerator == part.days * part.principal_fen * part.daily_rate_e8 >= 0
            assert part.days == (part.ends_on - part.starts_on).days > 0
    assert all(p.event.amount_fen == sum(line.amount_fen for line in p.lines) + p.refund_fen for p in found.payments)


@given(histories(), st.integers(0, 800))
def test_the_cap_is_derived_to_the_same_fen(history: tuple[LoanTerms, list[Paid]], wait: int) -> None:
    terms, payments = history
    events: list[LoanEvent] = [Disbursed(terms.starts_on), *payments]
    on = events[-1].on + timedelta(days=wait)
    found = explain(terms, events, on=on)
    state, cap = found.state, found.cap
    assert cap.principal_days == principal_days_on(state, on=on)
    assert cap.interest_numerator == interest_numerator_on(state, on=on)
    assert cap.headroom_fen == charge_headroom_fen(state, on=on)
    penalties = penalties_unpaid_fen(state, on=on)
    for row, kept in zip(found.rows, state.installments, strict=True):
        assert row.penalty.charged_fen == penalties.get(row.number, 0) + kept.penalty_paid_fen
    assert cap.penalty_fen + sum(row.accrued.charged_fen for row in found.rows) == charges_total_fen(state, on=on)
    assert (cap.capped_on is not None) >= any(row.is_due and row.penalty.cut_fen > 0 for row in found.rows)


@given(histories(), st.integers(0, 300), st.integers(0, 300))
def test_the_past_is_explained_by_what_was_known_then(
    history: tuple[LoanTerms, list[Paid]], days: int, wait: int
) -> None:
    terms, payments = history
    on = terms.starts_on + timedelta(days=days)
    known: list[LoanEvent] = [Disbursed(terms.starts_on), *(payment for payment in payments if payment.on <= on)]
    everything: list[LoanEvent] = [Disbursed(terms.starts_on), *payments]
    assert explain(terms, everything, on=on) == explain(terms, known, on=on)


@given(loan_terms(), st.integers(0, 400))
def test_no_day_is_counted_twice_or_left_out(terms: LoanTerms, days: int) -> None:
    found = explain(terms, [Disbursed(terms.starts_on)], on=terms.starts_on + timedelta(days=days))
    last = terms.starts_on
    for row in found.rows:
        for part in row.interest.segments:
            assert part.starts_on == last
            last = part.ends_on
    assert last == max(row.due_on for row in found.rows if row.principal_fen > 0)
