"""Video checks by staff: the way without face recognition, equal in points (R1.3, R1.5, R8.6).

The list is worked from its longest wait; whoever holds a request sees the evidence beside the questions of the talk.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.identity import policy, selectors, services
from weidai.identity.errors import StaffVideoDecided
from weidai.identity.selectors import StaffVideoFilter, StaffVideoRow
from weidai.kernel.errors import NotFound
from weidai.kernel.text import Text
from weidai.origination.policy import calendar
from weidai.platform import clock
from weidai.staff import services as staff_services
from weidai.vision import selectors as vision
from weidai.vision import services as papers
from weidai.vision.errors import ReadingNotFound
from weidai.vision.rules.fields import Kind
from weidai.web.console import paper_words
from weidai.web.console.acting import FilterForm, day_filter, staff_id, staff_names
from weidai.web.console.case_identity import identity_shown
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices, status_of, word
from weidai.web.shared.formats import instant
from weidai.web.shared.forms import Form, form_with_refusal
from weidai.web.shared.forms import status_of as http_status_of
from weidai.web.shared.language import current_language, lazy_text, say
from weidai.web.shared.paging import csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

PERMISSION = "identity.verification.review"
MENU = (MenuItem(Section.REVIEW, Text("人工视频核验", "Video checks"), "console:staff_video_list", PERMISSION),)
SOON_MINUTES = 60


class VideoFilters(FilterForm):
    """Which requests."""

    show = forms.ChoiceField(label=lazy_text("状态", "State"), choices=[
        ("waiting", lazy_text("等待中", "Waiting")), ("decided", lazy_text("已处理", "Decided")),
        ("all", lazy_text("全部", "All"))])
    only = forms.ChoiceField(label=lazy_text("范围", "Whose"), choices=[
        ("", lazy_text("全部", "All")), ("mine", lazy_text("我领取的", "Mine")), ("free", lazy_text("待领取", "Free"))])
    purpose = forms.ChoiceField(label=lazy_text("用途", "Purpose"), choices=choices("purpose"))
    since = day_filter("不早于", "Asked from")
    until = day_filter("不晚于", "Asked to")


def _wanted(request: HttpRequest, form: VideoFilters) -> StaffVideoFilter:
    return StaffVideoFilter(
        state=form.value("show") or "waiting", only=form.value("only") or "all",  # type: ignore[arg-type]
        staff_id=staff_id(request), purpose=form.value("purpose"), asked_from=form.day("since"), asked_to=form.day("until"))


@staff_page(PERMISSION)
def staff_video_list(request: HttpRequest) -> HttpResponse:
    """Requests for a video talk, the longest waiting first; also as CSV."""
    form = VideoFilters(request.GET)
    wanted = _wanted(request, form)
    if request.GET.get("format") == "csv":
        return _csv(request, form, wanted)
    asked = slice_asked(request)
    page = page_of(asked, selectors.staff_video_page(wanted, limit=asked.limit, offset=asked.offset))
    rows = [(row, _due(row) if row.is_waiting else None) for row in page.rows]
    return render(request, "console/pages/staff_video_list.html", {
        "page": page, "rows": rows, "filters": form, "now": clock.now(), "soon_minutes": SOON_MINUTES, "me": staff_id(request),
        "waiting": selectors.staff_video_count(),
        "names": staff_names([name for row in page.rows for name in (row.claimed_by, row.decided_by)]),
        "customers": selectors.masked_names({row.customer_id for row in page.rows})})


def _csv(request: HttpRequest, form: VideoFilters, wanted: StaffVideoFilter) -> HttpResponse:
    staff_services.export_record("video_checks", filters=[key for key in form.fields if form.value(key)],
                                 user_id=request.user.pk)
    language = current_language()
    headings = [Text("申请编号", "Request"), Text("客户编号", "Customer"), Text("用途", "Purpose"), Text("预约时间", "Asked at"),
                Text("状态", "State"), Text("未通过原因", "Why not passed"), Text("第一人", "First person"),
                Text("处理人", "Decided by"), Text("处理时间", "Decided at")]
    return csv_response("video-checks", headings, selectors.staff_video_iterate(wanted), lambda row: [
        str(row.id), str(row.customer_id), word("purpose", row.purpose).in_language(language),
        instant(row.requested_at, language), status_of("video", row.state)[1].in_language(language),
        row.code_text.in_language(language) if row.code_text else "", row.first_decided_by, row.decided_by,
        instant(row.decided_at, language) if row.decided_at else ""])


def _due(row: StaffVideoRow) -> dict[str, Any]:
    """The clock of a request, in working time: what `parts/sla.html` shows."""
    now, on = clock.now(), clock.today()
    due_at = calendar(on).after_working_minutes(row.requested_at, policy.current(on).staff_video.answer_minutes).at
    return {"due_at": due_at, "is_late": due_at < now, "minutes_left": calendar(on).working_minutes_between(now, due_at)}


@staff_page(PERMISSION)
@require_POST
def staff_video_next(request: HttpRequest) -> HttpResponse:
    """Hold the request that waits longest and open it."""
    found = services.staff_video_next(staff_id=staff_id(request))
    if found is None:
        messages.info(request, say(Text("没有待领取的核验。", "No check is free.")))
        return HttpResponseRedirect(reverse("console:staff_video_list"))
    return _to(found)


@staff_page(PERMISSION)
@require_POST
def staff_video_claim(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Hold this request; again extends it."""
    row = _found(request_id)
    services.staff_video_claim(row.customer_id, request_id=row.id, staff_id=staff_id(request))
    return _to(request_id)


