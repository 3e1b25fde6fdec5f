"""What staff see of all loans: filtered pages, payouts, sums of a day (R8.6). Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from weidai.kernel.days import SHANGHAI, shanghai_instant
from weidai.kernel.text import Text
from weidai.lending.errors import LoanNotFound
from weidai.lending.models import Disbursement, Loan, PayoutDiscrepancy
from weidai.lending.selectors import DiscrepancyRow, LoanRow, _loan_row
from weidai.lending.services.payouts import FAILURE_TEXTS, OTHER_FAILURE

CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class LoanFilter:
    """What to look for; empty fields do not filter. `text` is a loan number, a loan id or a customer id.

    `overdue_from` and `overdue_to` bound the days past due on `on`, both counted in.
    """

    state: str = ""
    product: str = ""
    text: str = ""
    on: date | None = None
    overdue_from: int | None = None
    overdue_to: int | None = None


@dataclass(frozen=True, slots=True)
class DisbursementRow:
    """The payment of a loan and where it stands."""

    id: UUID
    request_id: str
    amount_fen: int
    state: str
    sent_at: datetime | None
    booked_at: datetime | None
    entry_id: str
    failure_text: Text | None
    answered_at: datetime | None
    journal_id: UUID


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """All loans now: how many, how much principal, how much of it late. Fen."""

    active_count: int
    outstanding_fen: int
    overdue_count: int
    overdue_outstanding_fen: int
    pending_count: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """What happened on one Shanghai day."""

    day: date
    count: int
    amount_fen: int


def loans_page(wanted: LoanFilter, *, offset: int = 0, limit: int = 26) -> list[LoanRow]:
    """Return matching loans, newest first, with one statement."""
    return [_loan_row(loan) for loan in _matching(wanted)[offset:offset + limit]]


def loans_iterate(wanted: LoanFilter, *, limit: int) -> Iterator[LoanRow]:
    """Yield matching loans for a file, newest first; read in chunks."""
    yield from map(_loan_row, _matching(wanted)[:limit].iterator(chunk_size=CSV_CHUNK))


def loan_numbers(loan_ids: set[UUID]) -> dict[UUID, str]:
    """Return the numbers of loans that other rooms keep by id, with one statement."""
    return dict(Loan.objects.filter(id__in=loan_ids).values_list("id", "number"))


def disbursement_for(customer_id: UUID, loan_id: UUID) -> DisbursementRow | None:
    """Return the payment of a loan."""
    row = Disbursement.objects.filter(customer_id=customer_id, loan_id=loan_id).first()
    if row is None:
        return None
    failure = FAILURE_TEXTS.get(row.failure_reason, OTHER_FAILURE) if row.failure_reason else None
    return DisbursementRow(row.id, row.request_id, row.amount_fen, row.state, row.sent_at, row.booked_at, row.entry_id,
                           failure, row.answered_at, row.journal_id)


def discrepancy_get(discrepancy_id: UUID) -> DiscrepancyRow:
    """Return an open payout discrepancy; raises LoanNotFound."""
    row = PayoutDiscrepancy.objects.filter(id=discrepancy_id, resolved_at=None).select_related("loan").first()
    if row is None:
        raise LoanNotFound
    return DiscrepancyRow(row.id, row.customer_id, row.loan_id, row.loan.number, row.booked_state, row.claimed_state,
                          row.source, row.amount_fen, row.noted_at)


def discrepancies_count() -> int:
    """Return how many payout contradictions wait for a person."""
    return PayoutDiscrepancy.objects.filter(resolved_at=None).count()


def portfolio() -> PortfolioRow:
    """Return all loans now, with one statement."""
    active = Q(state=Loan.State.ACTIVE)
    late = active & Q(overdue_since__isnull=False)
    sums = Loan.objects.filter(state__in=[Loan.State.ACTIVE, Loan.State.PENDING]).aggregate(
        active=Count("id", filter=active), outstanding=Sum("outstanding_fen", filter=active),
        late=Count("id", filter=late), late_outstanding=Sum("outstanding_fen", filter=late),
        pending=Count("id", filter=Q(state=Loan.State.PENDING)))
    return PortfolioRow(sums["active"], sums["outstanding"] or 0, sums["late"], sums["late_outstanding"] or 0,
                        sums["pending"])


def disbursed_by_day(first: date, last: date) -> list[DayRow]:
    """Return the money that arrived, by Shanghai day; days without any are left out."""
    rows = Disbursement.objects.filter(
        state=Disbursement.State.SUCCEEDED, booked_at__gte=shanghai_instant(first),
        booked_at__lt=shanghai_instant(last + timedelta(days=1))).annotate(day=TruncDate("booked_at", tzinfo=SHANGHAI))
    return [DayRow(**row) for row in rows.order_by("day").values("day").annotate(
        count=Count("id"), amount_fen=Sum("amount_fen"))]


def _matching(wanted: LoanFilter) -> QuerySet[Loan]:
    rows = Loan.objects.order_by("-created_at", "-id")
    if wanted.state == "overdue":
        rows = rows.filter(state=Loan.State.ACTIVE, overdue_since__isnull=False)
    elif wanted.state == "active":
        rows = rows.filter(state=Loan.State.ACTIVE, overdue_since__isnull=True)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.product:
        rows = rows.filter(product=wanted.product)
    if wanted.on is not None and wanted.overdue_from is not None:
        rows = rows.filter(state=Loan.State.ACTIVE, overdue_since__lte=wanted.on - timedelta(days=wanted.overdue_from))
        if wanted.overdue_to is not None:
            rows = rows.filter(overdue_since__gte=wanted.on - timedelta(days=wanted.overdue_to))
    text = wanted.text.strip()
    if text:
        try:
            rows = rows.filter(Q(id=UUID(text)) | Q(customer_id=UUID(text)))
        except ValueError:
            rows = rows.filter(number=text.upper())
    return rows
