"""Reminders at 10:00 three days before a due date and the day before: once, one per customer (R6.5)."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.services.lending_support import AT, at, borrower_make, deliver, loan_make

from weidai.jobs import end_of_day
from weidai.kernel.days import shanghai_instant
from weidai.lending import selectors as lending_rows
from weidai.messaging import selectors as messaging
from weidai.messaging.models import Notice, TextMessage
from weidai.messaging.ports import SmsAnswer, sms_gateway
from weidai.platform.models import Book
from weidai.servicing import services as servicing
from weidai.servicing.models import Reminder
from weidai.servicing.services import reminders

DUE = date(2026, 4, 4)
FIRST_FEN = 114_880  # 1,000.00 and 148.80 of interest


def ten(day: date, minutes: int = 0) -> datetime:
    return shanghai_instant(day, time(10)) + timedelta(minutes=minutes)


def send(day: date, minutes: int = 0) -> int:
    with at(ten(day, minutes)):
        return servicing.reminders_send(1, on=day)


class Gateway:
    def __init__(self):
        self.sent = []

    def send(self, message_id, mobile, text):
        self.sent.append(text)
        return SmsAnswer(is_delivered=True)


@pytest.fixture
def gateway():
    before, played = sms_gateway._adapter, Gateway()
    sms_gateway.fill(played)
    yield played
    sms_gateway._adapter = before


def test_three_days_and_one_day_before_once_each(gateway):
    who = borrower_make()
    loan_make(who)
    told = {day: send(DUE - timedelta(days=day)) for day in (4, 3, 2, 1, 0)}
    assert told == {4: 0, 3: 1, 2: 0, 1: 1, 0: 0}
    assert send(DUE - timedelta(days=1), minutes=5) == 0
    assert list(Reminder.objects.order_by("due_on", "-days_before").values_list("due_on", "days_before")) == [
        (DUE, 3), (DUE, 1)]
    assert Notice.objects.filter(template="servicing.due_soon").count() == 2
    assert TextMessage.objects.filter(template="servicing.due_soon").count() == 2
    with at(ten(DUE - timedelta(days=1), 6)):
        deliver(who)
    assert [text for text in gateway.sent if "1,148.80" in text and "2026-04-04" in text] != []


def test_nothing_before_ten_oclock_nor_when_the_day_is_over():
    loan_make(borrower_make())
    day = DUE - timedelta(days=3)
    assert send(day, minutes=-1) == 0
    with at(ten(day) + timedelta(hours=14)):
        assert servicing.reminders_send(1, on=day) == 0
    assert not Reminder.objects.exists()


def test_several_loans_are_one_notice_and_paid_ones_none():
    who, paid = borrower_make(1), borrower_make(2)
    loan_make(who)
    with at(AT + timedelta(minutes=5)):
        loan_make(who, amount_fen=600_000)
    with at(AT + timedelta(days=2)):
        loan_make(who, amount_fen=300_000)  # due two days later
    loan_make(paid)
    with at(ten(DUE - timedelta(days=4))):
        servicing.repayment_receive(paid.id, amount_fen=1_300_000, received_at=ten(DUE - timedelta(days=4)),
                                    channel="debit", reference="r1")
        assert lending_rows.accounts_for(paid.id) == []
    assert send(DUE - timedelta(days=3)) == 1
    assert send(DUE - timedelta(days=1)) == 1
    assert set(Reminder.objects.values_list("customer_id", flat=True)) == {who.id}
    assert Reminder.objects.count() == 5
    later, first = messaging.notices_for(who.id, limit=2)
    assert "1,723.20" in first.body.zh  # both loans that fall due that day
    assert "1,723.20" in later.body.en
    assert "2026-04-04" in later.body.en
    assert "2026-04-06" in later.body.en


def test_the_number_of_statements_does_not_grow_with_the_customers(monkeypatch):
    for serial in range(1, 6):
        loan_make(borrower_make(serial))
    Reminder.objects.all().delete()
    counts = []
    for day, serials in ((3, 5), (1, 5)):
        with CaptureQueriesContext(connection) as caught:
            assert send(DUE - timedelta(days=day)) == serials
        counts.append(len(caught))
    monkeypatch.setattr(reminders, "CHUNK_ROWS", 2)
    Reminder.objects.all().delete()
    assert send(DUE - timedelta(days=1)) == 5  # in three chunks, nobody left out or twice
    assert counts[0] == counts[1] <= 12


def test_a_lived_day_reminds_at_its_hour(monkeypatch):
    monkeypatch.setattr(end_of_day, "drain", lambda: 0)  # the test's own transaction is open
    who, day = borrower_make(), DUE - timedelta(days=3)
    loan_make(who)
    Book.objects.filter(id=1).update(open_on=day)
    with at(ten(day + timedelta(days=1))):
        end_of_day.day_live(day, book_id=1)
    notice = Notice.objects.get(template="servicing.due_soon")
    assert notice.created_at == ten(day, 1)
    assert notice.values == {"amount_fen": FIRST_FEN, "due_on": "2026-04-04"}
