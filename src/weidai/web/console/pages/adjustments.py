"""Proposals about money that wait for a second person: approved, then booked; or rejected (R7.1, R8.6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.kernel.text import Text
from weidai.lending import selectors_console as lending_lists
from weidai.platform import clock
from weidai.servicing import services
from weidai.servicing.selectors.adjustments import AdjustmentRow, adjustment_get, adjustments_open
from weidai.web.console.acting import MAX_REASON, Act, ReasonForm, act_page, staff_id, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.formats import instant, money
from weidai.web.shared.forms import Form
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.SERVICING, Text("调账复核", "Adjustments"), "console:adjustment_list", "servicing.repayment.view"),
)
ADJUSTMENTS = Text("调账复核", "Adjustments")


@staff_page("servicing.repayment.view")
def adjustment_list(request: HttpRequest) -> HttpResponse:
    """What was proposed and waits for a second person, the oldest first."""
    rows = adjustments_open()
    return render(request, "console/pages/adjustment_list.html", {
        "rows": rows, "now": clock.now(), "names": staff_names([row.proposed_by for row in rows]),
        "numbers": lending_lists.loan_numbers({row.loan_id for row in rows if row.loan_id}), "me": staff_id(request)})


class ApproveForm(Form):
    """What was looked at, and that somebody looked."""

    note = forms.CharField(
        label=lazy_text("复核说明", "What was checked"), min_length=4, max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("将留痕保存；请勿填写客户姓名、证件号、手机号等个人信息。",
                            "Kept on record. Do not write names, ID numbers or other personal data."))
    confirmed = forms.BooleanField(
        label=lazy_text("已独立核对金额、对象和依据", "Amount, owner and evidence were checked independently"),
        error_messages={"required": lazy_text("请先核对，再勾选确认。", "Check first, then tick.")})


def _act(row: AdjustmentRow, *, title: Text, button: Text, done: Text, note: Text, is_dangerous: bool = False) -> Act:
    language = current_language()
    numbers = lending_lists.loan_numbers({row.loan_id}) if row.loan_id else {}
    return Act(
        title=title, facts=[
            (Text("事项", "About"), row.kind_text), (Text("金额", "Amount"), money(row.amount_fen, language)),
            (Text("客户编号", "Customer id"), str(row.owner_id)),
            (Text("借据", "Loan"), numbers.get(row.loan_id, "—") if row.loan_id else "—"),
            (Text("提出理由", "Reason given"), row.reason),
            (Text("提出人", "Proposed by"), staff_names([row.proposed_by]).get(row.proposed_by, "—")),
            (Text("提出时间", "Proposed"), instant(row.proposed_at, language))],
        note=note, button=button, done=done, back_url=reverse("console:adjustment_list"), back_label=ADJUSTMENTS,
        is_dangerous=is_dangerous)


@staff_page("servicing.adjustment.approve")
def adjustment_approve(request: HttpRequest, adjustment_id: UUID) -> HttpResponse:
    """Approve what somebody else proposed; it is booked at once."""
    row, form = adjustment_get(adjustment_id), ApproveForm(request.POST or None)
    act = _act(row, title=Text("复核调账", "Approve the adjustment"), button=Text("同意并入账", "Approve and book"),
               done=Text("已复核并入账。", "Approved and booked."), note=Text(
                   "同意后立即入账。提出人不能复核自己的提议。补记放款前系统会再向银行查询一次。",
                   "It is booked at once. Nobody approves their own proposal. Before a payout is booked the bank is asked "
                   "once more."))
    return act_page(request, act, form, lambda: services.adjustment_approve(
        adjustment_id, staff_id=staff_id(request), note=form.cleaned_data["note"]))


@staff_page("servicing.adjustment.reject")
def adjustment_reject(request: HttpRequest, adjustment_id: UUID) -> HttpResponse:
    """Reject a proposal, or take back one's own."""
    row, form = adjustment_get(adjustment_id), ReasonForm(request.POST or None)
    act = _act(row, title=Text("驳回调账", "Reject the adjustment"), button=Text("驳回", "Reject"),
               done=Text("已驳回，款项保持原状。", "Rejected; the money waits as before."), note=Text(
                   "驳回不改动账务，之后可以重新提出。", "Nothing is booked; it can be proposed again."), is_dangerous=True)
    return act_page(request, act, form, lambda: services.adjustment_reject(
        adjustment_id, staff_id=staff_id(request), note=form.cleaned_data["reason"]))


@staff_page("lending.disbursement.resolve")
def payout_propose(request: HttpRequest, discrepancy_id: UUID) -> HttpResponse:
    """Propose to book a payout that was taken for failed and that the bank made after all."""
    row, form, language = lending_lists.discrepancy_get(discrepancy_id), ReasonForm(request.POST or None), current_language()
    act = Act(
        title=Text("补记放款", "Book the payout after all"),
        facts=[(Text("借据", "Loan"), row.loan_number), (Text("金额", "Amount"), money(row.amount_fen, language)),
               (Text("客户编号", "Customer id"), str(row.customer_id)),
               (Text("发现时间", "Noted"), instant(row.noted_at, language))],
        note=Text("我方记为失败、银行称已付款。提交后由另一人复核；复核时系统再向银行查询，确认成功才入账：借据恢复，"
                  "自到账日起计息，额度重新占用，客户收到通知。",
                  "We booked it as failed, the bank says that it paid. A second person approves; then the bank is asked, and "
                  "only its yes is booked: the loan comes to life, interest counts from the day the money arrived, the limit "
                  "is used again, the customer is told."),
        button=Text("提交复核", "Propose"), done=Text("已提交，等待另一人复核。", "Proposed; a second person has to approve it."),
        back_url=reverse("console:adjustment_list"), back_label=ADJUSTMENTS)
    return act_page(request, act, form, lambda: services.payout_propose(
        discrepancy_id, staff_id=staff_id(request), reason=form.cleaned_data["reason"]))


urlpatterns = [
    path("adjustments", adjustment_list, name="adjustment_list"),
    path("adjustments/<uuid:adjustment_id>/approve", adjustment_approve, name="adjustment_approve"),
    path("adjustments/<uuid:adjustment_id>/reject", adjustment_reject, name="adjustment_reject"),
    path("discrepancies/payouts/<uuid:discrepancy_id>/book", payout_propose, name="payout_propose"),
]
