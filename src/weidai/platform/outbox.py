"""Calls to the outside, delivered after commit, again until answered, by any worker (ARCHITECTURE §4).

A room enqueues `(kind, subject_id)` in the transaction that decides the call and registers one handler per kind. The
handler makes the call *outside* any transaction, books the answer in its own, and says whether it is done. Unknown is
never failed: a time-out is tried again with the same request id, and the partner answers twice with one effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import connection

from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7
from weidai.platform.jobs import jobs
from weidai.platform.models import OutboxMessage

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 200  # then a call is parked for a person, unless its kind never gives up
REFUSED_ATTEMPTS = 12  # the same for a typed "no": the same question seldom gets another answer
_DELAYS_SECONDS = (1, 2, 4, 8, 15, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a handler gets: whose call, about what, decided when, which try."""

    message_id: UUID
    customer_id: UUID
    kind: str
    subject_id: UUID
    attempt: int


@dataclass(frozen=True, slots=True)
class TryAgain(Exception):
    """Raised by a handler when the partner has not given a final answer yet."""

    reason: str
    after_seconds: int | None = None


Handler = Callable[[Delivery], None]
_handlers: dict[str, Handler] = {}
_endless: set[str] = set()


def handles(kind: str, *, never_gives_up: bool = False) -> Callable[[Handler], Handler]:
    """Register the handler of a message kind (one per kind; a second is a bug).

    Where money may have moved, asking never ends: such a call is not parked, it goes on at the longest delay and
    operations see it as stuck.
    """

    def register(handler: Handler) -> Handler:
        assert kind not in _handlers or _handlers[kind].__qualname__ == handler.__qualname__, f"two handlers for {kind}"
        _handlers[kind] = handler
        if never_gives_up:
            _endless.add(kind)
        return handler

    return register


def enqueue(customer_id: UUID, *, kind: str, subject_id: UUID, delay: timedelta = timedelta(0)) -> UUID:
    """Write the call into the outbox in the caller's transaction and wake a worker on commit.

    Enqueueing the same (kind, subject) again is the same message: nothing is written twice.
    """
    assert connection.in_atomic_block, "an outbox message belongs to the transaction that decided it"
    message_id = uuid7()
    is_new = statements.count(
        """INSERT INTO platform_outboxmessage (id, customer_id, kind, subject_id, state, attempts, not_before,
             business_at, last_error, lane) VALUES (%s, %s, %s, %s, 'pending', 0, %s, %s, '', %s)
           ON CONFLICT (customer_id, kind, subject_id) DO NOTHING""",
        [message_id, customer_id, kind, subject_id, clock.wall_now() + delay, clock.now(), clock.lane()])
    if not is_new:
        return OutboxMessage.objects.values_list("id", flat=True).get(
            customer_id=customer_id, kind=kind, subject_id=subject_id)
    if not clock.lane():
        jobs().defer("outbox.deliver_due")
    return message_id


