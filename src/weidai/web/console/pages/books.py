"""Business days and the ledger: where each book stands, the closings, the clock of a demonstration, the general ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.jobs import exceptions, operations, time_travel
from weidai.jobs import selectors as jobs
from weidai.jobs.errors import EodExceptionNotFound
from weidai.kernel.days import months_later
from weidai.kernel.errors import NotFound, Refusal
from weidai.kernel.text import Text
from weidai.ledger import selectors as ledger
from weidai.ledger.rules import CHART_BY_CODE, AccountClass, AccountCode, is_debit_normal
from weidai.platform import books, clock
from weidai.platform import selectors as platform
from weidai.servicing import selectors as servicing
from weidai.web.console.acting import Act, FilterForm, ReasonForm, act_page, day_filter, staff_id, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import word
from weidai.web.shared.language import lazy_text, say
from weidai.web.shared.paging import csv_response
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.SERVICING, Text("日终状态", "End of day"), "console:end_of_day", "jobs.run.view"),
    MenuItem(Section.SERVICING, Text("总账与试算", "General ledger"), "console:general_ledger", "ledger.journal.view"),
)
CLASS_TEXTS = {AccountClass.ASSET: Text("资产", "Asset"), AccountClass.LIABILITY: Text("负债", "Liability"),
               AccountClass.INCOME: Text("收入", "Income"), AccountClass.EXPENSE: Text("费用", "Expense"),
               AccountClass.CONTRA_ASSET: Text("资产备抵", "Contra asset")}


@staff_page("jobs.run.view")
def end_of_day(request: HttpRequest) -> HttpResponse:
    """Books with their open days, recent closings step by step, customers set aside, the demonstration's clock."""
    return render(request, "console/pages/end_of_day.html", {
        "books": platform.books_list(), "runs": jobs.runs_recent(limit=15), "exceptions": jobs.exceptions_open(),
        "now": clock.now(), "wall_now": clock.wall_now(), "offset_days": platform.clock_offset().days,
        "is_demo": settings.DEMO, "progress": time_travel.progress()})


@staff_page("jobs.run.view")
def clock_progress(request: HttpRequest) -> HttpResponse:
    """How far the clock's journey is: a part of the page, asked for every two seconds."""
    return render(request, "console/parts/clock_progress.html", {"progress": time_travel.progress(), "is_polled": True})


@staff_page("platform.clock.forward")
@require_POST
def clock_forward(request: HttpRequest) -> HttpResponse:
    """Move the business date a day or a month forward; a worker lives every day on the way (demonstration only)."""
    if not settings.DEMO:
        raise NotFound
    today, by = clock.today(), request.POST.get("by", "")
    days = {"day": 1, "month": (months_later(today, 1) - today).days}.get(by)
    if days is None:
        messages.error(request, say(Text("请选择前进一天或一个月。", "Choose a day or a month.")))
        return HttpResponseRedirect(reverse("console:end_of_day"))
    try:
        time_travel.forward_request(days)
    except Refusal as refusal:
        messages.error(request, say(refusal.message))
    else:
        messages.success(request, say(Text(
            f"业务日期开始前进 {days} 天，逐日完成日终。", f"The business date moves {days} day(s), closing each one.")))
    return HttpResponseRedirect(f"{reverse('console:end_of_day')}#clock")


