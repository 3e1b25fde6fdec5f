"""What the worker runs: woken by jobs, and every few seconds in any case. Correctness lives in the tables, not here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from procrastinate.contrib.django import app

from weidai.jobs import dates as due_dates
from weidai.jobs import end_of_day, operations, reconciliation, time_travel
from weidai.platform import books, clock, inbox, outbox
from weidai.policy import services as policy
from weidai.servicing import services as servicing


@app.task(name="outbox.deliver_due")
def deliver_due() -> None:
    """Deliver every outside call that is due."""
    while outbox.deliver_due():
        pass


@app.periodic(cron="*/3 * * * * *", periodic_id="sweep")
@app.task(name="sweep", queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Deliver calls whose retry time has come, debits whose window has come, messages that waited for their subject."""
    servicing.debits_release(book_ids=[book for book, _ in books.books_live()])
    deliver_due()
    inbox.apply_parked()


@app.periodic(cron="*/5 * * * *", periodic_id="reminders")
@app.task(name="reminders", queueing_lock="reminders")
def reminders(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Remind of due dates from the policy's hour on, by the business clock; who was told is not told again (R6.5)."""
    for book_id, _ in books.books_live():
        servicing.reminders_send(book_id, on=clock.today())


@app.periodic(cron="*/30 * * * * *", periodic_id="close_days")
@app.task(name="close_days", queueing_lock="close_days")
def close_days(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Close business days that are over; nothing to do most of the time (R7.10)."""
    end_of_day.catch_up(clock.today())


@app.periodic(cron="*/10 * * * *", periodic_id="reconcile")
@app.task(name="reconcile", queueing_lock="reconcile")
def reconcile(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Reconcile closed days whose bank file was not there yet (R7.11)."""
    reconciliation.waiting_retry()


@app.periodic(cron="*/15 * * * *", periodic_id="ledger_compare")
@app.task(name="ledger_compare", queueing_lock="ledger_compare")
def ledger_compare(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Rebuild and compare every balance once after a closing (R7.10)."""
    operations.ledger_check_nightly()


@app.periodic(cron="*/5 * * * *", periodic_id="dates")
@app.task(name="dates", queueing_lock="dates", lock="dates")
def dates(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Run the month's assessments when they are due, let offers expire, review lines (R2.3, R4.4, R5.3)."""
    due_dates.dates_run()


@app.task(name="policy.replay")
def policy_replay(run_id: str) -> None:
    """Make past decisions again, as somebody asked at the console (R8.6)."""
    policy.replay_run(UUID(run_id))


@app.task(name="time.forward", lock="time.forward")
def forward(until: str, days: int, journey_id: str) -> None:
    """Move business time forward day by day to a date (demo only)."""
    time_travel.forward_run(date.fromisoformat(until), days=days, journey_id=journey_id)


@app.periodic(cron="* * * * *", periodic_id="retry_stalled")
@app.task(name="retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:  # noqa: ARG001 (given by the scheduler)
    """Give jobs of killed workers back to the queue; otherwise they would stay `doing` for ever."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
