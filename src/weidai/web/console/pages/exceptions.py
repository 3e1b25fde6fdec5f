"""What waits for a person: contradictions of the bank, money without a name, messages nobody could apply."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.identity import selectors as identity
from weidai.jobs import operations
from weidai.jobs.errors import MessageNotFound
from weidai.kernel.errors import Invalid
from weidai.kernel.text import Text
from weidai.lending import selectors as lending
from weidai.lending import selectors_console as lending_lists
from weidai.lending import services as lending_services
from weidai.platform import clock
from weidai.platform import selectors as platform
from weidai.servicing import selectors as servicing
from weidai.servicing import selectors_console as servicing_lists
from weidai.servicing import services as servicing_services
from weidai.servicing.selectors.adjustments import proposed_subjects
from weidai.web.console.acting import Act, FilterForm, ReasonForm, act_page, staff_id, text_filter
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import status_of, word
from weidai.web.shared.formats import instant, money
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import page_of, slice_asked
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.SERVICING, Text("放款差异", "Payout discrepancies"), "console:discrepancy_list",
             "lending.disbursement.view"),
    MenuItem(Section.SERVICING, Text("暂收款", "Suspense"), "console:suspense_list", "servicing.repayment.view"),
    MenuItem(Section.SYSTEM, Text("外部消息", "Partner messages"), "console:message_list", "platform.integration.view"),
)
DISCREPANCIES = Text("放款差异", "Payout discrepancies")
SUSPENSE = Text("暂收款", "Suspense")
MESSAGES = Text("外部消息", "Partner messages")


@staff_page("lending.disbursement.view")
def discrepancy_list(request: HttpRequest) -> HttpResponse:
    """The bank said one thing and our books hold another: payouts, then debits and refunds."""
    return render(request, "console/pages/discrepancy_list.html", {
        "payouts": lending.discrepancies_open(), "debits": servicing.discrepancies_open(), "now": clock.now(),
        "proposed": proposed_subjects("payout")})


def _discrepancy_act(row: lending.DiscrepancyRow | servicing.MoneyDiscrepancyRow, number: str) -> Act:
    language = current_language()
    return Act(
        title=Text("处理差异", "Resolve the discrepancy"),
        facts=[(Text("对象", "About"), number), (Text("金额", "Amount"), money(row.amount_fen, language)),
               (Text("我方账务", "Our books"), status_of("payout", row.booked_state)[1]),
               (Text("银行说法", "The bank says"), status_of("payout", row.claimed_state)[1]),
               (Text("来源", "Told by"), word("source", row.source)),
               (Text("发现时间", "Noted"), instant(row.noted_at, language))],
        note=Text("关闭差异不改动账务。如需调整账务，请先与银行核实，再走调账流程。",
                  "Closing it changes nothing in the books. If they are wrong, settle it with the bank first and adjust."),
        button=Text("关闭差异", "Close it"), done=Text("差异已关闭。", "The discrepancy is closed."),
        back_url=reverse("console:discrepancy_list"), back_label=DISCREPANCIES)


@staff_page("lending.disbursement.resolve")
def discrepancy_resolve(request: HttpRequest, discrepancy_id: UUID) -> HttpResponse:
    """Close a payout discrepancy with what was found out."""
    row, form = lending_lists.discrepancy_get(discrepancy_id), ReasonForm(request.POST or None)
    return act_page(request, _discrepancy_act(row, row.loan_number), form,
                    lambda: lending_services.discrepancy_resolve(
                        row.customer_id, discrepancy_id=row.id, resolution=form.cleaned_data["reason"]))


@staff_page("servicing.repayment.resolve")
def money_discrepancy_resolve(request: HttpRequest, discrepancy_id: UUID) -> HttpResponse:
    """Close a discrepancy about a debit or a refund."""
    row, form = servicing_lists.discrepancy_get(discrepancy_id), ReasonForm(request.POST or None)
    return act_page(request, _discrepancy_act(row, str(row.subject_id)), form,
                    lambda: servicing_services.money_discrepancy_resolve(
                        row.customer_id, discrepancy_id=row.id, resolution=form.cleaned_data["reason"]))


@staff_page("servicing.repayment.view")
def suspense_list(request: HttpRequest) -> HttpResponse:
    """Money received that names nobody, the oldest first."""
    return render(request, "console/pages/suspense_list.html", {
        "rows": servicing.suspense_waiting(), "now": clock.now(), "waiting": servicing_lists.waiting_money(),
        "proposed": proposed_subjects("suspense")})


class AssignForm(ReasonForm):
    """Whose money it is, and from what that is known."""

    field_order = ("owner", "reason", "confirmed")

    owner = forms.CharField(
        label=lazy_text("归属", "Whose"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=lazy_text("填写借据号、客户编号、手机号或身份证号。", "A loan number, customer id, mobile or ID number."))
    confirmed = forms.BooleanField(label=lazy_text(
        "已核对付款人与客户一致；另一人复核后入账，按到账时间冲还欠款",
        "Payer and customer were compared; once a second person approved, it counts from when it was received"))


class OwnerNotFound(Invalid):
    """Nothing of ours answers to what was typed."""

    code = "console.owner_not_found"
    text = Text("没有找到对应的客户或借据。", "No customer or loan answers to this.")
    next_step = Text("请核对后重新填写。", "Check and enter it again.")


def _propose(item_id: UUID, typed: str, *, by: str, reason: str) -> None:
    customer_id, loan_id = lending.customer_by_loan_number(typed.strip().upper()) or (None, None)
    if customer_id is None:
        found = identity.customers_page(identity.CustomerFilter(query=typed.strip()), limit=1)
        if not found:
            raise OwnerNotFound(field="owner")
        customer_id = found[0].id
    servicing_services.suspense_propose(item_id, customer_id=customer_id, loan_id=loan_id, staff_id=by, reason=reason)


@staff_page("servicing.repayment.resolve")
def suspense_assign(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Propose whose money a suspense item is; another person approves (R8.6)."""
    row, language = servicing_lists.suspense_get(item_id), current_language()
    form = AssignForm(request.POST or None)
    act = Act(
        title=Text("认领暂收款", "Assign the money"),
        facts=[(Text("金额", "Amount"), money(row.amount_fen, language)), (Text("流水号", "Reference"), row.reference),
               (Text("付款账户", "Payer's account"), row.payer_masked or "—"), (Text("附言", "Memo"), row.memo or "—"),
               (Text("到账时间", "Received"), instant(row.received_at, language))],
        note=Text("提交后等待另一人在“调账复核”中复核；复核前不入账。",
                  "It waits for a second person under Adjustments; nothing is booked before."),
        button=Text("提交复核", "Propose"), done=Text("已提交，等待另一人复核。", "Proposed; a second person has to approve it."),
        back_url=reverse("console:suspense_list"), back_label=SUSPENSE)
    return act_page(request, act, form, lambda: _propose(
        item_id, form.cleaned_data["owner"], by=staff_id(request), reason=form.cleaned_data["reason"]))


