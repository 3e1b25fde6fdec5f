"""Statistical models: which score beside the points table, how good they were, how far the months drift (R2.6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from weidai.assessment.scorecards import drift, registry
from weidai.assessment.scorecards.registry import ModelRow
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.web.console.acting import Act, act_page, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.forms import Form
from weidai.web.shared.language import lazy_text
from weidai.web.shared.permissions import staff_may, staff_page

VIEW, PROMOTE = "assessment.model.view", "assessment.model.promote"
LIST = Text("统计模型", "Models")
MENU = (MenuItem(Section.POLICY, LIST, "console:model_list", VIEW),)
SHOWN_SCORES = 20


class NoteForm(Form):
    """What the second person looked at."""

    note = forms.CharField(
        label=lazy_text("复核意见", "What you looked at"), min_length=4, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("将留痕保存；请勿填写客户个人信息。", "Kept on record. No personal data."))


_SHADOW = Text("影子模型与现行决定并行评分，不影响任何决定。", "A shadow scores beside live decisions and changes none.")
_CHAMPION = Text("冠军是并行评分中的最佳模型；评分与等级仍由规则集的积分表决定。",
                 "The champion is the best model at work; the pack's points table still decides score and grade.")


@staff_page(VIEW)
def model_list(request: HttpRequest) -> HttpResponse:
    """Every registered model; those at work first."""
    rows = registry.model_list()
    names = staff_names([row.registered_by for row in rows] + [row.promoted_by for row in rows])
    latest = {row.id: months[-1] for row in rows if (months := drift.drift_rows(row.id, limit=1))}
    return render(request, "console/pages/model_list.html", {
        "rows": rows, "names": names, "latest": latest, "now": clock.now()})


@staff_page(VIEW)
def model_detail(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """One model: origin, figures, drift by month, its newest live scores."""
    row = registry.model_get(model_id)
    content = registry.model_content(model_id)
    months = drift.drift_rows(model_id)
    return render(request, "console/pages/model_detail.html", {
        "row": row, "results": content["results"], "names": staff_names([row.registered_by, row.promoted_by]),
        "figures": _figures(content["results"]), "points": _points(content), "months": months, "option": _option(months),
        "headings": [Text("月份", "Month"), Text("评分数", "Scores"), Text("分数 PSI", "Score PSI"),
                     Text("平均分", "Mean points")],
        "drift_rows": [[f"{one.month:%Y-%m}", f"{one.rows:,}", f"{one.score_psi:.3f}", f"{one.mean_points:.1f}"]
                       for one in months],
        "inputs": [(name, value, drift.tone_of(value)) for name, value in (months[-1].inputs[:12] if months else ())],
        "scores": list(registry.model_scores(model_id, limit=SHOWN_SCORES)), "next_state": _next_state(row),
        "may_promote": staff_may(request, PROMOTE), "is_mine": str(request.user.pk) == row.registered_by, "now": clock.now()})


@staff_page(VIEW)
def model_report(request: HttpRequest, model_id: UUID) -> HttpResponse:  # noqa: ARG001
    """The validation report as a file to keep: it carries its own style, which no page here may."""
    row = registry.model_get(model_id)
    response = HttpResponse(registry.model_report(model_id), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="model-{row.artefact_hash[:12]}.html"'
    return response


@staff_page(PROMOTE)
def model_promote(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Put a model to work one step further, as a second person."""
    row = registry.model_get(model_id)
    to = _next_state(row) or row.state
    button = {"shadow": Text("影子运行", "Run in shadow"), "champion": Text("设为冠军", "Make champion")}.get(
        to, Text("无可进行的步骤", "Nothing to do"))
    note = _SHADOW if to == "shadow" else _CHAMPION
    act = Act(title=button, facts=_facts(row), button=button, done=Text("已保存。", "Done."), note=note,
              back_url=reverse("console:model_detail", kwargs={"model_id": model_id}), back_label=LIST)
    form = NoteForm(request.POST or None)
    return act_page(request, act, form, lambda: registry.model_promote(
        model_id, to=to, promoted_by=UUID(str(request.user.pk)), note=form.cleaned_data["note"]))


@staff_page(PROMOTE)
def model_retire(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Take a model out of work."""
    row = registry.model_get(model_id)
    act = Act(title=Text("停用模型", "Retire the model"), facts=_facts(row), button=Text("停用", "Retire"),
              done=Text("已停用。", "Retired."), is_dangerous=True,
              back_url=reverse("console:model_detail", kwargs={"model_id": model_id}), back_label=LIST)
    form = NoteForm(request.POST or None)
    return act_page(request, act, form, lambda: registry.model_retire(
        model_id, retired_by=UUID(str(request.user.pk)), note=form.cleaned_data["note"]))


def _next_state(row: ModelRow) -> str:
    return {"candidate": "shadow", "shadow": "champion"}.get(row.state, "")


def _facts(row: ModelRow) -> list[tuple[Text, object]]:
    return [(Text("模型", "Model"), f"{row.name}:{row.version}"), (Text("状态", "State"), row.state_text),
            (Text("AUC(95 %)", "AUC (95 %)"), f"{row.auc:.4f} [{row.auc_low:.3f}, {row.auc_high:.3f}]"),
            (Text("实时评分", "Live scores"), f"{row.score_count:,}"), (Text("SHA-256", "SHA-256"), row.artefact_hash)]


_FIGURES = (
    ("auc", Text("AUC", "AUC")), ("ks", Text("KS", "KS")), ("average_precision", Text("平均精确率", "Average precision")),
    ("recall_at_1pct_fpr", Text("误报 1 % 时召回", "Recall at 1 % false positives")), ("brier", Text("Brier", "Brier")),
    ("calibration_slope", Text("校准斜率", "Calibration slope")), ("ece", Text("校准误差", "Calibration error")),
    ("psi_train_test", Text("训练/测试 PSI", "PSI train / test")))


def _figures(results: dict) -> list[tuple[Text, str, str]]:  # type: ignore[type-arg]
    return [(name, *(f"{results['models'][kind][key]:.4f}" for kind in ("scorecard", "boosting"))) for key, name in _FIGURES]


def _points(content: dict) -> list[tuple[str, int, int]]:  # type: ignore[type-arg]
    """Each column of the scorecard with its least and most points, the widest first."""
    rows = [(one["name"], min(one["points"]), max(one["points"])) for one in content["scorecard"]["columns"]]
    return sorted(rows, key=lambda row: row[1] - row[2])


def _option(months: list[drift.DriftRow]) -> dict[str, object]:
    return {
        "xAxis": {"type": "category", "data": [f"{one.month:%Y-%m}" for one in months]},
        "yAxis": {"type": "value", "min": 0},
        "series": [
            {"name": Text("分数 PSI", "Score PSI"), "type": "line", "data": [round(one.score_psi, 4) for one in months],
             "markLine": {"symbol": "none", "label": {"show": False},
                          "data": [{"yAxis": drift.WATCH}, {"yAxis": drift.SHIFTED}]}},
            {"name": Text("变动最大的输入 PSI", "Most shifted input PSI"), "type": "line",
             "data": [round(one.inputs[0][1], 4) if one.inputs else 0 for one in months]}]}


urlpatterns = [
    path("models", model_list, name="model_list"),
    path("models/<uuid:model_id>", model_detail, name="model_detail"),
    path("models/<uuid:model_id>/report", model_report, name="model_report"),
    path("models/<uuid:model_id>/promote", model_promote, name="model_promote"),
    path("models/<uuid:model_id>/retire", model_retire, name="model_retire"),
]
