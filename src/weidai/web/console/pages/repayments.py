"""Repayments and debits of all customers."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.text import Text
from weidai.lending import selectors_console as lending_lists
from weidai.platform import clock
from weidai.servicing import selectors_console as lists
from weidai.staff import services as staff_services
from weidai.web.console.acting import FilterForm, day_filter, text_filter
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices, status_of
from weidai.web.shared.formats import instant, yuan
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

PERMISSION = "servicing.repayment.view"
MENU = (
    MenuItem(Section.SERVICING, Text("还款", "Repayments"), "console:repayment_list", PERMISSION),
    MenuItem(Section.SERVICING, Text("扣款指令", "Debits"), "console:debit_list", PERMISSION),
)


class RepaymentFilters(FilterForm):
    """Which repayments."""

    q = text_filter("银行流水号 / 客户或借据编号", "Bank reference, customer or loan id")
    channel = forms.ChoiceField(label=lazy_text("渠道", "Channel"), choices=[
        ("", lazy_text("全部", "All")), ("debit", lazy_text("银行卡扣款", "Card debit")),
        ("transfer", lazy_text("银行转账", "Bank transfer")), ("counter", lazy_text("柜台", "Counter"))])
    state = forms.ChoiceField(label=lazy_text("状态", "State"), choices=choices("repayment"))
    since = day_filter("到账不早于", "Received from")
    until = day_filter("到账不晚于", "Received to")


@staff_page(PERMISSION)
def repayment_list(request: HttpRequest) -> HttpResponse:
    """Money received, the latest booked first; also as CSV."""
    form = RepaymentFilters(request.GET)
    wanted = lists.RepaymentFilter(channel=form.value("channel"), state=form.value("state"), text=form.value("q"),
                                   received_from=form.day("since"), received_to=form.day("until"))
    if request.GET.get("format") == "csv":
        staff_services.export_record("repayments", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        language = current_language()
        headings = [Text("到账时间", "Received"), Text("记账日", "Booked on"), Text("客户编号", "Customer"),
                    Text("渠道", "Channel"), Text("流水号", "Reference"), Text("金额（元）", "Amount (CNY)"),
                    Text("入账（元）", "Applied (CNY)"), Text("溢缴（元）", "Excess (CNY)"), Text("状态", "State")]
        return csv_response("repayments", headings, lists.repayments_iterate(wanted, limit=MAX_CSV_ROWS), lambda row: [
            instant(row.received_at, language), row.booked_on, str(row.customer_id),
            row.channel_text.in_language(language), row.reference,
            *(yuan(fen).replace(",", "") for fen in (row.amount_fen, row.applied_fen, row.excess_fen)),
            status_of("repayment", row.state)[1].in_language(language)])
    asked, today = slice_asked(request), clock.today()
    page = page_of(asked, lists.repayments_page(wanted, offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/repayment_list.html", {
        "page": page, "filters": form, "now": clock.now(), "received_today": lists.received_by_day(today, today),
        "numbers": lending_lists.loan_numbers({row.loan_id for row in page.rows if row.loan_id})})


class DebitFilters(FilterForm):
    """Which debits."""

    state = forms.ChoiceField(label=lazy_text("状态", "State"), choices=choices("debit"))
    kind = forms.ChoiceField(label=lazy_text("发起", "Asked by"), choices=choices("debit_kind"))


@staff_page(PERMISSION)
def debit_list(request: HttpRequest) -> HttpResponse:
    """Requests to the bank to take money from a card, newest first."""
    form, asked = DebitFilters(request.GET), slice_asked(request)
    rows = lists.debits_page(state=form.value("state"), kind=form.value("kind"), offset=asked.offset, limit=asked.limit)
    page = page_of(asked, rows)
    return render(request, "console/pages/debit_list.html", {
        "page": page, "filters": form, "now": clock.now(),
        "numbers": lending_lists.loan_numbers({row.loan_id for row in page.rows})})


urlpatterns = [
    path("repayments", repayment_list, name="repayment_list"),
    path("debits", debit_list, name="debit_list"),
]
