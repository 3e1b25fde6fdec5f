"""Papers of an application: what is needed and why, sending, confirming what was read, taking back (R4.1, R4.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Status, UploadedFile
from pydantic import Field

from weidai.origination import selectors, services
from weidai.origination.errors import PaperNotFound
from weidai.web.api.fields import Input, Line, Schema, Word, Words, WordsOrNone

router = Router(tags=["papers"])
Values = Annotated[dict[Word, Line], Field(max_length=40)]


class PaperConfirmIn(Input):
    """Fields by code: amounts in fen as digits, dates ISO, months YYYY-MM, periods YYYY-MM/YYYY-MM; the rest as read."""

    values: Values = {}


class KindOut(Schema):
    """A kind of paper one can send."""

    code: str
    text: Words


class FieldOut(Schema):
    """One field; `value` is what counts, `percent` how surely it was read, `is_corrected` that the customer changed it."""

    code: str
    label: Words
    value: str
    read_value: str
    percent: int
    is_sure: bool
    is_corrected: bool


class BookingOut(Schema):
    """One row of a statement; fen. `follows` false: its balance does not follow, it never counts as income."""

    number: int
    booked_on: str
    summary: str
    amount_fen: int | None
    balance_fen: int | None
    follows: bool | None


class PaperOut(Schema):
    """One page. `reading` is waiting, read or by_person (`unread_text` says why); poll the list while one waits."""

    id: UUID
    kind: str
    kind_text: Words
    page: int
    pages: int
    media_type: str
    state: str
    state_text: Words
    reading: str
    reading_text: Words
    unread_text: WordsOrNone
    sent_at: datetime
    confirmed_at: datetime | None
    fields: list[FieldOut]
    bookings: list[BookingOut]
    needs_confirm: bool
    is_mutable: bool


class NeedOut(Schema):
    """One requirement; of its kinds one is enough. `is_asked`: the reviewer asked for it."""

    code: str
    name: Words
    why: Words
    kinds: list[KindOut]
    is_required: bool
    is_asked: bool
    is_met: bool


class PapersOut(Schema):
    """What is needed, and the pages that are there."""

    needs: list[NeedOut]
    papers: list[PaperOut]


@router.get("/{uuid:application_id}/papers", response=PapersOut)
def papers(request: HttpRequest, application_id: UUID) -> Any:
    """What the application needs and what was sent."""
    pages = selectors.application_papers(request.customer_id, application_id)
    return {"needs": selectors.paper_needs(request.customer_id, application_id, pages=pages), "papers": pages}


@router.post("/{uuid:application_id}/papers", response={201: PaperOut})
def paper_send(request: HttpRequest, application_id: UUID, kind: Form[Word], file: File[UploadedFile]) -> Any:
    """Send one page, a picture or a PDF. It is kept at once and read afterwards; the same file again changes nothing."""
    return Status(201, services.paper_send(request.customer_id, application_id=application_id, kind=kind, content=file,
                                           name=file.name or ""))


@router.post("/{uuid:application_id}/papers/{uuid:paper_id}/confirm", response=PaperOut)
def paper_confirm(request: HttpRequest, application_id: UUID, paper_id: UUID, said: PaperConfirmIn) -> Any:
    """Confirm what was read of a page; what is put differently is marked. Again replaces it."""
    _require(request, application_id, paper_id)
    return services.paper_confirm(request.customer_id, paper_id=paper_id, values=said.values)


@router.post("/{uuid:application_id}/papers/{uuid:paper_id}/remove", response=PapersOut)
def paper_remove(request: HttpRequest, application_id: UUID, paper_id: UUID) -> Any:
    """Take a page back that was not handed in yet; its file is deleted."""
    _require(request, application_id, paper_id)
    services.paper_remove(request.customer_id, paper_id=paper_id)
    return papers(request, application_id)


def _require(request: HttpRequest, application_id: UUID, paper_id: UUID) -> None:
    if selectors.paper_get(request.customer_id, paper_id).application_id != application_id:
        raise PaperNotFound
