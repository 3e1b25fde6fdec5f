"""One side of the ID card at a reviewer's desk: picture, fields, the registry's word, judged one by one (R1.4, R4.1).

Fields the customer put right stand first. Every look and every opening of the picture is on record (R8.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.files import services as files
from weidai.identity.services import FieldWord
from weidai.kernel.text import Text
from weidai.origination import selectors
from weidai.origination.errors import PaperNotFound
from weidai.origination.policy import current
from weidai.origination.selectors import CaseRow, IdSideRow, PapersReview
from weidai.origination.selectors.id_sides import is_against
from weidai.origination.selectors.papers import PaperFieldRow
from weidai.origination.services import side_review
from weidai.platform import clock
from weidai.web.console import paper_words as words
from weidai.web.console.acting import staff_id, staff_names
from weidai.web.console.menu import MenuItem
from weidai.web.console.pages.paper_desk import desk_url
from weidai.web.console.paper_forms import Judged, PaperForm, nothing_against, parts_of
from weidai.web.console.words import Status
from weidai.web.shared.file_response import file_response
from weidai.web.shared.forms import form_with_refusal
from weidai.web.shared.forms import status_of as http_status_of
from weidai.web.shared.language import say
from weidai.web.shared.permissions import staff_may, staff_page

SEE, REVIEW = "origination.paper.view", "origination.application.review"
MENU: tuple[MenuItem, ...] = ()  # reached from the case
SAYS = {"registry": Text("登记库", "Registry"), "number": Text("由号码得出", "By the number")}


class SideForm(PaperForm):
    """A verdict for every field of a side; what is left without one stays open."""

    def __init__(self, side: IdSideRow, *args: Any, **kwargs: Any) -> None:
        self.side = side
        super().__init__(*args, fields=in_order(side), **kwargs)

    def words(self, *, accept_rest: bool) -> dict[str, FieldWord]:
        """What was chosen; with `accept_rest` also an acceptance of every open field that nothing speaks against."""
        found = {code: FieldWord(one.verdict, one.value, one.note) for code, one in self.verdicts(accept_rest=False).items()}
        if accept_rest:
            for field in self.side.fields:
                if nothing_against(field) and not is_against(self.side, field.code):
                    found.setdefault(field.code, FieldWord("accepted"))
        return found


def in_order(side: IdSideRow) -> tuple[PaperFieldRow, ...]:
    """Corrected fields first, then those something speaks against, the rest as they stand on the card."""
    def rank(field: PaperFieldRow) -> int:
        return 0 if field.is_corrected else 1 if not nothing_against(field) or is_against(side, field.code) else 2
    return tuple(sorted(side.fields, key=rank))


@dataclass(frozen=True, slots=True)
class ShownField(Judged):
    """One field with everything that stands beside it; the form's parts with it."""

    row: PaperFieldRow
    confidence: Status
    checks: list[tuple[Text, Status]]
    known: tuple[Text, str, Status] | None
    is_open: bool

@staff_page(SEE)
def id_card_desk(request: HttpRequest, application_id: UUID, reading_id: UUID) -> HttpResponse:
    """A side of the ID card; the look is on record."""
    return _desk(request, *_found(request, application_id, reading_id))


def _found(request: HttpRequest, application_id: UUID, reading_id: UUID) -> tuple[CaseRow, IdSideRow]:
    case = selectors.case(application_id)
    return case, selectors.id_side_get(case.application.customer_id, reading_id, staff_id=staff_id(request),
                                       policy=current(clock.today()).paper_review)


def _desk(request: HttpRequest, case: CaseRow, side: IdSideRow, form: SideForm | None = None) -> HttpResponse:
    task, me = case.open_task, staff_id(request)
    side = side_review.side_look(side.customer_id, reading_id=side.reading_id, staff_id=me)
    is_mine = task is not None and task.is_locked and task.claimed_by == me
    may_judge = is_mine and task is not None and task.stage == "verification" and staff_may(request, REVIEW)
    if may_judge and form is None:
        form = SideForm(side)
    shown = form if may_judge else None
    if form and form.refusal and not may_judge:  # not held any more: there is no form to say it in
        messages.error(request, say(form.refusal.message))
    review = selectors.papers_review(side.customer_id, case.application.id, staff_id=me)
    context = {
        "case": case, "customer": case.customer, "side": side, "review": review, "form": shown, "may_judge": may_judge,
        "fields": [_field(side, one, shown) for one in in_order(side)], "checks": words.checks_shown(side.checks),
        "frame": words.frame(side.paper), "shapes": _shapes(side), "can_accept_rest": True,
        "faults": [words.FAULTS.get(code, Text(code, code)) for code in side.paper.quality.faults],
        "names": staff_names([one.verdict.by for one in side.fields if one.verdict]), "task": task, "is_mine": is_mine,
        "can_claim": staff_may(request, REVIEW), "strip": _strip(review, case.application.id, side.reading_id)}
    return render(request, "console/pages/id_card_desk.html", context, status=http_status_of(form) if form else 200)


