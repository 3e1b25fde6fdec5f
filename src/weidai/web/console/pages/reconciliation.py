"""Reconciliation with the bank: days with their proofs, and every compared request; also as CSV (R7.11)."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.servicing.reconciliation_words import ACCOUNT_TEXTS, OUTCOME_TEXTS
from weidai.servicing.selectors import reconciliation as selectors
from weidai.staff import services as staff_services
from weidai.web.console.acting import FilterForm, day_filter, text_filter
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.formats import yuan
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

PERMISSION = "servicing.reconciliation.view"
MENU = (MenuItem(Section.SERVICING, Text("银行对账", "Reconciliation"), "console:reconciliation", PERMISSION),)
RUNS_SHOWN = 15


class ItemFilters(FilterForm):
    """Which items; without any, what is open."""

    day = day_filter("对账日", "Day")
    outcome = forms.ChoiceField(label=lazy_text("结果", "Outcome"), choices=[
        ("", lazy_text("全部", "All")), *((code, lazy_text(text.zh, text.en)) for code, text in OUTCOME_TEXTS.items())])
    account = forms.ChoiceField(label=lazy_text("账户", "Account"), choices=[
        ("", lazy_text("全部", "All")), *((code, lazy_text(text.zh, text.en)) for code, text in ACCOUNT_TEXTS.items())])
    q = text_filter("请求流水号", "Request number")

    def wanted(self) -> selectors.ItemFilter:
        """The filter of the selectors."""
        is_any = any(self.value(name) for name in ("outcome", "account", "q")) or self.day("day") is not None
        return selectors.ItemFilter(self.day("day"), self.value("outcome"), self.value("account"), self.value("q"),
                                    is_open=not is_any)


@staff_page(PERMISSION)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The newest days with their proofs, and the items that match the filters (open ones first of all)."""
    form = ItemFilters(request.GET)
    wanted = form.wanted()
    if request.GET.get("format") == "csv":
        return _csv(request, form, wanted)
    asked = slice_asked(request)
    page = page_of(asked, selectors.reconciliation_items(wanted, offset=asked.offset, limit=asked.limit))
    runs = selectors.reconciliation_runs(limit=RUNS_SHOWN)
    return render(request, "console/pages/reconciliation.html", {
        "filters": form, "page": page, "runs": runs, "is_open_only": wanted.is_open, "now": clock.now(),
        "open_count": sum(row.open_count for row in runs)})


def _csv(request: HttpRequest, form: ItemFilters, wanted: selectors.ItemFilter) -> HttpResponse:
    staff_services.export_record("reconciliation", filters=[key for key in form.fields if form.value(key)],
                                 user_id=request.user.pk)
    language = current_language()
    headings = [Text("对账日", "Day"), Text("账户", "Account"), Text("类别", "Kind"), Text("请求流水号", "Request"),
                Text("结果", "Outcome"), Text("银行（元）", "Bank (CNY)"), Text("账上（元）", "Ledger (CNY)"),
                Text("差额（元）", "Difference (CNY)"), Text("处理", "What to do"), Text("核销日", "Closed on"),
                Text("银行流水", "Bank entries")]
    return csv_response("reconciliation", headings, selectors.reconciliation_items_iterate(wanted, limit=MAX_CSV_ROWS),
                        lambda row: [
        row.day, row.account_text.in_language(language), row.kind_text.in_language(language), row.reference,
        row.outcome_text.in_language(language),
        *(yuan(fen).replace(",", "") for fen in (row.bank_fen, row.ledger_fen, row.difference_fen)),
        row.advice_text.in_language(language), row.settled_on or "", row.entry_ids])


urlpatterns = [path("reconciliation", reconciliation, name="reconciliation")]
