"""Business dates: each book has one open date; closing date D opens D + 1 (R7.2, R7.10)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from weidai.kernel.errors import Conflict
from weidai.kernel.text import Text
from weidai.platform import clock, statements
from weidai.platform.models import Book

MAIN_BOOK = 1


class BusinessDayConflict(Conflict):
    """Somebody else closed the day first."""

    code = "platform.business_day_already_closed"
    text = Text("业务日 {day} 已经关闭。", "Business day {day} is already closed.")


def book_open(book_id: int, *, name: str, on: date, loading: bool = False) -> None:
    """Create a book with its first open business date; an existing book is left as it is."""
    state = Book.State.LOADING if loading else Book.State.LIVE
    Book.objects.get_or_create(id=book_id, defaults={"name": name, "open_on": on, "state": state})


def business_date(book_id: int = MAIN_BOOK) -> date:
    """Return the open business date of a book; bookings carry this date whatever the clock says."""
    row = statements.row("SELECT open_on FROM platform_book WHERE id = %s", [book_id])
    if row is None:
        book_open(book_id, name="main", on=clock.today())
        return clock.today()
    return row[0]  # type: ignore[no-any-return]


def books_live() -> list[tuple[int, date]]:
    """Return (book, open date) of every book the nightly run closes."""
    return list(Book.objects.filter(state=Book.State.LIVE).order_by("id").values_list("id", "open_on"))


def book_state(book_id: int) -> str | None:
    """Return loading, live, or None when there is no such book."""
    return Book.objects.filter(id=book_id).values_list("state", flat=True).first()


def is_any_loading() -> bool:
    """Say whether some book is still living its history; runs over all customers wait for it."""
    return Book.objects.filter(state=Book.State.LOADING).exists()


def book_go_live(book_id: int) -> None:
    """Hand a loaded book over to the nightly run."""
    Book.objects.filter(id=book_id).update(state=Book.State.LIVE)


@transaction.atomic
def day_advance(book_id: int, *, closed: date) -> date:
    """Close `closed` and open the next day; raises BusinessDayConflict when it is not the open day."""
    moved = Book.objects.filter(id=book_id, open_on=closed).update(open_on=closed + timedelta(days=1))
    if not moved:
        raise BusinessDayConflict(day=closed.isoformat())
    return closed + timedelta(days=1)


def lane_of(book_id: int) -> str:
    """Return the lane in which a loading book's history is lived."""
    return f"book-{book_id}"