def _field(side: IdSideRow, row: PaperFieldRow, form: SideForm | None) -> ShownField:
    known = side.known.get(row.code)
    return ShownField(
        row, words.confidence(row.percent, was_read=row.was_read, is_sure=row.is_sure), words.checks_shown(row.checks),
        (SAYS[known.says], known.value, words.RESULTS[known.agrees]) if known else None, row.code in side.open_codes,
        **parts_of(row.code, form))


def _shapes(side: IdSideRow) -> list[dict[str, Any]]:
    """The boxes on the picture, each with the code of its field."""
    return [{"code": one.code, "points": words.corners(one.quad), "title": one.label,
             "is_doubtful": not nothing_against(one) or is_against(side, one.code)} for one in side.fields if one.quad]


def _strip(review: PapersReview, application_id: UUID, reading_id: UUID) -> list[dict[str, Any]]:
    """Both sides, then the papers: where one is, what is left there, what comes next."""
    rows = [{"url": side_url(application_id, one.reading_id), "name": one.name, "is_done": one.is_done, "is_seen": one.is_seen,
             "left": len(one.open_codes), "is_here": one.reading_id == reading_id} for one in review.sides]
    rows += [{"url": desk_url(application_id, one.paper.id), "name": one.paper.kind_text, "number": one.paper.page,
              "is_done": one.is_done, "is_seen": one.is_seen, "left": len(one.open_codes), "is_here": False}
             for one in review.pages]
    place = next((at for at, one in enumerate(rows) if one["is_here"]), 0)
    for at, go in ((place - 1, "before"), (place + 1, "next")):
        if 0 <= at < len(rows):
            rows[at]["go"] = go
    return rows


def side_url(application_id: UUID, reading_id: UUID) -> str:
    """Where a side is looked at."""
    return reverse("console:id_card_desk", kwargs={"application_id": application_id, "reading_id": reading_id})


@staff_page(SEE)
def id_card_picture(request: HttpRequest, application_id: UUID, reading_id: UUID) -> HttpResponse:
    """The picture itself, as data under a policy of its own; opening it is on record (R8.6)."""
    _, side = _found(request, application_id, reading_id)
    if side.file_id is None:
        raise PaperNotFound
    return file_response(files.file_open(side.customer_id, side.file_id, reason="console.paper_review"))


@staff_page(REVIEW)
@require_POST
def id_card_judge(request: HttpRequest, application_id: UUID, reading_id: UUID) -> HttpResponse:
    """Keep the verdicts on a side and go on to what is open next."""
    case, side = _found(request, application_id, reading_id)
    form = SideForm(side, request.POST)
    if not form.is_valid():
        return _desk(request, case, side, form)
    kept = form_with_refusal(form, lambda: side_review.side_judge(
        side.customer_id, application_id=application_id, reading_id=reading_id, staff_id=staff_id(request),
        verdicts=form.words(accept_rest="rest" in request.POST)))
    if kept is None:
        return _desk(request, case, side, form)
    messages.success(request, say(Text("核对结果已保存。", "The verdicts are kept.")))
    return HttpResponseRedirect(_after(selectors.papers_review(side.customer_id, application_id, staff_id=staff_id(request)),
                                       application_id, reading_id))


def _after(review: PapersReview, application_id: UUID, reading_id: UUID) -> str:
    """This side while something is open on it, else the other side, else the next open paper, else the case."""
    for side in sorted(review.sides, key=lambda one: one.reading_id != reading_id):
        if not side.is_done:
            return side_url(application_id, side.reading_id)
    for page in review.pages:
        if not page.is_done:
            return desk_url(application_id, page.paper.id)
    return reverse("console:case", kwargs={"application_id": application_id}) + "#decide"


_SIDE = "applications/<uuid:application_id>/id-card/<uuid:reading_id>"
urlpatterns = [
    path(_SIDE, id_card_desk, name="id_card_desk"),
    path(f"{_SIDE}/picture", id_card_picture, name="id_card_picture"),
    path(f"{_SIDE}/judge", id_card_judge, name="id_card_judge"),
]
