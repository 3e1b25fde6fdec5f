"""Taking back a repayment whose money is not there, and trying a failed refund again (R7.1)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from weidai.kernel.text import Text
from weidai.servicing import selectors_console as lists
from weidai.servicing import services
from weidai.servicing.errors import RefundNotRetryable, RepaymentNotFound
from weidai.web.console.acting import MAX_REASON, Act, ReasonForm, act_page, staff_id
from weidai.web.console.menu import MenuItem
from weidai.web.console.words import status_of
from weidai.web.shared.formats import instant, money
from weidai.web.shared.forms import Form
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.permissions import staff_page

PERMISSION = "servicing.repayment.reverse"
MENU: tuple[MenuItem, ...] = ()  # reached from a loan


class ReverseForm(Form):
    """Why the money is not there, what was found out, and that somebody looked."""

    reason = forms.ChoiceField(
        label=lazy_text("冲正原因", "Why"), widget=forms.RadioSelect,
        choices=[(code, lazy_text(text.zh, text.en)) for code, text in services.REVERSAL_REASONS.items()],
        error_messages={"required": lazy_text("请选择冲正原因。", "Choose why.")})
    note = forms.CharField(
        label=lazy_text("核实说明", "What was found out"), min_length=4, max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("将留痕保存；请勿填写客户姓名、证件号、手机号等个人信息。",
                            "Kept on record. Do not write names, ID numbers or other personal data."))
    confirmed = forms.BooleanField(
        label=lazy_text("已与银行核对流水号和金额，确认款项不在账上",
                        "Reference and amount were compared with the bank: the money is not there"),
        error_messages={"required": lazy_text("请先与银行核对，再勾选确认。", "Compare with the bank first, then tick.")})


def _back(loan_id: UUID | None) -> tuple[str, Text]:
    if loan_id is not None:
        return reverse("console:loan_detail", kwargs={"loan_id": loan_id}), Text("借据", "Loan")
    return reverse("console:repayment_list"), Text("还款", "Repayments")


@staff_page(PERMISSION)
def repayment_reverse(request: HttpRequest, repayment_id: UUID) -> HttpResponse:
    """Look at the repayment and what follows, then take it back."""
    row, form, language = lists.repayment_get(repayment_id), ReverseForm(request.POST or None), current_language()
    if row.state != "booked" and request.method != "POST":
        raise RepaymentNotFound
    address, label = _back(row.loan_id)
    act = Act(
        title=Text("冲正还款", "Reverse the repayment"),
        facts=[(Text("金额", "Amount"), money(row.amount_fen, language)),
               (Text("入账 / 溢缴", "Applied, excess"),
                f"{money(row.applied_fen, language)} / {money(row.excess_fen, language)}"),
               (Text("到账时间", "Received"), instant(row.received_at, language)),
               (Text("渠道", "Channel"), row.channel_text), (Text("流水号", "Reference"), row.reference),
               (Text("客户编号", "Customer id"), str(row.customer_id))],
        note=Text("冲正后：借据恢复到没有这笔还款的状态，欠款、罚息和额度占用按原计划重算，可能立即逾期；"
                  "已开具的结清证明作废；客户会收到通知。不能再撤回，款项到账后须重新入账。",
                  "Afterwards the loan is as if it had never been paid: debts, penalty and used limit are worked out again, "
                  "it may be overdue at once; a settlement certificate is revoked; the customer is told. There is no way "
                  "back: money that arrives after all is booked anew."),
        button=Text("确认冲正", "Reverse it"), done=Text("还款已冲正，欠款已恢复。", "Reversed; it is owed again."),
        back_url=address, back_label=label, is_dangerous=True)
    return act_page(request, act, form, lambda: services.repayment_reverse(
        row.customer_id, repayment_id=row.id, reason=form.cleaned_data["reason"], staff_id=staff_id(request),
        note=form.cleaned_data["note"]))


@staff_page(PERMISSION)
def refund_retry(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Try a failed refund again under a request number of its own."""
    row, form, language = lists.refund_get(refund_id), ReasonForm(request.POST or None), current_language()
    if not row.may_retry and request.method != "POST":
        raise RefundNotRetryable
    address, label = _back(row.loan_id)
    act = Act(
        title=Text("重试退款", "Try the refund again"),
        facts=[(Text("金额", "Amount"), money(row.amount_fen, language)),
               (Text("状态", "State"), status_of("refund", row.state)[1]),
               (Text("失败原因", "Why it failed"), row.failure_reason or "—"),
               (Text("原还款流水号", "Reference of the repayment"), row.reference),
               (Text("决定时间", "Decided"), instant(row.created_at, language))],
        note=Text("银行对旧请求编号永远给出旧结果，因此用新编号重试；原退款保留为失败。",
                  "The bank answers the old number with the old result for ever, so a new one is sent; this refund stays "
                  "as failed."),
        button=Text("重试退款", "Try again"), done=Text("已按新编号重新发起退款。", "The refund is sent under a new number."),
        back_url=address, back_label=label)
    return act_page(request, act, form, lambda: services.refund_retry(
        row.customer_id, refund_id=row.id, staff_id=staff_id(request), note=form.cleaned_data["reason"]))


urlpatterns = [
    path("repayments/<uuid:repayment_id>/reverse", repayment_reverse, name="repayment_reverse"),
    path("refunds/<uuid:refund_id>/retry", refund_retry, name="refund_retry"),
]
