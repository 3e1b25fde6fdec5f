"""Replays: past decisions made again, who changes and how, and what it does to the book (R2.2, R8.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from weidai.identity import selectors as identity
from weidai.kernel.days import shanghai_instant
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import selectors_console as lists
from weidai.policy import services
from weidai.policy.rules.comparing import Totals
from weidai.policy.selectors_console import ReplayRow
from weidai.staff import services as staff_services
from weidai.web.console.acting import DAY_VALIDATORS, staff_id, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.pages.policy import DRAFT, VIEW, date_input, version_choices
from weidai.web.shared.formats import percent, yuan
from weidai.web.shared.forms import Form, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.POLICY, Text("差异", "Differences"), "console:policy_diff", VIEW),
    MenuItem(Section.POLICY, Text("回放", "Replay"), "console:replay_list", VIEW),
)
GRADES = ("A", "B", "C", "D", "E")
_DAY_WRONG = {"invalid": lazy_text("请输入日期，例如 2026-03-01。", "Enter a day such as 2026-03-01.")}


class ReplayForm(Form):
    """Which period, under which version."""

    since = forms.DateField(label=lazy_text("自", "From"), widget=date_input(),
                            error_messages=_DAY_WRONG, validators=DAY_VALIDATORS)
    until = forms.DateField(label=lazy_text("至（含）", "To, inclusive"), widget=date_input(),
                            error_messages=_DAY_WRONG, validators=DAY_VALIDATORS)
    under = forms.ChoiceField(label=lazy_text("按版本", "Under"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["under"].choices = [  # type: ignore[attr-defined]
            ("", lazy_text("各决定所用版本（应逐位一致）", "The version each was made with (must be the same)")),
            *version_choices()]


@dataclass(frozen=True, slots=True)
class KindTotals:
    """One kind's totals, ready to show."""

    name: Text
    totals: Totals
    rate_before: str
    rate_after: str

    @property
    def different_count(self) -> int:
        """Decisions that come out differently."""
        return self.totals.count - self.totals.same_count


@staff_page(VIEW)
def replay_list(request: HttpRequest) -> HttpResponse:
    """Replays made, newest first, and the form to ask for one."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    form = ReplayForm(initial={"since": last.replace(day=1), "until": last, "under": request.GET.get("under", "")})
    return _list(request, form)


def _list(request: HttpRequest, form: ReplayForm) -> HttpResponse:
    asked = slice_asked(request)
    page = page_of(asked, lists.replays_list(offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/replay_list.html", {
        "page": page, "form": form, "names": staff_names([row.asked_by for row in page.rows]), "now": clock.now()},
        status=status_of(form))


@staff_page(DRAFT)
def replay_ask(request: HttpRequest) -> HttpResponse:
    """Ask for a replay; a worker runs it."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("console:replay_list"))
    form = ReplayForm(request.POST)
    if form.is_valid():
        run_id = form_with_refusal(form, lambda: services.replay_ask(
            since=_instant(form.cleaned_data["since"]), until=_instant(form.cleaned_data["until"] + timedelta(days=1)),
            under=form.cleaned_data["under"], asked_by=staff_id(request)))
        if run_id is not None:
            services.replay_defer(run_id)
            return HttpResponseRedirect(reverse("console:replay_detail", kwargs={"run_id": run_id}))
    return _list(request, form)


