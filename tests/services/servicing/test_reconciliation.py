"""The bank's file, our requests, the ledger: every outcome, proven sums, open requests decided once (R7.11, R6.3)."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from tests.services.lending_support import (
    AT,
    FakeBank,
    at,
    borrower_make,
    confirm,
    deliver,
    drawdown_signed,
    loan_make,
)

from weidai.jobs import end_of_day
from weidai.jobs import reconciliation as jobs
from weidai.kernel.bank import BankDay, StatementAccount, StatementRow
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.kernel.errors import PartnerUnavailable
from weidai.ledger import selectors as ledger
from weidai.ledger import services as postings
from weidai.ledger.models import LedgerTransfer
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending.models import Disbursement, Loan, PayoutDiscrepancy
from weidai.limits import selectors as limits
from weidai.platform import books, clock
from weidai.platform.models import OutboxMessage
from weidai.servicing import services as servicing
from weidai.servicing.errors import DayNotOverAtBank
from weidai.servicing.models import (
    DebitInstruction,
    ReconciliationItem,
    ReconciliationRun,
    ReconciliationTotal,
    Refund,
    Repayment,
    SuspenseItem,
)
from weidai.servicing.ports import bank_statement
from weidai.servicing.services.reconciliation import day_reconcile

DAY = date(2026, 3, 4)
NEXT = DAY + timedelta(days=1)
OPENING = {"settlement": 10**9, "collection": 0}
KINDS = {"po": ("settlement", "payout", "out"), "db": ("collection", "debit", "in"), "ad": ("collection", "debit", "in"),
         "rf": ("collection", "refund", "out"), "tr": ("collection", "transfer", "in")}


@dataclass
class FakeFile:
    """The file of the fake bank: what it truly booked, with what a test adds, leaves out or changes."""

    bank: FakeBank
    more: list[StatementRow] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    amounts: dict[str, int] = field(default_factory=dict)
    is_down: bool = False
    opening: dict[str, int] = field(default_factory=lambda: dict(OPENING))

    def rows(self) -> list[StatementRow]:
        rows = [
            StatementRow(answer.entry_id, *KINDS[name[:2]], self.amounts.get(name, answer.amount_fen), name, None,
                         answer.booked_at)
            for name, answer in self.bank.truth.items() if answer.booked_at is not None and name not in self.without]
        return rows + self.more

    def statement(self, on: date) -> BankDay:
        if self.is_down:
            raise PartnerUnavailable
        days = {row.entry_id: shanghai_date(row.booked_at) for row in self.rows()}
        accounts = []
        for account in ("collection", "settlement"):
            mine = [row for row in self.rows() if row.account == account]
            opening = self.opening[account] + sum(row.signed_fen for row in mine if days[row.entry_id] < on)
            today = [row for row in mine if days[row.entry_id] == on]
            came = sum(row.amount_fen for row in today if row.direction == "in")
            went = sum(row.amount_fen for row in today if row.direction == "out")
            accounts.append(StatementAccount(account, opening, came, went, opening + came - went))
        return BankDay(on, tuple(accounts), tuple(row for row in self.rows() if days[row.entry_id] == on))


@pytest.fixture
def file(bank):
    made = FakeFile(bank)
    before = bank_statement._adapter
    bank_statement.fill(made)
    yield made
    bank_statement._adapter = before


def after(day: date) -> datetime:
    return shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=10)


def reconcile(day: date = DAY) -> ReconciliationRun:
    """Open the next business day and reconcile, as the night does."""
    from weidai.platform.models import Book

    Book.objects.filter(id=1, open_on__lte=day).update(open_on=day + timedelta(days=1))
    with at(after(day)):
        return day_reconcile(day)


def items(day: date = DAY) -> dict[str, tuple[str, str, int, int]]:
    return {row.reference: (row.outcome, row.advice, row.bank_fen, row.ledger_fen)
            for row in ReconciliationItem.objects.filter(day=day)}


def row(name: str, amount_fen: int, *, kind: str, on: date = DAY, memo: str = "") -> StatementRow:
    account, word, direction = KINDS[kind]
    return StatementRow(f"x-{name}", account, word, direction, amount_fen, name, None,
                        shanghai_instant(on) + timedelta(hours=15), "6222********1234", "某*", memo)


def pay(who, amount_fen: int, name: str, *, when: datetime = AT + timedelta(hours=1)):
    with at(when):
        return servicing.repayment_receive(who.id, amount_fen=amount_fen, received_at=when, channel="transfer",
                                           reference=name, entry_id=f"x-{name}")


def test_a_quiet_day_balances_and_its_sums_prove_it(file):
    loan = loan_make(borrower_make())
    run = reconcile()
    assert (run.state, run.is_proven, run.bank_row_count, run.resolved_count) == ("balanced", True, 1, 0)
    assert items() == {f"po-{loan.id}": ("matched", "", -1_200_000, -1_200_000)}
    total = ReconciliationTotal.objects.get(account="settlement")
    assert (total.opening_fen, total.closing_fen, total.ledger_fen, total.timing_fen, total.difference_fen) == (
        10**9, 10**9 - 1_200_000, -1_200_000, 0, 0)


def test_a_day_that_is_not_over_is_refused(file):
    with pytest.raises(DayNotOverAtBank):
        day_reconcile(DAY)
    assert not ReconciliationRun.objects.exists()


def test_a_payout_nobody_told_us_about_is_posted_from_the_file_once(bank, file):
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    bank.say, bank.is_query_down = "timeout_after", True
    loan_id = confirm(who, drawdown_id)
    deliver(who)
    assert Disbursement.objects.get().state == "pending"
    run = reconcile()
    loan = Loan.objects.get(id=loan_id)
    assert (loan.state, loan.starts_on) == ("active", DAY)
    assert items() == {f"po-{loan_id}": ("timing", "posted_from_file", -1_200_000, 0)}
    assert (run.state, run.is_proven, run.resolved_count) == ("balanced", True, 1)
    posted = LedgerTransfer.objects.get(phase="post_pending")
    assert posted.booked_on == NEXT
    bank.say, bank.is_query_down = "truth", False
    deliver(who)
    assert reconcile().state == "balanced"
    assert LedgerTransfer.objects.filter(phase="post_pending").count() == 1
    assert bank.count("payout") == 1
    assert reconcile(NEXT).state == "balanced"
    assert items(NEXT) == {f"po-{loan_id}": ("timing", "booked_other_day", 0, -1_200_000)}
    assert not ReconciliationItem.objects.filter(settled_on=None).exists()
    assert ledger.check().is_sound


def test_a_payout_the_bank_never_got_is_voided_once_nobody_sends_it_any_more(bank, file):
    who = borrower_make()
    drawdown_id = drawdown_signed(who)
    bank.say = "timeout_before"
    loan_id = confirm(who, drawdown_id)
    deliver(who)
    reconcile()
    assert items()[f"po-{loan_id}"][:2] == ("timing", "bank_deciding")
    assert Disbursement.objects.get().state == "pending"
    OutboxMessage.objects.filter(subject_id=loan_id).update(state="parked")
    assert reconcile().resolved_count == 1
    assert items()[f"po-{loan_id}"] == ("timing", "voided", 0, 0)
    assert (Disbursement.objects.get().state, Disbursement.objects.get().failure_reason) == ("failed", "not_in_statement")
    assert Loan.objects.get().state == "cancelled"
    line = limits.line_get(who.id, who.line_id)
    assert (line.used_fen, line.reserved_fen) == (0, 0)
    assert reconcile().resolved_count == 1
    assert ledger.check().is_sound


def test_a_payout_voided_here_and_paid_there_waits_for_a_person(bank, file):
    who = borrower_make()
    loan_id = confirm(who, drawdown_signed(who))
    bank.fail_with = "card_closed"
    deliver(who)
    assert Disbursement.objects.get().state == "failed"
    file.more.append(row(f"po-{loan_id}", 1_200_000, kind="po"))
    run = reconcile()
    assert (run.state, run.is_proven) == ("different", True)
    assert items() == {f"po-{loan_id}": ("missing_here", "contradiction", -1_200_000, 0)}
    assert PayoutDiscrepancy.objects.get().source == "statement"


@pytest.mark.parametrize("memo", ["", "loan"])
def test_a_transfer_nobody_told_us_about_is_booked_from_the_file(file, memo):
    who = borrower_make()
    loan = loan_make(who)
    file.more.append(row("tr-1", 50_000, kind="tr", memo=f"还款 {loan.number}" if memo else ""))
    assert reconcile().resolved_count == 1
    assert items()["tr-1"] == ("timing", "posted_from_file", 50_000, 0)
    assert (Repayment.objects.count(), SuspenseItem.objects.count()) == ((1, 0) if memo else (0, 1))
    reconcile()
    assert (Repayment.objects.count(), SuspenseItem.objects.count()) == ((1, 0) if memo else (0, 1))
    assert reconcile(NEXT).state == "balanced"
    assert ledger.check().is_sound


def test_a_debit_without_an_answer_is_booked_from_the_file(bank, file):
    who = borrower_make()
    loan_make(who)
    bank.say, bank.is_query_down = "timeout_after", True
    servicing.repayment_request(who.id, amount_fen=30_000, kind="amount", idempotency_key="k")
    deliver(who)
    debit = DebitInstruction.objects.get()
    assert debit.state == "unknown"
    reconcile()
    assert DebitInstruction.objects.get().state == "succeeded"
    assert Repayment.objects.get().received_on == DAY
    assert items()[debit.request_id] == ("timing", "posted_from_file", 30_000, 0)
    assert reconcile(NEXT).state == "balanced"


def test_a_debit_in_no_file_that_the_bank_refused_fails(bank, file):
    who = borrower_make()
    loan_make(who)
    bank.say, bank.is_query_down, bank.fail_with = "timeout_after", True, "insufficient_funds"
    servicing.repayment_request(who.id, amount_fen=30_000, kind="amount", idempotency_key="k")
    deliver(who)
    assert reconcile().state == "balanced"
    debit = DebitInstruction.objects.get()
    assert items()[debit.request_id][:2] == ("timing", "bank_silent")
    bank.is_query_down = False
    reconcile()
    assert (DebitInstruction.objects.get().state, DebitInstruction.objects.get().failure_reason) == (
        "failed", "insufficient_funds")
    assert items()[debit.request_id] == ("timing", "voided", 0, 0)


def test_a_refund_without_an_answer_is_booked_from_the_file(bank, file):
    who = borrower_make()
    loan_make(who)
    pay(who, 50_000, "tr-1")
    pay_again = AT + timedelta(hours=2)
    with at(pay_again):
        servicing.repayment_receive(who.id, amount_fen=50_000, received_at=pay_again, channel="transfer",
                                    reference="tr-1", entry_id="x-tr-2")
        bank.say, bank.is_query_down = "timeout_after", True
        deliver(who)
    refund = Refund.objects.get()
    assert refund.state == "sent"
    file.more += [row("tr-1", 50_000, kind="tr"), replace(row("tr-1", 50_000, kind="tr"), entry_id="x-tr-2")]
    reconcile()
    assert Refund.objects.get().state == "succeeded"
    assert items()["tr-1"] == ("matched", "", 100_000, 100_000)
    assert items()[refund.request_id] == ("timing", "posted_from_file", -50_000, 0)
    assert ledger.balance_fen(who.id, AccountRef(AccountCode.CUSTOMER_PAYABLE)) == 0


def test_what_the_bank_does_not_have_is_a_difference_until_its_file_shows_it(file):
    who = borrower_make()
    loan_make(who)
    pay(who, 20_000, "tr-late")
    run = reconcile()
    assert (run.state, run.is_proven) == ("different", True)
    assert items()["tr-late"] == ("missing_at_bank", "ask_bank", 0, 20_000)
    assert ReconciliationTotal.objects.get(account="collection").difference_fen == -20_000
    file.more.append(row("tr-late", 20_000, kind="tr", on=NEXT))
    assert reconcile(NEXT).state == "balanced"
    assert items(NEXT)["tr-late"] == ("timing", "booked_other_day", 20_000, 0)
    first = ReconciliationItem.objects.get(day=DAY, reference="tr-late")
    assert (first.outcome, first.settled_on) == ("missing_at_bank", NEXT)
    assert ReconciliationRun.objects.get(day=DAY).state == "balanced"


def test_an_amount_that_differs_is_named_with_both_figures(file):
    loan = loan_make(borrower_make())
    file.amounts[f"po-{loan.id}"] = 1_200_001
    run = reconcile()
    assert (run.state, run.is_proven) == ("different", True)
    assert items() == {f"po-{loan.id}": ("amount_differs", "look_into_amount", -1_200_001, -1_200_000)}


def test_a_booking_of_nobody_is_missing_here(file):
    file.more.append(row("po-unknown", 700, kind="po"))
    assert reconcile().state == "different"
    assert items() == {"po-unknown": ("missing_here", "unknown_request", -700, 0)}


def test_cash_is_brought_to_the_bank_by_a_person(file):
    who = borrower_make()
    loan_make(who)
    servicing.repayment_receive(who.id, amount_fen=10_000, received_at=AT, channel="counter", reference="c-1")
    reconcile()
    assert items()["c-1"] == ("missing_at_bank", "bring_to_bank", 0, 10_000)


def test_a_booking_on_the_clearing_account_that_is_no_request_is_missing_at_the_bank(file):
    who = borrower_make()
    journal = postings.journal_post(who.id, transfers=[postings.Transfer(
        AccountRef(AccountCode.COLLECTION_CLEARING), AccountRef(AccountCode.CUSTOMER_PAYABLE), 900, "by_hand")],
        cause_type="test.adjustment", cause_id=who.id, book_id=1, booked_on=DAY, at=AT)
    run = reconcile()
    assert journal
    assert (run.state, run.is_proven) == ("different", True)
    assert items() == {f"test.adjustment · {who.id}": ("missing_at_bank", "ask_bank", 0, 900)}


def test_a_gap_between_two_days_of_the_bank_is_not_proven(file):
    assert reconcile().state == "balanced"
    file.opening["settlement"] -= 5
    run = reconcile(NEXT)
    assert (run.state, run.is_proven) == ("different", False)


def test_a_silent_bank_is_asked_again(file):
    loan_make(borrower_make())
    file.is_down = True
    run = reconcile()
    assert (run.state, run.attempts, run.finished_at) == ("waiting", 1, None)
    with at(after(DAY)):
        jobs.waiting_retry()
        assert ReconciliationRun.objects.get().attempts == 2
        file.is_down = False
        assert jobs.waiting_retry() == 1
        assert jobs.waiting_retry() == 0
    assert (ReconciliationRun.objects.get().state, ReconciliationRun.objects.get().attempts) == ("balanced", 3)


def test_days_that_were_skipped_are_caught_up(file):
    from weidai.platform.models import Book

    reconcile()
    Book.objects.filter(id=1).update(open_on=DAY + timedelta(days=4))
    with at(after(DAY + timedelta(days=3))):
        assert jobs.waiting_retry() == 3
        assert jobs.waiting_retry() == 0
    assert [run.day.day for run in ReconciliationRun.objects.order_by("day")] == [4, 5, 6, 7]


def test_running_again_writes_the_same(file):
    who = borrower_make()
    loan_make(who)
    pay(who, 20_000, "tr-late")
    reconcile()
    before, transfers = items(), LedgerTransfer.objects.count()
    reconcile()
    assert (items(), LedgerTransfer.objects.count(), ReconciliationRun.objects.count()) == (before, transfers, 1)


@pytest.mark.django_db(transaction=True)
def test_closing_a_day_reconciles_it(file):
    loan_make(borrower_make())
    with at(after(DAY)):
        end_of_day.catch_up(NEXT)
    assert ReconciliationRun.objects.get(day=DAY).state == "balanced"
    assert books.business_date() == NEXT
    assert clock.today() == DAY
