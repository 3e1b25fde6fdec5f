"""The credit profile: six indicators, score and grade, trend, and what data may be used (R2.1 to R2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.assessment import policy as assessment_policy
from weidai.assessment import selectors, services
from weidai.assessment.rules import Change, IndicatorResult
from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.web.h5.deeds import page_address, was_done
from weidai.web.h5.drawings import Spark, spark, trend
from weidai.web.h5.pages.consents import consent_address
from weidai.web.shared import formats
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import current_language, say

_DATA_CONSENTS = ("payment_data", "social_data", "credit_report")
_CHANGES = {
    "points": Text("最小的变化：{bound}，评分即为 {score}(+{gain})。",
                   "The smallest change: {bound} makes the score {score} (+{gain})."),
    "grade": Text("升到 {grade} 级：{bound}，评分 {score}(+{gain})。",
                  "Grade {grade}: {bound}, with a score of {score} (+{gain})."),
    "full": Text("此项满分：{bound}，评分 {score}(+{gain})，等级 {grade}。",
                 "Full points here: {bound}, with a score of {score} (+{gain}), grade {grade}."),
}
_BOUNDS = {"at_least": Text("不低于", "at least"), "at_most": Text("不高于", "at most")}


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """An indicator with its figures in words; `tone` colours the word, never alone."""

    row: IndicatorResult
    value: str
    threshold: str
    tone: str
    word: Text
    changes: tuple[Text, ...]
    year: tuple[YearPoint, ...]
    drawing: Spark | None


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One month of an indicator in words."""

    on: date
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class DataConsent:
    """A kind of data the assessment may use, and the page that decides it."""

    title: Text
    is_given: bool
    is_optional: bool
    address: str


@borrower_page
def show(request: HttpRequest) -> HttpResponse:
    """The newest result with every point explained; POST asks for a new one."""
    customer = identity.customer_get(request.customer_id)
    form = Form(request.POST or None)
    if request.method == "POST":
        form.is_valid()
        if not customer.has_id_card:
            return HttpResponseRedirect(page_address("onboard_id_card"))
        if was_done(form, lambda: services.assessment_run(request.customer_id, trigger="requested")):
            messages.success(request, say(Text("评估已更新。", "The assessment is up to date.")))
            return HttpResponseRedirect(page_address("credit"))
    progress = selectors.progress(request.customer_id)
    newest, consents = progress.newest, _consents(request)
    return render(request, "h5/pages/credit.html", {
        "customer": customer, "form": form, "progress": progress, "newest": newest,
        "indicators": [_view(row, progress) for row in newest.result.indicators] if newest else [],
        "trend": trend([(point.assessed_on, point.score) for point in progress.trend]), "consents": consents,
        "lacks_payment": not consents[0].is_given, "payment_url": consents[0].address,
        "grades": assessment_policy.current(clock.today()).grades, "active_tab": "me",
    }, status=status_of(form))


def _consents(request: HttpRequest) -> list[DataConsent]:
    here = page_address("credit")
    rows = {row.text.purpose: row for row in identity.consents(request.customer_id)}
    return [
        DataConsent(rows[purpose].text.title, rows[purpose].is_given, rows[purpose].text.is_optional,
                    consent_address(purpose, onward=here, back=here))
        for purpose in _DATA_CONSENTS
    ]


def _view(row: IndicatorResult, progress: selectors.ProgressRow) -> IndicatorView:
    if row.is_met:
        tone, word = "ok", Text("达标", "Met")
    elif row.maximum_points == 0:
        tone, word = "muted", Text("不参评", "Left out")
    elif row.value is None:
        tone, word = "info", Text("暂无数据", "No data")
    else:
        tone, word = "warning", Text("未达标", "Not met")
    bound = say(_BOUNDS.get(row.direction, Text("", "")))
    points = progress.indicator_trends.get(row.code, ())
    year = tuple(YearPoint(one.assessed_on, _value(one.value, row.unit), one.points) for one in points)
    changes = tuple(_change(one, row) for one in progress.changes.get(row.code, ()))
    return IndicatorView(row, _value(row.value, row.unit), f"{bound} {_figure(row.threshold, row.unit)}".strip(), tone, word,
                         changes, year, spark([one.value for one in points], row.threshold))


def _change(change: Change, row: IndicatorResult) -> Text:
    """What one change would give, in a sentence; the value is rounded to the side that is enough."""
    rises = row.direction == "at_least"
    if row.unit == "ratio":
        value = formats.percent(change.value, places=4)
    else:
        value = _figure(Fraction(ceil(change.value) if rises else floor(change.value)), row.unit)
    return _CHANGES[change.aim].format(bound=value, score=change.score, gain=change.gain_points, grade=change.grade)


def _value(value: Fraction | None, unit: str) -> str:
    return "—" if value is None else _figure(value, unit)


def _figure(value: Fraction, unit: str) -> str:
    """A measured value in its unit, for reading; points were computed from the exact one."""
    if unit == "fen":
        return formats.money(round(value), current_language())
    if unit == "ratio":
        return formats.percent(value)
    return f"{round(value):,}"


urlpatterns = [path("credit/", show, name="credit")]
