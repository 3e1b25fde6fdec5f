"""How punctual an installment was paid, as the loan shows it (R7.2)."""

from datetime import date, timedelta

import pytest
from tests.services.lending_support import at, borrower_make, deliver, loan_make
from tests.services.servicing.test_repayments import DUE, INTEREST_1, close_days, noon, pay

from weidai.kernel.days import shanghai_instant
from weidai.lending.models import Loan
from weidai.platform import books
from weidai.servicing import selectors
from weidai.servicing import services as servicing

FIRST = 100_000 + INTEREST_1


def first_row(who):
    (loan,) = Loan.objects.all()
    row = selectors.loan_statement(who.id, loan.id).rows[0]
    return row.punctuality_text.en if row.punctuality_text else None


@pytest.mark.parametrize(("received_at", "words"), [
    (shanghai_instant(DUE) + timedelta(seconds=1), "on time"),
    pytest.param(shanghai_instant(DUE), "prompt", marks=pytest.mark.long),
    pytest.param(shanghai_instant(DUE + timedelta(days=1)) - timedelta(seconds=1), "on time", marks=pytest.mark.long),
    pytest.param(shanghai_instant(DUE + timedelta(days=1)), "late", marks=pytest.mark.long)])
def test_by_the_instant_of_receipt(received_at, words):
    who = borrower_make()
    loan_make(who)
    assert first_row(who) is None
    with at(noon(DUE + timedelta(days=1))):
        pay(who, FIRST + 50, received_at=received_at)
    assert first_row(who) == words


@pytest.mark.long
def test_within_the_grace_days_is_on_time():
    who = borrower_make()
    loan_make(who)
    Loan.objects.update(grace_days=3)
    with at(noon(DUE + timedelta(days=3))):
        pay(who, FIRST)
    assert first_row(who) == "on time"


@pytest.mark.long
def test_a_debit_at_the_first_window_is_prompt():
    who = borrower_make()
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    loan_make(who)
    close_days(date(2026, 4, 4))
    with at(shanghai_instant(DUE) + timedelta(hours=6, minutes=1)):
        servicing.debits_release(book_ids=[books.MAIN_BOOK])
        deliver(who)
    assert first_row(who) == "prompt"
