"""Posting, pending, reversal, overdraft, and the check that rebuilds every balance (ARCHITECTURE §4)."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection

from weidai.ledger import selectors
from weidai.ledger import services as ledger
from weidai.ledger.errors import AccountOverdrawn, JournalNotPending
from weidai.ledger.models import Account, LedgerTransfer
from weidai.ledger.rules import AccountCode, AccountRef, BulkTransfer, Transfer

pytestmark = pytest.mark.django_db
ON, AT = date(2026, 3, 1), datetime(2026, 3, 1, 2, tzinfo=UTC)


def principal(loan):
    return AccountRef(AccountCode.LOAN_PRINCIPAL, loan)


CLEARING = AccountRef(AccountCode.DISBURSEMENT_CLEARING)
COLLECTION = AccountRef(AccountCode.COLLECTION_CLEARING)


def post(customer, transfers, **changes):
    values = {"cause_type": "test", "cause_id": uuid4(), "book_id": 1, "booked_on": ON, "at": AT} | changes
    return ledger.journal_post(customer, transfers=transfers, **values)


def test_a_posted_transfer_moves_both_accounts():
    customer, loan = uuid4(), uuid4()
    post(customer, [Transfer(principal(loan), CLEARING, 300_000, "disbursement")])
    assert selectors.balance_fen(customer, principal(loan)) == 300_000
    assert selectors.balance_fen(customer, CLEARING) == -300_000
    assert selectors.check().is_sound


def test_a_pending_transfer_counts_only_when_posted():
    customer, loan = uuid4(), uuid4()
    journal = ledger.journal_pending(
        customer, transfers=[Transfer(principal(loan), CLEARING, 100, "disbursement")], cause_type="loan",
        cause_id=loan, book_id=1, booked_on=ON, at=AT)
    assert selectors.balance_fen(customer, principal(loan)) == 0
    account = Account.objects.get(customer_id=customer, code="loan_principal")
    assert (account.debits_pending_fen, account.debits_posted_fen) == (100, 0)
    ledger.journal_post_pending(customer, journal, booked_on=ON, at=AT)
    account.refresh_from_db()
    assert (account.debits_pending_fen, account.debits_posted_fen) == (0, 100)
    with pytest.raises(JournalNotPending):
        ledger.journal_void_pending(customer, journal, booked_on=ON, at=AT)
    assert selectors.check().is_sound


def test_a_voided_transfer_leaves_no_balance():
    customer, loan = uuid4(), uuid4()
    journal = ledger.journal_pending(
        customer, transfers=[Transfer(principal(loan), CLEARING, 100, "disbursement")], cause_type="loan",
        cause_id=loan, book_id=1, booked_on=ON, at=AT)
    ledger.journal_void_pending(customer, journal, booked_on=ON, at=AT)
    account = Account.objects.get(customer_id=customer, code="loan_principal")
    assert (account.debits_pending_fen, account.debits_posted_fen) == (0, 0)
    with pytest.raises(JournalNotPending):
        ledger.journal_post_pending(customer, journal, booked_on=ON, at=AT)


def test_principal_cannot_be_repaid_below_zero_and_nothing_is_written():
    customer, loan = uuid4(), uuid4()
    post(customer, [Transfer(principal(loan), CLEARING, 100, "disbursement")])
    before = LedgerTransfer.objects.count()
    with pytest.raises(AccountOverdrawn):
        post(customer, [Transfer(COLLECTION, principal(loan), 101, "repayment")])
    assert LedgerTransfer.objects.count() == before
    assert selectors.balance_fen(customer, principal(loan)) == 100


def test_a_reversal_restores_every_balance_and_happens_once():
    customer, loan = uuid4(), uuid4()
    journal = post(customer, [Transfer(principal(loan), CLEARING, 100, "disbursement")])
    ledger.journal_reverse(customer, journal, booked_on=ON, at=AT)
    assert selectors.balance_fen(customer, principal(loan)) == 0
    with pytest.raises(JournalNotPending):
        ledger.journal_reverse(customer, journal, booked_on=ON, at=AT)
    assert selectors.check().is_sound


def test_bulk_posting_takes_the_same_number_of_statements_for_one_and_for_many(django_assert_max_num_queries):
    def rows(count):
        return [
            BulkTransfer(uuid4(), uuid4(), Transfer(principal(uuid4()), CLEARING, 5, "disbursement"), "test", uuid4(), 1)
            for _ in range(count)
        ]

    with django_assert_max_num_queries(9):
        ledger.journals_post_bulk(rows(1), booked_on=ON, at=AT)
    with django_assert_max_num_queries(9):
        ledger.journals_post_bulk(rows(500), booked_on=ON, at=AT)
    assert selectors.check().is_sound


def test_closing_a_day_twice_writes_the_same_totals():
    customer, loan = uuid4(), uuid4()
    post(customer, [Transfer(principal(loan), CLEARING, 100, "disbursement")])
    post(customer, [Transfer(COLLECTION, principal(loan), 40, "repayment")])
    ledger.day_close(1, ON)
    first = selectors.general_ledger_day(1, ON)
    ledger.day_close(1, ON)
    assert selectors.general_ledger_day(1, ON) == first
    assert {row.code: (row.debits_fen, row.credits_fen) for row in first} == {
        "loan_principal": (100, 40), "disbursement_clearing": (0, 100), "collection_clearing": (40, 0)}


def test_the_check_finds_a_falsified_balance():
    customer, loan = uuid4(), uuid4()
    post(customer, [Transfer(principal(loan), CLEARING, 100, "disbursement")])
    Account.objects.filter(customer_id=customer, code="loan_principal").update(debits_posted_fen=101)
    outcome = selectors.check()
    assert not outcome.is_sound
    assert [(d.code, d.stored[0], d.rebuilt[0]) for d in outcome.differences] == [("loan_principal", 101, 100)]


def test_the_application_role_can_add_postings_but_never_change_them():
    customer, loan = uuid4(), uuid4()
    post(customer, [Transfer(principal(loan), CLEARING, 100, "disbursement")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('weidai_app', 'ledger_ledgertransfer', 'INSERT')")
        assert cursor.fetchone()[0] is True
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            cursor.execute("SELECT has_table_privilege('weidai_app', 'ledger_ledgertransfer', %s)", [right])
            assert cursor.fetchone()[0] is False
            cursor.execute("SELECT has_table_privilege('weidai_app', 'audit_event', %s)", [right])
            assert cursor.fetchone()[0] is False
