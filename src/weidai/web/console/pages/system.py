"""The running system: background jobs, partners, a colleague's lost second factor."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.jobs import operations
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.platform import selectors as platform
from weidai.staff import selectors as staff
from weidai.staff import services as staff_services
from weidai.staff.errors import OwnRoleChangeRefused
from weidai.web.console.acting import Act, ReasonForm, act_page
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.SYSTEM, Text("任务", "Jobs"), "console:job_list", "jobs.run.view"),
    MenuItem(Section.SYSTEM, Text("外部机构", "Partners"), "console:partner_list", "platform.integration.view"),
)
PARTNERS: tuple[tuple[Text, Text], ...] = (
    (Text("身份信息库", "ID registry"), Text("姓名、身份证号、证件有效期核验", "Name, ID number, validity")),
    (Text("人脸服务商", "Face vendor"), Text("真人比对", "Live face comparison")),
    (Text("银行卡清算机构", "Card network"), Text("绑卡核验", "Bank card checks")),
    (Text("运营商", "Mobile operator"), Text("手机号核验", "Mobile number checks")),
    (Text("征信机构", "Credit bureau"), Text("征信报告", "Credit reports")),
    (Text("支付数据", "Payment data"), Text("行为与资产数据", "Behaviour and balances")),
    (Text("银行", "Bank"), Text("放款、扣款、来账", "Payouts, debits, incoming transfers")),
    (Text("短信通道", "Text messages"), Text("验证码与通知", "Codes and notices")),
)


@staff_page("jobs.run.view")
def job_list(request: HttpRequest) -> HttpResponse:
    """Background jobs by kind; what is true lives in the tables, jobs only trigger."""
    return render(request, "console/pages/job_list.html", {
        "rows": operations.queue_rows(), "counts": platform.message_counts(), "now": clock.wall_now()})


@staff_page("platform.integration.view")
def partner_list(request: HttpRequest) -> HttpResponse:
    """Who answers for the outside world, and in a demonstration where to make it fail."""
    return render(request, "console/pages/partner_list.html", {
        "rows": PARTNERS, "sandbox_url": settings.SANDBOX_URL, "is_demo": settings.DEMO,
        "counts": platform.message_counts(), "now": clock.wall_now()})


@staff_page("staff.user.edit")
def second_factor_reset(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Remove a colleague's second factors, so that the next log-in sets up a new one."""
    row = staff.staff_user_get(user_id)
    if row.id == request.user.pk:
        raise OwnRoleChangeRefused
    form = ReasonForm(request.POST or None)
    act = Act(
        title=Text("重置两步验证", "Reset the second factor"),
        facts=[(Text("用户名", "User name"), row.username), (Text("姓名", "Name"), row.display_name)],
        note=Text("请先当面或电话确认是本人。重置后，下次登录须重新设置身份验证器。",
                  "Make sure it is the person first. The next log-in asks to set up a new authenticator."),
        button=Text("重置", "Reset"), done=Text("两步验证已重置。", "The second factor is reset."), is_dangerous=True,
        back_url=reverse("console:staff_list"), back_label=Text("用户与角色", "Users and roles"))
    return act_page(request, act, form, lambda: staff_services.second_factor_reset(
        user_id, reset_by=request.user.pk, reason=form.cleaned_data["reason"]))


urlpatterns = [
    path("jobs", job_list, name="job_list"),
    path("partners", partner_list, name="partner_list"),
    path("staff/<uuid:user_id>/second-factor/reset", second_factor_reset, name="second_factor_reset"),
]
