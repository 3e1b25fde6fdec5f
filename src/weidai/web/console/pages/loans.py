"""Loans: the list, and one loan with schedule, money, ledger, documents and evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.audit import selectors as audit
from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.ledger import selectors as ledger
from weidai.lending import selectors as lending
from weidai.lending import selectors_console as lists
from weidai.lending.errors import DrawdownNotFound, LoanNotFound
from weidai.platform import clock
from weidai.platform import selectors as platform
from weidai.servicing import policy as servicing_policy
from weidai.servicing import selectors as servicing
from weidai.servicing import selectors_console as servicing_lists
from weidai.staff import services as staff_services
from weidai.web.console.acting import FilterForm, staff_names, text_filter
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.pages.review import product_choices
from weidai.web.console.words import STATUSES, choices, status_of
from weidai.web.shared.formats import yuan
from weidai.web.shared.language import current_language, lazy_text
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_may, staff_page

MENU = (MenuItem(Section.SERVICING, Text("借据", "Loans"), "console:loan_list", "lending.loan.view"),)


def bucket_bounds(on: date) -> dict[str, tuple[int, int | None]]:
    """The overdue buckets of the pack in force with their first and last day (R7.7)."""
    ends = servicing_policy.current(on).delinquency.bucket_ends
    firsts = (1, *(end + 1 for end in ends))
    bounds: dict[str, tuple[int, int | None]] = {
        f"days_{first}_{end}": (first, end) for first, end in zip(firsts, ends, strict=False)}
    bounds[f"days_{firsts[-1]}_plus"] = (firsts[-1], None)
    return bounds


def bucket_text(code: str, bounds: tuple[int, int | None]) -> Text:
    """A bucket in words; those of another pack are worded by their bounds."""
    if code in STATUSES["bucket"]:
        return STATUSES["bucket"][code][1]
    first, last = bounds
    return Text(f"逾期 {first}–{last} 天", f"{first}–{last} days") if last else Text(f"逾期 {first} 天以上", f"{first}+ days")


class LoanFilters(FilterForm):
    """Which loans."""

    q = text_filter("借据号 / 借据编号 / 客户编号", "Loan number, loan or customer id")
    state = forms.ChoiceField(label=lazy_text("状态", "State"), choices=choices("loan"))
    bucket = forms.ChoiceField(label=lazy_text("逾期分段", "Overdue bucket"))
    product = forms.ChoiceField(label=lazy_text("产品", "Product"))

    def __init__(self, *args: object, on: date) -> None:
        super().__init__(*args)
        self.bounds = bucket_bounds(on)
        self.fields["product"].choices = product_choices()  # type: ignore[attr-defined]
        self.fields["bucket"].choices = [("", lazy_text("全部", "All")), *(  # type: ignore[attr-defined]
            (code, lazy_text(text.zh, text.en)) for code, text in (
                (code, bucket_text(code, pair)) for code, pair in self.bounds.items()))]

    def wanted(self, on: date) -> lists.LoanFilter:
        """What the selector is asked for."""
        first, last = self.bounds.get(self.value("bucket"), (None, None))
        return lists.LoanFilter(state=self.value("state"), product=self.value("product"), text=self.value("q"), on=on,
                                overdue_from=first, overdue_to=last)


@staff_page("lending.loan.view")
def loan_list(request: HttpRequest) -> HttpResponse:
    """All loans, newest first, with the sums of all; also as CSV."""
    on = clock.today()
    form = LoanFilters(request.GET, on=on)
    wanted = form.wanted(on)
    if request.GET.get("format") == "csv":
        staff_services.export_record("loans", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        return _csv(wanted)
    asked = slice_asked(request)
    return render(request, "console/pages/loan_list.html", {
        "page": page_of(asked, lists.loans_page(wanted, offset=asked.offset, limit=asked.limit)), "filters": form,
        "portfolio": lists.portfolio(), "now": clock.now()})


def _csv(wanted: lists.LoanFilter) -> HttpResponse:
    language = current_language()
    headings = [Text("借据号", "Loan"), Text("客户编号", "Customer"), Text("产品", "Product"), Text("状态", "State"),
                Text("本金（元）", "Principal (CNY)"), Text("余额（元）", "Outstanding (CNY)"), Text("期数", "Months"),
                Text("起息日", "From"), Text("下次应还日", "Next due"), Text("逾期自", "Overdue since")]
    return csv_response("loans", headings, lists.loans_iterate(wanted, limit=MAX_CSV_ROWS), lambda row: [
        row.number, str(row.customer_id), row.product_name.in_language(language),
        status_of("loan", row.state)[1].in_language(language), yuan(row.principal_fen).replace(",", ""),
        yuan(row.outstanding_fen).replace(",", ""), row.term_months, row.starts_on, row.next_due_on, row.overdue_since])


@staff_page("lending.loan.view")
def loan_detail(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """One loan from every side; each part only for those who may see it."""
    loan = lending.loan_row_any(loan_id)
    customer_id = loan.customer_id
    context: dict[str, Any] = {
        "loan": loan, "statement": servicing.loan_statement(customer_id, loan_id), "now": clock.now(),
        "explained": servicing.loan_explanation(customer_id, loan_id),
        "customer": identity.customer_get(customer_id), "card": _card(customer_id, loan.card_id),
        "drawdown": lending.drawdown_get(customer_id, loan.drawdown_id), "documents": _documents(loan),
        "debits": servicing_lists.debits_of_loan(customer_id, loan_id),
        "refunds": servicing_lists.refunds_of_loan(customer_id, loan_id), "spells": servicing.spells_for(customer_id)}
    if staff_may(request, "ledger.journal.view"):
        context["transfers"] = ledger.transfers_for(customer_id, subject_id=loan_id)
    if staff_may(request, "lending.disbursement.view"):
        payout = lists.disbursement_for(customer_id, loan_id)
        about = {loan_id, *({payout.id} if payout else set()), *(row.id for row in context["debits"])}
        context |= {"payout": payout, "calls": platform.outbox_for(customer_id, about),
                    "discrepancies": [row for row in lending.discrepancies_open() if row.loan_id == loan_id]}
    if staff_may(request, "audit.event.view"):
        context["events"] = _events(loan)
        context["names"] = staff_names([row.actor_id for row in context["events"] if row.actor_kind == "staff"])
    return render(request, "console/pages/loan_detail.html", context)


def _card(customer_id: UUID, card_id: UUID) -> Any:
    return next((card for card in identity.bank_cards(customer_id) if card.id == card_id), None)


def _documents(loan: lending.LoanRow) -> dict[str, Any]:
    """Cost sheet and agreement as stored, with their hashes; an old loan may lack one."""
    found: dict[str, Any] = {}
    try:
        found["sheet"] = lending.cost_sheet_get(loan.customer_id, loan.drawdown_id)
    except DrawdownNotFound:
        found["sheet"] = None
    try:
        found["agreement"] = lending.agreement_text(loan.customer_id, loan_id=loan.id)
    except LoanNotFound:
        found["agreement"] = None
    return found


def _events(loan: lending.LoanRow) -> list[audit.EventRow]:
    """Events about the loan and about the drawdown it came from, newest first."""
    search = audit.EventSearch(subject_id=loan.id)
    rows = audit.events_search(search, limit=50)
    rows += audit.events_search(replace(search, subject_id=loan.drawdown_id), limit=20)
    return sorted(rows, key=lambda row: row.occurred_at, reverse=True)


urlpatterns = [
    path("loans", loan_list, name="loan_list"),
    path("loans/<uuid:loan_id>", loan_detail, name="loan_detail"),
]
