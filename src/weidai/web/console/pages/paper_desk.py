"""One page of an application's papers at a reviewer's desk: the picture beside its fields, judged one by one (R4.1).

Who may not see papers sees them masked; who may open files gives a reason first. Every look is on record (R8.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from weidai.files import selectors as file_rows
from weidai.files import services as files
from weidai.kernel.errors import Refusal
from weidai.kernel.masking import masked_name
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.origination import selectors, services
from weidai.origination.errors import PaperNotFound
from weidai.origination.rules import is_salary
from weidai.origination.selectors import ApplicationPaperRow, BookingRow, CaseRow, PageProgress, PaperFieldRow, PapersReview
from weidai.vision import selectors as vision
from weidai.vision import services as readings
from weidai.vision.rules.fields import PageFrame
from weidai.web.console import paper_words as words
from weidai.web.console.acting import staff_id, staff_names, uuid_or_none
from weidai.web.console.menu import MenuItem
from weidai.web.console.pages.personal_data import LookForm
from weidai.web.console.paper_forms import VERDICTS, Judged, PaperForm, nothing_against, parts_of
from weidai.web.console.words import Status
from weidai.web.shared import errors
from weidai.web.shared.forms import form_with_refusal
from weidai.web.shared.forms import status_of as http_status_of
from weidai.web.shared.language import say
from weidai.web.shared.pdf_pages import file_or_page, page_asked
from weidai.web.shared.permissions import staff_may, staff_page

VIEW, SEE, REVIEW, OPEN = (
    "origination.application.view", "origination.paper.view", "origination.application.review", "files.file.open")
MENU: tuple[MenuItem, ...] = ()  # reached from the case
VERIFIED, DECLARED = Text("实名", "verified"), Text("申报", "declared")
_IN_THE_CLEAR = ("pay_month", "period", "founded_on", "bank_name")  # say nothing about who it is


@dataclass(frozen=True, slots=True)
class ShownField(Judged):
    """One field with everything that stands beside it; the form's parts with it."""

    row: PaperFieldRow
    value: str
    read_value: str
    known: tuple[Text, str] | None
    confidence: Status
    checks: list[tuple[Text, Status]]
    box: str
    is_open: bool

    @property
    def is_changed(self) -> bool:
        """What counts is not what was read."""
        return self.value != self.read_value


@dataclass(frozen=True, slots=True)
class ShownBooking(Judged):
    """One statement row."""

    row: BookingRow
    box: str
    is_salary: bool
    unsure_text: Text

    @property
    def is_unsure(self) -> bool:
        """The row was not surely read."""
        return self.row.percent < words.SURE


