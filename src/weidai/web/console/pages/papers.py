"""Pictures of a customer's papers: where each field was read, how surely, and what the customer corrected (R1.4, R4.1).

Personal data in full: every look at the fields and every opening of the picture is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.files import services as files
from weidai.identity import selectors as identity
from weidai.identity.selectors.checks import id_card_agrees
from weidai.kernel.errors import Forbidden
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.origination import selectors as origination
from weidai.vision import selectors, services
from weidai.vision.errors import ReadingNotFound
from weidai.vision.rules.fields import Check, Field, Kind
from weidai.vision.selectors import PaperReadingRow
from weidai.web.console import paper_words as words
from weidai.web.console.acting import uuid_or_none
from weidai.web.console.case_identity import identity_shown
from weidai.web.console.menu import MenuItem
from weidai.web.console.words import Status
from weidai.web.shared.pdf_pages import file_or_page, page_asked
from weidai.web.shared.permissions import staff_may, staff_page

PERMISSION = "identity.verification.review"
_OF_IDENTITY = (Kind.ID_FRONT, Kind.ID_BACK, Kind.DEBIT_CARD)
MENU: tuple[MenuItem, ...] = ()  # reached from the customer and the case

@dataclass(frozen=True, slots=True)
class ShownField:
    """One field beside its box."""

    code: str
    name: Text
    value: str
    confidence: Status
    is_sure: bool
    is_corrected: bool
    checks: list[tuple[Text, Status]]
    number: int


@staff_page(PERMISSION)
def paper_list(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What was read of a customer's papers, without its content."""
    rows = [(row, words.KINDS[row.kind], sum(field.is_doubtful for field in row.fields))
            for row in selectors.readings(customer_id) if _may_see(request, row.kind)]
    return render(request, "console/pages/paper_list.html", {
        "customer": identity.customer_get(customer_id), "rows": rows, "shown": identity_shown(customer_id)})


@staff_page(PERMISSION)
def paper_detail(request: HttpRequest, customer_id: UUID, reading_id: UUID) -> HttpResponse:
    """The picture with its boxes, and the fields; looking is on record (R8.6)."""
    _seen_require(request, customer_id, reading_id)
    row = services.paper_view(customer_id, reading_id)
    context: dict[str, Any] = {
        "customer": identity.customer_get(customer_id), "row": row, "kind": words.KINDS[row.kind],
        "frame": words.frame(row.paper, address=reverse("console:paper_picture", kwargs={
            "customer_id": customer_id, "reading_id": reading_id})),
        "fields": [_shown(field, number, row.corrected) for number, field in enumerate(row.fields, start=1)],
        "checks": words.checks_shown((*row.paper.reading.checks, *_verified(customer_id, row))), "shapes": _shapes(row),
        "bookings": [(f"row.{at}", one) for at, one in enumerate(row.rows, start=1)], "case_id": _case_of(request, customer_id),
        "faults": [words.FAULTS.get(code, Text(code, code)) for code in row.paper.quality.faults]}
    return render(request, "console/pages/paper_detail.html", context)


@staff_page(PERMISSION)
def paper_picture(request: HttpRequest, customer_id: UUID, reading_id: UUID) -> HttpResponse:
    """The picture itself, or one page of a PDF, as data; opening it is on record."""
    row = _seen_require(request, customer_id, reading_id)
    if row.file_id is None:
        raise ReadingNotFound
    return file_or_page(files.file_open(customer_id, row.file_id, reason="console.paper_review"), page_asked(request))


def _may_see(request: HttpRequest, kind: Kind) -> bool:
    """Papers of an application are for those who see them at its desk; here only what shows who somebody is."""
    return kind in _OF_IDENTITY or staff_may(request, "origination.paper.view")


def _seen_require(request: HttpRequest, customer_id: UUID, reading_id: UUID) -> PaperReadingRow:
    row = selectors.reading_get(customer_id, reading_id)
    if not _may_see(request, row.kind):
        raise Forbidden
    return row


def _shown(field: Field, number: int, corrected: tuple[str, ...]) -> ShownField:
    value = yuan_text(int(field.value)) if field.code.endswith("_fen") and field.value else field.value
    is_sure = not field.is_doubtful
    return ShownField(
        field.code, words.FIELDS[field.code], value,
        words.confidence(round(field.confidence * 100), was_read=bool(field.value), is_sure=is_sure), is_sure,
        field.code in corrected, words.checks_shown(field.checks), number)


def _shapes(row: PaperReadingRow) -> list[dict[str, Any]]:
    boxes = [(one.code, one.quad, words.FIELDS[one.code], one.is_doubtful) for one in row.fields if one.quad]
    boxes += [(f"row.{at}", one.quad, Text(one.summary, one.summary), one.adds_up is False)
              for at, one in enumerate(row.rows, start=1) if one.quad]
    return [{"code": code, "points": words.corners(quad), "title": title, "is_doubtful": is_doubtful}
            for code, quad, title, is_doubtful in boxes]


def _verified(customer_id: UUID, row: PaperReadingRow) -> tuple[Check, ...]:
    """Whether name and number on the card are those the registry confirmed; the confirmed ones are not shown."""
    if row.kind != Kind.ID_FRONT:
        return ()
    same = id_card_agrees(customer_id, name=row.paper.reading.value("name"),
                          id_number=row.paper.reading.value("id_number"))
    return (Check("name_is_verified", same[0]), Check("number_is_verified", same[1]))


def _case_of(request: HttpRequest, customer_id: UUID) -> UUID | None:
    """The application one came from, when it is this customer's."""
    given = uuid_or_none(request.GET.get("case", ""))
    if given is None or not staff_may(request, "origination.application.view"):
        return None
    return given if any(row.id == given for row in origination.applications_for(customer_id)) else None


urlpatterns = [
    path("customers/<uuid:customer_id>/papers", paper_list, name="paper_list"),
    path("customers/<uuid:customer_id>/papers/<uuid:reading_id>", paper_detail, name="paper_detail"),
    path("customers/<uuid:customer_id>/papers/<uuid:reading_id>/picture", paper_picture, name="paper_picture"),
]
