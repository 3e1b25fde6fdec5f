"""Chunks of customers: one commit each with its progress row; poison is found by bisecting (R7.10, R10.1)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.lending.services.end_of_day import Chunk, customers_in, loan_ids_in
from weidai.platform import clock
from weidai.platform.ids import uuid7

log = structlog.get_logger(__name__)

CHUNK_CUSTOMERS = 50_000
WORKERS = 2  # chunks at the same time; one thread and one connection each
MAX_SET_ASIDE = 100  # of a chunk; more than that is a fault of the program or the database, and stops the day
RETRIES = 5
LEAST_ID, GREATEST_ID = UUID(int=0), UUID(int=2**128 - 1)
_RETRY_STATES = ("40001", "40P01", "55P03")

ChunkWork = Callable[[Chunk], int]


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did: chunks done now, rows they touched, customers set aside."""

    step: str
    chunks: int
    row_count: int
    set_aside: int
    milliseconds: int


def chunks_of(run: EodRun) -> list[Chunk]:
    """Return the run's chunks; their bounds were fixed when the run started, so a restart sees the same ones."""
    bounds = [LEAST_ID, *(UUID(text) for text in run.bounds), GREATEST_ID]
    return [Chunk(run.book_id, run.day, after, until) for after, until in pairwise(bounds)]


def step_run(run: EodRun, step: str, work: ChunkWork) -> StepReport:
    """Do a step for every chunk that has no progress row yet, several chunks at the same time."""
    done = set(EodStep.objects.filter(run=run, step=step).values_list("chunk", flat=True))
    began = time.monotonic()
    waiting = deque((number, chunk) for number, chunk in enumerate(chunks_of(run)) if number not in done)
    counts: list[tuple[int, int]] = []

    def work_off() -> None:
        while waiting:
            try:
                number, chunk = waiting.popleft()
            except IndexError:  # another worker took the last one
                return
            try:
                counts.append(_chunk_run(run, step, number, chunk, work))
            except BaseException:
                waiting.clear()  # a failure that is nobody's loan stops the step; what is committed stays
                raise

    _together(work_off, workers=min(WORKERS, len(waiting)))
    return StepReport(step, len(counts), sum(rows for rows, _ in counts), sum(aside for _, aside in counts),
                      int((time.monotonic() - began) * 1000))


def _together(work_off: Callable[[], None], *, workers: int) -> None:
    """Run the same loop in several threads, each with its own connection and this thread's clock, lane and actor."""
    if workers < 2 or connection.in_atomic_block:
        work_off()
        return

    def loop() -> None:
        try:
            work_off()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers, thread_name_prefix="eod") as pool:
        futures = [pool.submit(copy_context().run, loop) for _ in range(workers)]
    for future in futures:
        future.result()


def _chunk_run(run: EodRun, step: str, number: int, chunk: Chunk, work: ChunkWork) -> tuple[int, int]:
    """Do one chunk in one commit; when it fails, find whose loans make it fail, set them aside, do the rest."""
    poison: tuple[UUID, ...] = ()
    try:
        return _commit(run, step, number, chunk, work, poison), 0
    except (OperationalError, InterfaceError):
        raise  # the database is away or overcrowded, which is no loan's fault: the next start goes on from here
    except Exception as error:  # whatever one customer's loans raise must not stop the others
        log.exception("eod.chunk_failed", step=step, chunk=number, book_id=run.book_id)
        poison = tuple(islice(_poison_find(chunk, customers_in(chunk), work), MAX_SET_ASIDE + 1))
        if not 0 < len(poison) <= MAX_SET_ASIDE:  # nobody's loans, or so many that the fault is not in the loans
            raise
        reason = f"{type(error).__name__}: {error}"[:500]
    return _commit(run, step, number, replace(chunk, skip=poison), work, poison, reason), len(poison)


def _commit(
    run: EodRun, step: str, number: int, chunk: Chunk, work: ChunkWork, poison: Sequence[UUID], reason: str = "",
) -> int:
    """The work and its progress row in one transaction; deadlocks with a borrower's payment are tried again.

    The progress row comes first: a second process that closes the same day waits for it, and then has nothing to do.
    """
    for attempt in range(RETRIES):
        began = time.monotonic()
        try:
            with transaction.atomic():
                if not step_claim(run, step, number):
                    return 0
                rows = work(chunk)
                for customer_id in poison:
                    _set_aside(run, step, chunk, customer_id, reason)
                step_finish(run, step, number, row_count=rows, milliseconds=int((time.monotonic() - began) * 1000))
                return rows
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _RETRY_STATES or attempt == RETRIES - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("the loop returns or raises")


def step_claim(run: EodRun, step: str, number: int) -> bool:
    """Write the progress row, visible only when the work commits; False when the chunk was done by another process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_eodstep (id, run_id, step, chunk, row_count, milliseconds, finished_at)"
            " VALUES (%s, %s, %s, %s, 0, 0, %s) ON CONFLICT (run_id, step, chunk) DO NOTHING",
            [uuid7(), run.id, step, number, clock.wall_now()])
        return bool(cursor.rowcount)


def step_finish(run: EodRun, step: str, number: int, *, row_count: int, milliseconds: int) -> None:
    """Complete the progress row in the transaction of its work."""
    EodStep.objects.filter(run=run, step=step, chunk=number).update(
        row_count=row_count, milliseconds=milliseconds, finished_at=clock.wall_now())


def _set_aside(run: EodRun, step: str, chunk: Chunk, customer_id: UUID, reason: str) -> None:
    loans = [str(loan_id) for loan_id in loan_ids_in(chunk, customer_id=customer_id)]
    EodException.objects.get_or_create(
        run=run, step=step, customer_id=customer_id,
        defaults={"loan_ids": loans, "reason": reason, "noted_at": clock.wall_now()})


def _poison_find(chunk: Chunk, customers: Sequence[UUID], work: ChunkWork) -> Iterator[UUID]:
    """Yield the customers whose loans alone make the work fail, by halves; every trial is rolled back."""
    if not customers or _works(replace(chunk, after=_before(customers[0]), until=customers[-1]), work):
        return
    if len(customers) == 1:
        yield customers[0]
        return
    middle = len(customers) // 2
    yield from _poison_find(chunk, customers[:middle], work)
    yield from _poison_find(chunk, customers[middle:], work)


def _before(customer_id: UUID) -> UUID:
    return UUID(int=customer_id.int - 1)


class _Undo(Exception):
    """Ends a trial without leaving anything behind."""


def _works(chunk: Chunk, work: ChunkWork) -> bool:
    """Try the work and undo it; a database that went away is not the chunk's fault."""
    try:
        with transaction.atomic():
            work(chunk)
            raise _Undo
    except _Undo:
        return True
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        return False
