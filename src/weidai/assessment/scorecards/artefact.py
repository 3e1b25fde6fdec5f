"""A trained model as files: everything needed to score, to explain and to compare later, and nothing about any person.

`model.json` holds columns, bins, points and reference shares; `challenger.onnx` the trees; `scorecard.toml` the points
table for people. One hash over both machine files names the model (R2.6).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from weidai.assessment.scorecards.artefact_files import FORMAT
from weidai.assessment.scorecards.binning import Bins, bins_fit
from weidai.assessment.scorecards.columns import Column
from weidai.assessment.scorecards.measures import score_edges, shares
from weidai.assessment.scorecards.onnx_trees import TOLERANCE, difference, onnx_bytes
from weidai.assessment.scorecards.results import results_of
from weidai.assessment.scorecards.scorecard import Scaling, subset
from weidai.assessment.scorecards.training import Trained

_MOST_COMPARED = 100_000  # rows ONNX and booster are compared on


def artefact_make(trained: Trained) -> tuple[dict[str, Any], bytes]:
    """Return the model's content and its trees; trees that do not answer like the booster are a bug, never saved."""
    features, y = trained.prepared.features, trained.prepared.y
    encoding = trained.boosted.encoding
    matrix = encoding.matrix(features)
    trees = onnx_bytes(trained.boosted.booster, width=matrix.shape[1])
    gap = difference(trained.boosted.booster, trees, matrix[:: 1 + len(matrix) // _MOST_COMPARED])
    assert gap <= TOLERANCE, f"ONNX and booster differ by {gap}"
    learned = np.arange(len(y)) if trained.prepared.protocol.is_crossed else trained.prepared.protocol.splits[0].train
    inside = subset(features, learned)
    bins = [bins_fit(column, inside.values[column.name], y[learned], trained.rules) for column in inside.columns]
    scaling = trained.scorecard.scaling
    content = {
        "format": FORMAT,
        "name": trained.prepared.request.name,
        "kind": trained.choice.kind,
        "results": results_of(trained),
        "scaling": asdict(scaling),
        "inputs": [bins_to_json(one) for one in bins],
        "scorecard": {
            "constant": trained.scorecard.constant,
            "penalty": trained.scorecard.penalty,
            "columns": [
                {"name": one.bins.column.name, "coefficient": one.coefficient, "points": list(one.points)}
                for one in trained.scorecard.columns
            ],
        },
        "boosting": {
            "columns": [column.name for column in encoding.columns],
            "levels": {name: list(values) for name, values in encoding.level_values.items()},
            "typical": [_typical(matrix[learned][:, place]) for place in range(matrix.shape[1])],
            "settings": trained.boosted.settings,
            "trees": trained.boosted.trees,
            "onnx_largest_gap": gap,
        },
        "reference": {kind: _reference(scaling, outcome.train_probability) for kind, outcome in trained.outcomes.items()},
    }
    return content, trees


def bins_to_json(bins: Bins) -> dict[str, Any]:
    """Return a column's bins as plain values."""
    return {
        "column": {**asdict(bins.column), "specials": list(bins.column.specials), "levels": list(bins.column.levels)},
        "edges": list(bins.edges),
        "groups": [list(one) for one in bins.groups],
        "good": list(bins.good),
        "bad": list(bins.bad),
        "weight_of_evidence": list(bins.weight_of_evidence),
    }


def bins_from_json(stored: dict[str, Any]) -> Bins:
    """Return the bins that were stored."""
    column = Column(
        **{**stored["column"], "specials": tuple(stored["column"]["specials"]), "levels": tuple(stored["column"]["levels"])}
    )
    return Bins(
        column,
        tuple(stored["edges"]),
        tuple(tuple(one) for one in stored["groups"]),
        tuple(stored["good"]),
        tuple(stored["bad"]),
        tuple(stored["weight_of_evidence"]),
    )


def bin_labels(bins: Bins) -> list[str]:
    """Return what each bin holds, in signs that need no language; the last two are missing and others."""
    if bins.is_grouped:
        regular = [", ".join(group[:12]) + (" …" if len(group) > 12 else "") for group in bins.groups]
    elif not bins.edges:
        regular = ["(-∞, +∞)"]
    else:
        regular = [f"≤ {bins.edges[0]:g}"]
        regular += [f"({low:g}, {high:g}]" for low, high in zip(bins.edges, bins.edges[1:], strict=False)]
        regular += [f"> {bins.edges[-1]:g}"]
    return [*regular, *(f"= {code:g}" for code in bins.column.specials), "∅", "*"]


def points_toml(content: dict[str, Any]) -> str:
    """Return the points table as TOML for people and other programs; the scaling is stated on top."""
    scaling = Scaling(**content["scaling"])
    lines = [
        "# score = constant + points of every column; higher is safer.",
        f"# score = {scaling.base_points} + {scaling.factor:.6f} × (ln(good : bad) − ln {scaling.base_odds:g}); "
        f"{scaling.double_points} points double the odds.",
        "# ∅ = missing, * = rare or never seen.",
        f"constant = {content['scorecard']['constant']}",
        f"base_points = {scaling.base_points}",
        f"base_odds = {scaling.base_odds}",
        f"double_points = {scaling.double_points}",
        "",
    ]
    inputs = {one["column"]["name"]: bins_from_json(one) for one in content["inputs"]}
    for column in content["scorecard"]["columns"]:
        bins = inputs[column["name"]]
        lines += [
            "[[column]]",
            f"name = {json.dumps(column['name'], ensure_ascii=False)}",
            f"coefficient = {column['coefficient']:.6f}",
            "bins = [",
        ]
        for label, term, points, good, bad, evidence in zip(
            bin_labels(bins), _terms(bins), column["points"], bins.good, bins.bad, bins.weight_of_evidence, strict=True
        ):
            lines.append(
                f"  {{ label = {json.dumps(label, ensure_ascii=False)}, {term}points = {points}, good = {good}, bad = {bad}, "
                f"weight_of_evidence = {evidence:.6f} }},"
            )
        lines += ["]", ""]
    return "\n".join(lines)


def _terms(bins: Bins) -> list[str]:
    """Return what puts a value into each bin, for programs: up_to (inclusive; the last range has none), levels, equals."""
    if bins.is_grouped:
        regular = [f"levels = {json.dumps(list(group), ensure_ascii=False)}, " for group in bins.groups]
    else:
        regular = [*(f"up_to = {float(edge)!r}, " for edge in bins.edges), ""]
    return [*regular, *(f"equals = {float(code)!r}, " for code in bins.column.specials), "missing = true, ", "other = true, "]


def _typical(values: np.ndarray) -> float | None:
    """Return the middle value seen in training; None when nothing was seen."""
    present = values[~np.isnan(values)]
    return float(np.quantile(present, 0.5, method="lower")) if len(present) else None


def _reference(scaling: Scaling, probability: np.ndarray) -> dict[str, list[float]]:
    """Return edges and shares of the training scores, in points, for later drift."""
    clipped = np.clip(probability, 1e-9, 1 - 1e-9)
    points = np.asarray(scaling.points(np.log(clipped / (1 - clipped))))
    edges = score_edges(points)
    return {"edges": [float(one) for one in edges], "shares": [float(one) for one in shares(points, edges)]}

