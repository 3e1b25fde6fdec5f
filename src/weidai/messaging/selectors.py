"""What the customer was told, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weidai.kernel.text import Text
from weidai.messaging import rules
from weidai.messaging.models import Notice, TextMessage
from weidai.messaging.templates import template

PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice ready to show; `template` tells a page where to lead."""

    id: UUID
    template: str
    title: Text
    body: Text
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class TextMessageRow:
    """One text message for the console: what was said and what became of it, without the number."""

    id: UUID
    title: Text
    state: str
    reason: str
    created_at: datetime
    settled_at: datetime | None


def notices_for(customer_id: UUID, *, limit: int = 20, before: UUID | None = None) -> tuple[NoticeRow, ...]:
    """Return notices newest first; `before` (the last id of a page) continues the list."""
    rows = Notice.objects.filter(customer_id=customer_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return tuple(
        NoticeRow(row.id, row.template, rules.filled(template(row.template).title, row.values),
                  rules.filled(template(row.template).body, row.values), row.created_at, row.read_at is not None)
        for row in rows.order_by("-id")[:min(limit, PAGE_LIMIT)])


def unread_count(customer_id: UUID) -> int:
    """Return how many notices the customer has not read."""
    return Notice.objects.filter(customer_id=customer_id, read_at=None).count()


def text_messages_for(customer_id: UUID, *, limit: int = 20) -> tuple[TextMessageRow, ...]:
    """Return the latest text messages to a customer."""
    rows = TextMessage.objects.filter(customer_id=customer_id).order_by("-id")[:min(limit, PAGE_LIMIT)]
    return tuple(TextMessageRow(row.id, rules.filled(template(row.template).title, row.values), row.state, row.reason,
                                row.created_at, row.settled_at) for row in rows)
