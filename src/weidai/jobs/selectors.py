"""Reading the runs that the clock drives, for the console's status page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum

from weidai.jobs.models import EodException, EodRun, EodStep
from weidai.kernel.text import Text
from weidai.platform import books

STEP_TEXTS: dict[str, Text] = {
    "bill": Text("出账", "billing"),
    "overdue": Text("逾期与冻结", "overdue and holds"),
    "classify": Text("五级分类与停计息", "categories and non-accrual"),
    "accrual": Text("计提", "accrual"),
    "tax": Text("增值税分拆", "VAT split"),
    "general_ledger": Text("总账", "general ledger"),
    "seal": Text("存证封存", "evidence seal"),
    "advance": Text("切换业务日", "open the next day"),
    "debits": Text("生成扣款指令", "debit instructions"),
}


@dataclass(frozen=True, slots=True)
class EodStepRow:
    """One step of a run."""

    step: str
    step_text: Text
    chunks_done: int
    row_count: int
    milliseconds: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class EodRunRow:
    """The closing of one day of one book."""

    id: UUID
    book_id: int
    day: date
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[EodStepRow, ...]
    open_exceptions: int


@dataclass(frozen=True, slots=True)
class EodExceptionRow:
    """A customer set aside by a closing."""

    id: UUID
    book_id: int
    day: date
    step: str
    step_text: Text
    customer_id: UUID
    loan_ids: tuple[UUID, ...]
    reason: str
    noted_at: datetime


def runs_recent(*, limit: int = 30) -> list[EodRunRow]:
    """Return the newest closings with their steps; three statements."""
    runs = list(EodRun.objects.order_by("-day", "book_id")[:limit])
    sums = {(row["run_id"], row["step"]): row for row in EodStep.objects.filter(run__in=runs).values(
        "run_id", "step").annotate(chunks=Count("id"), rows=Sum("row_count"), spent=Sum("milliseconds"))}
    open_counts = dict(EodException.objects.filter(run__in=runs, resolved_at=None).values_list("run_id").annotate(
        count=Count("id")))
    return [
        EodRunRow(run.id, run.book_id, run.day, run.started_at, run.finished_at,
                  tuple(_step_row(run, step, sums.get((run.id, step))) for step in STEP_TEXTS),
                  open_counts.get(run.id, 0)) for run in runs]


def _step_row(run: EodRun, step: str, found: Mapping[str, Any] | None) -> EodStepRow:
    wanted = len(run.bounds) + 1 if step in ("bill", "overdue", "classify", "debits") else 1
    chunks = int(str(found["chunks"])) if found else 0
    return EodStepRow(step, STEP_TEXTS[step], chunks, int(str(found["rows"])) if found else 0,
                      int(str(found["spent"])) if found else 0, chunks >= wanted)


def exceptions_open(*, limit: int = 200) -> list[EodExceptionRow]:
    """Return what closings have set aside and no later one has cleared."""
    rows = EodException.objects.filter(resolved_at=None).select_related("run").order_by("noted_at")[:limit]
    return [EodExceptionRow(row.id, row.run.book_id, row.run.day, row.step, STEP_TEXTS[row.step], row.customer_id,
                            tuple(UUID(text) for text in row.loan_ids), row.reason, row.noted_at) for row in rows]


def exception_get(exception_id: UUID) -> EodExceptionRow | None:
    """Return one open record, None when it is closed or never was."""
    return next((row for row in exceptions_open(limit=10_000) if row.id == exception_id), None)


def open_days() -> list[tuple[int, date]]:
    """Return every live book with its open business date."""
    return books.books_live()
