"""The first page after log-in: what waits for me, what waits for the team, how the day stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors as identity
from weidai.jobs import selectors as jobs
from weidai.kernel.text import Text
from weidai.lending import selectors_console as lending
from weidai.origination import selectors as origination
from weidai.platform import clock
from weidai.platform import selectors as platform
from weidai.servicing import selectors_console as servicing
from weidai.staff import rules
from weidai.web.console.acting import staff_id, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.formats import yuan
from weidai.web.shared.permissions import staff_may, staff_page, staff_roles

MENU = (MenuItem(Section.WORK, Text("我的工作台", "My workbench"), "console:workbench", "staff.workbench.view"),)
CHART_DAYS = 30
SOON_MINUTES = 60


@staff_page("staff.workbench.view")
def show(request: HttpRequest) -> HttpResponse:
    """My queue, the team's queues, today's numbers, what needs a person; each part for those whose work it is."""
    context: dict[str, Any] = {
        "role_names": [rules.ROLE_NAMES[role] for role in sorted(staff_roles(request))], "now": clock.now(),
        "today": clock.today(), "soon_minutes": SOON_MINUTES, "me": staff_id(request)}
    if staff_may(request, "origination.application.review"):
        context |= _review(request)
    if staff_may(request, "identity.verification.review"):
        context["video_waiting"] = identity.staff_video_count()
    if staff_may(request, "lending.loan.view"):
        context |= _today(clock.today())
    if staff_may(request, "jobs.run.view"):
        context |= {"books": platform.books_list(), "last_runs": jobs.runs_recent(limit=3),
                    "exceptions": len(jobs.exceptions_open())}
    if staff_may(request, "platform.integration.view"):
        context["messages_waiting"] = platform.message_counts()
    if staff_may(request, "lending.disbursement.view"):
        context["waiting_money"] = servicing.waiting_money()
        context["payout_discrepancies"] = lending.discrepancies_count()
    if staff_may(request, "portfolio.report.view"):
        context |= _chart(clock.today())
    return render(request, "console/pages/workbench.html", context)


def _review(request: HttpRequest) -> dict[str, Any]:
    """Cases I hold, and the approvals that wait for a second person who is not me."""
    mine = origination.queue(staff_id=staff_id(request), only="mine", limit=20)
    urgent = origination.queue(staff_id=staff_id(request), only="free", limit=8)
    rows = [*mine, *urgent]
    return {"mine": mine, "urgent": urgent, "counts": origination.queue_counts(),
            "second": origination.second_person_count(staff_id(request)),
            "customers": identity.masked_names({row.customer_id for row in rows}),
            "names": staff_names([row.first_decided_by for row in rows])}


def _today(today: date) -> dict[str, Any]:
    """What was paid out and received today, and what is late."""
    paid_out, received = lending.disbursed_by_day(today, today), servicing.received_by_day(today, today)
    return {"portfolio": lending.portfolio(), "paid_out": paid_out[0] if paid_out else None,
            "received": received[0] if received else None}


def _chart(today: date) -> dict[str, Any]:
    """Applications and payouts of the last thirty days, as a chart and as the table below it."""
    first = today - timedelta(days=CHART_DAYS - 1)
    days = [first + timedelta(days=number) for number in range(CHART_DAYS)]
    submitted = {row.day: row.count for row in origination.submitted_by_day(first, today)}
    paid_out = {row.day: row for row in lending.disbursed_by_day(first, today)}
    counts = [submitted.get(day, 0) for day in days]
    amounts = [paid_out[day].amount_fen if day in paid_out else 0 for day in days]
    option = {
        "xAxis": {"type": "category", "data": [f"{day.month}-{day.day}" for day in days]},
        "yAxis": [{"type": "value", "name": Text("件", "Count"), "minInterval": 1},
                  {"type": "value", "name": Text("元", "CNY")}],
        "series": [
            {"type": "bar", "name": Text("提交的申请", "Applications submitted"), "data": counts},
            {"type": "line", "name": Text("放款（元）", "Paid out (CNY)"), "yAxisIndex": 1,
             "data": [amount / 100 for amount in amounts]}],
    }
    return {"chart_option": option, "chart_title": Text("近 30 天申请与放款", "Applications and payouts, last 30 days"),
            "chart_headings": [Text("日期", "Day"), Text("提交的申请", "Applications submitted"),
                               Text("放款笔数", "Payouts"), Text("放款金额（元）", "Paid out (CNY)")],
            "chart_rows": [(day.isoformat(), str(count), str(paid_out[day].count if day in paid_out else 0), yuan(amount))
                           for day, count, amount in reversed(list(zip(days, counts, amounts, strict=True)))]}


urlpatterns = [path("", show, name="workbench")]
