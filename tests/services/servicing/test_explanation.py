"""The debt derived again from stored payments: to the fen, with a bounded number of statements, on every surface (R6.6)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.services.lending_support import AT, at, borrower_make, confirm, drawdown_signed, loan_make
from typer.testing import CliRunner

from weidai.cli.main import app
from weidai.cli.output import console
from weidai.lending import selectors as lending
from weidai.lending.errors import LoanNotFound
from weidai.lending.rules import owed, settlement_quote
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import selectors
from weidai.servicing import services as servicing
from weidai.servicing.explain_sheet import LineKind


def pay(who, loan, amount_fen: int, *, days: int, reference: str) -> None:
    with at(AT + timedelta(days=days)):
        servicing.repayment_receive(who.id, amount_fen=amount_fen, received_at=clock.now(), channel="debit",
                                    reference=reference, loan_id=loan.id)


def lived(who):
    """A loan that was paid early once, then in part and late."""
    loan = loan_make(who)
    pay(who, loan, 40_000, days=10, reference="early")
    pay(who, loan, 70_000, days=40, reference="late")
    return loan


def assert_adds_up(found: selectors.LoanExplained) -> None:
    for section in found.sheet:
        counting = [line for line in section.lines if line.kind in (LineKind.CHARGE, LineKind.PAID)]
        totals = [line.amount_fen for line in section.lines if line.kind is LineKind.TOTAL]
        if totals:
            assert totals == [section.total_fen] == [sum(line.amount_fen or 0 for line in counting)], section
        for line in section.lines:
            assert (line.amount_fen is None) == (line.kind is LineKind.STEP), line
            assert line.label.zh and line.label.en and line.label.zh != line.label.en


@pytest.mark.parametrize("days", [0, 9, 10, 31, 40, 75, 200])
def test_the_sheet_says_what_the_loan_owes_to_the_fen(days):
    who = borrower_make()
    loan = lived(who)
    on = clock.today() + timedelta(days=days)
    found = selectors.loan_explanation(who.id, loan.id, on=on)
    state = lending.accounts_for(who.id, loan_id=loan.id)[0].state
    assert found.agrees is (True if on >= state.anchored_on else None)
    if on >= state.anchored_on:
        assert found.owed_fen == owed(state, on=on).total_fen
        assert found.payoff_fen == settlement_quote(state, on=on).total_fen
    assert_adds_up(found)


@pytest.mark.parametrize("method", ["equal_principal", "level_payment"])
def test_the_sheet_adds_up_for_each_method_and_after_settlement(method):
    who = borrower_make()
    loan = loan_make(who, method=method)
    assert_adds_up(selectors.loan_explanation(who.id, loan.id, on=clock.today() + timedelta(days=500)))
    with at(AT + timedelta(days=50)):
        quote = servicing.settle_quote(who.id, loan_id=loan.id)
    pay(who, loan, quote.total_fen + 5, days=50, reference="all")
    found = selectors.loan_explanation(who.id, loan.id, on=clock.today() + timedelta(days=60))
    assert (found.owed_fen, found.payoff_fen, found.agrees) == (0, 0, True)
    assert_adds_up(found)


def test_cooling_off_asks_for_the_principal_alone():
    who = borrower_make()
    loan = loan_make(who)
    found = selectors.loan_explanation(who.id, loan.id)
    assert (found.is_cooling_off, found.payoff_fen) == (True, 1_200_000)
    assert_adds_up(found)
    pay(who, loan, 1_200_000, days=0, reference="back")
    with at(AT + timedelta(days=3)):
        after = selectors.loan_explanation(who.id, loan.id)
    assert (after.payoff_fen, after.agrees) == (0, True)
    assert_adds_up(after)


def test_nothing_to_explain_before_the_money_arrived():
    who = borrower_make()
    loan_id = confirm(who, drawdown_signed(who))
    found = selectors.loan_explanation(who.id, loan_id)
    assert (found.explanation, found.sheet, found.owed_fen, found.agrees) == (None, (), 0, None)
    with pytest.raises(LoanNotFound):
        selectors.loan_explanation(uuid7(), loan_id)


def statements(customer_id: UUID, loan_id: UUID) -> int:
    with CaptureQueriesContext(connection) as caught:
        selectors.loan_explanation(customer_id, loan_id, on=clock.today() + timedelta(days=100))
    return len([query for query in caught if "platform_clockoffset" not in query["sql"]])


def test_ten_payments_cost_no_more_statements_than_none():
    who = borrower_make()
    loan = loan_make(who)
    few = statements(who.id, loan.id)
    for number in range(10):
        pay(who, loan, 5_000, days=number, reference=f"r{number}")
    assert statements(who.id, loan.id) == few == 4


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch):
    """Lines are not broken by the width of whatever runs the tests."""
    monkeypatch.setattr(console, "_width", 160)


def explain(*arguments: str):
    return CliRunner().invoke(app, ["loan", "explain", *arguments])


def test_the_command_prints_both_languages_and_the_same_figures():
    who = borrower_make()
    loan = lived(who)
    on = str(date(2026, 5, 20))
    result = explain(loan.number, "--on", on)
    assert result.exit_code == 0, result.output
    for words in ("今天应还多少 / What is owed today", "天 ×", "days × CNY", "前期取整尾差", "left from earlier rounding",
                  "逾期", "overdue", "与账务一致", "费用上限 / Cap on all charges"):
        assert words in result.output, words
    found = json.loads(explain(str(loan.id), "--on", on, "--json").output)
    sheet = selectors.loan_explanation(who.id, loan.id, on=date(2026, 5, 20))
    assert (found["owed_fen"], found["payoff_fen"], found["agrees"]) == (sheet.owed_fen, sheet.payoff_fen, True)
    assert found["explanation"]["payments"][0]["lines"][0] == {
        "installment_number": 1, "component": "interest", "amount_fen": 4_800}
    assert found["explanation"]["rows"][0]["interest"]["segments"][0] == {
        "starts_on": "2026-03-04", "ends_on": "2026-03-14", "days": 10, "principal_fen": 1_200_000,
        "daily_rate_e8": 40_000, "numerator": 4_800 * 10**8, "is_planned": False}


def test_the_command_refuses_what_it_cannot_find_or_read():
    assert explain("JK00000000000000000000").exit_code != 0
    wrong = explain(str(uuid7()), "--on", "yesterday")
    assert wrong.exit_code == 2
