"""Two at once on paying: each fen once, what is too much goes back (R7.1)."""

from datetime import date, timedelta

import pytest
from tests.races.conftest import together
from tests.services.lending_support import at, borrower_make, deliver, loan_make

from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.ledger.services import AccountCode, AccountRef
from weidai.lending.models import Loan
from weidai.limits import selectors as limits
from weidai.platform import clock
from weidai.platform.models import Book
from weidai.servicing import services as servicing
from weidai.servicing.models import DebitInstruction, OverdueSpell, Refund, Repayment

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2026, 4, 4)
NOON = shanghai_instant(DUE) + timedelta(hours=12)


def pay(who, amount_fen, reference, **more):
    return lambda: servicing.repayment_receive(who.id, amount_fen=amount_fen, received_at=clock.now(), channel="debit",
                                               reference=reference, **more)


def test_one_receipt_told_by_four_at_once_is_booked_once():
    who = borrower_make()
    loan_make(who)
    with at(NOON):
        done = together(*[pay(who, 114_880, "r1", entry_id="e-1")] * 4)
    assert sorted(result.is_new for result in done) == [False, False, False, True]
    assert Repayment.objects.count() == 1
    assert Loan.objects.get().outstanding_fen == 1_100_000
    assert ledger.check().is_sound


def test_settling_while_the_auto_debit_succeeds_gives_the_excess_back(bank):
    who = borrower_make()
    loan = loan_make(who)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    Book.objects.filter(id=1).update(open_on=DUE - timedelta(days=1))
    with at(shanghai_instant(DUE) + timedelta(minutes=5)):
        day_close(1)
    debit = DebitInstruction.objects.get()
    with at(NOON):
        settle_fen = servicing.settle_quote(who.id, loan_id=loan.id).total_fen
        servicing.debits_release(book_ids=[1])
        answer = bank.debit(request_id=debit.request_id, card_number="", name="", amount_fen=debit.amount_fen,
                            agreement_id="", memo="")
        done = together(
            pay(who, settle_fen, "settle-1", loan_id=loan.id, intent="settle"),
            lambda: servicing.debit_succeed(who.id, debit_id=debit.id, answer=answer))
        assert not [result for result in done if isinstance(result, Exception)], done
        deliver(who)
    assert Loan.objects.get().state == "settled"
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == debit.amount_fen
    assert set(Refund.objects.values_list("state", flat=True)) == {"succeeded"}
    assert ledger.balance_fen(who.id, AccountRef(AccountCode.CUSTOMER_PAYABLE, None)) == 0
    assert limits.line_get(who.id, who.line_id).used_fen == 0
    assert ledger.check().is_sound


def test_paying_while_the_day_is_being_closed_never_loses_a_fen():
    borrowers = [borrower_make(serial) for serial in range(1, 5)]
    for who in borrowers:
        loan_make(who)
    Book.objects.filter(id=1).update(open_on=DUE)
    with at(shanghai_instant(DUE + timedelta(days=1)) + timedelta(minutes=1)):
        done = together(lambda: day_close(1), *[pay(who, 114_880 + 50, "r1") for who in borrowers])
    assert not [result for result in done if isinstance(result, Exception)], done
    assert ledger.check().is_sound
    for who in borrowers:
        loan = Loan.objects.get(customer_id=who.id)
        assert ledger.balance_fen(who.id, AccountRef(AccountCode.LOAN_PRINCIPAL, loan.id)) == loan.outstanding_fen
        assert ledger.balance_fen(who.id, AccountRef(AccountCode.INTEREST_INCOME, loan.id)) == 14_880
        assert ledger.balance_fen(who.id, AccountRef(AccountCode.INTEREST_RECEIVABLE, loan.id)) == 0
        assert limits.hold_kinds(who.id) == []
        assert not OverdueSpell.objects.filter(customer_id=who.id, ended_at=None, is_void=False).exists()


def test_a_debit_requested_twice_at_once_is_one_debit():
    who = borrower_make()
    loan = loan_make(who)
    with at(NOON):
        ask = [lambda key=key: servicing.repayment_request(who.id, loan_id=loan.id, kind="due", idempotency_key=key)
               for key in ("k", "k", "other")]
        done = together(*ask)
    assert DebitInstruction.objects.count() == 1
    assert sum(1 for result in done if isinstance(result, Exception)) in (1, 2)
