"""What the customer was told (R6.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from weidai.messaging import selectors, services
from weidai.web.api.fields import Input, Schema, Words
from weidai.web.api.paging import DEFAULT_LIMIT, Limit, page_read

router = Router(tags=["notices"])


class NoticeOut(Schema):
    """One notice."""

    id: UUID
    template: str
    title: Words
    body: Words
    created_at: datetime
    is_read: bool


class NoticePage(Schema):
    """A page of notices, newest first, and how many are unread in all."""

    items: list[NoticeOut]
    next: UUID | None
    unread_count: int


class ReadIn(Input):
    """Which notices were read; all of them when left out."""

    ids: list[UUID] | None = Field(default=None, max_length=100)


class ReadOut(Schema):
    """How many were unread before."""

    count: int


@router.get("", response=NoticePage)
def notices(request: HttpRequest, after: UUID | None = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Notices, newest first."""
    rows = selectors.notices_for(request.customer_id, limit=min(limit + 1, selectors.PAGE_LIMIT), before=after)
    return {**page_read(rows, limit=min(limit, selectors.PAGE_LIMIT - 1)),
            "unread_count": selectors.unread_count(request.customer_id)}


@router.post("/read", response=ReadOut)
def notices_read(request: HttpRequest, wish: ReadIn) -> Any:
    """Mark notices as read."""
    return {"count": services.notices_mark_read(request.customer_id, notice_ids=wish.ids)}
