"""What staff see of all applications: light rows, sums of a day (R4.6). One statement a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from weidai.kernel.days import SHANGHAI, shanghai_instant
from weidai.kernel.text import Text
from weidai.origination.errors import ReviewTaskNotFound
from weidai.origination.models import Application, ReviewTask
from weidai.origination.words import STATE_TEXTS
from weidai.platform import clock
from weidai.products import selectors as products

CSV_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What to look for; empty fields do not filter. `text` is an application's or a customer's id."""

    state: str = ""
    product: str = ""
    text: str = ""
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True, slots=True)
class ApplicationListRow:
    """One line of the list; fen."""

    id: UUID
    customer_id: UUID
    product: str
    product_name: Text
    state: str
    state_text: Text
    state_since: datetime
    requested_fen: int | None
    opened_at: datetime
    submitted_at: datetime | None
    expected_by: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmittedDay:
    """How many applications were submitted on one Shanghai day."""

    day: date
    count: int


def applications_page(wanted: ApplicationFilter, *, offset: int = 0, limit: int = 26) -> list[ApplicationListRow]:
    """Return matching applications, newest first."""
    return [_row(row) for row in _matching(wanted)[offset:offset + limit]]


def applications_iterate(wanted: ApplicationFilter, *, limit: int) -> Iterator[ApplicationListRow]:
    """Yield matching applications for a file; read in chunks."""
    yield from map(_row, _matching(wanted)[:limit].iterator(chunk_size=CSV_CHUNK))


def submitted_by_day(first: date, last: date) -> list[SubmittedDay]:
    """Return how many applications were submitted, by Shanghai day; days without any are left out."""
    rows = Application.objects.filter(
        submitted_at__gte=shanghai_instant(first), submitted_at__lt=shanghai_instant(last + timedelta(days=1)))
    rows = rows.annotate(day=TruncDate("submitted_at", tzinfo=SHANGHAI)).order_by("day")
    return [SubmittedDay(**row) for row in rows.values("day").annotate(count=Count("id"))]


def application_of_task(customer_id: UUID, task_id: UUID) -> UUID:
    """Return the application a review task belongs to; raises ReviewTaskNotFound."""
    tasks = ReviewTask.objects.filter(customer_id=customer_id, id=task_id)
    found = tasks.values_list("application_id", flat=True).first()
    if found is None:
        raise ReviewTaskNotFound
    return found


def second_person_count(staff_id: str) -> int:
    """Return how many approvals wait for a second person who is not this one (R4.6)."""
    waiting = ReviewTask.objects.filter(state=ReviewTask.State.AWAITING_SECOND)
    return waiting.exclude(first_decided_by=staff_id).count()


def _matching(wanted: ApplicationFilter) -> QuerySet[Application]:
    rows = Application.objects.order_by("-id")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.product:
        rows = rows.filter(product=wanted.product)
    if wanted.opened_from:
        rows = rows.filter(opened_at__gte=shanghai_instant(wanted.opened_from))
    if wanted.opened_to:
        rows = rows.filter(opened_at__lt=shanghai_instant(wanted.opened_to + timedelta(days=1)))
    text = wanted.text.strip()
    if text:
        try:
            whose = UUID(text)
        except ValueError:
            return rows.none()
        rows = rows.filter(id=whose) | rows.filter(customer_id=whose)
    return rows


def _row(row: Application) -> ApplicationListRow:
    return ApplicationListRow(
        row.id, row.customer_id, row.product, products.product_get(row.product, on=clock.today()).name, row.state,
        STATE_TEXTS[row.state], row.state_since, row.requested_fen, row.opened_at, row.submitted_at, row.expected_by,
        row.decided_at)
