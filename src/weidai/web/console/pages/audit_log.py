"""The event log: search, one event with its proof, verification of the whole chain (R8.3)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.audit import selectors
from weidai.identity.services import REVEAL_REASONS
from weidai.jobs import operations
from weidai.kernel.errors import NotFound
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.staff import selectors as staff
from weidai.staff import services as staff_services
from weidai.web.console.acting import FilterForm, day_filter, staff_names, text_filter, uuid_or_none
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices
from weidai.web.shared.language import lazy_text, say
from weidai.web.shared.paging import csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.AUDIT, Text("审计检索", "Event search"), "console:event_list", "audit.event.view"),
    MenuItem(Section.AUDIT, Text("查看记录", "Access log"), "console:look_list", "audit.access.view"),
    MenuItem(Section.AUDIT, Text("存证校验", "Evidence"), "console:evidence", "audit.seal.verify"),
)
MAX_CSV_EVENTS = 10_000


class EventFilters(FilterForm):
    """What to look for; nothing typed that is no id is quietly taken for "nothing"."""

    name = text_filter("事件名前缀", "Event name begins with", placeholder="lending.")
    actor_kind = forms.ChoiceField(label=lazy_text("操作者类型", "Kind of actor"), choices=choices("actor"))
    actor = text_filter("操作者（员工用户名或编号）", "Actor (user name or id)")
    customer = forms.UUIDField(label=lazy_text("客户编号", "Customer id"), error_messages={
        "invalid": lazy_text("请输入完整的编号。", "Enter the whole id.")})
    subject = forms.UUIDField(label=lazy_text("对象编号", "Subject id"), error_messages={
        "invalid": lazy_text("请输入完整的编号。", "Enter the whole id.")})
    since = day_filter("不早于", "From")
    until = day_filter("不晚于", "To")


def _search(form: EventFilters) -> selectors.EventSearch:
    actor = form.value("actor").strip()
    if actor and uuid_or_none(actor) is None:
        actor = staff.user_id_by_username(actor) or actor
    return selectors.EventSearch(
        name_prefix=form.value("name").strip(), customer_id=uuid_or_none(form.value("customer")),
        subject_id=uuid_or_none(form.value("subject")), actor_id=actor, actor_kind=form.value("actor_kind"),
        on_or_after=form.day("since"), on_or_before=form.day("until"))


@staff_page("audit.event.view")
def event_list(request: HttpRequest) -> HttpResponse:
    """Events, newest first; also as CSV."""
    form = EventFilters(request.GET)
    search = _search(form)
    if request.GET.get("format") == "csv":
        staff_services.export_record("audit_events", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        headings = [Text("时间", "At"), Text("事件", "Event"), Text("对象类型", "Subject type"), Text("对象编号", "Subject"),
                    Text("客户编号", "Customer"), Text("操作者类型", "Actor kind"), Text("操作者", "Actor"), "SHA-256"]
        return csv_response("audit-events", headings, selectors.events_search(search, limit=MAX_CSV_EVENTS), lambda row: [
            row.occurred_at.isoformat(), row.name, row.subject_type, str(row.subject_id), str(row.customer_id or ""),
            row.actor_kind, row.actor_id, row.digest])
    asked = slice_asked(request)
    page = page_of(asked, selectors.events_search(search, offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/event_list.html", {
        "page": page, "filters": form, "now": clock.now(),
        "names": staff_names([row.actor_id for row in page.rows if row.actor_kind == "staff"])})


# What counts as a look at personal data, in words; each is recorded before anything is shown (R8.6).
LOOKS: dict[str, Text] = {
    "vision.paper.viewed": Text("证件或材料的识别内容", "What was read of a card or paper"),
    "origination.paper.viewed": Text("申请材料", "A page of an application"),
    "origination.paper.revealed": Text("申请材料（说明理由）", "A page of an application, with a reason"),
    "files.file.opened": Text("照片或文件原件", "A picture or file itself"),
    "identity.personal_data.revealed": Text("姓名、证件号或手机号", "Name, ID or mobile number"),
}

_REVIEWED = Text("核对材料", "Review of papers")
_IN_THE_WORK = {  # looks for which nobody is asked for a reason
    "": _REVIEWED, "console.paper_review": _REVIEWED, "origination.paper_read": Text("重新识别材料", "Having a paper read again"),
}


class LookFilters(FilterForm):
    """Whose looks, at what."""

    kind = forms.ChoiceField(label=lazy_text("查看内容", "What"), choices=[
        ("", lazy_text("全部", "All")), *((code, lazy_text(text.zh, text.en)) for code, text in LOOKS.items())])
    actor = text_filter("员工用户名", "User name")
    customer = forms.UUIDField(label=lazy_text("客户编号", "Customer id"), error_messages={
        "invalid": lazy_text("请输入完整的编号。", "Enter the whole id.")})
    since = day_filter("不早于", "From")
    until = day_filter("不晚于", "To")


def _looks(form: LookFilters) -> selectors.EventSearch:
    actor, kind = form.value("actor").strip(), form.value("kind")
    return selectors.EventSearch(
        names=(kind,) if kind in LOOKS else tuple(LOOKS), actor_kind="staff", customer_id=uuid_or_none(form.value("customer")),
        actor_id=(staff.user_id_by_username(actor) or actor) if actor else "",
        on_or_after=form.day("since"), on_or_before=form.day("until"))


def _why(row: selectors.EventRow) -> Text:
    code = str(row.facts.get("reason") or "").removeprefix("staff.")
    return REVEAL_REASONS.get(code) or _IN_THE_WORK.get(code) or Text(code, code)


@staff_page("audit.access.view")
def look_list(request: HttpRequest) -> HttpResponse:
    """Who looked at whose pictures, papers and numbers, and why; newest first, also as CSV (R8.6)."""
    form = LookFilters(request.GET)
    search = _looks(form)
    if request.GET.get("format") == "csv":
        staff_services.export_record("access_log", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        headings = [Text("时间", "At"), Text("员工编号", "Staff"), Text("客户编号", "Customer"), Text("查看内容", "What"),
                    Text("理由", "Why"), Text("对象编号", "Subject")]
        return csv_response("access-log", headings, selectors.events_search(search, limit=MAX_CSV_EVENTS), lambda row: [
            row.occurred_at.isoformat(), row.actor_id, str(row.customer_id or ""), say(LOOKS[row.name]), say(_why(row)),
            str(row.subject_id)])
    asked = slice_asked(request)
    page = page_of(asked, selectors.events_search(search, offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/look_list.html", {
        "page": page, "rows": [(row, LOOKS[row.name], _why(row)) for row in page.rows], "filters": form, "now": clock.now(),
        "names": staff_names([row.actor_id for row in page.rows])})


@staff_page("audit.event.view")
def event_detail(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event: its facts, its digest recomputed, the seal that holds it."""
    event = selectors.event_find(event_id)
    if event is None:
        raise NotFound
    return render(request, "console/pages/event_detail.html", {
        "event": event, "proof": selectors.event_proof(event_id), "facts": sorted(event.facts.items()),
        "names": staff_names([event.actor_id] if event.actor_kind == "staff" else [])})


@staff_page("audit.seal.verify")
def evidence(request: HttpRequest) -> HttpResponse:
    """Day seals with their roots and signatures, and the outcome of the last whole verification."""
    asked = slice_asked(request)
    check = operations.last_check(operations.EVIDENCE_VERIFIED)
    return render(request, "console/pages/evidence.html", {
        "page": page_of(asked, selectors.seals_list(offset=asked.offset, limit=asked.limit)), "check": check,
        "names": staff_names([check.actor_id]) if check else {}, "now": clock.now()})


@staff_page("audit.seal.verify")
@require_POST
def evidence_verify(request: HttpRequest) -> HttpResponse:
    """Recompute everything and keep the outcome."""
    operations.evidence_verify_run()
    messages.success(request, say(Text("校验已完成。", "The verification is done.")))
    return HttpResponseRedirect(reverse("console:evidence"))


urlpatterns = [
    path("looks", look_list, name="look_list"),
    path("events", event_list, name="event_list"),
    path("events/<uuid:event_id>", event_detail, name="event_detail"),
    path("evidence", evidence, name="evidence"),
    path("evidence/verify", evidence_verify, name="evidence_verify"),
]
