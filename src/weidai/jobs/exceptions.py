"""Customers a closing set aside, tried again by hand: what the night could not do is done now (R7.10)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction

from weidai.audit.services import event_record
from weidai.jobs.errors import EodExceptionNotFound, EodExceptionStays
from weidai.jobs.models import EodException
from weidai.lending.services.end_of_day import Chunk
from weidai.platform import books, clock
from weidai.servicing.services import classification
from weidai.servicing.services import end_of_day as servicing

log = structlog.get_logger(__name__)


def exception_retry(exception_id: UUID, *, staff_id: str, reason: str) -> int:
    """Do the night's steps for one customer who was set aside; returns how many rows that moved.

    Bills and marks what was due by the last closed day, booked on the open one, classifies, and plans the open day's
    debits; all or nothing. All open records of the customer are closed. Raises EodExceptionNotFound, and
    EodExceptionStays with the reason when it fails again: then nothing was written but that.
    """
    row = EodException.objects.filter(id=exception_id, resolved_at=None).select_related("run").first()
    if row is None:
        raise EodExceptionNotFound
    book_id, customer_id = row.run.book_id, row.customer_id
    open_on = books.business_date(book_id)
    chunk = Chunk(book_id, open_on - timedelta(days=1), UUID(int=customer_id.int - 1), customer_id, booked_on=open_on)
    try:
        return _done(chunk, customer_id, facts={"step": row.step, "staff_id": staff_id, "reason": reason})
    except (OperationalError, InterfaceError):
        raise  # the database is away, which is not the loan's fault
    except Exception as error:
        log.exception("eod.retry_failed", step=row.step, book_id=book_id)
        why = f"{type(error).__name__}: {error}"[:500]
        EodException.objects.filter(id=exception_id).update(reason=why)
        raise EodExceptionStays(why=why) from error


@transaction.atomic
def _done(chunk: Chunk, customer_id: UUID, *, facts: dict[str, str]) -> int:
    assert chunk.booked_on is not None, "a retry books on the open day"
    moved = servicing.bill_due(chunk) + servicing.overdue_mark(chunk) + classification.loans_classify(chunk)
    moved += servicing.debits_plan(chunk, on=chunk.booked_on)
    EodException.objects.filter(customer_id=customer_id, run__book_id=chunk.book_id, resolved_at=None).update(
        resolved_at=clock.wall_now())
    event_record("jobs.eod_exception.retried", customer_id=customer_id, subject_type="jobs.eod_exception",
                 subject_id=customer_id, facts={"book_id": chunk.book_id, "day": chunk.day, "rows": moved, **facts})
    return moved
