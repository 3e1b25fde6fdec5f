"""What a date asks for beside money: the month's assessments, offers that expire, lines whose review has come.

Each asks the tables what is still to be done, so that it may be run at any time, twice, or days late.
"""

from __future__ import annotations

from datetime import date

import structlog

from weidai.assessment import services as assessment
from weidai.files import services as files
from weidai.jobs import identity_watch
from weidai.kernel.errors import PartnerUnavailable
from weidai.origination import services as origination
from weidai.platform import books, clock
from weidai.security import services as security

log = structlog.get_logger(__name__)
_swept: dict[str, date] = {}


def dates_run() -> None:
    """Do what today's business date asks for; offers and reviews wait while a book still lives in the past (R4.4, R5.3)."""
    assessments_run()
    assessment.rules_announce(clock.today())
    identity_watch.identity_watch_run(clock.today())
    retention_run()
    if not books.is_any_loading():
        origination.applications_expire()
        origination.line_reviews_run(clock.today())


def retention_run() -> None:
    """Delete files whose time is over, papers whose purpose has ended, and content nobody owns (R8.5)."""
    deleted, orphans, today = files.retention_run(clock.today()), 0, clock.today()
    if _swept.get("on") != today:  # looking through the whole shelf once a day is enough
        pages = origination.papers_expire()
        orphans, _swept["on"] = files.orphans_remove(), today
        security.traces_forget()
        if pages:
            log.info("jobs.papers_expired", pages=pages)
    if deleted or orphans:
        log.info("jobs.retention", deleted=deleted, orphans=orphans)


def assessments_run() -> int:
    """Run what the month still waits for in every live book and return the rows written (R2.3, R2.4).

    A data partner that does not answer stops nothing else: the run goes on where it stopped at the next call.
    """
    written = 0
    for book_id, _ in books.books_live():
        try:
            written += assessment.assessments_run_due(clock.today(), book_id=book_id)
        except PartnerUnavailable as refusal:
            log.warning("jobs.assessments_postponed", book_id=book_id, code=refusal.code)
    return written
