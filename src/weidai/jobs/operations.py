"""What operations do by hand, on record: try a message again, check the books, verify the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection, transaction

from weidai.audit import selectors as audit
from weidai.audit.services import event_record
from weidai.jobs.errors import MessageNotFound
from weidai.jobs.models import EodRun
from weidai.ledger import selectors as ledger
from weidai.platform import inbox, outbox
from weidai.platform import selectors as platform
from weidai.platform.ids import uuid7

log = structlog.get_logger(__name__)

LEDGER_CHECKED = "jobs.ledger.checked"
EVIDENCE_VERIFIED = "jobs.evidence.verified"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """How many background jobs of one kind stand where."""

    task: str
    waiting: int
    doing: int
    done: int
    failed: int


@transaction.atomic
def outbox_message_retry(message_id: UUID, *, reason: str) -> None:
    """Make a waiting or parked call due now; the partner is asked with the same request id. Raises MessageNotFound."""
    row = platform.outbox_find(message_id)
    if row is None or row.state == "done":
        raise MessageNotFound
    outbox.wake(row.customer_id, kind=row.kind, subject_id=row.subject_id)
    event_record("jobs.outbox_message.retried", customer_id=row.customer_id, subject_type="platform.outbox_message",
                 subject_id=row.id, facts={"kind": row.kind, "attempts": row.attempts, "reason": reason})


@transaction.atomic
def inbox_message_retry(message_id: UUID, *, reason: str) -> bool:
    """Apply a parked message again; returns whether it found its subject. Raises MessageNotFound."""
    row = platform.inbox_find(message_id)
    if row is None:
        raise MessageNotFound
    state = inbox.retry(message_id)
    event_record("jobs.inbox_message.retried", subject_type="platform.inbox_message", subject_id=row.id,
                 facts={"kind": row.kind, "state": str(state), "reason": reason})
    return state == "applied"


@transaction.atomic
def ledger_check_run(*, after_run: UUID | None = None) -> ledger.LedgerCheck:
    """Rebuild every balance from its transfers and keep the outcome as an event; `after_run`: the closing it followed."""
    found = ledger.check()
    event_record(LEDGER_CHECKED, subject_type="jobs.ledger_check", subject_id=uuid7(), facts={
        "is_sound": found.is_sound, "account_count": found.account_count, "transfer_count": found.transfer_count,
        "debits_fen": found.debits_fen, "credits_fen": found.credits_fen,
        "differences": [{"account_id": str(one.account_id), "code": one.code} for one in found.differences[:50]],
        **({"after_run": str(after_run)} if after_run else {})})
    return found


@transaction.atomic
def evidence_verify_run() -> UUID:
    """Recompute every digest, tree, signature and link and keep the outcome as an event; returns its id."""
    found = audit.verify()
    return event_record(EVIDENCE_VERIFIED, subject_type="jobs.evidence_check", subject_id=uuid7(), facts={
        "is_sound": found.is_sound, "event_count": found.event_count, "sealed_count": found.sealed_count,
        "seal_count": found.seal_count, "faults": list(found.faults[:50])})


def ledger_check_nightly() -> bool:
    """Compare every balance with its rebuilding once after each closing, and cry out when one differs (R7.10).

    Returns whether it ran: not when the newest comparison already followed the newest closing.
    """
    closed = EodRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
    last = next(iter(audit.events_search(audit.EventSearch(name_prefix=LEDGER_CHECKED), limit=1)), None)
    if closed is None or (last is not None and last.facts.get("after_run") == str(closed.id)):
        return False
    found = ledger_check_run(after_run=closed.id)
    if not found.is_sound:
        log.error("ledger.differs", differences=len(found.differences), debits_fen=found.debits_fen,
                  credits_fen=found.credits_fen)
    return True


def last_check(name: str) -> audit.EventRow | None:
    """Return the newest outcome kept under LEDGER_CHECKED or EVIDENCE_VERIFIED."""
    return next(iter(audit.events_search(audit.EventSearch(name_prefix=name), limit=1)), None)


def queue_rows() -> list[QueueRow]:
    """Return the background jobs by kind; what is true lives in our tables, jobs only trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),"
            " count(*) FILTER (WHERE status = 'succeeded'),"
            " count(*) FILTER (WHERE status IN ('failed', 'cancelled', 'aborted'))"
            " FROM procrastinate_jobs GROUP BY task_name ORDER BY task_name")
        return [QueueRow(*row) for row in cursor.fetchall()]
