"""Cursor pages: `limit` rows after the row whose id is `after`; `next` is the cursor of the next page, null on the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from pydantic import Field

from weidai.web.api.errors import CursorUnknown

Limit = Annotated[int, Field(ge=1, le=100)]
DEFAULT_LIMIT = 20


class HasId(Protocol):
    """A row that can be gone on from."""

    @property
    def id(self) -> UUID: ...


Row = TypeVar("Row", bound=HasId)


def page_after(rows: Sequence[Row], *, after: UUID | None, limit: int) -> dict[str, object]:
    """Return a page of a list that is read whole."""
    start = 0
    if after is not None:
        start = next((place + 1 for place, row in enumerate(rows) if row.id == after), 0)
        if not start:
            raise CursorUnknown(field="after")
    return page_read(rows[start:start + limit + 1], limit=limit)


def page_read(rows: Sequence[Row], *, limit: int) -> dict[str, object]:
    """Return a page of rows of which one more than shown was read."""
    shown = rows[:limit]
    return {"items": list(shown), "next": shown[-1].id if len(rows) > limit else None}