class MessageFilters(FilterForm):
    """Which calls to the outside."""

    only = forms.ChoiceField(label=lazy_text("状态", "State"), choices=[
        ("", lazy_text("全部未完成", "All not done")), ("parked", lazy_text("已搁置", "Parked")),
        ("stuck", lazy_text("多次重试", "Tried often")), ("waiting", lazy_text("等待中", "Waiting"))])
    kind = text_filter("类型前缀", "Kind begins with")


@staff_page("platform.integration.view")
def message_list(request: HttpRequest) -> HttpResponse:
    """Calls to partners that are not done, and messages of partners that are not applied."""
    form, asked = MessageFilters(request.GET), slice_asked(request)
    rows = platform.outbox_list(only=form.value("only"), kind=form.value("kind"), offset=asked.offset, limit=asked.limit)
    return render(request, "console/pages/message_list.html", {
        "page": page_of(asked, rows), "filters": form, "inbox": platform.inbox_list(limit=100),
        "counts": platform.message_counts(), "now": clock.wall_now()})


def _message_act(facts: list[tuple[Text, object]], note: Text) -> Act:
    return Act(title=Text("重试消息", "Try again"), facts=facts, note=note, button=Text("立即重试", "Try now"),
               done=Text("已安排重试。", "It is tried again."), back_url=reverse("console:message_list"), back_label=MESSAGES)


@staff_page("jobs.run.start")
def outbox_retry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Make a call due now."""
    row = platform.outbox_find(message_id)
    if row is None:
        raise MessageNotFound
    form = ReasonForm(request.POST or None)
    act = _message_act(
        [(Text("类型", "Kind"), row.kind), (Text("状态", "State"), status_of("outbox", row.state)[1]),
         (Text("已试次数", "Attempts"), str(row.attempts)), (Text("最近结果", "Last result"), row.last_error or "—")],
        Text("重试使用同一个请求编号，对方不会重复执行。", "The same request id is sent: the partner acts once."))
    return act_page(request, act, form, lambda: operations.outbox_message_retry(
        message_id, reason=form.cleaned_data["reason"]))


@staff_page("jobs.run.start")
def inbox_retry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Apply a parked message again."""
    row = platform.inbox_find(message_id)
    if row is None:
        raise MessageNotFound
    form = ReasonForm(request.POST or None)
    act = _message_act(
        [(Text("来自", "From"), row.partner), (Text("类型", "Kind"), row.kind), (Text("原因", "Why"), row.note or "—"),
         (Text("收到时间", "Received"), instant(row.received_at, current_language()))],
        Text("再次尝试入账；找不到对象时仍会搁置。", "It is applied again; without its subject it stays parked."))
    return act_page(request, act, form, lambda: operations.inbox_message_retry(
        message_id, reason=form.cleaned_data["reason"]))


urlpatterns = [
    path("discrepancies", discrepancy_list, name="discrepancy_list"),
    path("discrepancies/payouts/<uuid:discrepancy_id>/resolve", discrepancy_resolve, name="discrepancy_resolve"),
    path("discrepancies/money/<uuid:discrepancy_id>/resolve", money_discrepancy_resolve,
         name="money_discrepancy_resolve"),
    path("suspense", suspense_list, name="suspense_list"),
    path("suspense/<uuid:item_id>/assign", suspense_assign, name="suspense_assign"),
    path("messages", message_list, name="message_list"),
    path("messages/outbox/<uuid:message_id>/retry", outbox_retry, name="outbox_retry"),
    path("messages/inbox/<uuid:message_id>/retry", inbox_retry, name="inbox_retry"),
]
