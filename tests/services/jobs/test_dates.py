"""What a date asks for is done on the days that are lived, not at a moment of the wall clock (R2.3, R4.4, R5.3)."""

from datetime import date, timedelta

import pytest
from tests.services.lending_support import at

from weidai.assessment import services as assessment
from weidai.jobs import dates, end_of_day, reconciliation
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import PartnerUnavailable
from weidai.origination import services as origination
from weidai.platform import books, clock
from weidai.platform.models import Book

FIRST, LAST = date(2026, 3, 30), date(2026, 4, 2)


@pytest.fixture
def done(monkeypatch) -> list[tuple[str, date, str]]:
    """What ran, on which business day, in which lane."""
    calls: list[tuple[str, date, str]] = []

    def collect(name: str) -> object:
        return lambda *_, **__: calls.append((name, clock.today(), clock.lane())) or 0

    monkeypatch.setattr(assessment, "assessments_run_due", collect("assess"))
    monkeypatch.setattr(origination, "applications_expire", collect("expire"))
    monkeypatch.setattr(origination, "line_reviews_run", collect("review"))
    monkeypatch.setattr(end_of_day, "drain", lambda: 0)
    monkeypatch.setattr(reconciliation, "after_closing", lambda days: None)
    Book.objects.filter(id=1).update(open_on=FIRST)
    return calls


def test_every_lived_day_does_what_its_date_asks_for_before_it_is_closed(done):
    with at(shanghai_instant(LAST + timedelta(days=1)) + timedelta(minutes=5)):
        end_of_day.catch_up(LAST + timedelta(days=1))
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert done == [(name, day, "past-days") for day in days for name in ("assess", "expire", "review")]


def test_a_silent_data_partner_stops_neither_the_rest_nor_the_closing(done, monkeypatch):
    def silent(*_: object, **__: object) -> int:
        raise PartnerUnavailable

    monkeypatch.setattr(assessment, "assessments_run_due", silent)
    with at(shanghai_instant(FIRST + timedelta(days=1)) + timedelta(minutes=5)):
        end_of_day.catch_up(FIRST + timedelta(days=1))
    assert [name for name, _, _ in done] == ["expire", "review"]
    assert books.business_date() == FIRST + timedelta(days=1)


def test_offers_and_reviews_wait_while_a_book_lives_in_the_past(done):
    books.book_open(7, name="history", on=FIRST, loading=True)
    dates.dates_run()
    assert [name for name, _, _ in done] == ["assess"]
