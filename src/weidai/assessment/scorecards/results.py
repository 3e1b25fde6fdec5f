"""A training's figures as plain values: what `--json` prints and `report.json` holds (R2.6)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.dates import month_names
from weidai.assessment.scorecards.leakage import Warned
from weidai.assessment.scorecards.measures import auc_of, calibration_points, lift_table, score_psi
from weidai.assessment.scorecards.scorecard import subset
from weidai.assessment.scorecards.training import Outcome, Trained
from weidai.kernel.text import Text

_DIGITS = 6
_MOST_PERIODS = 36
_TOO_GOOD, _SHIFTED = 0.97, 0.25


def results_of(trained: Trained) -> dict[str, Any]:
    """Return every figure of a training; numbers are rounded to six digits, the same training gives the same values."""
    prepared = trained.prepared
    target, protocol = prepared.target, prepared.protocol
    y = prepared.y[trained.tested]
    return {
        "name": prepared.request.name,
        "file": prepared.request.path.name,
        "data_hash": prepared.data_hash,
        "rows": prepared.file_rows,
        "rows_used": len(prepared.y),
        "target": {
            "column": target.column,
            "bad_values": list(target.bad_values),
            "good_values": list(target.good_values[:20]),
            "how": target.how,
            "bad_rows": int(prepared.y.sum()),
            "good_rows": int((1 - prepared.y).sum()),
            "missing_rows": target.missing_rows,
            "bad_rate": _round(prepared.y.mean()),
        },
        "protocol": {
            "name": protocol.name,
            "text": {"zh": protocol.text.zh, "en": protocol.text.en},
            "seed": protocol.seed,
            "splits": len(protocol.splits),
            "train_rows": len(protocol.splits[0].train),
            "test_rows": len(trained.tested),
        },
        "chosen": trained.choice.kind,
        "comparison": {
            "auc_gain": _round(trained.choice.gain),
            "interval": [_round(one) for one in trained.choice.interval],
            "text": {"zh": trained.choice.text.zh, "en": trained.choice.text.en},
        },
        "models": {kind: _figures(outcome, y) for kind, outcome in trained.outcomes.items()},
        "scorecard": {
            "penalty": trained.scorecard.penalty,
            "columns": [one.bins.column.name for one in trained.scorecard.columns],
            "dropped": trained.scorecard.dropped,
        },
        "boosting": {
            "settings": trained.boosted.settings,
            "trees": trained.boosted.trees,
            "importance": {name: _round(share) for name, share in trained.boosted.importance()},
        },
        "columns": [
            {
                "name": one.name,
                "kind": one.kind,
                "specials": list(one.specials),
                "missing_share": _round(one.missing_share),
                "distinct": one.distinct,
            }
            for one in prepared.features.columns
        ],
        "excluded": [
            {"name": one.name, "reason": one.reason, "zh": one.text.zh, "en": one.text.en} for one in prepared.features.excluded
        ],
        "warnings": [
            {"code": one.code, "column": one.column, "zh": one.text.zh, "en": one.text.en}
            for one in (*prepared.warned, *doubts(trained))
        ],
        "periods": periods(trained),
        "reasons": reasons(trained),
    }


def doubts(trained: Trained) -> list[Warned]:
    """Return what the measured figures themselves give reason to doubt."""
    found = []
    best = max(trained.outcomes.values(), key=lambda one: one.auc)
    if best.auc >= _TOO_GOOD:
        found.append(Warned("too_good", Text(
            f"测试 AUC 高达 {best.auc:.3f}：几乎必有信息泄漏，请逐列核对决策时是否已知。",
            f"AUC {best.auc:.3f} on tested rows: something almost surely leaks; check that every column is known in time.")))
    if trained.outcomes[trained.choice.kind].psi >= _SHIFTED:
        found.append(Warned("scores_shifted", Text(
            f"测试与训练的分数分布差异大（PSI {trained.outcomes[trained.choice.kind].psi:.3f}）。",
            f"Tested scores lie far from training scores (PSI {trained.outcomes[trained.choice.kind].psi:.3f}).")))
    return found


def reasons(trained: Trained) -> list[dict[str, Any]]:
    """Return each scorecard column's mean points lost among tested good and bad rows, the dearest for bad rows first."""
    tested = subset(trained.prepared.features, trained.tested)
    y = trained.prepared.y[trained.tested]
    names, lost = trained.scorecard.reason_points(tested)
    table = [
        {"column": name, "good": _round(lost[y == 0, place].mean()), "bad": _round(lost[y == 1, place].mean())}
        for place, name in enumerate(names)
    ]
    return sorted(table, key=lambda row: -row["bad"])


def periods(trained: Trained) -> list[dict[str, Any]]:
    """Return stability by month (quarter or year when there are many): rows, bad rate, AUC and PSI of tested rows."""
    days = trained.prepared.days
    if days is None:
        return []
    names = _period_names(days[trained.tested])
    y = trained.prepared.y[trained.tested]
    table = []
    for name in sorted(set(names)):
        rows = np.array([one == name for one in names])
        line: dict[str, Any] = {"period": name, "rows": int(rows.sum()), "bad_rate": _round(y[rows].mean())}
        for kind, outcome in trained.outcomes.items():
            two_sided = 0 < y[rows].sum() < rows.sum()
            line[f"{kind}_auc"] = _round(auc_of(y[rows], outcome.probability[rows])) if two_sided else None
            line[f"{kind}_psi"] = _round(score_psi(outcome.train_probability, outcome.probability[rows]))
        table.append(line)
    return table


def _period_names(days: NDArray[np.float64]) -> list[str]:
    months = month_names(days)
    if len(set(months)) <= _MOST_PERIODS or "-" not in months[0]:
        return months
    quarters = [f"{one[:4]}Q{(int(one[5:7]) + 2) // 3}" for one in months]
    return quarters if len(set(quarters)) <= _MOST_PERIODS else [one[:4] for one in months]


def _figures(outcome: Outcome, y: NDArray[np.int64]) -> dict[str, Any]:
    pooled = {key: (_round(value) if isinstance(value, float) else value) for key, value in outcome.measures.as_dict().items()}
    pooled["auc_pooled"] = pooled.pop("auc")
    return {
        "auc": _round(outcome.auc),
        "auc_interval": [_round(one) for one in outcome.auc_interval],
        "auc_folds": [_round(one) for one in outcome.fold_aucs],
        **pooled,
        "ks_interval": [_round(one) for one in outcome.ks_interval],
        "train_auc": _round(outcome.train_auc),
        "psi_train_test": _round(outcome.psi),
        "lift": [{key: _round(value) for key, value in row.items()} for row in lift_table(y, outcome.probability)],
        "calibration": [[_round(one) for one in row] for row in calibration_points(y, outcome.probability)],
    }


def _round(value: float) -> float:
    return round(float(value), _DIGITS)
