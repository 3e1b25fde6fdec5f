"""Chunks of customers: one commit each with its progress row; poison is found by bisecting (R7.10, R10.1)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.lending.services.end_of_day import Chunk, customers_in, loan_ids_in
from weidai.platform import clock

log = structlog.get_logger(__name__)

CHUNK_CUSTOMERS = 50_000
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
    """Do a step for every chunk that has no progress row yet."""
    done = set(EodStep.objects.filter(run=run, step=step).values_list("chunk", flat=True))
    began = time.monotonic()
    report = StepReport(step, 0, 0, 0, 0)
    for number, chunk in enumerate(chunks_of(run)):
        if number in done:
            continue
        rows, set_aside = _chunk_run(run, step, number, chunk, work)
        report = replace(report, chunks=report.chunks + 1, row_count=report.row_count + rows,
                         set_aside=report.set_aside + set_aside)
    return replace(report, milliseconds=int((time.monotonic() - began) * 1000))


def _chunk_run(run: EodRun, step: str, number: int, chunk: Chunk, work: ChunkWork) -> tuple[int, int]:
    """Do one chunk in one commit; when it fails, find whose loans make it fail, set them aside, do the rest."""
    poison: tuple[UUID, ...] = ()
    try:
        return _commit(run, step, number, chunk, work, poison), 0
    except Exception as error:  # whatever one customer's loans raise must not stop the others
        log.exception("eod.chunk_failed", step=step, chunk=number, book_id=run.book_id)
        poison = tuple(_poison_find(chunk, customers_in(chunk), work))
        if not poison:
            raise
        reason = f"{type(error).__name__}: {error}"[:500]
    return _commit(run, step, number, replace(chunk, skip=poison), work, poison, reason), len(poison)


def _commit(
    run: EodRun, step: str, number: int, chunk: Chunk, work: ChunkWork, poison: Sequence[UUID], reason: str = "",
) -> int:
    """The work and its progress row in one transaction; deadlocks with a borrower's payment are tried again."""
    for attempt in range(RETRIES):
        began = time.monotonic()
        try:
            with transaction.atomic():
                rows = work(chunk)
                for customer_id in poison:
                    _set_aside(run, step, chunk, customer_id, reason)
                EodStep.objects.create(
                    run=run, step=step, chunk=number, row_count=rows, finished_at=clock.wall_now(),
                    milliseconds=int((time.monotonic() - began) * 1000))
                return rows
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _RETRY_STATES or attempt == RETRIES - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("the loop returns or raises")


def _set_aside(run: EodRun, step: str, chunk: Chunk, customer_id: UUID, reason: str) -> None:
    loans = [str(loan_id) for loan_id in loan_ids_in(chunk, customer_id=customer_id)]
    EodException.objects.get_or_create(
        run=run, step=step, customer_id=customer_id,
        defaults={"loan_ids": loans, "reason": reason, "noted_at": clock.wall_now()})


def _poison_find(chunk: Chunk, customers: Sequence[UUID], work: ChunkWork) -> list[UUID]:
    """Return the customers whose loans alone make the work fail, by halves; every trial is rolled back."""
    if not customers:
        return []
    part = replace(chunk, after=_before(customers[0]), until=customers[-1])
    if _works(part, work):
        return []
    if len(customers) == 1:
        return [customers[0]]
    middle = len(customers) // 2
    return _poison_find(chunk, customers[:middle], work) + _poison_find(chunk, customers[middle:], work)


def _before(customer_id: UUID) -> UUID:
    return UUID(int=customer_id.int - 1)


class _Undo(Exception):
    """Ends a trial without leaving anything behind."""


def _works(chunk: Chunk, work: ChunkWork) -> bool:
    try:
        with transaction.atomic():
            work(chunk)
            raise _Undo
    except _Undo:
        return True
    except Exception:
        return False
