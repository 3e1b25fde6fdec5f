"""What classification and non-accrual need of the loans: a few set-based statements per chunk of the end of day (R7.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from weidai.lending.services.end_of_day import OVERDUE_LOANS, BilledInstallment, Chunk

_RANGE = "book_id = %(book)s AND customer_id > %(after)s AND customer_id <= %(until)s AND customer_id <> ALL(%(skip)s)"


class Standing(NamedTuple):
    """How a loan stands at the end of a day; `overdue_since` None: nothing of it is overdue."""

    customer_id: UUID
    loan_id: UUID
    overdue_since: date | None
    is_settled: bool


def loans_standing(chunk: Chunk, *, also: Sequence[UUID]) -> list[Standing]:
    """Return the overdue loans of the chunk, and those of `also` whatever they are; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {OVERDUE_LOANS}
                SELECT customer_id, id, overdue_since, false FROM overdue
                UNION
                SELECT customer_id, id, CASE state WHEN 'active' THEN overdue_since END, state <> 'active'
                  FROM lending_loan WHERE {_RANGE} AND id = ANY(%(also)s)""",  # noqa: S608 (fixed text)
            {**_values(chunk), "also": list(also)})
        return [Standing(*row) for row in cursor.fetchall()]


def interest_suspend(chunk: Chunk, began: Sequence[tuple[UUID, UUID, date]]) -> list[BilledInstallment]:
    """Set aside the unpaid interest of rows due since a loan stopped accruing; returns what was new, in fen. Idempotent.

    `began`: customer, loan, first day without accrual. What was billed before that day stays income. One statement;
    loans are locked in id order before their rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH wanted AS (SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS w(customer_id, loan_id, began_on)),
                locked AS (
                  SELECT l.customer_id, l.id FROM lending_loan AS l
                   WHERE (l.customer_id, l.id) IN (
                     SELECT i.customer_id, i.loan_id FROM wanted AS w JOIN lending_installment AS i USING (customer_id, loan_id)
                      WHERE i.due_on >= w.began_on AND i.due_on <= %s AND i.interest_billed_fen > i.interest_paid_fen
                        AND NOT i.is_interest_suspended)
                   ORDER BY l.id FOR UPDATE)
                UPDATE lending_installment AS i SET is_interest_suspended = true
                  FROM locked JOIN wanted AS w ON w.customer_id = locked.customer_id AND w.loan_id = locked.id
                 WHERE i.customer_id = locked.customer_id AND i.loan_id = locked.id AND i.due_on >= w.began_on
                   AND i.due_on <= %s AND i.interest_billed_fen > i.interest_paid_fen AND NOT i.is_interest_suspended
                RETURNING i.customer_id, i.loan_id, i.number, i.interest_billed_fen - i.interest_paid_fen""",
            [*_columns(began, 3), chunk.day, chunk.day])
        return [BilledInstallment(*row) for row in cursor.fetchall()]


def interest_resume(ended: Sequence[tuple[UUID, UUID]]) -> list[BilledInstallment]:
    """End the setting aside of loans that accrue again and return what of it was not paid yet, in fen. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH locked AS (
                  SELECT l.customer_id, l.id FROM lending_loan AS l
                   WHERE (l.customer_id, l.id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[])) ORDER BY l.id FOR UPDATE)
                UPDATE lending_installment AS i SET is_interest_suspended = false FROM locked
                 WHERE i.customer_id = locked.customer_id AND i.loan_id = locked.id AND i.is_interest_suspended
                RETURNING i.customer_id, i.loan_id, i.number, i.interest_billed_fen - i.interest_paid_fen""",
            _columns(ended, 2))
        return [BilledInstallment(*row) for row in cursor.fetchall() if row[3] > 0]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[object]:
    return [[row[place] for row in rows] for place in range(width)]


def _values(chunk: Chunk) -> dict[str, object]:
    return {"book": chunk.book_id, "day": chunk.day, "after": chunk.after, "until": chunk.until, "skip": list(chunk.skip)}