@staff_page(VIEW)
def replay_detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Totals, charts and every changed decision of one replay; also as CSV."""
    row = lists.replay_get(run_id)
    if request.GET.get("format") == "csv":
        staff_services.export_record("policy_replay", filters=[], user_id=request.user.pk)
        headings = [Text("客户编号", "Customer"), Text("决策", "Decision"), Text("对象", "Subject"), Text("时间", "Decided at"),
                    Text("原版本", "Version"), Text("键", "Key"), Text("原结果", "Before"), Text("新结果", "After")]
        flat = ((one, change) for one in lists.replay_changes_iterate(run_id, limit=MAX_CSV_ROWS) for change in one.changes)
        return csv_response("replay", headings, flat, lambda pair: [
            str(pair[0].customer_id), pair[0].kind, str(pair[0].subject_id), pair[0].decided_at.isoformat(),
            pair[0].pack_version, *(_plain(value) for value in pair[1])])
    asked = slice_asked(request)
    page = page_of(asked, lists.replay_changes(run_id, offset=asked.offset, limit=asked.limit))
    context: dict[str, Any] = {
        "row": row, "page": page, "names": staff_names([row.asked_by]),
        "customers": identity.masked_names({one.customer_id for one in page.rows})}
    if row.state == "done":
        context |= {"kinds": _kinds(row), **_charts(row)}
    return render(request, "console/pages/replay_detail.html", context)


@staff_page(VIEW)
def replay_progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The part of the page that is asked for again while a replay runs."""
    return render(request, "console/parts/replay_progress.html", {"row": lists.replay_get(run_id), "is_polled": True})


def _instant(on: date) -> Any:
    return shanghai_instant(on, time(0)).astimezone(UTC)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kinds(row: ReplayRow) -> list[KindTotals]:
    names = lists.kind_names()
    return [KindTotals(names.get(code, Text(code, code)), one, _rate(one.approved_before, one.decided_before),
                       _rate(one.approved_after, one.decided_after)) for code, one in row.totals.items() if one.count]


def _rate(part: int, whole: int) -> str:
    return percent(f"{part}/{whole}") if whole else "—"


def _charts(row: ReplayRow) -> dict[str, Any]:
    """Grades before and after, and limits with expected loss before and after, each with its table."""
    graded = row.totals.get("assessment") or Totals()
    granted = [one for code, one in row.totals.items() if code in ("final_review", "limit_review")]
    before, after = graded.grades_before or {}, graded.grades_after or {}
    grades = [(grade, before.get(grade, 0), after.get(grade, 0)) for grade in GRADES]
    money = [
        (Text("额度合计", "Limits"), sum(one.amount_before_fen for one in granted),
         sum(one.amount_after_fen for one in granted)),
        (Text("预期损失（估算）", "Expected loss, estimate"), sum(one.loss_before_fen for one in granted),
         sum(one.loss_after_fen for one in granted))]
    was, now = Text("原结果", "Before"), Text("回放结果", "Replayed")
    return {
        "grade_title": Text("资质评估等级分布（人次）", "Grades of assessments (count)"),
        "grade_option": _bars([grade for grade, _, _ in grades], was, [a for _, a, _ in grades], now,
                              [b for _, _, b in grades]),
        "grade_headings": [Text("等级", "Grade"), was, now],
        "grade_rows": [(grade, str(a), str(b)) for grade, a, b in grades],
        "money_title": Text("额度与预期损失（元）", "Limits and expected loss (CNY)"),
        "money_option": {**_bars([name for name, _, _ in money], was, [a / 100 for _, a, _ in money], now,
                                 [b / 100 for _, _, b in money]), "yAxis": {"type": "log", "min": 1}},
        "money_headings": [Text("项目", "Item"), was, now],
        "money_rows": [(name, yuan(a), yuan(b)) for name, a, b in money]}


def _bars(labels: list[Any], was: Text, before: list[Any], now: Text, after: list[Any]) -> dict[str, Any]:
    return {"xAxis": {"type": "category", "data": labels}, "yAxis": {"type": "value", "minInterval": 1},
            "series": [{"type": "bar", "name": was, "data": before}, {"type": "bar", "name": now, "data": after}]}


urlpatterns = [
    path("policy/replays", replay_list, name="replay_list"),
    path("policy/replays/ask", replay_ask, name="replay_ask"),
    path("policy/replays/<uuid:run_id>", replay_detail, name="replay_detail"),
    path("policy/replays/<uuid:run_id>/progress", replay_progress, name="replay_progress"),
]
