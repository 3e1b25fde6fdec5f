"""Closing days: exactly once, restartable, a poison loan set aside, debits at their windows (R7.2, R7.10)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.lending_support import at, borrower_make, loan_make

from weidai.audit.models import Event
from weidai.jobs import chunks, end_of_day, exceptions, operations, selectors
from weidai.jobs.errors import DayNotOver, EodExceptionNotFound, EodExceptionStays
from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.models import LedgerTransfer
from weidai.lending.models import Installment, Loan
from weidai.limits import selectors as limits
from weidai.messaging.models import Notice
from weidai.platform import books
from weidai.platform.models import Book
from weidai.servicing import selectors as servicing_rows
from weidai.servicing import services as servicing
from weidai.servicing.models import AccrualDay, DebitInstruction, OverdueSpell
from weidai.servicing.services import end_of_day as servicing_eod

DUE = date(2026, 4, 4)


def after(day: date) -> datetime:
    return shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5)


def open_at(day: date) -> None:
    Book.objects.filter(id=1).update(open_on=day)


def test_a_day_that_is_not_over_is_not_closed():
    with pytest.raises(DayNotOver):
        end_of_day.day_close(1)
    assert not EodRun.objects.exists()


def test_the_due_day_bills_marks_and_opens_the_next_day():
    loans = [loan_make(borrower_make(serial)) for serial in (1, 2, 3)]
    open_at(DUE)
    with at(after(DUE)):
        report = end_of_day.day_close(1)
    assert {step.step: step.row_count for step in report.steps} == {
        "bill": 3, "overdue": 3, "classify": 0, "accrual": 3, "tax": 1, "general_ledger": 3,
        "seal": report.steps[6].row_count, "advance": 1,
        "debits": 0}
    assert books.business_date() == date(2026, 4, 5)
    assert OverdueSpell.objects.count() == 3
    assert Notice.objects.filter(template="servicing.overdue").count() == 3
    assert all(limits.hold_kinds(loan.customer_id) == ["overdue"] for loan in loans)
    (row,) = servicing_rows.accruals_on(1, day=DUE)
    assert (row.outstanding_fen, row.overdue_principal_fen) == (3_600_000, 300_000)
    assert row.interest_e8 == 3_300_000 * 40_000
    assert row.penalty_e8 == 300_000 * 50_000
    assert ledger.check().is_sound


def test_daily_accruals_add_up_to_what_the_schedule_bills():
    loan = loan_make(borrower_make())
    while books.business_date() < DUE:
        with at(after(books.business_date())):
            end_of_day.day_close(1)
    total = sum(int(row.interest_e8) for row in AccrualDay.objects.all())
    assert total == 14_880 * 10**8
    assert Installment.objects.get(loan=loan, number=1).interest_fen == 14_880


@pytest.mark.parametrize("killed_at", [
    "bill", "overdue", "classify", "accrual", "tax", "general_ledger", "seal", "advance", "debits"])
def test_a_run_killed_at_any_step_goes_on_and_does_everything_once(monkeypatch, killed_at):
    who = borrower_make()
    loan_make(who)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    open_at(DUE)

    class Killed(BaseException):
        pass

    for module, name in (("servicing", "bill_due"), ("servicing", "overdue_mark"), ("classification", "loans_classify"),
                         ("servicing", "accruals_record"), ("tax", "day_split"),
                         ("ledger", "day_close"), ("audit", "day_seal"), ("books", "day_advance"),
                         ("servicing", "debits_plan")):
        step = {"bill_due": "bill", "overdue_mark": "overdue", "loans_classify": "classify",
                "accruals_record": "accrual", "day_split": "tax",
                "day_close": "general_ledger", "day_seal": "seal", "day_advance": "advance",
                "debits_plan": "debits"}[name]
        if step == killed_at:
            owner = getattr(end_of_day, module)
            real = getattr(owner, name)

            def die_after_the_work(*args, _real=real, **more):
                _real(*args, **more)
                raise Killed

            monkeypatch.setattr(owner, name, die_after_the_work)
    with at(after(DUE)):
        with pytest.raises(Killed):
            end_of_day.day_close(1)
        monkeypatch.undo()
        end_of_day.day_close(1)
        with pytest.raises(DayNotOver):
            end_of_day.day_close(1)
    assert EodStep.objects.count() == 9
    assert EodRun.objects.get().finished_at is not None
    assert OverdueSpell.objects.count() == 1
    assert LedgerTransfer.objects.filter(kind="interest.billed").count() == 1
    assert DebitInstruction.objects.filter(due_on=DUE + timedelta(days=1)).count() == 1
    assert Event.objects.filter(name="jobs.business_day.closed").count() == 1
    assert books.business_date() == DUE + timedelta(days=1)


def test_a_poison_loan_is_set_aside_and_the_rest_goes_on(monkeypatch):
    loans = [loan_make(borrower_make(serial)) for serial in range(1, 6)]
    poison = loans[2].customer_id
    real = servicing_eod.bill_due

    def bill(chunk):
        if chunk.after < poison <= chunk.until and poison not in chunk.skip:
            real(chunk)
            raise ValueError("this loan cannot be billed")
        return real(chunk)

    monkeypatch.setattr(end_of_day.servicing, "bill_due", bill)
    open_at(DUE)
    with at(after(DUE)):
        report = end_of_day.day_close(1)
    assert report.set_aside == 1
    assert Installment.objects.filter(interest_billed_fen__gt=0).count() == 4
    (row,) = selectors.exceptions_open()
    assert (row.customer_id, row.step, row.loan_ids) == (poison, "bill", (loans[2].id,))
    assert selectors.runs_recent()[0].open_exceptions == 1
    monkeypatch.undo()
    with at(after(DUE + timedelta(days=1))):
        end_of_day.day_close(1)
    assert Installment.objects.filter(interest_billed_fen__gt=0).count() == 5
    assert EodException.objects.get().resolved_at is not None


def test_small_chunks_give_the_same_result(monkeypatch):
    for serial in range(1, 6):
        loan_make(borrower_make(serial))
    monkeypatch.setattr(end_of_day, "CHUNK_CUSTOMERS", 2)
    open_at(DUE)
    with at(after(DUE)):
        end_of_day.day_close(1)
    assert EodStep.objects.filter(step="bill").count() == 3
    assert OverdueSpell.objects.count() == 5


def test_statements_do_not_grow_with_loans():
    def cost(serials) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        for serial in serials:
            loan_make(borrower_make(serial))
        Loan.objects.update(overdue_since=None, overdue_principal_fen=0)
        open_at(DUE)
        with at(after(DUE)), CaptureQueriesContext(connection) as captured:
            end_of_day._steps(end_of_day._run_start(1, DUE))
        return len(captured)

    few = cost([1])
    Installment.objects.update(is_overdue=False)
    EodStep.objects.all().delete()
    EodRun.objects.all().delete()
    assert cost(range(2, 12)) <= few + 3


@pytest.mark.django_db(transaction=True)
def test_auto_debit_takes_the_due_amount_at_six(bank):
    who = borrower_make()
    loan = loan_make(who)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    open_at(DUE - timedelta(days=1))
    with at(after(DUE + timedelta(days=1))):
        end_of_day.catch_up(DUE + timedelta(days=1))
    debit = DebitInstruction.objects.get()
    assert (debit.state, debit.window, debit.amount_fen, debit.booked_at) == (
        "succeeded", 1, 114_880, datetime(2026, 4, 3, 22, 1, tzinfo=UTC))
    assert Installment.objects.get(loan=loan, number=1).settled_on == DUE
    assert not OverdueSpell.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failed_window_is_tried_again_twice_and_then_it_is_late(bank):
    who = borrower_make()
    loan_make(who)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    bank.fail_with = "insufficient_funds"
    open_at(DUE - timedelta(days=1))
    with at(after(DUE + timedelta(days=1))):
        end_of_day.catch_up(DUE + timedelta(days=1))
    assert list(DebitInstruction.objects.filter(due_on=DUE).order_by("window").values_list("window", "state")) == [
        (1, "failed"), (2, "failed"), (3, "failed")]
    assert OverdueSpell.objects.count() == 1
    assert DebitInstruction.objects.get(due_on=DUE + timedelta(days=1)).amount_fen == 114_880 + 50


@pytest.mark.django_db(transaction=True)
def test_a_debit_without_an_answer_does_not_make_anybody_late(bank):
    who = borrower_make()
    loan = loan_make(who)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    bank.say, bank.is_query_down = "timeout_after", True
    open_at(DUE - timedelta(days=1))
    with at(after(DUE + timedelta(days=1))):
        end_of_day.catch_up(DUE + timedelta(days=1))
    assert DebitInstruction.objects.get().state == "unknown"
    assert not OverdueSpell.objects.exists()
    bank.is_query_down = False
    from tests.services.lending_support import deliver

    with at(after(DUE + timedelta(days=1))):
        deliver(who)
    assert Installment.objects.get(loan=loan, number=1).settled_on == DUE
    assert not OverdueSpell.objects.exists()


def test_the_status_page_has_every_step():
    loan_make(borrower_make())
    with at(after(date(2026, 3, 4))):
        end_of_day.day_close(1)
    (run,) = selectors.runs_recent()
    assert [row.step for row in run.steps] == list(selectors.STEP_TEXTS)
    assert all(row.is_done for row in run.steps)
    assert chunks.CHUNK_CUSTOMERS == 50_000


def test_who_was_set_aside_is_tried_again_by_hand(monkeypatch):
    loans = [loan_make(borrower_make(serial)) for serial in (1, 2)]
    poison = loans[1].customer_id
    real = servicing_eod.bill_due

    def bill(chunk):
        if chunk.after < poison <= chunk.until and poison not in chunk.skip:
            raise ValueError("this loan cannot be billed")
        return real(chunk)

    monkeypatch.setattr(end_of_day.servicing, "bill_due", bill)
    open_at(DUE)
    with at(after(DUE)):
        end_of_day.day_close(1)
        (row,) = selectors.exceptions_open()
        with pytest.raises(EodExceptionStays, match="cannot be billed"):
            exceptions.exception_retry(row.id, staff_id="a", reason="原因已排除")
        assert Installment.objects.filter(interest_billed_fen__gt=0).count() == 1
        monkeypatch.undo()
        assert exceptions.exception_retry(row.id, staff_id="a", reason="原因已排除") == 1
        with pytest.raises(EodExceptionNotFound):
            exceptions.exception_retry(row.id, staff_id="a", reason="原因已排除")
    billed = LedgerTransfer.objects.get(customer_id=poison, kind="interest.billed")
    assert (billed.amount_fen, billed.booked_on) == (14_880, DUE + timedelta(days=1))
    assert Loan.objects.get(customer_id=poison).overdue_since == DUE
    assert limits.hold_kinds(poison) == ["overdue"]
    assert selectors.exceptions_open() == []
    assert ledger.check().is_sound


def test_balances_are_compared_once_after_each_closing():
    assert not operations.ledger_check_nightly()
    loan_make(borrower_make())
    open_at(DUE)
    with at(after(DUE)):
        end_of_day.day_close(1)
    assert operations.ledger_check_nightly()
    assert not operations.ledger_check_nightly()
    found = operations.last_check(operations.LEDGER_CHECKED)
    assert found is not None and found.facts["is_sound"] is True
