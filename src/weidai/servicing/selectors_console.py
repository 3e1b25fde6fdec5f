"""What staff see of all repayments, debits and money that waits for a person (R8.6). Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from weidai.kernel.days import SHANGHAI, shanghai_instant
from weidai.kernel.text import Text
from weidai.servicing.errors import DebitNotFound, RefundNotFound, RepaymentNotFound, SuspenseNotFound
from weidai.servicing.models import DebitInstruction, MoneyDiscrepancy, Refund, Repayment, RepaymentShare, SuspenseItem
from weidai.servicing.selectors import CHANNEL_TEXTS, DebitRow, MoneyDiscrepancyRow, SuspenseRow, debit_row

CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class RepaymentFilter:
    """What to look for; empty fields do not filter. `text` is the bank's reference, or a customer's or loan's id."""

    channel: str = ""
    state: str = ""
    text: str = ""
    received_from: date | None = None
    received_to: date | None = None


@dataclass(frozen=True, slots=True)
class RepaymentListRow:
    """Money received, for staff; fen."""

    id: UUID
    customer_id: UUID
    loan_id: UUID | None
    channel: str
    channel_text: Text
    reference: str
    amount_fen: int
    applied_fen: int
    excess_fen: int
    received_at: datetime
    booked_on: date
    state: str


@dataclass(frozen=True, slots=True)
class RefundListRow:
    """Money given back, or to be given back, for staff; fen."""

    id: UUID
    customer_id: UUID
    repayment_id: UUID
    loan_id: UUID | None  # the loan the payer named
    reference: str  # of the repayment
    amount_fen: int
    reason: str
    state: str
    failure_reason: str
    created_at: datetime
    finished_at: datetime | None
    may_retry: bool


@dataclass(frozen=True, slots=True)
class ReceivedDay:
    """What was received on one Shanghai day; fen."""

    day: date
    count: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class WaitingMoney:
    """What waits for a person: items nobody could be named for, contradictions of the bank."""

    suspense_count: int
    suspense_fen: int
    discrepancy_count: int


def repayments_page(wanted: RepaymentFilter, *, offset: int = 0, limit: int = 26) -> list[RepaymentListRow]:
    """Return matching repayments, the latest booked first, with one statement."""
    return [_row(row) for row in _matching(wanted)[offset:offset + limit]]


def repayments_iterate(wanted: RepaymentFilter, *, limit: int) -> Iterator[RepaymentListRow]:
    """Yield matching repayments for a file; read in chunks."""
    yield from map(_row, _matching(wanted)[:limit].iterator(chunk_size=CSV_CHUNK))


def received_by_day(first: date, last: date) -> list[ReceivedDay]:
    """Return what was received and stands, by Shanghai day; days without any are left out."""
    rows = Repayment.objects.filter(
        state=Repayment.State.BOOKED, received_at__gte=shanghai_instant(first),
        received_at__lt=shanghai_instant(last + timedelta(days=1)))
    rows = rows.annotate(day=TruncDate("received_at", tzinfo=SHANGHAI))
    return [ReceivedDay(**row) for row in rows.order_by("day").values("day").annotate(
        count=Count("id"), amount_fen=Sum("amount_fen"))]


def debits_of_loan(customer_id: UUID, loan_id: UUID, *, limit: int = 100) -> list[DebitRow]:
    """Return the debits for one loan, newest first."""
    rows = DebitInstruction.objects.filter(customer_id=customer_id, loan_id=loan_id).order_by("-id")
    return [debit_row(row) for row in rows[:limit]]


def debits_page(*, state: str = "", kind: str = "", offset: int = 0, limit: int = 26) -> list[DebitRow]:
    """Return debits of all customers, newest first; empty fields do not filter."""
    wanted = {"state": state, "kind": kind}
    rows = DebitInstruction.objects.filter(**{key: value for key, value in wanted.items() if value}).order_by("-id")
    return [debit_row(row) for row in rows[offset:offset + limit]]


