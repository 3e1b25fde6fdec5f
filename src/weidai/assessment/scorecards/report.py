"""The validation report: one HTML file without scripts or anything from elsewhere, Chinese first (R2.6)."""

from __future__ import annotations

from html import escape
from typing import Any

from weidai.assessment.scorecards.artefact import bin_labels, bins_from_json
from weidai.assessment.scorecards.report_plots import Drawn, plots_of
from weidai.assessment.scorecards.report_style import STYLE

_NAMES = {"scorecard": ("评分卡", "Scorecard"), "boosting": ("提升树", "Boosting")}
_FIGURES = (
    ("auc", "AUC", "AUC", "越大越好；0.5 为随机 / higher is better; 0.5 is chance"),
    ("ks", "KS", "KS", "好坏累计分布的最大差距 / widest gap of the two cumulative shares"),
    ("average_precision", "平均精确率", "Average precision", "与坏样本率比较 / compare with the bad rate"),
    ("recall_at_1pct_fpr", "误报 1 % 时的召回", "Recall at 1 % false positives", ""),
    ("brier", "Brier", "Brier", "越小越好 / lower is better"),
    ("calibration_slope", "校准斜率", "Calibration slope", "1 最佳；小于 1 为过度自信 / 1 is best; below, over-confident"),
    ("ece", "平均校准误差", "Calibration error (ECE)", ""),
    ("psi_train_test", "训练/测试 PSI", "PSI train / test", "<0.1 稳定 stable · 0.1–0.25 留意 watch · >0.25 漂移 shifted"),
    ("train_auc", "训练集 AUC", "AUC in training", "与 AUC 的差距即过拟合 / the gap to AUC is over-fitting"),
)
_KINDS = {"numeric": "数值 / quantity", "coded": "整数代码 / whole codes", "category": "类别 / category", "date": "日期 / date"}
_DROPPED = {"weak": "信息量过低 / says too little", "sign": "方向与自身证据相反 / turned against its evidence"}


def report_html(content: dict[str, Any], drawn: Drawn) -> str:
    """Return the report of a model's content with its curves."""
    results = content["results"]
    title = f"{results['name']} · {results['file']}"
    body = [
        _head(results),
        _section("结论", "Verdict", _verdict(results)),
        _section("指标", "Figures", _figures(results)),
        _section("图", "Plots", f'<div class="plots">{"".join(plots_of(results, drawn))}</div>'),
        _section("提升表（风险最高的十分之一在前）", "Lift, riskiest tenth first", _lift(results)),
        _section("按期稳定性", "Stability by period", _periods(results)) if results["periods"] else "",
        _section("提醒", "Warnings", _warnings(results)),
        _section("评分卡分值", "Points of the scorecard", _points(content)),
        _section("变量", "Columns", _columns(content)),
        _section("说明", "How to read this", _notes(content)),
    ]
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _head(results: dict[str, Any]) -> str:
    target, protocol = results["target"], results["protocol"]
    facts = (
        ("数据", "Data", f"{results['file']} · {results['rows']:,} 行 rows · SHA-256 {results['data_hash'][:16]}…"),
        (
            "目标",
            "Target",
            f"{target['column']}：坏 bad = {' / '.join(target['bad_values'])} · "
            f"{target['bad_rows']:,} ({target['bad_rate']:.2%})",
        ),
        ("划分", "Protocol", f"{protocol['name']} — {protocol['text']['zh']} / {protocol['text']['en']}"),
    )
    rows = "".join(f"<dt>{zh} <small>{en}</small></dt><dd>{escape(text)}</dd>" for zh, en, text in facts)
    return f"<h1>模型验证报告 <small>Validation report</small></h1><p class='name'>{escape(results['name'])}</p><dl>{rows}</dl>"


def _section(zh: str, en: str, inner: str) -> str:
    return f"<section><h2>{zh} <small>{en}</small></h2>{inner}</section>"


def _verdict(results: dict[str, Any]) -> str:
    text = results["comparison"]["text"]
    return f'<p class="verdict">{escape(text["zh"])}<br><small>{escape(text["en"])}</small></p>'


def _figures(results: dict[str, Any]) -> str:
    kinds = list(results["models"])
    head = "".join(
        f"<th>{_NAMES[kind][0]} <small>{_NAMES[kind][1]}</small>{' ★' if kind == results['chosen'] else ''}</th>"
        for kind in kinds
    )
    rows = []
    for key, zh, en, note in _FIGURES:
        cells = "".join(f"<td>{_figure(results['models'][kind], key)}</td>" for kind in kinds)
        rows.append(f"<tr><th>{zh} <small>{en if en != zh else ''}</small></th>{cells}<td class='note'>{note}</td></tr>")
    return f"<table><thead><tr><th></th>{head}<th></th></tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _figure(figures: dict[str, Any], key: str) -> str:
    interval = figures.get(f"{key}_interval")
    shown = f"{figures[key]:.4f}"
    return f"{shown} <small>[{interval[0]:.3f}, {interval[1]:.3f}]</small>" if interval else shown


