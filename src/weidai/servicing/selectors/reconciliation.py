"""Reading reconciliation runs: the days, their proofs, their items (R7.11). Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from weidai.kernel.text import Text
from weidai.servicing.models import ReconciliationItem, ReconciliationRun, ReconciliationTotal
from weidai.servicing.reconciliation_words import ACCOUNT_TEXTS, ADVICE_TEXTS, KIND_TEXTS, OUTCOME_TEXTS

_CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class TotalRow:
    """The proof of one bank account on one day, fen: closing − opening = ledger + timing + difference."""

    account: str
    account_text: Text
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    ledger_fen: int
    timing_fen: int
    difference_fen: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One reconciled day; `open_count` counts what is neither matched nor closed by a later day."""

    id: UUID
    day: date
    state: str
    attempts: int
    last_error: str
    tried_at: datetime
    bank_row_count: int
    resolved_count: int
    matched_count: int
    timing_count: int
    difference_count: int
    open_count: int
    is_proven: bool
    totals: tuple[TotalRow, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One compared request; amounts in fen, + is money to the lender."""

    day: date
    account_text: Text
    reference: str
    kind_text: Text
    outcome: str
    outcome_text: Text
    advice: str
    advice_text: Text
    bank_fen: int
    ledger_fen: int
    entry_ids: str
    customer_id: UUID | None
    settled_on: date | None

    @property
    def difference_fen(self) -> int:
        """Bank minus ledger."""
        return self.bank_fen - self.ledger_fen


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What to look for; empty fields do not filter."""

    day: date | None = None
    outcome: str = ""
    account: str = ""
    text: str = ""
    is_open: bool = False


def days_unfinished(*, before: date, limit: int) -> list[date]:
    """Return days before `before` without a finished run, oldest first: silent ones, and those since the first run.

    No further back than `limit` days; without any run only the day before.
    """
    earliest = before - timedelta(days=limit)
    finished = dict(ReconciliationRun.objects.filter(day__gte=earliest, day__lt=before).values_list("day", "finished_at"))
    first = min(finished, default=before - timedelta(days=1))
    days = (first + timedelta(days=number) for number in range((before - first).days))
    return [day for day in days if finished.get(day) is None]


def reconciliation_runs(*, offset: int = 0, limit: int = 26) -> list[RunRow]:
    """Return the newest days with their proofs; three statements."""
    runs = list(ReconciliationRun.objects.order_by("-day")[offset:offset + limit])
    return _run_rows(runs)


def reconciliation_run(day: date) -> RunRow | None:
    """Return one day, or None when it was never asked for."""
    rows = _run_rows(list(ReconciliationRun.objects.filter(day=day)))
    return rows[0] if rows else None


def _run_rows(runs: list[ReconciliationRun]) -> list[RunRow]:
    matched, timing = Q(outcome="matched"), Q(outcome="timing")
    counts = {row["run_id"]: row for row in ReconciliationItem.objects.filter(run__in=runs).values("run_id").annotate(
        matched=Count("id", filter=matched), timing=Count("id", filter=timing),
        different=Count("id", filter=~matched & ~timing), left=Count("id", filter=~matched & Q(settled_on=None)))}
    totals: dict[UUID, list[TotalRow]] = {}
    for row in ReconciliationTotal.objects.filter(run__in=runs).order_by("-account"):
        totals.setdefault(row.run_id, []).append(TotalRow(
            row.account, ACCOUNT_TEXTS.get(row.account, Text(row.account, row.account)), row.opening_fen, row.in_fen,
            row.out_fen, row.closing_fen, row.ledger_fen, row.timing_fen, row.difference_fen))
    return [_run_row(run, counts.get(run.id, {}), tuple(totals.get(run.id, ()))) for run in runs]


def _run_row(run: ReconciliationRun, counts: dict[str, int], totals: tuple[TotalRow, ...]) -> RunRow:
    return RunRow(run.id, run.day, run.state, run.attempts, run.last_error, run.tried_at, run.bank_row_count,
                  run.resolved_count, counts.get("matched", 0), counts.get("timing", 0), counts.get("different", 0),
                  counts.get("left", 0), run.is_proven, totals)


def reconciliation_items(wanted: ItemFilter, *, offset: int = 0, limit: int = 26) -> list[ItemRow]:
    """Return matching items, what differs first; one statement."""
    return [_item_row(row) for row in _matching(wanted)[offset:offset + limit]]


def reconciliation_items_iterate(wanted: ItemFilter, *, limit: int) -> Iterator[ItemRow]:
    """Yield matching items for a file; read in chunks."""
    yield from map(_item_row, _matching(wanted)[:limit].iterator(chunk_size=_CSV_CHUNK))


def _matching(wanted: ItemFilter) -> QuerySet[ReconciliationItem]:
    rows = ReconciliationItem.objects.order_by("-day", "outcome", "id")
    if wanted.day:
        rows = rows.filter(day=wanted.day)
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    if wanted.account:
        rows = rows.filter(account=wanted.account)
    if wanted.is_open:
        rows = rows.exclude(outcome="matched").filter(settled_on=None)
    return rows.filter(reference=wanted.text.strip()) if wanted.text else rows


def _item_row(row: ReconciliationItem) -> ItemRow:
    return ItemRow(
        row.day, ACCOUNT_TEXTS.get(row.account, Text(row.account, row.account)), row.reference,
        KIND_TEXTS.get(row.kind, KIND_TEXTS["other"]), row.outcome, OUTCOME_TEXTS[row.outcome], row.advice,
        ADVICE_TEXTS.get(row.advice, Text(row.advice, row.advice)), row.bank_fen, row.ledger_fen, row.entry_ids,
        row.customer_id, row.settled_on)
