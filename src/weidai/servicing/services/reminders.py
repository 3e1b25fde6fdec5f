"""Reminders before a due date: text message and in-app, once each, one for everything a customer has due (R6.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction

from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.lending.services import end_of_day as lending
from weidai.lending.services.end_of_day import UpcomingInstallment
from weidai.messaging.services import NewNotice, notices_send_bulk
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy

CHUNK_ROWS = 10_000
_LEAST_ID = UUID(int=0)


def reminders_send(book_id: int, *, on: date) -> int:
    """Remind everybody of a book whose due date is near; returns how many customers were told.

    Nothing before the policy's hour of `on` or after that day. A few statements and one commit per chunk; a second call
    on the same day, or after a crash, tells only those who were not told yet.
    """
    rules, told, after = policy.current(on).auto_debit, 0, _LEAST_ID
    if clock.now() < shanghai_instant(on, rules.reminder_time) or shanghai_date(clock.now()) > on:
        return 0
    days = {on + timedelta(days=before): before for before in rules.reminder_days_before}
    while rows := lending.installments_upcoming(book_id, due_on=list(days), after=after, limit=CHUNK_ROWS):
        after = rows[-1].customer_id
        told += _chunk(book_id, [(row, days[row.due_on]) for row in rows])
    return told


@transaction.atomic
def _chunk(book_id: int, rows: Sequence[tuple[UpcomingInstallment, int]]) -> int:
    """Note the reminders and send those that are new; money due on several days is told in one notice."""
    fresh = _insert(book_id, rows)
    due: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row, before in rows:
        if (row.loan_id, row.due_on, before) in fresh:
            due[row.customer_id][row.due_on] += row.unpaid_fen
    return notices_send_bulk([_notice(customer_id, amounts) for customer_id, amounts in due.items()])


def _notice(customer_id: UUID, amounts: dict[date, int]) -> NewNotice:
    first, *later = sorted(amounts)
    if not later:
        return NewNotice(customer_id, "servicing.due_soon", {"amount_fen": amounts[first], "due_on": first})
    return NewNotice(customer_id, "servicing.due_soon_and_later", {
        "amount_fen": amounts[first], "due_on": first, "later_fen": sum(amounts[day] for day in later),
        "later_on": later[-1]})


def _insert(book_id: int, rows: Sequence[tuple[UpcomingInstallment, int]]) -> set[tuple[UUID, date, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO servicing_reminder (id, customer_id, loan_id, book_id, due_on, days_before, sent_at)
               SELECT r.id, r.customer_id, r.loan_id, %s, r.due_on, r.days_before, %s
                 FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::smallint[])
                   AS r(id, customer_id, loan_id, due_on, days_before)
               ON CONFLICT DO NOTHING RETURNING loan_id, due_on, days_before""",
            [book_id, clock.now(), [uuid7() for _ in rows], [row.customer_id for row, _ in rows],
             [row.loan_id for row, _ in rows], [row.due_on for row, _ in rows], [before for _, before in rows]])
        return set(cursor.fetchall())
