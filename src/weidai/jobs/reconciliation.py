"""When the books are compared with the bank: once every live book has closed the day, and again while it is silent (R7.11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from weidai.kernel.days import shanghai_instant
from weidai.platform import books, clock
from weidai.platform.ports import PartnerNotConfigured
from weidai.servicing.ports import bank_statement
from weidai.servicing.selectors.reconciliation import days_unfinished
from weidai.servicing.services.reconciliation import day_reconcile

_MINUTES_AFTER_MIDNIGHT = 10
_MAX_DAYS = 31  # a retry goes back no further; older days are asked for by hand


def after_closing(days: Collection[date]) -> int:
    """Reconcile days that the last closing closed for every live book, at their own instant; returns how many."""
    if not _has_bank() or books.is_any_loading():
        return 0
    open_on = min(on for _, on in books.books_live())
    closed = sorted({day for day in days if day < open_on})
    for day in closed:
        with clock.travel_to(shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=_MINUTES_AFTER_MIDNIGHT)):
            day_reconcile(day)
    return len(closed)


def waiting_retry() -> int:
    """Reconcile closed days that no run has finished: the bank was silent, or a book was loading; returns how many."""
    live = books.books_live()
    if not live or not _has_bank() or books.is_any_loading():
        return 0
    waiting = days_unfinished(before=min(on for _, on in live), limit=_MAX_DAYS)
    for day in waiting:
        day_reconcile(day)
    return len(waiting)


def _has_bank() -> bool:
    """Say whether a bank's file can be had at all: an installation without one compares by hand."""
    try:
        bank_statement()
    except PartnerNotConfigured:
        return False
    return True
