"""Automatic debits beside payments of the borrower's own, and after the permission was withdrawn (R6.5, R7.2)."""

from datetime import date, datetime, timedelta

import pytest
from tests.services.lending_support import at, borrower_make, deliver, loan_make

from weidai.identity.models import BankCard
from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.messaging.models import Notice
from weidai.platform import books
from weidai.platform.ids import uuid7
from weidai.servicing import deliveries
from weidai.servicing import services as servicing
from weidai.servicing.errors import BackupCardsInvalid, CardMissing
from weidai.servicing.models import DebitInstruction, Repayment
from weidai.servicing.selectors import auto_debit_for

DUE = date(2026, 4, 4)
OWED = 114_880
NIGHT = shanghai_instant(DUE) + timedelta(hours=1)
MORNING = shanghai_instant(DUE) + timedelta(hours=6, minutes=1)


@pytest.fixture
def borrower():
    """Someone who permitted debits, on the due date at one in the morning, with the first debit planned for six."""
    who = borrower_make()
    servicing.auto_debit_authorize(who.id, card_id=who.card_id)
    loan_make(who)
    while books.business_date() < DUE:
        with at(shanghai_instant(books.business_date() + timedelta(days=1)) + timedelta(minutes=5)):
            day_close(books.MAIN_BOOK)
    assert automatic() == [("created", OWED)]
    return who


def automatic() -> list[tuple[str, int]]:
    rows = DebitInstruction.objects.filter(kind="automatic").order_by("id")
    return list(rows.values_list("state", "amount_fen"))


def pay_and_wait(who, amount_fen: int, *, when: datetime, key: str) -> None:
    with at(when):
        servicing.repayment_request(who.id, kind="amount", amount_fen=amount_fen, idempotency_key=key)
        assert automatic() == [("cancelled", OWED)]
        deliver(who)


def window_comes(who) -> None:
    with at(MORNING):
        servicing.debits_release(book_ids=[books.MAIN_BOOK])
        deliver(who)


def test_a_part_paid_by_hand_leaves_the_rest_to_the_debit(borrower):
    pay_and_wait(borrower, 14_880, when=NIGHT, key="k1")
    assert automatic() == [("created", 100_000)]
    window_comes(borrower)
    assert automatic() == [("succeeded", 100_000)]
    assert sum(Repayment.objects.values_list("applied_fen", flat=True)) == OWED


def test_a_payment_that_fails_leaves_all_of_it_to_the_debit(borrower, bank):
    bank.fail_with = "insufficient_funds"
    pay_and_wait(borrower, 14_880, when=NIGHT, key="k1")
    bank.fail_with = None
    assert automatic() == [("created", OWED)]
    window_comes(borrower)
    assert automatic() == [("succeeded", OWED)]


def test_paying_all_by_hand_leaves_nothing_to_debit(borrower):
    pay_and_wait(borrower, OWED, when=NIGHT, key="k1")
    window_comes(borrower)
    assert automatic() == [("cancelled", OWED)]
    assert Repayment.objects.count() == 1


def test_a_withdrawn_permission_is_not_taken_up_again(borrower):
    with at(NIGHT):
        servicing.repayment_request(borrower.id, kind="amount", amount_fen=14_880, idempotency_key="k1")
        servicing.auto_debit_revoke(borrower.id)
        deliver(borrower)
    assert automatic() == [("cancelled", OWED)]


def test_a_debit_dropped_while_it_was_about_to_be_sent_is_not_sent(borrower, bank, monkeypatch):
    def withdrawn_just_then(*_args, **_more) -> bool:
        servicing.auto_debit_revoke(borrower.id)
        return False

    monkeypatch.setattr(deliveries, "debit_cancel_if_paid", withdrawn_just_then)
    window_comes(borrower)
    assert automatic() == [("cancelled", OWED)]
    assert bank.count("debit") == 0


def with_backup(who, serial: int = 77):
    """Another card of the same person, named as the backup; returns its id."""
    first = BankCard.objects.get(id=who.card_id)
    second = BankCard.objects.get(id=who.card_id)
    second.pk, second.is_default, second.digest = uuid7(), False, f"{serial:064x}"
    second.card_number, second.masked = first.card_number[:-1] + "0", "**** 0000"
    second.save(force_insert=True)
    servicing.auto_debit_authorize(who.id, card_id=who.card_id, backup_card_ids=[second.id])
    return second.id


def test_the_backup_card_is_tried_at_once_and_the_first_card_again_at_the_next_hour(bank):
    who = borrower_make()
    backup_id = with_backup(who)
    loan_make(who)
    while books.business_date() < DUE:
        with at(shanghai_instant(books.business_date() + timedelta(days=1)) + timedelta(minutes=5)):
            day_close(books.MAIN_BOOK)
    bank.fail_with = "insufficient_funds"
    window_comes(who)
    with at(MORNING + timedelta(minutes=1)):
        deliver(who)
    rows = DebitInstruction.objects.order_by("id").values_list("window", "place", "card_id", "state")
    assert list(rows) == [(1, 0, who.card_id, "failed"), (1, 1, backup_id, "failed"), (2, 0, who.card_id, "created")]
    assert Notice.objects.filter(template="servicing.debit_failed").count() == 1  # when every card had failed
    bank.fail_with = None
    with at(shanghai_instant(DUE) + timedelta(hours=12, minutes=1)):
        servicing.debits_release(book_ids=[books.MAIN_BOOK])
        deliver(who)
    assert automatic()[-1] == ("succeeded", OWED)


@pytest.mark.long
def test_backups_are_other_cards_of_the_customer():
    who = borrower_make()
    backup_id = with_backup(who)
    for wrong in ([who.card_id], [backup_id, backup_id]):
        with pytest.raises(BackupCardsInvalid):
            servicing.auto_debit_authorize(who.id, card_id=who.card_id, backup_card_ids=wrong)
    with pytest.raises(CardMissing):
        servicing.auto_debit_authorize(who.id, card_id=who.card_id, backup_card_ids=[uuid7()])
    first = servicing.auto_debit_authorize(who.id, card_id=who.card_id, backup_card_ids=[backup_id])
    assert servicing.auto_debit_authorize(who.id, card_id=who.card_id, backup_card_ids=[backup_id]) == first
    assert servicing.auto_debit_authorize(who.id, card_id=backup_id, backup_card_ids=[who.card_id]) != first
    assert auto_debit_for(who.id).backup_card_ids == (who.card_id,)