@staff_page("jobs.run.start")
def exception_retry(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    """Do the night's steps again for a customer who was set aside."""
    row, form = jobs.exception_get(exception_id), ReasonForm(request.POST or None)
    if row is None:
        raise EodExceptionNotFound
    act = Act(
        title=Text("重试搁置客户", "Try the customer again"),
        facts=[(Text("客户编号", "Customer id"), str(row.customer_id)), (Text("业务日", "Day"), str(row.day)),
               (Text("步骤", "Step"), row.step_text), (Text("原因", "Why"), row.reason),
               (Text("借据", "Loans"), "、".join(str(loan_id)[-8:] for loan_id in row.loan_ids) or "—")],
        note=Text("补做出账、逾期标记、分类并生成当日扣款指令，记在当前业务日；全部成功才生效，失败则一切不变。",
                  "Billing, overdue marks, categories and the open day's debits are done, booked on the open day: all of it "
                  "or nothing."),
        button=Text("立即重试", "Try now"), done=Text("已补做完成，搁置已解除。", "Done; nobody of it is set aside any more."),
        back_url=f"{reverse('console:end_of_day')}#exceptions", back_label=Text("日终状态", "End of day"))
    return act_page(request, act, form, lambda: exceptions.exception_retry(
        exception_id, staff_id=staff_id(request), reason=form.cleaned_data["reason"]))


class LedgerFilters(FilterForm):
    """Which day of which book."""

    book = forms.TypedChoiceField(label=lazy_text("账册", "Book"), coerce=int)
    day = day_filter("记账日", "Day")

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.fields["book"].choices = [  # type: ignore[attr-defined]
            (row.id, f"{row.id} · {say(word('book_name', row.name))}") for row in platform.books_list()]


def _lines(rows: list[ledger.GeneralLedgerRow]) -> list[dict[str, Any]]:
    """Lines in the order of the chart of accounts."""
    order = {str(code): number for number, code in enumerate(AccountCode)}
    return [_line(row) for row in sorted(rows, key=lambda row: order.get(row.code, len(order)))]


def _line(row: ledger.GeneralLedgerRow) -> dict[str, Any]:
    chart = CHART_BY_CODE.get(AccountCode(row.code))
    is_asset = chart is not None and is_debit_normal(chart.code)
    net = row.debits_fen - row.credits_fen
    return {"code": row.code, "class_text": CLASS_TEXTS[chart.account_class] if chart else "", "debits_fen": row.debits_fen,
            "credits_fen": row.credits_fen, "count": row.transfer_count, "balance_fen": net if is_asset else -net}


@staff_page("ledger.journal.view")
def general_ledger(request: HttpRequest) -> HttpResponse:
    """The trial balance now and the general ledger of a closed day; also as CSV."""
    form = LedgerFilters(request.GET)
    book_id = int(form.value("book") or books.MAIN_BOOK)
    day = form.day("day") or books.business_date(book_id) - timedelta(days=1)
    if not request.GET.get("day"):
        form = LedgerFilters({"book": book_id, "day": day.isoformat()})
    lines = _lines(ledger.general_ledger_day(book_id, day))
    if request.GET.get("format") == "csv":
        headings = [Text("科目", "Account"), Text("借方发生额（分）", "Debits (fen)"), Text("贷方发生额（分）", "Credits (fen)"),
                    Text("笔数", "Transfers")]
        return csv_response(f"general-ledger-{book_id}-{day}", headings, lines, lambda line: [
            line["code"], line["debits_fen"], line["credits_fen"], line["count"]])
    trial = _lines(ledger.trial_balance())
    check = operations.last_check(operations.LEDGER_CHECKED)
    return render(request, "console/pages/general_ledger.html", {
        "filters": form, "book_id": book_id, "day": day, "lines": lines, "day_totals": _totals(lines), "trial": trial,
        "trial_totals": _totals(trial), "accruals": servicing.accruals_on(book_id, day=day), "check": check,
        "names": staff_names([check.actor_id]) if check else {}, "now": clock.now()})


def _totals(lines: list[dict[str, Any]]) -> dict[str, int]:
    return {key: sum(line[key] for line in lines) for key in ("debits_fen", "credits_fen", "count")}


@staff_page("ledger.journal.view")
@require_POST
def ledger_check(request: HttpRequest) -> HttpResponse:
    """Rebuild every balance and keep the outcome."""
    operations.ledger_check_run()
    messages.success(request, say(Text("账务核对已完成。", "The ledger check is done.")))
    return HttpResponseRedirect(f"{reverse('console:general_ledger')}#check")


urlpatterns = [
    path("end-of-day", end_of_day, name="end_of_day"),
    path("end-of-day/clock", clock_progress, name="clock_progress"),
    path("end-of-day/clock/forward", clock_forward, name="clock_forward"),
    path("end-of-day/exceptions/<uuid:exception_id>/retry", exception_retry, name="eod_exception_retry"),
    path("ledger", general_ledger, name="general_ledger"),
    path("ledger/check", ledger_check, name="ledger_check"),
]
