"""A closing killed before or after the commit of any chunk goes on there; a fault of everybody stops the day (R7.10)."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection
from tests.services.lending_support import at, borrower_make, loan_make

from weidai.jobs import chunks, end_of_day
from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.models import LedgerTransfer
from weidai.lending.models import Installment, Loan
from weidai.lending.rules import owed
from weidai.lending.services import end_of_day as lending_eod
from weidai.limits.models import Hold
from weidai.messaging.models import Notice
from weidai.platform import books
from weidai.platform.models import Book
from weidai.servicing import services as servicing
from weidai.servicing.models import DebitInstruction, OverdueSpell
from weidai.servicing.services import end_of_day as servicing_eod

DUE = date(2026, 4, 4)
NIGHT = shanghai_instant(DUE + timedelta(days=1)) + timedelta(minutes=5)


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.fixture
def five(monkeypatch):
    """Five borrowers in three chunks, all due and unpaid."""
    monkeypatch.setattr(end_of_day, "CHUNK_CUSTOMERS", 2)
    people = [borrower_make(serial) for serial in range(1, 6)]
    for who in people:
        loan_make(who)
        servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    Book.objects.filter(id=1).update(open_on=DUE)
    return people


def everything_once():
    assert EodStep.objects.count() == 4 * 3 + 5
    assert EodRun.objects.get().finished_at is not None
    assert LedgerTransfer.objects.filter(kind="interest.billed").count() == 5
    for table in (OverdueSpell, Hold, Notice.objects.filter(template="servicing.overdue"), DebitInstruction):
        rows = table if not hasattr(table, "objects") else table.objects
        assert rows.count() == 5
    assert ledger.check().is_sound
    assert books.business_date() == DUE + timedelta(days=1)


@pytest.mark.parametrize("moment", ["written", "committed"])
@pytest.mark.parametrize("boundary", [(step, chunk) for step in ("bill", "overdue", "classify", "debits") for chunk in range(3)])
def test_killed_at_a_chunk_and_started_again(five, monkeypatch, boundary, moment):
    real = chunks.step_finish if moment == "written" else chunks._commit

    def die(run, step, number, *rest, **more):
        result = real(run, step, number, *rest, **more)
        if (step, number) == boundary:
            raise Killed
        return result

    monkeypatch.setattr(chunks, "step_finish" if moment == "written" else "_commit", die)
    with at(NIGHT):
        with pytest.raises(Killed):
            end_of_day.day_close(1)
        monkeypatch.undo()
        end_of_day.day_close(1)
    everything_once()


def test_a_chunk_done_by_another_process_is_left_alone(five, monkeypatch):
    with at(NIGHT):
        run = end_of_day._run_start(1, DUE)
        first = chunks.chunks_of(run)[0]
        chunks._commit(run, "bill", 0, first, servicing_eod.bill_due, ())
        assert chunks._commit(run, "bill", 0, first, servicing_eod.bill_due, ()) == 0
        end_of_day.day_close(1)
    everything_once()


def test_a_fault_of_everybody_stops_the_day(five, monkeypatch):
    def broken(chunk):
        raise ValueError("nobody can be billed")

    monkeypatch.setattr(chunks, "MAX_SET_ASIDE", 1)
    monkeypatch.setattr(end_of_day.servicing, "bill_due", broken)
    with at(NIGHT), pytest.raises(ValueError, match="nobody"):
        end_of_day.day_close(1)
    assert not EodException.objects.exists()
    assert books.business_date() == DUE


def test_a_lost_database_sets_nobody_aside(five, monkeypatch):
    def lost(chunk):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(end_of_day.servicing, "bill_due", lost)
    with at(NIGHT), pytest.raises(OperationalError):
        end_of_day.day_close(1)
    monkeypatch.undo()
    assert not EodException.objects.exists()
    with at(NIGHT):
        end_of_day.day_close(1)
    assert Installment.objects.filter(interest_billed_fen__gt=0).count() == 5


def test_debts_of_a_chunk_are_those_of_the_rules(five):
    servicing.repayment_receive(five[0].id, amount_fen=50_000, received_at=NIGHT - timedelta(days=1), channel="transfer",
                                reference="t1")
    with at(NIGHT):
        end_of_day.day_close(1)
    with at(NIGHT + timedelta(days=9)):
        servicing.repayment_receive(five[1].id, amount_fen=70_000, received_at=NIGHT + timedelta(days=9),
                                    channel="transfer", reference="t2")
    run = EodRun.objects.get()
    on = DUE + timedelta(days=40)
    found = {row.loan_id: row.amount_fen
             for chunk in chunks.chunks_of(run) for row in lending_eod.debts_overdue(chunk, on=on)}
    accounts = lending_eod.accounts_of(list(Loan.objects.filter(overdue_since__isnull=False)))
    assert found == {one.id: owed(one.state, on=on).total_fen for one in accounts}
    assert len(found) == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_connections_of_their_own(five):
    assert not connection.in_atomic_block
    with at(NIGHT):
        end_of_day.day_close(1)
    everything_once()


@pytest.mark.django_db(transaction=True)
def test_killed_after_the_day_opened_its_debits_are_planned_at_the_next_start(five, monkeypatch):
    def die(*args, **more):
        raise Killed

    monkeypatch.setattr(end_of_day.servicing, "debits_plan", die)
    with at(NIGHT):
        with pytest.raises(Killed):
            end_of_day.catch_up(DUE + timedelta(days=1))
        monkeypatch.undo()
        assert books.business_date() == DUE + timedelta(days=1)
        assert not DebitInstruction.objects.exists()
        end_of_day.catch_up(DUE + timedelta(days=1))
    assert DebitInstruction.objects.filter(due_on=DUE + timedelta(days=1)).count() == 5
    assert EodRun.objects.get().finished_at is not None
