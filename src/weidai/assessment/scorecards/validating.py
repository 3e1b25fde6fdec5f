"""Measuring a stored model on rows it never saw, exactly as it would serve them (R2.6)."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.artefact import bins_from_json
from weidai.assessment.scorecards.artefact_files import artefact_hash, artefact_read
from weidai.assessment.scorecards.columns import Features, features_apply, numbers_of
from weidai.assessment.scorecards.dates import time_of
from weidai.assessment.scorecards.measures import auc_of, bootstrap, figure_auc, interval, measure, psi, shares
from weidai.assessment.scorecards.onnx_trees import onnx_log_odds, onnx_session
from weidai.assessment.scorecards.scorecard import Scaling
from weidai.assessment.scorecards.serving import BOOSTING, SCORECARD, ServedModel
from weidai.assessment.scorecards.tables import column_named, table_hash, table_read
from weidai.assessment.scorecards.target import target_read

_TIMED = 500


def model_validate(folder: Path, file: Path, *, target: str | None, time: str | None) -> dict[str, Any]:
    """Return the figures of both kinds of a stored model on a table, and the time of one scoring in microseconds."""
    content, trees = artefact_read(folder)
    frame = table_read(file)
    told = content["results"]["target"]
    name = column_named(frame, target or told["column"])
    found, y, known = target_read(frame[name], name, tuple(told["bad_values"]) if target is None else ())
    frame, y = frame.filter(known), y[known]
    days = None
    if time is not None:
        column = column_named(frame, time)
        days = time_of(frame[column], numbers_of(frame[column]), name=column)
    bins = [bins_from_json(one) for one in content["inputs"]]
    features = features_apply(frame, [one.column for one in bins], row_days=days)
    scaling = Scaling(**content["scaling"])
    points = {SCORECARD: _card_points(content, features), BOOSTING: _tree_points(content, trees, features, scaling)}
    models = {kind: _figures(y, one, scaling, content["reference"][kind]) for kind, one in points.items()}
    shifts = {}
    for one in bins:
        learned = np.array(one.good, float) + np.array(one.bad, float)
        seen = np.bincount(one.positions(features.values[one.column.name]), minlength=one.count)
        shifts[one.column.name] = round(psi(learned / max(learned.sum(), 1), seen / len(y)), 6)
    return {
        "artefact_hash": artefact_hash(content, trees), "file": file.name, "data_hash": table_hash(file), "rows": len(y),
        "bad_rows": found.bad_rows, "chosen": content["kind"], "models": models,
        "inputs_psi": dict(sorted(shifts.items(), key=lambda pair: -pair[1])),
        "micros_p50": {kind: _micros(content, trees, kind, frame) for kind in (SCORECARD, BOOSTING)}}


def _card_points(content: dict[str, Any], features: Features) -> NDArray[np.float64]:
    by_name = {one["column"]["name"]: bins_from_json(one) for one in content["inputs"]}
    total = np.full(features.rows, float(content["scorecard"]["constant"]))
    for column in content["scorecard"]["columns"]:
        total += np.array(column["points"])[by_name[column["name"]].positions(features.values[column["name"]])]
    return total


def _tree_points(content: dict[str, Any], trees: bytes, features: Features, scaling: Scaling) -> NDArray[np.float64]:
    from weidai.assessment.scorecards.boosting import Encoding

    columns = {one.name: one for one in features.columns}
    encoding = Encoding(tuple(columns[name] for name in content["boosting"]["columns"]),
                        {name: tuple(values) for name, values in content["boosting"]["levels"].items()})
    return np.asarray(scaling.points(onnx_log_odds(onnx_session(trees), encoding.matrix(features))))


def _figures(y: NDArray[np.int64], points: NDArray[np.float64], scaling: Scaling, reference: dict[str, Any]) -> dict[str, Any]:
    probability = np.asarray(scaling.probability(points))
    low, high = interval(bootstrap(y, [probability], figure_auc)[:, 0])
    seen = shares(points, np.array(reference["edges"]))
    figures = {key: round(float(value), 6) for key, value in measure(y, probability, probability).as_dict().items()}
    return {**figures, "auc": round(auc_of(y, probability), 6), "auc_interval": [round(low, 6), round(high, 6)],
            "psi": round(psi(np.array(reference["shares"]), seen), 6)}


def _micros(content: dict[str, Any], trees: bytes, kind: str, frame: Any) -> int:
    served = ServedModel(content, trees, kind=kind)
    spent = []
    for record in frame.head(_TIMED).to_dicts():
        begun = perf_counter_ns()
        served.score(record)
        spent.append(perf_counter_ns() - begun)
    return int(np.median(spent) // 1000)
