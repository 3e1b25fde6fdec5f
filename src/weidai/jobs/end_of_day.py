"""Closing a business day: bill, mark overdue, classify, tax, general ledger, seal, open the next day, its debits (R7.10).

Every step leaves a progress row in the transaction of its work. A killed run goes on where it stopped; a finished day
is not done again. Chunks run two at a time; borrowers are never blocked for longer than one chunk's commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time

from django.db import transaction
from django.db.models import Sum

from weidai.audit import services as audit
from weidai.jobs import dates, reconciliation
from weidai.jobs.chunks import CHUNK_CUSTOMERS, StepReport, step_claim, step_finish, step_run
from weidai.jobs.errors import DayNotOver
from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger_rows
from weidai.ledger import services as ledger
from weidai.lending.services import end_of_day as lending
from weidai.platform import books, clock, outbox
from weidai.platform.ids import uuid7
from weidai.servicing import policy as servicing_policy
from weidai.servicing.services import classification, debits, reminders_send, tax
from weidai.servicing.services import end_of_day as servicing

MAX_DAYS = 4000
_DRAIN_ROUNDS = 50
_DATES_AT = clock_time(7, 15)  # before the first debit window: the month's data is there, people are awake
_PAST = "past-days"  # the lane of days that are lived after the clock has passed them


@dataclass(frozen=True, slots=True)
class EodReport:
    """What closing one day did; `is_new` False says that the day had been closed before."""

    book_id: int
    day: date
    is_new: bool
    steps: tuple[StepReport, ...]

    @property
    def set_aside(self) -> int:
        """Customers whose loans wait for a person."""
        return sum(step.set_aside for step in self.steps)


def day_close(book_id: int, *, until: date | None = None) -> EodReport:
    """Close the open business day of a book (nothing when it is `until` or later); returns what was done.

    Raises DayNotOver before 24:00 Shanghai of the day. Safe to run again after a crash, and twice.
    """
    day = books.business_date(book_id)
    if unfinished := _unfinished(book_id, before=day):
        return _steps(unfinished)
    if until is not None and day >= until:
        return EodReport(book_id, day, False, ())
    if clock.today() <= day:
        raise DayNotOver(day=day.isoformat())
    return _steps(_run_start(book_id, day))


def _unfinished(book_id: int, *, before: date) -> EodRun | None:
    """Return a run that was killed after its day advanced, before its last step: the opened day has no debits yet."""
    return EodRun.objects.filter(book_id=book_id, day__lt=before, finished_at=None).order_by("day").first()


def _run_start(book_id: int, day: date) -> EodRun:
    bounds = [str(bound) for bound in lending.chunk_bounds(book_id, size=CHUNK_CUSTOMERS)]
    run, _ = EodRun.objects.get_or_create(
        book_id=book_id, day=day, defaults={"id": uuid7(), "started_at": clock.wall_now(), "bounds": bounds})
    return run


def _steps(run: EodRun) -> EodReport:
    opens = run.day + timedelta(days=1)
    steps = (
        step_run(run, "bill", servicing.bill_due),
        step_run(run, "overdue", servicing.overdue_mark),
        step_run(run, "classify", classification.loans_classify),
        _single(run, "accrual", lambda: servicing.accruals_record(run.book_id, day=run.day)),
        _single(run, "tax", lambda: tax.day_split(run.book_id, run.day)),
        _single(run, "general_ledger", lambda: ledger.day_close(run.book_id, run.day)),
        _single(run, "seal", lambda: audit.day_seal(run.day)),
        _single(run, "advance", lambda: _advance(run)),
        step_run(run, "debits", lambda chunk: servicing.debits_plan(chunk, on=opens)),
    )
    exceptions_resolve(run)
    EodRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=clock.wall_now())
    return EodReport(run.book_id, run.day, True, steps)


def _single(run: EodRun, step: str, work: Callable[[], int]) -> StepReport:
    """A step of one commit for the whole book."""
    began = time.monotonic()
    with transaction.atomic():
        if not step_claim(run, step, 0):
            return StepReport(step, 0, 0, 0, 0)
        rows = work()
        spent = int((time.monotonic() - began) * 1000)
        step_finish(run, step, 0, row_count=rows, milliseconds=spent)
    return StepReport(step, 1, rows, 0, spent)


def _advance(run: EodRun) -> int:
    """Open the next day; the event tells what the night did, in rows by step and fen by account (ADR-0010)."""
    books.day_advance(run.book_id, closed=run.day)
    rows = EodStep.objects.filter(run=run).exclude(step="advance").values_list("step").annotate(Sum("row_count"))
    totals = ledger_rows.general_ledger_day(run.book_id, run.day)
    audit.event_record("jobs.business_day.closed", subject_type="jobs.eod_run", subject_id=run.id, facts={
        "book_id": run.book_id, "day": run.day, "rows": dict(sorted(rows)),
        "general_ledger": {row.code: {"debits_fen": row.debits_fen, "credits_fen": row.credits_fen,
                                      "transfers": row.transfer_count} for row in totals}})
    return 1


def catch_up(until: date) -> list[EodReport]:
    """Live every live book up to `until` (which stays open): each day's debit windows at their hours, then its closing.

    Days the clock has already passed are lived at their own instants, so that what the bank books falls on its day.
    """
    reports: list[EodReport] = []
    for book_id, day in books.books_live():
        if run := _unfinished(book_id, before=day):
            with clock.travel_to(_closing_instant(run.day)):
                reports.append(_steps(run))
    for _ in range(MAX_DAYS):
        behind = [(book_id, day) for book_id, day in books.books_live() if day < until]
        if not behind:
            return reports
        for book_id, day in behind:
            if clock.today() <= day:
                raise DayNotOver(day=day.isoformat())
            day_live(day)
            outbox.lane_release(_PAST)
            with clock.travel_to(_closing_instant(day)):
                reports.append(day_close(book_id))
        reconciliation.after_closing([day for _, day in behind])
    return reports


def _closing_instant(day: date) -> datetime:
    """Return when a day is closed that the clock has passed long ago: 00:05 of the next."""
    return shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5)


def day_live(day: date, *, book_id: int | None = None) -> int:
    """Send the day's debits and reminders at their hours and take the answers; returns how many calls got theirs.

    Without a book the live ones are meant, and what else the date asks for is done first; a loading book is lived in
    its own lane.
    """
    dates_at = shanghai_instant(day, _DATES_AT)
    if book_id is None and dates_at <= clock.now():
        with clock.travel_to(dates_at, lane=_PAST):
            dates.dates_run()
    answered, rules = 0, servicing_policy.current(day).auto_debit
    for hour in sorted({*rules.windows, rules.reminder_time}):
        at = shanghai_instant(day, hour) + timedelta(minutes=1)
        if at > clock.now():
            break
        with clock.travel_to(at, lane=books.lane_of(book_id) if book_id else _PAST):
            lived = [book_id] if book_id else [book for book, _ in books.books_live()]
            debits.debits_release(book_ids=lived)
            for book in lived if hour == rules.reminder_time else ():
                reminders_send(book, on=day)
            answered += drain()
    return answered


def drain() -> int:
    """Deliver what is due until nothing more is; returns how many calls got their final answer."""
    answered = 0
    for _ in range(_DRAIN_ROUNDS):
        count = outbox.deliver_due()
        answered += count
        if not count:
            return answered
    return answered


def exceptions_resolve(run: EodRun) -> int:
    """Close the exceptions of earlier days for customers whom the same step of this run did not set aside again."""
    again = EodException.objects.filter(run=run).values_list("customer_id", "step")
    waiting = EodException.objects.filter(run__book_id=run.book_id, run__day__lt=run.day, resolved_at=None)
    ids = [row.id for row in waiting if (row.customer_id, row.step) not in set(again)]
    return EodException.objects.filter(id__in=ids).update(resolved_at=clock.wall_now())
