"""Which plots a validation report shows, from a training's curves (R2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.measures import curves
from weidai.assessment.scorecards.plots import Axes, Series, bounds, plot

_TONES = {"scorecard": "a", "boosting": "b"}
_NAMES = {"scorecard": "评分卡 scorecard", "boosting": "提升树 boosting"}
_UNIT = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What curves are drawn from: tested outcomes, and probabilities by kind of model; points for the chosen one."""

    y: NDArray[np.int64]
    probability: dict[str, NDArray[np.float64]]
    points: NDArray[np.float64]
    train_points: NDArray[np.float64]


def plots_of(results: dict[str, Any], drawn: Drawn) -> list[str]:
    """Return each plot as a figure with its caption in both languages."""
    made = [
        _roc(drawn),
        _ks(results, drawn),
        _precision(results, drawn),
        _calibration(results),
        _scores(drawn),
        _shift(drawn),
        _lost(results),
    ]
    if len(results["periods"]) > 1:
        made.append(_stability(results))
    return [f"<figure><figcaption>{escape(zh)} <small>{escape(en)}</small></figcaption>{svg}</figure>" for zh, en, svg in made]


def _roc(drawn: Drawn) -> tuple[str, str, str]:
    series = [Series("", _UNIT, _UNIT, "grey", dashed=True)]
    for kind, probability in drawn.probability.items():
        found = curves(drawn.y, probability)
        series.append(Series(_NAMES[kind], found.false_rate, found.true_rate, _TONES[kind]))
    axes = Axes("误报率 false positive rate", "召回 recall", _UNIT, _UNIT, x_percent=True, y_percent=True)
    return "ROC 曲线", "ROC", plot(series, axes, title="ROC")


def _ks(results: dict[str, Any], drawn: Drawn) -> tuple[str, str, str]:
    found = curves(drawn.y, drawn.probability[results["chosen"]])
    share = (np.concatenate([[0.0], found.bad + found.good])) / len(drawn.y)
    gap = found.true_rate - found.false_rate
    at = int(np.argmax(gap))
    series = [
        Series("坏 bad", share, found.true_rate, "b"),
        Series("好 good", share, found.false_rate, "a"),
        Series(f"KS {gap[at]:.3f}", (share[at], share[at]), (found.false_rate[at], found.true_rate[at]), "grey", dashed=True),
    ]
    axes = Axes("风险最高者的比例 share, riskiest first", "累计占比 cumulative", _UNIT, _UNIT, x_percent=True, y_percent=True)
    return "KS 曲线（所选模型）", "KS, chosen model", plot(series, axes, title="KS")


def _precision(results: dict[str, Any], drawn: Drawn) -> tuple[str, str, str]:
    base = results["target"]["bad_rate"]
    series = [Series("", _UNIT, (base, base), "grey", dashed=True)]
    for kind, probability in drawn.probability.items():
        found = curves(drawn.y, probability)
        precision = found.bad / np.maximum(found.bad + found.good, 1e-12)
        kept = found.bad > 0
        series.append(Series(_NAMES[kind], found.true_rate[1:][kept], precision[kept], _TONES[kind]))
    axes = Axes("召回 recall", "精确率 precision", _UNIT, _UNIT, x_percent=True, y_percent=True)
    return "精确率与召回", "Precision and recall", plot(series, axes, title="precision-recall")


def _calibration(results: dict[str, Any]) -> tuple[str, str, str]:
    high = max(max(row[0], row[1]) for figures in results["models"].values() for row in figures["calibration"])
    limit = (0.0, min(1.0, high * 1.08 + 1e-6))
    series = [Series("", limit, limit, "grey", dashed=True)]
    for kind, figures in results["models"].items():
        predicted, seen = [row[0] for row in figures["calibration"]], [row[1] for row in figures["calibration"]]
        series += [Series(_NAMES[kind], predicted, seen, _TONES[kind]), Series("", predicted, seen, _TONES[kind], "points")]
    axes = Axes("预测 predicted", "实际 seen", limit, limit, x_percent=True, y_percent=True)
    return "校准", "Calibration", plot(series, axes, title="calibration")


def _scores(drawn: Drawn) -> tuple[str, str, str]:
    edges = np.histogram_bin_edges(drawn.points, bins=24)
    middle = (edges[1:] + edges[:-1]) / 2
    heights = [np.histogram(drawn.points[drawn.y == label], bins=edges)[0] / max((drawn.y == label).sum(), 1) for label in (0, 1)]
    series = [Series("好 good", middle, heights[0], "a", "bars"), Series("坏 bad", middle, heights[1], "b", "bars")]
    axes = Axes("分数 score", "占比 share", (edges[0], edges[-1]), bounds([*heights[0], *heights[1]], floor=0.0), y_percent=True)
    return "分数分布（所选模型）", "Scores, chosen model", plot(series, axes, title="score distribution")


def _shift(drawn: Drawn) -> tuple[str, str, str]:
    edges = np.histogram_bin_edges(np.concatenate([drawn.points, drawn.train_points]), bins=24)
    middle = (edges[1:] + edges[:-1]) / 2
    heights = [np.histogram(part, bins=edges)[0] / max(len(part), 1) for part in (drawn.train_points, drawn.points)]
    series = [Series("训练 training", middle, heights[0], "grey"), Series("测试 test", middle, heights[1], "c")]
    axes = Axes("分数 score", "占比 share", (edges[0], edges[-1]), bounds([*heights[0], *heights[1]], floor=0.0), y_percent=True)
    return "训练与测试的分数", "Scores in training and test", plot(series, axes, title="score shift")


def _lost(results: dict[str, Any]) -> tuple[str, str, str]:
    """The columns decisions lose most points by, from the scorecard's reasons over tested rows."""
    rows = results["reasons"][:10]
    names = [row["column"] if len(row["column"]) <= 9 else row["column"][:8] + "…" for row in rows]
    places = list(range(len(rows)))
    series = [
        Series("好 good", places, [row["good"] for row in rows], "a", "bars"),
        Series("坏 bad", places, [row["bad"] for row in rows], "b", "bars"),
    ]
    axes = Axes(
        "变量 column",
        "平均失分 mean points lost",
        (-0.6, max(len(rows), 1) - 0.4),
        bounds([row[key] for row in rows for key in ("good", "bad")], floor=0.0),
        names=names,
    )
    return "理由：评分卡各变量平均失分", "Reasons: mean points lost by column", plot(series, axes, title="reasons")


def _stability(results: dict[str, Any]) -> tuple[str, str, str]:
    rows, chosen = results["periods"], results["chosen"]
    places = list(range(len(rows)))
    aucs = [float("nan") if row[f"{chosen}_auc"] is None else row[f"{chosen}_auc"] for row in rows]
    series = [
        Series("AUC", places, aucs, "a"),
        Series("", places, aucs, "a", "points"),
        Series("PSI", places, [row[f"{chosen}_psi"] for row in rows], "c"),
        Series("坏样本率 bad rate", places, [row["bad_rate"] for row in rows], "b"),
    ]
    axes = Axes(
        "期 period",
        "",
        (-0.4, len(rows) - 0.6),
        (0.0, max(1.0, *(row[f"{chosen}_psi"] for row in rows))),
        names=[row["period"] for row in rows],
    )
    return "按期稳定性（所选模型）", "Stability by period, chosen model", plot(series, axes, title="stability")