def enqueue_many(rows: Sequence[tuple[UUID, UUID]], *, kind: str) -> None:
    """Write many calls (customer, subject) of one kind with one statement; known ones stay as they are."""
    assert connection.in_atomic_block, "an outbox message belongs to the transaction that decided it"
    wall, business = clock.wall_now(), clock.now()
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO platform_outboxmessage (id, customer_id, subject_id, kind, state, attempts, not_before,
                     business_at, last_error, lane)
                   SELECT *, %s, 'pending', 0, %s, %s, '', %s FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[])
                   ON CONFLICT (customer_id, kind, subject_id) DO NOTHING""",
                [kind, wall, business, clock.lane(), [uuid7() for _ in rows], [row[0] for row in rows],
                 [row[1] for row in rows]])
    if rows and not clock.lane():
        jobs().defer("outbox.deliver_due")


def _claim(kinds: tuple[str, ...], customer_id: UUID | None, limit: int) -> list[Delivery]:
    """Lease due messages; a worker killed mid-call loses its lease and another one takes over.

    Who lives in the past does not wait for the wall clock between two tries: its days pass in seconds.
    """
    moment = clock.wall_now()
    until = moment + timedelta(days=3650) if clock.lane() else moment
    owner = "AND customer_id = %s" if customer_id else ""
    claimed = statements.rows(
        f"""UPDATE platform_outboxmessage SET leased_until = %s, attempts = attempts + 1 WHERE id IN (
              SELECT id FROM platform_outboxmessage WHERE state = 'pending' AND not_before <= %s
                 AND (leased_until IS NULL OR leased_until < %s) AND kind = ANY(%s) AND lane = %s {owner}
               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
           RETURNING id, customer_id, kind, subject_id, attempts""",  # noqa: S608 (fixed text)
        [moment + LEASE, until, moment, list(kinds), clock.lane(), *([customer_id] if customer_id else []), limit])
    return sorted((Delivery(*row) for row in claimed), key=lambda one: one.message_id)


def _most_attempts(again: TryAgain | Refusal) -> int:
    """Return after how many tries a call is parked: no answer yet is patient, a "no" is soon a person's matter."""
    is_unanswered = isinstance(again, TryAgain | PartnerUnavailable)
    return MAX_ATTEMPTS if is_unanswered else REFUSED_ATTEMPTS


def _deliver(message: Delivery) -> bool:
    row = OutboxMessage.objects.filter(pk=message.message_id)
    try:
        _handlers[message.kind](message)
    except (TryAgain, Refusal) as again:
        reason = again.reason if isinstance(again, TryAgain) else again.code
        seconds = again.after_seconds if isinstance(again, TryAgain) else None
        if seconds is None:
            seconds = _DELAYS_SECONDS[min(message.attempt, len(_DELAYS_SECONDS)) - 1]
        is_over = message.attempt >= _most_attempts(again)
        if is_over and message.kind in _endless:
            seconds = max(seconds, _DELAYS_SECONDS[-1])
        state = OutboxMessage.State.PARKED if is_over and message.kind not in _endless else OutboxMessage.State.PENDING
        row.update(state=state, leased_until=None, not_before=clock.wall_now() + timedelta(seconds=seconds),
                   last_error=reason[:200])
        return False
    except Exception as error:  # one broken message must not stop the others; it stays and is shown to operations
        log.exception("outbox.delivery_failed", kind=message.kind, message_id=str(message.message_id))
        row.update(leased_until=None, not_before=clock.wall_now() + timedelta(minutes=5),
                   last_error=f"bug: {type(error).__name__}")
        return False
    statements.count("UPDATE platform_outboxmessage SET state = 'done', leased_until = NULL, last_error = '' WHERE id = %s",
                     [message.message_id])
    return True


def deliver_due(*, customer_id: UUID | None = None, limit: int = 100) -> int:
    """Deliver messages that are due and return how many got their final answer. Safe to run anywhere, any time."""
    assert not connection.in_atomic_block or customer_id is not None, "outside calls are made outside transactions"
    kinds = tuple(_handlers)
    return sum(_deliver(message) for message in _claim(kinds, customer_id, limit))


def lane_release(name: str) -> int:
    """Hand what is left of a lane over to the present and return how many messages that were."""
    return OutboxMessage.objects.filter(lane=name).exclude(state=OutboxMessage.State.DONE).update(lane="")


def wake(customer_id: UUID, *, kind: str, subject_id: UUID) -> None:
    """Make a waiting or parked message due now (operations' retry button, an early callback)."""
    OutboxMessage.objects.filter(customer_id=customer_id, kind=kind, subject_id=subject_id).exclude(
        state=OutboxMessage.State.DONE).update(
        state=OutboxMessage.State.PENDING, not_before=clock.wall_now(), leased_until=None)
    jobs().defer("outbox.deliver_due")