@staff_page(VIEW)
def paper_desk(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """A page of a paper; looking at it in full is on record."""
    case, row = _found(application_id, paper_id)
    return _desk(request, case, row, look=_look(request, row))


def _found(application_id: UUID, paper_id: UUID) -> tuple[CaseRow, ApplicationPaperRow]:
    case = selectors.case(application_id)
    row = selectors.paper_get(case.application.customer_id, paper_id)
    if row.application_id != application_id:
        raise PaperNotFound
    return case, row


def _look(request: HttpRequest, row: ApplicationPaperRow) -> str:
    """Why this person sees the page in full: "role", the id of a recorded reason, or "" when it is masked."""
    if staff_may(request, SEE):
        return "role"
    given = uuid_or_none(request.GET.get("look", ""))
    if given is None or not selectors.paper_revealed(row.customer_id, row.id, reveal_id=given, staff_id=staff_id(request)):
        return ""
    return str(given)


def _seen(request: HttpRequest, row: ApplicationPaperRow, pages: tuple[PageFrame, ...]) -> ApplicationPaperRow:
    """Put the look on record. A PDF that cannot be shown is looked at when it is opened; what was read of it stands here."""
    if not row.is_pdf or pages:
        return services.paper_look(row.customer_id, paper_id=row.id, staff_id=staff_id(request))
    if row.reading_id is not None and row.paper is not None:
        readings.paper_view(row.customer_id, row.reading_id)
    return row


def _desk(
    request: HttpRequest, case: CaseRow, row: ApplicationPaperRow, *, look: str, form: PaperForm | None = None,
    reason: LookForm | None = None,
) -> HttpResponse:
    pages = _pages(row) if look and row.is_pdf else ()
    row = _seen(request, row, pages) if look else row
    task, me = case.open_task, staff_id(request)
    may_judge = (look == "role" and task is not None and task.stage == "verification" and task.is_locked
                 and task.claimed_by == me and staff_may(request, REVIEW))
    if form and form.refusal and not may_judge:  # not held any more: there is no form to say it in
        messages.error(request, say(form.refusal.message))
    shown = row if look else masked(row)
    if may_judge and form is None:
        form = _form(row)
    review = selectors.papers_review(row.customer_id, row.application_id, staff_id=me)
    terms, findings = selectors.salary_words(), review.found.findings
    people = [one.verdict.by for one in (*row.fields, *row.bookings) if one.verdict] + [row.looked_by]
    context = {
        "case": case, "customer": case.customer, "row": shown, "is_masked": not look, "look": "" if look == "role" else look,
        "can_see_sides": look == "role",  # a reason opens this page, not the card
        "review": review, "strip": _strip(review, row.id), "form": form if may_judge else None, "may_judge": may_judge,
        "fields": [_field(one, form if may_judge else None, review, case, row.id)
                   for one in (shown.fields if not shown.hand_fields else ())],
        "typed": [(one, form[f"typed.{one.code}"] if form and may_judge else None) for one in shown.hand_fields],
        "bookings": [_booking(one, form if may_judge else None, terms) for one in shown.bookings],
        "months": selectors.month_sums(row, terms), "checks": words.checks_shown(selectors.page_checks(row, findings)),
        "findings": [one for one in findings if (one.kind, one.page) == (row.kind, row.page)], "names": staff_names(people),
        "frame": _frame(row, look, pages), "shapes": _shapes(shown), "can_accept_rest": bool(row.fields) and not row.hand_fields,
        "faults": [words.FAULTS[code] for code in row.paper.quality.faults] if row.paper else [],
        "can_read": may_judge and row.is_readable and vision.is_installed(), "verdicts": VERDICTS,
        "reason": reason or (LookForm() if not look and staff_may(request, OPEN) else None), "task": task,
        "can_claim": staff_may(request, REVIEW), "is_mine": task is not None and task.is_locked and task.claimed_by == me}
    bound = reason or form
    return render(request, "console/pages/paper_desk.html", context, status=http_status_of(bound) if bound else 200)


def _field(row: PaperFieldRow, form: PaperForm | None, review: PapersReview, case: CaseRow, paper_id: UUID) -> ShownField:
    known = {"name": (VERIFIED, case.customer.masked_name), "legal_representative": (VERIFIED, case.customer.masked_name),
             "employer": (DECLARED, case.application.employer or "")}.get(row.code)
    open_codes = next((page.open_codes for page in review.pages if page.paper.id == paper_id), ())
    return ShownField(
        row, _plain(row.value, row), _plain(row.read_value, row), known if known and known[1] else None,
        words.confidence(row.percent, was_read=row.was_read, is_sure=row.is_sure), words.checks_shown(row.checks),
        words.corners(row.quad), row.code in open_codes, **parts_of(row.code, form))


def _booking(row: BookingRow, form: PaperForm | None, salary_words: tuple[str, ...]) -> ShownBooking:
    marks_salary = is_salary(row.summary, row.amount_fen, salary_words)
    _, unsure = words.confidence(row.percent, was_read=True, is_sure=True)
    return ShownBooking(row, words.corners(row.quad), marks_salary, unsure, **parts_of(row.code, form))


def _form(row: ApplicationPaperRow, *given: Any) -> PaperForm:
    return PaperForm(*given, fields=row.fields, bookings=row.bookings, hand_fields=row.hand_fields)


def _shapes(row: ApplicationPaperRow) -> list[dict[str, Any]]:
    """The boxes of a page, each with the code of its field or row."""
    boxes = [(one.code, one.quad, one.label, not nothing_against(one)) for one in row.fields if one.quad]
    boxes += [(one.code, one.quad, Text(one.summary, one.summary), one.follows is False) for one in row.bookings if one.quad]
    return [{"code": code, "points": words.corners(quad), "title": title, "is_doubtful": is_doubtful}
            for code, quad, title, is_doubtful in boxes]


def _plain(value: str, row: PaperFieldRow) -> str:
    return yuan_text(int(value)) if row.is_money and value.isdecimal() else value


def _frame(row: ApplicationPaperRow, look: str, pages: tuple[PageFrame, ...]) -> dict[str, Any]:
    """How the picture, or the pages of a PDF, lie under the boxes; nothing where they are not shown."""
    address = reverse("console:paper_file", kwargs={"application_id": row.application_id, "paper_id": row.id})
    if row.is_pdf:
        whole = words.frame_plain(max((one.width for one in pages), default=0), sum(one.height for one in pages))
        return {**whole, "pages": words.pages_laid(pages, address if look in ("", "role") else f"{address}?look={look}")}
    if row.paper is not None:
        return words.frame(row.paper)
    file = file_rows.file_find(row.customer_id, row.file_id)
    return words.frame_plain(file.width if file else 0, file.height if file else 0)


def _pages(row: ApplicationPaperRow) -> tuple[PageFrame, ...]:
    """The pages of a PDF as they were read, or as they are; none where this server cannot open it now."""
    if row.paper is not None and row.paper.pages:
        return row.paper.pages if vision.is_available() else ()
    if not vision.is_available():
        return ()
    try:
        opened = files.file_open(row.customer_id, row.file_id, reason="console.paper_review")
        return tuple(PageFrame(*size) for size in vision.page_sizes(opened.content))
    except Refusal:
        return ()


def masked(row: ApplicationPaperRow) -> ApplicationPaperRow:
    """A page without what says who it is about: amounts and dates stay, names and texts are starred (R8.6)."""
    fields = tuple(one if one.is_money or one.code in _IN_THE_CLEAR else replace(
        one, value=masked_name(one.value), read_value=masked_name(one.read_value),
        stated_value=masked_name(one.stated_value) if one.stated_value else one.stated_value) for one in row.fields)
    return replace(row, fields=fields, bookings=tuple(replace(one, summary="***") for one in row.bookings))


def _strip(review: PapersReview, paper_id: UUID) -> dict[str, Any]:
    """The pages of the application in a row, and the neighbours of this one."""
    pages = review.pages
    place = next((at for at, page in enumerate(pages) if page.paper.id == paper_id), 0)
    return {"pages": pages, "before": pages[place - 1] if place else None,
            "next": pages[place + 1] if place + 1 < len(pages) else None, "number": place + 1}


@staff_page(VIEW)
def paper_file(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """The picture, one page of a PDF or the PDF itself, as data under a policy of its own; opening it is on record (R8.6)."""
    _, row = _found(application_id, paper_id)
    look = _look(request, row)
    if not look:
        return errors.forbidden(request)
    page = page_asked(request)
    if row.is_pdf and not page:
        services.paper_look(row.customer_id, paper_id=row.id, staff_id=staff_id(request))
    return file_or_page(files.file_open(row.customer_id, row.file_id, reason="console.paper_review"), page)


@staff_page(REVIEW)
@require_POST
def paper_judge(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """Keep the verdicts on a page and go on to the next one that is open."""
    case, row = _found(application_id, paper_id)
    form = _form(row, request.POST)
    if not form.is_valid():
        return _desk(request, case, row, look="role" if staff_may(request, SEE) else "", form=form)
    kept = form_with_refusal(form, lambda: services.paper_judge(
        row.customer_id, paper_id=row.id, staff_id=staff_id(request),
        verdicts=form.verdicts(accept_rest="rest" in request.POST)))
    if kept is None:
        return _desk(request, case, row, look="role" if staff_may(request, SEE) else "", form=form)
    messages.success(request, say(Text("核对结果已保存。", "The verdicts are kept.")))
    review = selectors.papers_review(row.customer_id, row.application_id, staff_id=staff_id(request))
    return HttpResponseRedirect(_after(review, application_id, row.id))


def _after(review: PapersReview, application_id: UUID, paper_id: UUID) -> str:
    """This page while something is open on it, else the next open one, else the case."""
    order = sorted(review.pages, key=lambda page: page.paper.id != paper_id)
    following: PageProgress | None = next((page for page in order if not page.is_done), None)
    if following is None:
        return reverse("console:case", kwargs={"application_id": application_id}) + "#decide"
    return desk_url(application_id, following.paper.id)


def desk_url(application_id: UUID, paper_id: UUID, **query: str) -> str:
    """Where a page is looked at."""
    place = reverse("console:paper_desk", kwargs={"application_id": application_id, "paper_id": paper_id})
    return f"{place}?{urlencode(query)}" if query else place


@staff_page(REVIEW)
@require_POST
def paper_read_now(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """Have a page read that was kept unread."""
    _, row = _found(application_id, paper_id)
    try:
        services.paper_read_again(row.customer_id, paper_id=row.id, staff_id=staff_id(request))
    except Refusal as refusal:
        messages.error(request, " ".join(part for part in (say(refusal.message), say(refusal.advice)) if part))
    else:
        messages.success(request, say(Text("已识别，请逐项核对。", "Read; please judge its fields.")))
    return HttpResponseRedirect(desk_url(application_id, paper_id))


@staff_page(OPEN)
@require_POST
def paper_reveal(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """Open a masked page for some minutes, with a reason on record before anything is shown."""
    case, row = _found(application_id, paper_id)
    form = LookForm(request.POST)
    if not form.is_valid():
        return _desk(request, case, row, look="", reason=form)
    look = services.paper_reveal(row.customer_id, paper_id=row.id, staff_id=staff_id(request), reason=form.cleaned_data["reason"])
    return HttpResponseRedirect(desk_url(application_id, paper_id, look=str(look)))


_PAGE = "applications/<uuid:application_id>/papers/<uuid:paper_id>"
urlpatterns = [
    path(_PAGE, paper_desk, name="paper_desk"),
    path(f"{_PAGE}/file", paper_file, name="paper_file"),
    path(f"{_PAGE}/judge", paper_judge, name="paper_judge"),
    path(f"{_PAGE}/read", paper_read_now, name="paper_read_now"),
    path(f"{_PAGE}/reveal", paper_reveal, name="paper_reveal"),
]
