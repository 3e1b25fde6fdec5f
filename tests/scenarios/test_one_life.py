"""One loan's whole life told by date: borrowed, paid twice, missed once, cured, settled early, certified (R6, R7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, time, timedelta
from typing import Any

import pytest

from tests.support.pdf import pdf_text
from tests.support.sides import assert_lender_agrees, balance
from tests.support.world import BALANCE_FEN, Life, Sandbox, book_open, open_ends, world_running
from weidai.audit import selectors as audit
from weidai.audit.models import Event
from weidai.jobs import end_of_day
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import Refusal
from weidai.ledger import selectors as ledger
from weidai.ledger.models import LedgerTransfer
from weidai.ledger.services import AccountCode
from weidai.lending import selectors as lending
from weidai.limits import selectors as limits
from weidai.messaging.models import Notice
from weidai.platform import books, clock
from weidai.servicing import selectors as servicing
from weidai.servicing.models import OverdueSpell, ReconciliationItem, ReconciliationRun

pytestmark = pytest.mark.django_db(transaction=True)

DRAWN = date(2026, 1, 12)
DUE = (date(2026, 2, 12), date(2026, 3, 12), date(2026, 4, 12), date(2026, 5, 12))
PAID_LATE, SETTLED = date(2026, 4, 15), date(2026, 5, 2)
RATE_E8, PRINCIPAL_FEN, LEVEL_FEN = 35_000, 300_000, 26_756
# 0.035 % a day (grade B) by actual days: 300,000 × 31 d; then on what is left of principal × 28 d, 31 d.
INTEREST_FEN, PRINCIPAL_PARTS_FEN = (3_255, 2_710, 2_739), (23_501, 24_046, 24_017)
PENALTY_FEN = 36  # 24,017 × 0.05 % × 3 d = 36.03
LEFT_FEN = PRINCIPAL_FEN - sum(PRINCIPAL_PARTS_FEN)
SETTLE_INTEREST_FEN = 1_599  # 228,436 × 0.035 % × 20 d = 1,599.05


def at(day: date, hour: int = 10, minute: int = 0) -> AbstractContextManager[None]:
    return clock.travel_to(shanghai_instant(day, time(hour, minute)))


def live_until(day: date) -> list[end_of_day.EodReport]:
    """Live and close every business day before `day`, debits at their windows."""
    with at(day, 0, 10):
        return end_of_day.catch_up(day)


class Told(Life):
    """Somebody whose time the story moves, not the clock."""

    def wait(self, **units: int) -> None:
        """Nothing: the next act says when it is."""


@pytest.fixture(scope="module")
def sandbox(_database: None, tmp_path_factory: Any) -> Iterator[Sandbox]:
    """A world that sends no events: what the bank's queries say must be enough."""
    with world_running(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture
def life(sandbox: Sandbox) -> Told:
    """Somebody with an activated line of the installment product at 0.035 % a day."""
    with at(DRAWN, 9):
        book_open()
        for _ in range(10):
            told = Told(sandbox.person("young_worker"))
            told.granted()
            if limits.line_get(told.customer_id, told.line_id).daily_rate_e8 == RATE_E8:
                return told
    raise AssertionError("nobody of grade B among the first ten")


def test_a_loan_from_the_first_day_to_its_certificate(sandbox: Sandbox, life: Told) -> None:
    opened = sandbox.lender_fen()
    approved_fen = limits.line_get(life.customer_id, life.line_id).approved_fen
    _borrows(sandbox, life)
    _pays_by_hand_then_by_auto_debit(sandbox, life)
    _misses_the_third(sandbox, life)
    _is_frozen(life)
    _pays_late(sandbox, life)
    _settles_early(life)
    _leaves_nothing_behind(sandbox, life, opened=opened, approved_fen=approved_fen)


def _borrows(sandbox: Sandbox, life: Told) -> None:
    with at(DRAWN, 10):
        drawdown = life.borrow_begin(PRINCIPAL_FEN, months=12, method="level_payment", purpose="daily_consumption")
    with at(DRAWN, 10, 1):
        life.borrow_sign(drawdown)
        statement = servicing.loan_statement(life.customer_id, life.loans[0])
        assert statement.loan.state == "active"
        assert [row.due_on for row in statement.rows][:4] == list(DUE)
        assert len(statement.rows) == 12
        assert sum(row.principal_fen for row in statement.rows) == PRINCIPAL_FEN
        assert [row.principal_fen for row in statement.rows][:3] == list(PRINCIPAL_PARTS_FEN)
        assert [row.interest_fen for row in statement.rows][:3] == list(INTEREST_FEN)
        assert {row.principal_fen + row.interest_fen for row in statement.rows[:-1]} == {LEVEL_FEN}
    assert sandbox.balance_fen(life.card) == BALANCE_FEN + PRINCIPAL_FEN


def _pays_by_hand_then_by_auto_debit(sandbox: Sandbox, life: Told) -> None:
    live_until(DUE[0])
    with at(DUE[0], 9):
        assert servicing.bills_for(life.customer_id).due_now_fen == LEVEL_FEN
        life.pay("due")
        life.auto_debit()
        assert servicing.bills_for(life.customer_id).due_now_fen == 0
    live_until(DUE[1] + timedelta(days=1))  # the debit of 06:00 takes the second
    with at(DUE[1] + timedelta(days=1)):
        rows = servicing.loan_statement(life.customer_id, life.loans[0]).rows
        assert [row.state for row in rows[:3]] == ["paid", "paid", "planned"]
        assert limits.hold_kinds(life.customer_id) == []
    assert sandbox.balance_fen(life.card) == BALANCE_FEN + PRINCIPAL_FEN - 2 * LEVEL_FEN


def _misses_the_third(sandbox: Sandbox, life: Told) -> None:
    live_until(DUE[2])
    with at(DUE[2], 1):
        life.money_in_bank(0, freeze_income=True)
    live_until(DUE[2] + timedelta(days=1))
    with at(DUE[2] + timedelta(days=1)):
        debits = [row for row in servicing.debits_for(life.customer_id) if row.due_on == DUE[2]]
        assert [row.state for row in debits] == ["failed"] * 3
        assert limits.hold_kinds(life.customer_id) == ["overdue"]
        bill = servicing.bills_for(life.customer_id).rows[0]
        assert (bill.overdue_fen, bill.penalty_fen, bill.days_past_due) == (LEVEL_FEN + 12, 12, 1)  # 24,017 × 0.05 %


def _is_frozen(life: Told) -> None:
    with at(PAID_LATE - timedelta(days=1)):
        assert [block.code for block in limits.can_draw(life.customer_id, life.line_id)] == ["limits.hold.overdue"]
        drawdown = life.borrow_begin(10_000, months=3, method="level_payment", purpose="daily_consumption")
    with at(PAID_LATE - timedelta(days=1), 10, 2), pytest.raises(Refusal) as refused:
        life.borrow_sign(drawdown)
    assert refused.value.code == "limits.credit_line_frozen"
    assert len(lending.loans_for(life.customer_id)) == 1


def _pays_late(sandbox: Sandbox, life: Told) -> None:
    live_until(PAID_LATE)
    with at(PAID_LATE, 9):
        end_of_day.day_live(PAID_LATE)  # the debit of 06:00 finds nothing; the one of 12:00 gives way to the borrower
        bill = servicing.bills_for(life.customer_id).rows[0]
        assert (bill.penalty_fen, bill.days_past_due) == (PENALTY_FEN, 3)
        life.money_in_bank(BALANCE_FEN, freeze_income=True)
        life.pay("due")
        assert sandbox.balance_fen(life.card) == BALANCE_FEN - LEVEL_FEN - PENALTY_FEN
        assert servicing.bills_for(life.customer_id).overdue_fen == 0
        assert limits.hold_kinds(life.customer_id) == []
        assert limits.can_draw(life.customer_id, life.line_id) == ()
        spell = OverdueSpell.objects.get(customer_id=life.customer_id)
        assert (spell.first_due_on, spell.cured_within_72h, spell.is_void) == (DUE[2], True, False)


def _settles_early(life: Told) -> None:
    live_until(SETTLED)
    with at(SETTLED):
        quote = servicing.bills_for(life.customer_id).rows[0].payoff
        assert quote.total_fen == LEFT_FEN + SETTLE_INTEREST_FEN
        life.pay("settle")
        loan = lending.loan_get(life.customer_id, life.loans[0])
        assert (loan.state, loan.outstanding_fen, loan.settled_on) == ("settled", 0, SETTLED)
        content = servicing.certificate_pdf(life.customer_id, life.loans[0])
        assert content.startswith(b"%PDF")
        words = pdf_text(content)
        assert loan.number in words
        assert life.person.name in words
        assert life.person.id_number not in words
        assert servicing.certificate_pdf(life.customer_id, life.loans[0]) == content


def _leaves_nothing_behind(sandbox: Sandbox, life: Told, *, opened: dict[str, int], approved_fen: int) -> None:
    live_until(SETTLED + timedelta(days=1))
    interest_fen = sum(INTEREST_FEN) + SETTLE_INTEREST_FEN
    collected_fen = PRINCIPAL_FEN + interest_fen + PENALTY_FEN
    loan = life.loans[0]
    for code in (AccountCode.LOAN_PRINCIPAL, AccountCode.INTEREST_RECEIVABLE, AccountCode.PENALTY_RECEIVABLE):
        assert balance(life, code, loan) == 0
    assert balance(life, AccountCode.INTEREST_INCOME, loan) == interest_fen
    assert balance(life, AccountCode.PENALTY_INCOME, loan) == PENALTY_FEN
    assert balance(life, AccountCode.CUSTOMER_PAYABLE) == 0
    assert sum(row.amount_fen for row in servicing.repayments_for(life.customer_id)) == collected_fen
    line = limits.line_get(life.customer_id, life.line_id)
    assert (line.approved_fen, line.used_fen, line.reserved_fen) == (approved_fen, 0, 0)
    assert line.available_fen == approved_fen
    assert_lender_agrees(sandbox, opened=opened)
    assert sandbox.lender_fen()["collection"] - opened["collection"] == collected_fen
    assert open_ends() == []
    assert ledger.check().is_sound
    assert audit.verify().is_sound
    _reconciled_every_day()
    _closing_again_does_nothing()


def _reconciled_every_day() -> None:
    """Every closed day was compared with the bank's file, and nothing was left (R7.11)."""
    runs = ReconciliationRun.objects.order_by("day")
    assert [run.day for run in runs] == [DRAWN + timedelta(days=n) for n in range((SETTLED - DRAWN).days + 1)]
    assert {(run.state, run.is_proven) for run in runs} == {("balanced", True)}
    assert not ReconciliationItem.objects.exclude(outcome="matched").filter(settled_on=None).exists()


def _closing_again_does_nothing() -> None:
    before = _counts()
    day = books.business_date()
    assert day == SETTLED + timedelta(days=1)
    assert live_until(day) == []
    with at(day, 0, 20):
        assert not end_of_day.day_close(books.MAIN_BOOK, until=day).is_new
    assert (_counts(), books.business_date()) == (before, day)


def _counts() -> tuple[int, int, int]:
    return LedgerTransfer.objects.count(), Event.objects.count(), Notice.objects.count()