@staff_page(PERMISSION)
@require_POST
def staff_video_release(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Give it back to the list."""
    row = _found(request_id)
    services.staff_video_release(row.customer_id, request_id=row.id, staff_id=staff_id(request))
    return HttpResponseRedirect(reverse("console:staff_video_list"))


def _to(request_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:staff_video_decide", kwargs={"request_id": request_id}))


def _found(request_id: UUID) -> StaffVideoRow:
    row = selectors.staff_video_find(request_id)
    if row is None:
        raise NotFound
    return row


class VideoForm(Form):
    """What the talk showed."""

    passed = forms.ChoiceField(label=lazy_text("结论", "Outcome"), widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
                               choices=[("yes", lazy_text("通过", "Passed")),
                                        ("no", lazy_text("没有通过或没有完成", "Not passed, or not finished"))])
    points = forms.MultipleChoiceField(
        label=lazy_text("通话中逐项核对（通过须全部勾选）", "Compared in the talk; a pass needs all of them"), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        choices=[(code, lazy_text(text.zh, text.en)) for code, text in services.STAFF_VIDEO_POINTS.items()])
    remarks = forms.MultipleChoiceField(
        label=lazy_text("备注（可选）", "Remarks (optional)"), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        choices=[(code, lazy_text(text.zh, text.en)) for code, text in services.STAFF_VIDEO_REMARKS.items()])
    code = forms.ChoiceField(
        label=lazy_text("原因（客户会看到）", "Why (the customer reads it)"), required=False,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        choices=[(code, lazy_text(end.text.zh, end.text.en)) for code, end in services.STAFF_VIDEO_ENDS.items()])
    reason = forms.CharField(
        label=lazy_text("记录", "Note"), min_length=4, max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("供同事查看，不发给客户；请勿填写姓名、证件号、手机号等个人信息。",
                            "For colleagues, not sent to the customer. No names, ID numbers or other personal data."))

    def outcome(self) -> services.TalkOutcome:
        """What the service keeps; what belongs to the other outcome is not meant."""
        given, passed = self.cleaned_data, self.cleaned_data["passed"] == "yes"
        return services.TalkOutcome(passed, given["reason"], points=given["points"] if passed else (),
                                    remarks=given["remarks"] if passed else (), code="" if passed else given["code"])


@staff_page(PERMISSION)
def staff_video_decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The evidence and the questions of one talk; POST keeps what it showed."""
    row = _found(request_id)
    if request.method != "POST":
        return _desk(request, row, VideoForm())
    if not row.is_waiting:
        raise StaffVideoDecided
    form = VideoForm(request.POST)
    state = form_with_refusal(form, lambda: services.staff_video_decide(
        row.customer_id, request_id=row.id, staff_id=staff_id(request), outcome=form.outcome())) if form.is_valid() else None
    if state is None:
        if isinstance(form.refusal, StaffVideoDecided):
            raise form.refusal
        return _desk(request, _found(request_id), form)
    messages.success(request, say({
        "waiting": Text("已记录，等待第二人复核；客户暂未收到通知。",
                        "Kept. A second person confirms it; the customer is not told yet."),
        "unfinished": Text("已记录为未完成，客户可重新预约。", "Kept as not finished; the customer may ask again."),
    }.get(state, Text("结论已保存，客户已收到通知。", "Kept; the customer was told."))))
    return HttpResponseRedirect(reverse("console:staff_video_list"))


def _desk(request: HttpRequest, row: StaffVideoRow, form: VideoForm) -> HttpResponse:
    me = staff_id(request)
    is_mine = row.is_locked and row.claimed_by == me
    is_over = form.is_bound and row.is_waiting and not row.is_locked and row.first_decided_by != me  # the lock, while typing
    front = _front(row.customer_id) if is_mine else None
    rules = policy.current(clock.today()).staff_video
    earlier = [one for one in selectors.staff_video_requests(row.customer_id) if one.id != row.id]
    context: dict[str, Any] = {
        "row": row, "due": _due(row) if row.is_waiting else None, "soon_minutes": SOON_MINUTES,
        "form": form if is_mine or is_over else None, "is_mine": is_mine, "now": clock.now(),
        "is_first": row.needs_second and row.first_decided_by == me,
        "customer": selectors.customer_get(row.customer_id), "shown": identity_shown(row.customer_id),
        "registry": selectors.registry_word(row.customer_id), "remarked": selectors.identity_remarks(row.customer_id, days=90),
        "earlier": earlier, "second_person": rules.second_person, "lock_minutes": rules.lock_minutes,
        "names": staff_names([name for one in (row, *earlier) for name in (
            one.claimed_by, one.first_decided_by, one.decided_by)])}
    if front is not None:
        context |= {"front": front, "frame": paper_words.frame(front.paper), "shapes": []}
    return render(request, "console/pages/staff_video.html", context, status=http_status_of(form))


def _front(customer_id: UUID) -> vision.PaperReadingRow | None:
    """The portrait side of the verified card; looking at it is on record (R8.6). None when it was typed or deleted."""
    for side in selectors.id_card_sides(customer_id):
        try:
            row = vision.reading_get(customer_id, side.reading_id)
        except ReadingNotFound:
            continue
        if row.kind == Kind.ID_FRONT and row.file_id is not None:
            return papers.paper_view(customer_id, row.id)
    return None


_ONE = "video-checks/<uuid:request_id>"
urlpatterns = [
    path("video-checks", staff_video_list, name="staff_video_list"),
    path("video-checks/next", staff_video_next, name="staff_video_next"),
    path(_ONE, staff_video_decide, name="staff_video_decide"),
    path(f"{_ONE}/claim", staff_video_claim, name="staff_video_claim"),
    path(f"{_ONE}/release", staff_video_release, name="staff_video_release"),
]
