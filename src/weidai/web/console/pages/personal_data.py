"""A customer's files, devices and deletions, and the keys that seal it all: every look with a reason (R8.6, R9.6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.files import selectors as files
from weidai.files import services as file_services
from weidai.files.words import REASONS, REMOVED, WHAT, words_of
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.platform.keys import rotation
from weidai.security import selectors as security
from weidai.security import services as security_services
from weidai.web.console.acting import Act, ReasonForm, act_page
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.file_response import file_response
from weidai.web.shared.forms import Form
from weidai.web.shared.language import lazy_text
from weidai.web.shared.permissions import staff_page

MENU = (MenuItem(Section.SYSTEM, Text("密钥", "Keys"), "console:key_list", "platform.keys.view"),)
ERASURE_REASON = "customer_request"


class LookForm(Form):
    """Why a file is opened."""

    reason = forms.ChoiceField(label=lazy_text("理由", "Reason"), choices=[
        ("", lazy_text("请选择", "Choose")),
        *((code, lazy_text(text.zh, text.en)) for code, text in identity_services.REVEAL_REASONS.items())],
        error_messages={"required": lazy_text("请选择查看理由。", "Choose why you need to see it.")})


@staff_page("files.file.view")
def customer_data(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What a customer sent, what was deleted, where they are signed in; contents only after a reason."""
    return _data_page(request, customer_id, LookForm())


def _data_page(request: HttpRequest, customer_id: UUID, form: LookForm, status: int = 200) -> HttpResponse:
    return render(request, "console/pages/customer_data.html", {
        "customer": identity.customer_get(customer_id), "files": [
            (row, [words_of(code, REMOVED) for code in row.removed]) for row in files.files_for(customer_id, with_deleted=True)],
        "receipts": [(row, words_of(row.what, WHAT), words_of(row.reason, REASONS))
                     for row in files.deletion_receipts(customer_id)], "devices": security.devices_for(customer_id),
        "sessions": security.sessions_for(customer_id), "form": form, "now": clock.now()}, status=status)


@staff_page("files.file.open")
@require_POST
def customer_file(request: HttpRequest, customer_id: UUID, file_id: UUID) -> HttpResponse:
    """Open a file; the reason is on record before a byte is shown."""
    form = LookForm(request.POST)
    if not form.is_valid():
        return _data_page(request, customer_id, form, status=422)
    return file_response(file_services.file_open(customer_id, file_id, reason=f"staff.{form.cleaned_data['reason']}"))


@staff_page("security.session.end")
def customer_sign_out(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Sign a customer out everywhere, when they call about a lost phone."""
    row, form = identity.customer_get(customer_id), ReasonForm(request.POST or None)
    act = Act(
        title=Text("退出客户的全部登录", "Sign the customer out everywhere"),
        facts=[(Text("客户", "Customer"), f"{row.masked_name} {row.masked_mobile}"),
               (Text("当前登录", "Signed in"), len(security.sessions_for(customer_id)))],
        note=Text("客户需用短信验证码重新登录；借款与还款不受影响。", "They sign in again with a code; loans are not affected."),
        button=Text("全部退出", "Sign out"), done=Text("已退出全部登录。", "Signed out everywhere."),
        back_url=reverse("console:customer_data", kwargs={"customer_id": customer_id}), back_label=Text("资料", "Data"))
    return act_page(request, act, form, lambda: (security_services.session_end_others(customer_id),))


@staff_page("identity.biometrics.erase")
def customer_biometrics(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Destroy biometrics at the customer's written request."""
    row, form = identity.customer_get(customer_id), ReasonForm(request.POST or None)
    act = Act(
        title=Text("销毁生物特征", "Destroy biometrics"),
        facts=[(Text("客户", "Customer"), f"{row.masked_name} {row.masked_mobile}"),
               (Text("客户编号", "Customer id"), str(row.id))],
        note=Text("销毁密钥并删除文件，不可恢复；会生成删除回执。",
                  "The key is destroyed and files deleted for good; a receipt is issued."),
        button=Text("销毁", "Destroy"), done=Text("生物特征已销毁。", "The biometrics are destroyed."), is_dangerous=True,
        back_url=reverse("console:customer_data", kwargs={"customer_id": customer_id}), back_label=Text("资料", "Data"))
    return act_page(request, act, form, lambda: identity_services.biometrics_erase(customer_id, reason=ERASURE_REASON))


@staff_page("platform.keys.view")
def key_list(request: HttpRequest) -> HttpResponse:
    """How much is sealed under which version of which key; never a key itself."""
    uses = rotation.key_uses(with_columns=False)
    return render(request, "console/pages/key_list.html", {
        "rows": uses, "old": sum(use.count for use in uses if use.is_old), "now": clock.wall_now()})


urlpatterns = [
    path("customers/<uuid:customer_id>/data", customer_data, name="customer_data"),
    path("customers/<uuid:customer_id>/files/<uuid:file_id>", customer_file, name="customer_file"),
    path("customers/<uuid:customer_id>/sign-out", customer_sign_out, name="customer_sign_out"),
    path("customers/<uuid:customer_id>/biometrics", customer_biometrics, name="customer_biometrics"),
    path("keys", key_list, name="key_list"),
]
