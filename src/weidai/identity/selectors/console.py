"""What staff see of many customers: filtered pages, never names in the clear (R8.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from weidai.audit import selectors as audit
from weidai.identity.models import Customer
from weidai.identity.selectors.customers import CustomerSummary, _looked_up
from weidai.kernel.days import shanghai_instant
from weidai.kernel.masking import masked_id_number, masked_mobile, masked_name
from weidai.platform import clock

CSV_CHUNK = 1000
REVEALED = "identity.personal_data.revealed"  # the event that `services.personal_data_reveal` records
REVEAL_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What to look for; empty fields do not filter. `query` is an exact mobile, ID number, card or customer id."""

    query: str = ""
    status: str = ""  # active, closed
    has_id_card: bool | None = None
    registered_from: date | None = None
    registered_to: date | None = None


def customers_page(wanted: CustomerFilter, *, offset: int = 0, limit: int = 26) -> list[CustomerSummary]:
    """Return matching customers, newest first; one statement (two to five with a query)."""
    return [_summary(row) for row in _matching(wanted)[offset:offset + limit]]


def customers_iterate(wanted: CustomerFilter, *, limit: int) -> Iterator[CustomerSummary]:
    """Yield matching customers, newest first, for a file; read in chunks."""
    yield from map(_summary, _matching(wanted)[:limit].iterator(chunk_size=CSV_CHUNK))


def customers_counted(since: datetime) -> tuple[int, int]:
    """Return how many customers there are and how many registered since an instant."""
    return Customer.objects.count(), Customer.objects.filter(registered_at__gte=since).count()


def masked_names(customer_ids: set[UUID]) -> dict[UUID, str]:
    """Return masked names for lists of other rooms, with one statement; "" before the ID card was checked."""
    rows = Customer.objects.filter(customer_id__in=customer_ids).only("id", "name")
    return {row.id: masked_name(row.name) if row.name else "" for row in rows}


def personal_data_revealed(customer_id: UUID, *, reveal_id: UUID, staff_id: str) -> dict[str, str]:
    """Return the fields in the clear that this person's recorded look allows, for five minutes; else nothing (R8.6)."""
    event = audit.event_find(reveal_id)
    if (event is None or event.name != REVEALED or event.customer_id != customer_id or event.actor_kind != "staff"
            or event.actor_id != staff_id or clock.wall_now() - event.recorded_at > REVEAL_LASTS):
        return {}
    row = Customer.objects.get(customer_id=customer_id)
    values = {"name": row.name, "id_number": row.id_number, "mobile": row.mobile}
    return {name: values[name] or "" for name in event.facts["fields"]}


def _matching(wanted: CustomerFilter) -> QuerySet[Customer]:
    rows = Customer.objects.order_by("-id")
    cleaned = wanted.query.replace(" ", "")
    if cleaned:
        rows = rows.filter(customer_id__in=_looked_up(cleaned))
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.has_id_card is not None:
        rows = rows.filter(id_number__isnull=not wanted.has_id_card)
    if wanted.registered_from:
        rows = rows.filter(registered_at__gte=shanghai_instant(wanted.registered_from))
    if wanted.registered_to:
        rows = rows.filter(registered_at__lt=shanghai_instant(wanted.registered_to + timedelta(days=1)))
    return rows


def _summary(row: Customer) -> CustomerSummary:
    return CustomerSummary(row.id, row.status, masked_name(row.name) if row.name else "", masked_mobile(row.mobile),
                           masked_id_number(row.id_number) if row.id_number else "", row.registered_at)
