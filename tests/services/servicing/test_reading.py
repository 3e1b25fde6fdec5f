"""What servicing's readers cost: as many statements for many loans as for one (R6.6)."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.services.lending_support import AT, at, borrower_make, loan_make

from weidai.servicing import selectors


def statements(customer_id) -> int:
    with CaptureQueriesContext(connection) as caught:
        selectors.bills_for(customer_id)
    return len(caught)


def test_bills_are_read_with_the_same_statements_for_one_loan_and_for_five():
    who = borrower_make()
    loan_make(who, amount_fen=300_000)
    one = statements(who.id)
    for number in range(1, 5):
        with at(AT + timedelta(minutes=5 * number)):
            loan_make(who, amount_fen=300_000)
    assert statements(who.id) == one == 5
    bills = selectors.bills_for(who.id)
    assert [row.payoff.is_cooling_off for row in bills.rows] == [True] * 5
    assert bills.payoff_fen == 1_500_000
