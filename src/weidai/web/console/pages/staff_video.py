"""Video checks by staff: the way without face recognition, equal in points (R1.3, R1.5)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.identity import selectors, services
from weidai.identity.errors import StaffVideoDecided
from weidai.kernel.errors import NotFound
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.web.console.acting import Act, ReasonForm, act_page, staff_id
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import word
from weidai.web.shared.formats import instant
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import page_of, slice_asked
from weidai.web.shared.permissions import staff_page

PERMISSION = "identity.verification.review"
MENU = (MenuItem(Section.REVIEW, Text("人工视频核验", "Video checks"), "console:staff_video_list", PERMISSION),)


@staff_page(PERMISSION)
def staff_video_list(request: HttpRequest) -> HttpResponse:
    """Customers who wait for a video talk, the longest waiting first."""
    asked = slice_asked(request)
    page = page_of(asked, selectors.staff_video_queue(limit=asked.limit, offset=asked.offset))
    return render(request, "console/pages/staff_video_list.html", {
        "page": page, "now": clock.now(), "customers": selectors.masked_names({row.customer_id for row in page.rows})})


class VideoForm(ReasonForm):
    """What the talk showed."""

    passed = forms.ChoiceField(label=lazy_text("结论", "Outcome"), widget=forms.RadioSelect, choices=[
        ("yes", lazy_text("通过:本人与证件一致", "Passed: person and ID card belong together")),
        ("no", lazy_text("不通过", "Not passed"))])
    remarks = forms.MultipleChoiceField(
        label=lazy_text("备注(可选)", "Remarks (optional)"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=lazy_text("有备注的,下一次申请转人工审核;不影响本次结论。",
                            "With a remark the next application goes to a person; this outcome stays."),
        choices=[(code, lazy_text(text.zh, text.en)) for code, text in services.STAFF_VIDEO_REMARKS.items()])
    field_order = ("passed", "remarks", "reason")


@staff_page(PERMISSION)
def staff_video_decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Keep what the person on duty decided."""
    row = selectors.staff_video_find(request_id)
    if row is None:
        raise NotFound
    if row.state != "waiting":
        raise StaffVideoDecided
    customer = selectors.customer_get(row.customer_id)
    act = Act(
        title=Text("人工视频核验", "Video check"),
        facts=[(Text("客户", "Customer"), f"{customer.masked_name} {customer.masked_mobile}"),
               (Text("身份证号", "ID number"), customer.masked_id_number),
               (Text("用途", "Purpose"), word("purpose", row.purpose)),
               (Text("预约时间", "Asked at"), instant(row.requested_at, current_language()))],
        note=Text("请在视频中核对本人面貌、证件原件与系统记录。",
                  "Compare the person, the original ID card and our record in the video talk."),
        button=Text("保存结论", "Keep the outcome"), done=Text("结论已保存,客户已收到通知。", "Kept; the customer was told."),
        back_url=reverse("console:staff_video_list"), back_label=Text("人工视频核验", "Video checks"))
    form = VideoForm(request.POST or None)
    return act_page(request, act, form, lambda: services.staff_video_decide(
        row.customer_id, request_id=row.id, staff_id=staff_id(request), passed=form.cleaned_data["passed"] == "yes",
        reason=form.cleaned_data["reason"], remarks=form.cleaned_data["remarks"]))


urlpatterns = [
    path("video-checks", staff_video_list, name="staff_video_list"),
    path("video-checks/<uuid:request_id>", staff_video_decide, name="staff_video_decide"),
]