def _lift(results: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{place}</td><td>{row['rows']:,.0f}</td><td>{row['bad']:,.0f}</td><td>{row['bad_rate']:.2%}</td>"
        f"<td>{row['lift']:.2f}</td><td>{row['cumulative_bad_share']:.1%}</td><td>{row['ks']:.3f}</td></tr>"
        for place, row in enumerate(results["models"][results["chosen"]]["lift"], start=1)
    )
    return (
        "<table class='numbers'><thead><tr><th>#</th><th>行数 <small>rows</small></th><th>坏 <small>bad</small></th>"
        "<th>坏样本率 <small>bad rate</small></th><th>提升 <small>lift</small></th><th>累计坏 <small>of all bad</small></th>"
        f"<th>KS</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _periods(results: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(row['period'])}</td><td>{row['rows']:,}</td><td>{row['bad_rate']:.2%}</td>"
        + "".join(
            f"<td>{'—' if row[f'{kind}_auc'] is None else format(row[f'{kind}_auc'], '.3f')}</td>"
            f"<td>{row[f'{kind}_psi']:.3f}</td>"
            for kind in results["models"]
        )
        + "</tr>"
        for row in results["periods"]
    )
    heads = "".join(f"<th>AUC {_NAMES[kind][0]}</th><th>PSI {_NAMES[kind][0]}</th>" for kind in results["models"])
    return (
        "<table class='numbers'><thead><tr><th>期 <small>period</small></th><th>行数 <small>rows</small></th>"
        f"<th>坏样本率 <small>bad rate</small></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _warnings(results: dict[str, Any]) -> str:
    items = [
        f"<li><code>{escape(one['code'])}</code> {escape(one['zh'])}<br><small>{escape(one['en'])}</small></li>"
        for one in results["warnings"]
    ]
    items += [
        f"<li><code>{escape(one['reason'])}</code> {escape(one['name'])}:{escape(one['zh'])}<br>"
        f"<small>{escape(one['en'])}</small></li>"
        for one in results["excluded"]
    ]
    return f"<ul>{''.join(items)}</ul>" if items else "<p>无 / none</p>"


def _points(content: dict[str, Any]) -> str:
    inputs = {one["column"]["name"]: bins_from_json(one) for one in content["inputs"]}
    parts = [f"<p>起始分 constant <b>{content['scorecard']['constant']}</b></p>"]
    for column in content["scorecard"]["columns"]:
        bins = inputs[column["name"]]
        rows = "".join(
            f"<tr><td>{escape(label)}</td><td>{good + bad:,}</td><td>{bad / (good + bad):.1%}</td><td>"
            f"{evidence:+.3f}</td><td><b>{points:+d}</b></td></tr>"
            for label, points, good, bad, evidence in zip(
                bin_labels(bins), column["points"], bins.good, bins.bad, bins.weight_of_evidence, strict=True
            )
            if good + bad
        )
        parts.append(
            f"<details><summary>{escape(column['name'])} <small>系数 coefficient {column['coefficient']:.3f} · "
            f"分值 points {min(column['points']):+d} … {max(column['points']):+d}</small></summary>"
            "<table class='numbers'><thead><tr><th>分组 <small>bin</small></th><th>行数 <small>rows</small></th>"
            "<th>坏样本率 <small>bad rate</small></th><th>证据权重 <small>WoE</small></th><th>分值 <small>"
            "points</small></th></tr></thead>"
            f"<tbody>{rows}</tbody></table></details>"
        )
    return "".join(parts)


def _columns(content: dict[str, Any]) -> str:
    results = content["results"]
    used, dropped = set(results["scorecard"]["columns"]), results["scorecard"]["dropped"]
    values = {one["column"]["name"]: bins_from_json(one).information_value for one in content["inputs"]}
    rows = "".join(
        f"<tr><td>{escape(one['name'])}</td><td>{_KINDS[one['kind']]}</td><td>{one['missing_share']:.1%}</td>"
        f"<td>{values.get(one['name'], 0):.3f}</td><td>{results['boosting']['importance'].get(one['name'], 0):.1%}</td>"
        f"<td>{'✓' if one['name'] in used else _DROPPED.get(dropped.get(one['name'], ''), '—')}</td></tr>"
        for one in sorted(results["columns"], key=lambda one: -values.get(one["name"], 0))
    )
    return (
        "<table><thead><tr><th>列 <small>column</small></th><th>类型 <small>kind</small></th><th>缺失 <small>missing</small></th>"
        "<th>信息值 <small>IV</small></th><th>提升树增益 <small>gain</small></th><th>评分卡 <small>scorecard</small>"
        "</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _notes(content: dict[str, Any]) -> str:
    scaling, boosting = content["scaling"], content["boosting"]
    return (
        f"<p>分数 = {scaling['base_points']} + {scaling['double_points']} ÷ ln 2 × (ln(好：坏) − ln {scaling['base_odds']:g});"
        f"每 {scaling['double_points']} 分赔率翻倍，分高者安全。<br><small>Score = {scaling['base_points']} + "
        f"{scaling['double_points']} ÷ ln 2 × (ln(good : bad) − ln {scaling['base_odds']:g}); "
        f"{scaling['double_points']} points double "
        "the odds; higher is safer.</small></p>"
        "<p>一次决定的理由：评分卡为相对该变量最佳分组少得的分，提升树为把该变量换成典型值可多得的分，按多少排序。<br>"
        "<small>Reasons of a "
        "decision: points short of the column's best bin (scorecard), or points gained were the input at its typical "
        "value (boosting), "
        "the dearest first.</small></p>"
        "<p>分组、变量选择、正则化与树的大小只用训练部分决定；区间由测试行的自助抽样得出（95 %），不含重新训练的误差。<br>"
        "<small>Bins, "
        "selection, regularization and tree size are decided in the training part alone; intervals come from "
        "resampling tested rows "
        "(95 %) and leave out the error of training anew.</small></p>"
        f"<p>ONNX 与提升树输出的最大差异 largest gap ONNX to booster: {boosting['onnx_largest_gap']:.1e} log-odds · "
        f"{boosting['trees']} 棵树 trees</p>"
    )
