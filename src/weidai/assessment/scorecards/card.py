"""The model card: what the model is, from what, how good, where not to use it. Markdown, Chinese first (R2.6)."""

from __future__ import annotations

from typing import Any


def card_markdown(content: dict[str, Any], *, artefact: str) -> str:
    """Return the card of a model's content."""
    results, scaling = content["results"], content["scaling"]
    chosen = results["models"][results["chosen"]]
    target, protocol = results["target"], results["protocol"]
    kind = {"scorecard": "评分卡 scorecard", "boosting": "提升树 boosted trees"}[results["chosen"]]
    lines = [
        f"# {results['name']}",
        "",
        f"- 模型 Model: {kind} · SHA-256 `{artefact}`",
        f"- 数据 Data: `{results['file']}` · SHA-256 `{results['data_hash']}` · {results['rows_used']:,} 行 rows",
        f"- 目标 Target: `{target['column']}` · 坏 bad = {' / '.join(target['bad_values'])} · 坏样本率 bad rate "
        f"{target['bad_rate']:.2%}",
        f"- 划分 Protocol: {protocol['name']} — {protocol['text']['zh']} / {protocol['text']['en']}",
        f"- 刻度 Scale: {scaling['base_points']} 分 points = {scaling['base_odds']:g} : 1；每 "
        f"{scaling['double_points']} 分赔率翻倍 / "
        f"{scaling['double_points']} points double the odds",
        "",
        "## 表现 Performance",
        "",
        "| | 评分卡 Scorecard | 提升树 Boosting |",
        "|---|---|---|",
        *[
            _row(results, key, name)
            for key, name in (
                ("auc", "AUC"),
                ("ks", "KS"),
                ("average_precision", "平均精确率 Average precision"),
                ("recall_at_1pct_fpr", "误报 1 % 时召回 Recall at 1 % FPR"),
                ("brier", "Brier"),
                ("calibration_slope", "校准斜率 Calibration slope"),
                ("ece", "ECE"),
                ("psi_train_test", "PSI"),
            )
        ],
        "",
        results["comparison"]["text"]["zh"],
        "",
        results["comparison"]["text"]["en"],
        "",
        "## 使用的变量 Inputs",
        "",
        ", ".join(f"`{name}`" for name in _used(results)),
        "",
        "## 局限 Limits",
        "",
        f"- 只对与训练数据相似的人群有效；AUC 区间 {chosen['auc_interval'][0]:.3f}–{chosen['auc_interval'][1]:.3f}。"
        f" Valid for people like those it learned from only; AUC between {chosen['auc_interval'][0]:.3f} and "
        f"{chosen['auc_interval'][1]:.3f}.",
        "- 被拒绝的人没有结果，不在数据中。 People who were declined have no outcome and are not in the data.",
        "- 上线须由登记人以外的人复核；上线后按月看 PSI。 A second person puts it to work; PSI is watched by month.",
    ]
    for one in results["warnings"]:
        lines.append(f"- {one['zh']} {one['en']}")
    for one in results["excluded"]:
        lines.append(f"- 未使用 not used `{one['name']}`: {one['zh']} {one['en']}")
    return "\n".join(lines) + "\n"


def _row(results: dict[str, Any], key: str, name: str) -> str:
    cells = []
    for kind in ("scorecard", "boosting"):
        figures = results["models"][kind]
        interval = figures.get(f"{key}_interval")
        cells.append(f"{figures[key]:.4f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""))
    return f"| {name} | {cells[0]} | {cells[1]} |"


def _used(results: dict[str, Any]) -> list[str]:
    if results["chosen"] == "scorecard":
        return list(results["scorecard"]["columns"])
    return [name for name, share in results["boosting"]["importance"].items() if share > 0]