def repayment_get(repayment_id: UUID) -> RepaymentListRow:
    """Return one repayment of anybody; raises RepaymentNotFound."""
    row = Repayment.objects.filter(id=repayment_id).first()
    if row is None:
        raise RepaymentNotFound
    return _row(row)


def refunds_of_loan(customer_id: UUID, loan_id: UUID) -> list[RefundListRow]:
    """Return the refunds of repayments that paid for, or named, a loan; newest first, with one statement."""
    rows = _refunds().filter(customer_id=customer_id).filter(
        Q(repayment__loan_id=loan_id) | Exists(RepaymentShare.objects.filter(
            customer_id=customer_id, repayment=OuterRef("repayment_id"), loan_id=loan_id)))
    return [_refund_row(row) for row in rows.order_by("-id")]


def refund_get(refund_id: UUID) -> RefundListRow:
    """Return one refund of anybody; raises RefundNotFound."""
    row = _refunds().filter(id=refund_id).first()
    if row is None:
        raise RefundNotFound
    return _refund_row(row)


def _refunds() -> QuerySet[Refund]:
    retries = Refund.objects.filter(customer_id=OuterRef("customer_id"), retry_of=OuterRef("pk"))
    return Refund.objects.select_related("repayment").annotate(is_retried=Exists(retries))


def _refund_row(row: Refund) -> RefundListRow:
    may_retry = (row.state == Refund.State.FAILED and row.repayment.state != Repayment.State.REVERSED
                 and not row.is_retried)  # type: ignore[attr-defined]
    return RefundListRow(row.id, row.customer_id, row.repayment_id, row.repayment.loan_id, row.repayment.reference,
                         row.amount_fen, row.reason, row.state, row.failure_reason, row.created_at, row.finished_at,
                         may_retry)


def suspense_get(item_id: UUID) -> SuspenseRow:
    """Return a waiting suspense item; raises SuspenseNotFound."""
    row = SuspenseItem.objects.filter(id=item_id, state=SuspenseItem.State.WAITING).first()
    if row is None:
        raise SuspenseNotFound
    return SuspenseRow(row.id, row.reference, row.amount_fen, row.payer_masked, row.memo, row.received_at)


def discrepancy_get(discrepancy_id: UUID) -> MoneyDiscrepancyRow:
    """Return an open contradiction about a debit or refund; raises DebitNotFound."""
    row = MoneyDiscrepancy.objects.filter(id=discrepancy_id, resolved_at=None).first()
    if row is None:
        raise DebitNotFound
    return MoneyDiscrepancyRow(row.id, row.customer_id, row.subject_id, row.booked_state, row.claimed_state,
                               row.source, row.amount_fen, row.noted_at, row.subject_type)


def waiting_money() -> WaitingMoney:
    """Return what waits for a person, with two statements."""
    waiting = SuspenseItem.objects.filter(state=SuspenseItem.State.WAITING).aggregate(
        count=Count("id"), total=Sum("amount_fen"))
    return WaitingMoney(waiting["count"], waiting["total"] or 0,
                        MoneyDiscrepancy.objects.filter(resolved_at=None).count())


def _matching(wanted: RepaymentFilter) -> QuerySet[Repayment]:
    rows = Repayment.objects.order_by("-booked_at", "-id")
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.received_from:
        rows = rows.filter(received_at__gte=shanghai_instant(wanted.received_from))
    if wanted.received_to:
        rows = rows.filter(received_at__lt=shanghai_instant(wanted.received_to + timedelta(days=1)))
    text = wanted.text.strip()
    if text:
        try:
            whose = UUID(text)
        except ValueError:
            return rows.filter(reference=text)
        by_loan = rows.filter(shares__loan_id=whose)
        rows = by_loan if by_loan.exists() else rows.filter(customer_id=whose)
    return rows


def _row(row: Repayment) -> RepaymentListRow:
    return RepaymentListRow(
        row.id, row.customer_id, row.loan_id, row.channel,
        CHANNEL_TEXTS.get(row.channel, Text(row.channel, row.channel)), row.reference, row.amount_fen,
        row.applied_fen, row.excess_fen, row.received_at, row.booked_on, row.state)
