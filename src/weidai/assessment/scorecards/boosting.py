"""A gradient-boosted challenger learned from training rows alone (R2.6).

Inputs are cut to float32 before training, because the serving runtime compares in float32. Levels of a category become
their smoothed weight of evidence. Size and number of trees are chosen by inner cross-validation on at most 40,000 rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.columns import Column, Features
from weidai.assessment.scorecards.errors import TrainingGroupMissing
from weidai.assessment.scorecards.scorecard import stratified_places, subset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST_TREES = 600
_MOST_TRIED = 40_000
_PATIENCE = 30
_SMOOTHING_ROWS = 20.0
_FEW_LEVELS = 12
SHAPES = (  # leaves, least rows in a leaf, share of columns a tree sees
    {"num_leaves": 5, "min_data_in_leaf": 20, "feature_fraction": 0.4},
    {"num_leaves": 12, "min_data_in_leaf": 40, "feature_fraction": 0.4},
)
LARGE_SHAPE = {"num_leaves": 31, "min_data_in_leaf": 80, "feature_fraction": 0.4}
LARGE_ROWS = 5_000
HUGE_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """How columns become the booster's numbers: as they are, or a level's weight of evidence."""

    columns: tuple[Column, ...]
    level_values: dict[str, tuple[float, ...]]

    def matrix(self, features: Features) -> NDArray[np.float32]:
        """Return the booster's input; missing is NaN, an unseen level 0."""
        parts = []
        for column in self.columns:
            values = features.values[column.name]
            if column.kind == "category":
                table = np.array([*self.level_values[column.name], 0.0, np.nan])  # … unseen, missing
                values = table[np.where(values < 0, len(table) - 1, np.minimum(values, len(table) - 2)).astype(np.int64)]
            parts.append(values.astype(np.float32))
        return np.column_stack(parts)


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted challenger."""

    encoding: Encoding
    booster: Any
    settings: dict[str, float]
    trees: int

    def log_odds(self, features: Features) -> Floats:
        """Return each row's log-odds of bad."""
        return np.asarray(self.booster.predict(self.encoding.matrix(features), raw_score=True, num_threads=1))

    def probability(self, features: Features) -> Floats:
        """Return each row's probability of bad."""
        return 1 / (1 + np.exp(-self.log_odds(features)))

    def importance(self) -> list[tuple[str, float]]:
        """Return each column's share of the gain, greatest first."""
        gain = self.booster.feature_importance("gain")
        total = max(float(gain.sum()), 1e-12)
        names = [column.name for column in self.encoding.columns]
        return sorted(((name, float(one) / total) for name, one in zip(names, gain, strict=True)), key=lambda pair: -pair[1])


def boosted_fit(features: Features, y: Ints, *, seed: int) -> Boosted:
    """Learn the challenger from training rows alone."""
    lgb = _lightgbm()
    encoding = encoding_fit(features, y)
    rows = _crossed(encoding, features, y, seed)
    base: dict[str, Any] = {
        "objective": "binary",
        "metric": "binary_logloss",
        "verbosity": -1,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "learning_rate": 0.1 if len(y) > HUGE_ROWS else 0.05 if len(y) > LARGE_ROWS else 0.04,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "feature_pre_filter": False,
    }
    best: tuple[float, int, dict[str, Any]] | None = None
    tried = _sampled(y, seed)
    for shape in _shapes(len(y)):
        settings = base | shape | {"min_data_in_leaf": max(2, min(int(shape["min_data_in_leaf"]), len(y) // 20))}
        loss, trees = _inner(lgb, rows[tried], y[tried], settings, seed)
        if best is None or loss < best[0]:
            best = (loss, trees, settings)
    assert best is not None
    booster = lgb.train(
        best[2], lgb.Dataset(rows, label=y, params={"verbosity": -1, "max_bin": base["max_bin"]}), num_boost_round=best[1]
    )
    shown = {
        key: best[2][key]
        for key in ("num_leaves", "min_data_in_leaf", "feature_fraction", "learning_rate", "bagging_fraction", "lambda_l2")
    }
    return Boosted(encoding, booster, shown, best[1])


def encoding_fit(features: Features, y: Ints) -> Encoding:
    """Return the encoding of categories, each level at its smoothed weight of evidence."""
    average = float(np.clip(y.mean(), 1e-6, 1 - 1e-6))
    tables = {}
    for column in features.columns:
        if column.kind == "category":
            codes = features.values[column.name]
            known = codes >= 0
            at = codes[known].astype(np.int64)
            count = np.bincount(at, minlength=len(column.levels))
            bad = np.bincount(at, weights=y[known], minlength=len(column.levels))
            rate = (bad + average * _SMOOTHING_ROWS) / (count + _SMOOTHING_ROWS)
            tables[column.name] = tuple(float(one) for one in np.log(rate / (1 - rate)) - np.log(average / (1 - average)))
    return Encoding(tuple(features.columns), tables)


def _crossed(encoding: Encoding, features: Features, y: Ints, seed: int) -> NDArray[np.float32]:
    """Return the training rows, each level's evidence learned from the other folds: a row must not tell its own outcome."""
    rows = encoding.matrix(features)
    many = [
        place for place, column in enumerate(encoding.columns) if column.kind == "category" and len(column.levels) > _FEW_LEVELS
    ]
    folds = min(5, int(y.sum()), int((1 - y).sum()))
    if not many or folds < 2:
        return rows
    place = stratified_places(y, folds, seed)
    for fold in range(folds):
        inside, outside = subset(features, place != fold), subset(features, place == fold)
        other = encoding_fit(inside, y[place != fold]).matrix(outside)
        rows[np.ix_(place == fold, many)] = other[:, many]
    return rows


def _shapes(rows: int) -> tuple[dict[str, float], ...]:
    return (*SHAPES, LARGE_SHAPE) if rows > LARGE_ROWS else SHAPES


def _sampled(y: Ints, seed: int) -> Ints:
    """Return the rows that choices are tried on: all, or a sample with good and bad as they are."""
    if len(y) <= _MOST_TRIED:
        return np.arange(len(y))
    parts = int(np.ceil(len(y) / _MOST_TRIED))
    return np.flatnonzero(stratified_places(y, parts, seed) == 0)


def _inner(lgb: Any, rows: NDArray[np.float32], y: Ints, settings: dict[str, Any], seed: int) -> tuple[float, int]:
    """Return the best inner cross-validated log-loss and the number of trees that gave it."""
    folds = max(2, min(4 if len(y) <= LARGE_ROWS else 3, int(y.sum()), int((1 - y).sum())))
    place = stratified_places(y, folds, seed)
    pairs = [(np.flatnonzero(place != fold), np.flatnonzero(place == fold)) for fold in range(folds)]
    whole = lgb.Dataset(rows, label=y, params={"verbosity": -1, "max_bin": settings["max_bin"]}, free_raw_data=False)
    curve = lgb.cv(
        settings, whole, num_boost_round=_MOST_TREES, folds=pairs, callbacks=[lgb.early_stopping(_PATIENCE, verbose=False)]
    )["valid binary_logloss-mean"]
    return float(min(curve)), max(1, int(np.argmin(curve)) + 1)


def _lightgbm() -> Any:
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        raise TrainingGroupMissing(package="lightgbm") from error
    return lightgbm
