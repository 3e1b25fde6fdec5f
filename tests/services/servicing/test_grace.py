"""Grace days of a contract: within them nobody is late, after them the penalty counts from the due date (R7.2, R7.3)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.lending_support import at, borrower_make, loan_make
from tests.services.servicing.test_repayments import DUE, INTEREST_1, close_days, noon, pay

from weidai.kernel.text import Text
from weidai.lending.documents import Parties, agreement_build, cost_sheet_build
from weidai.lending.models import Loan
from weidai.lending.rules import LoanTerms, RepaymentMethod, owed, schedule_build
from weidai.lending.selectors import accounts_for
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.servicing import selectors
from weidai.servicing import services as servicing
from weidai.servicing.models import AccrualDay, DebitInstruction, OverdueSpell

GRACE = 3


@pytest.fixture
def who():
    borrower = borrower_make()
    loan_make(borrower)
    Loan.objects.update(grace_days=GRACE)
    return borrower


def test_whoever_pays_within_the_grace_days_was_never_late(who):
    close_days(DUE + timedelta(days=GRACE))  # the last of them is open
    assert not OverdueSpell.objects.exists()
    assert limits.hold_kinds(who.id) == []
    with at(noon(DUE + timedelta(days=GRACE))):
        (bill,) = selectors.bills_for(who.id).rows
        assert (bill.overdue_fen, bill.due_now_fen, bill.penalty_fen) == (0, 100_000 + INTEREST_1, 0)
        assert (bill.days_past_due, bill.grace_until) == (0, date(2026, 4, 7))
        statement = selectors.loan_statement(who.id, bill.loan_id)
        assert (statement.rows[0].state, statement.bucket) == ("grace", "current")
        pay(who, bill.due_now_fen)
    close_days(DUE + timedelta(days=GRACE + 2))
    assert not OverdueSpell.objects.exists()
    assert selectors.bills_for(who.id).due_now_fen == 0


def test_after_the_grace_days_lateness_begins_with_their_end_and_the_penalty_with_the_due_date(who):
    close_days(DUE + timedelta(days=GRACE + 1))
    spell = OverdueSpell.objects.get()
    assert (spell.first_due_on, spell.started_at) == (DUE, datetime(2026, 4, 7, 16, 0, tzinfo=UTC))
    assert limits.hold_kinds(who.id) == ["overdue"]
    assert Loan.objects.get().overdue_since == DUE
    with at(noon(DUE + timedelta(days=GRACE + 1))):
        debt = owed(accounts_for(who.id)[0].state, on=clock.today())
        assert (debt.days_past_due, debt.penalty_fen) == (4, 200)  # 1,000.00 × 0.05 % × 4 days
        pay(who, debt.total_fen)
    spell.refresh_from_db()
    assert (limits.hold_kinds(who.id), spell.cured_within_72h, spell.is_void) == ([], True, False)


@pytest.mark.long
def test_what_every_day_earned_adds_up_over_the_grace_days(who):
    close_days(DUE + timedelta(days=GRACE + 1))
    days = {row.day: (int(row.interest_e8), int(row.penalty_e8)) for row in AccrualDay.objects.filter(day__gte=DUE)}
    ahead = 1_100_000 * 40_000
    assert days == {DUE: (ahead, 0), DUE + timedelta(1): (ahead, 0), DUE + timedelta(2): (ahead, 0),
                    DUE + timedelta(3): (ahead, 4 * 100_000 * 50_000)}


@pytest.mark.long
def test_money_of_the_grace_days_told_late_undoes_the_lateness(who):
    close_days(DUE + timedelta(days=GRACE + 2))
    pay(who, 100_000 + INTEREST_1, received_at=noon(DUE + timedelta(days=GRACE)))
    spell = OverdueSpell.objects.get()
    assert (spell.is_void, limits.hold_kinds(who.id)) == (True, [])


@pytest.mark.long
def test_auto_debit_goes_on_through_the_grace_days(who):
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    close_days(DUE)
    DebitInstruction.objects.update(state="failed", failure_reason="insufficient_funds")
    close_days(DUE + timedelta(days=2))
    again = DebitInstruction.objects.exclude(state="failed").get()
    assert (again.due_on, again.amount_fen, again.state) == (DUE + timedelta(days=1), 100_000 + INTEREST_1, "created")


def test_the_papers_say_so_when_the_contract_has_grace_days():
    terms = LoanTerms(principal_fen=1_000_000, daily_rate_e8=40_000, method=RepaymentMethod.EQUAL_PRINCIPAL, term_months=3,
                      starts_on=DUE)
    parties = Parties(Text("甲", "A"), "1", "2", Text("产品", "product"), Text("用途", "purpose"))
    plain, graced = (cost_sheet_build(schedule_build(replace(terms, grace_days=days)), parties=parties) for days in (0, GRACE))
    assert "宽限期" not in plain.content.zh
    assert "到期日后 3 天为宽限期" in graced.content.zh
    assert "3 days of grace follow the due date" in graced.content.en
    for sheet, count in ((plain, 0), (graced, 1)):
        papers = agreement_build(sheet.figures, parties=parties, number="n", sheet_sha256="s", signed_on=DUE,
                                 method=terms.method)
        assert (papers.content.zh.count("宽限期"), papers.content.en.count("grace")) == (count, count)
