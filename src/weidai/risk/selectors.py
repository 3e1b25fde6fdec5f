"""Reading risk decisions (R8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.risk import rules
from weidai.risk.errors import RiskListEntryNotFound
from weidai.risk.models import Decision, ListEntry
from weidai.risk.policy import current


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as kept; `reasons` are codes for staff, never shown to the customer."""

    id: UUID
    customer_id: UUID
    event: str
    subject_id: UUID
    outcome: str
    reasons: tuple[str, ...]
    facts: dict[str, object]
    pack_version: str
    decided_at: datetime

    @property
    def is_blocked(self) -> bool:
        """Whether the event must stop here."""
        return self.outcome == "block"

    @property
    def is_about_person(self) -> bool:
        """Whether a list or a warning fact speaks: the doubt is who this is, not only whose hand holds the phone."""
        return any(code.startswith(("list_", "signal_")) for code in self.reasons)


@dataclass(frozen=True, slots=True)
class ListEntryRow:
    """A list entry; the value itself is not known any more."""

    id: UUID
    kind: str
    effect: str
    reason: str
    added_at: datetime
    added_by: str


def decisions_for(customer_id: UUID, *, limit: int = 50) -> list[DecisionRow]:
    """Return the newest decisions about a customer."""
    rows = Decision.objects.filter(customer_id=customer_id).order_by("-decided_at", "-id")[:limit]
    return [decision_row(row) for row in rows]


def decision_for(customer_id: UUID, *, event: str, subject_id: UUID) -> DecisionRow | None:
    """Return the decision about one event."""
    row = Decision.objects.filter(customer_id=customer_id, event=event, subject_id=subject_id).first()
    return decision_row(row) if row else None


def decisions_page(
    *, event: str = "", outcome: str = "", customer_id: UUID | None = None, offset: int = 0, limit: int = 26,
) -> list[DecisionRow]:
    """Return decisions about all customers (or one), newest first; empty fields do not filter."""
    wanted = {"event": event, "outcome": outcome, "customer_id": customer_id}
    rows = Decision.objects.filter(**{key: value for key, value in wanted.items() if value}).order_by("-id")
    return [decision_row(row) for row in rows[offset:offset + limit]]


def list_entries(*, kind: str = "", effect: str = "", offset: int = 0, limit: int = 100) -> list[ListEntryRow]:
    """Return standing list entries, newest first; empty fields do not filter."""
    wanted = {"kind": kind, "effect": effect}
    rows = ListEntry.objects.filter(removed_at=None, **{key: value for key, value in wanted.items() if value})
    return [_entry_row(row) for row in rows.order_by("-added_at", "-id")[offset:offset + limit]]


def list_entry_get(entry_id: UUID) -> ListEntryRow:
    """Return a standing list entry; raises RiskListEntryNotFound."""
    row = ListEntry.objects.filter(id=entry_id, removed_at=None).first()
    if row is None:
        raise RiskListEntryNotFound
    return _entry_row(row)


def reason_text(code: str) -> Text:
    """Return the words of a reason kept with a decision, for staff."""
    return rules.reason_text(code, current(clock.today()))


def _entry_row(row: ListEntry) -> ListEntryRow:
    return ListEntryRow(row.id, row.kind, row.effect, row.reason, row.added_at, row.added_by)


def decision_row(row: Decision) -> DecisionRow:
    """Return a stored decision."""
    return DecisionRow(id=row.id, customer_id=row.customer_id, event=row.event, subject_id=row.subject_id,
                       outcome=row.outcome, reasons=tuple(row.reasons), facts=row.facts, pack_version=row.pack_version,
                       decided_at=row.decided_at)
