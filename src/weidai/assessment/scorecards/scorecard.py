"""A weight-of-evidence scorecard: logistic regression over binned columns, told as whole points (R2.6).

Regularization is chosen by cross-validation among the training rows; a column whose coefficient turns against its own
evidence is left out (sign check). Points and log-odds: score = base + factor × (ln odds − ln base odds), odds being
good : bad and factor = points to double ÷ ln 2. What is measured and served are the whole points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.binning import BinningRules, Bins, bins_fit
from weidai.assessment.scorecards.columns import Features
from weidai.assessment.scorecards.errors import ScalingImpossible
from weidai.assessment.scorecards.measures import auc_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_LEAST_IV = 0.01
_MOST_ROUNDS = 100
_MOST_COLUMNS = 60  # the most informative go on; more could not be explained to anybody
_MOST_TRIED = 40_000  # rows the penalty is chosen on


@dataclass(frozen=True, slots=True)
class Scaling:
    """Points ↔ log-odds: `base_points` at `base_odds` good to one bad; `double_points` double the odds."""

    base_points: int = 600
    base_odds: float = 20.0
    double_points: int = 50

    def __post_init__(self) -> None:
        if self.base_odds <= 0 or self.double_points <= 0:
            raise ScalingImpossible

    @property
    def factor(self) -> float:
        """Points per unit of natural log-odds."""
        return float(self.double_points / np.log(2))

    def points(self, bad_log_odds: Floats | float) -> Floats | float:
        """Return points, not rounded, for log-odds of bad."""
        return self.base_points - self.factor * (np.log(self.base_odds) + bad_log_odds)

    def probability(self, points: Floats | float) -> Floats | float:
        """Return the probability of bad that points stand for."""
        log_odds = (self.base_points - np.asarray(points, float)) / self.factor - np.log(self.base_odds)
        return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


@dataclass(frozen=True, slots=True)
class ScoredColumn:
    """A column with its bins, coefficient and whole points per bin (less is riskier)."""

    bins: Bins
    coefficient: float
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The points table: `constant` plus one row's points of every column."""

    scaling: Scaling
    constant: int
    columns: tuple[ScoredColumn, ...]
    penalty: float
    dropped: dict[str, str] = field(default_factory=dict)  # column → weak, sign or unused

    def points(self, features: Features) -> Ints:
        """Return each row's whole points: higher is safer."""
        total = np.full(features.rows, self.constant, dtype=np.int64)
        for one in self.columns:
            total += np.array(one.points)[one.bins.positions(features.values[one.bins.column.name])]
        return total

    def probability(self, features: Features) -> Floats:
        """Return each row's probability of bad, from the whole points."""
        return np.asarray(self.scaling.probability(self.points(features).astype(float)))

    def reason_points(self, features: Features) -> tuple[list[str], Ints]:
        """Return column names and how many points each row lost in each against the column's best bin."""
        names = [one.bins.column.name for one in self.columns]
        lost = [
            max(one.points[:-1]) - np.array(one.points)[one.bins.positions(features.values[name])]
            for name, one in zip(names, self.columns, strict=True)
        ]
        return names, np.column_stack(lost) if lost else np.zeros((features.rows, 0), dtype=np.int64)


def subset(features: Features, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Features:
    """Return the features of some rows."""
    return Features(features.columns, {name: values[rows] for name, values in features.values.items()}, features.excluded)


def scorecard_fit(features: Features, y: Ints, *, rules: BinningRules, scaling: Scaling, seed: int) -> Scorecard:
    """Learn a scorecard from training rows alone."""
    bins = [bins_fit(column, features.values[column.name], y, rules) for column in features.columns]
    dropped = {one.column.name: "weak" for one in bins if one.information_value < _least_value(len(y))}
    used = [one for one in bins if one.column.name not in dropped]
    if len(used) > _MOST_COLUMNS:
        used = sorted(used, key=lambda one: -one.information_value)[:_MOST_COLUMNS]
        dropped |= {one.column.name: "weak" for one in bins if one not in used}
    if not used:
        used, dropped = sorted(bins, key=lambda one: -one.information_value)[:1], {}
    evidence = np.column_stack([one.evidence(features.values[one.column.name]) for one in used])
    penalty = _penalty(features, y, [one.column.name for one in used], rules, seed)
    intercept, weights, kept = _signed(evidence, y, penalty)
    dropped |= {one.column.name: "sign" for one, is_kept in zip(used, kept, strict=True) if not is_kept}
    columns, constant = [], float(scaling.points(intercept))
    for one, weight, is_kept in zip(used, weights, kept, strict=True):
        if is_kept:
            points = tuple(round(-scaling.factor * weight * value) for value in one.weight_of_evidence)
            columns.append(ScoredColumn(one, float(weight), points))
    return Scorecard(scaling, round(constant), tuple(columns), penalty, dropped)


def logistic_fit(design: Floats, y: Ints, penalty: float) -> tuple[float, Floats]:
    """Return intercept and weights of a ridge logistic regression; the intercept is not penalized."""
    rows, width = design.shape
    full = np.column_stack([np.ones(rows), design])
    beta = np.zeros(width + 1)
    beta[0] = np.log(np.clip(y.mean(), 1e-6, 1 - 1e-6) / (1 - np.clip(y.mean(), 1e-6, 1 - 1e-6)))
    ridge = np.full(width + 1, penalty)
    ridge[0] = 1e-9
    for _ in range(_MOST_ROUNDS):
        fitted = 1 / (1 + np.exp(-np.clip(full @ beta, -30, 30)))
        weight = np.maximum(fitted * (1 - fitted), 1e-6)
        step = np.linalg.solve(full.T @ (full * weight[:, None]) + np.diag(ridge), full.T @ (y - fitted) - ridge * beta)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-7:
            break
    return float(beta[0]), beta[1:]


def _least_value(rows: int) -> float:
    """A column must say more than noise of that many rows would."""
    return max(_LEAST_IV, min(4.0 / rows, 0.02))


def _signed(evidence: Floats, y: Ints, penalty: float) -> tuple[float, Floats, list[bool]]:
    """Fit, leaving out the worst columns with a negative weight (half of them at a time) until none is left: risk never pays."""
    kept = np.ones(evidence.shape[1], dtype=bool)
    weights = np.zeros(evidence.shape[1])
    while True:
        intercept, found = logistic_fit(evidence[:, kept], y, penalty)
        weights[:] = 0
        weights[kept] = found
        if kept.sum() <= 1 or found.min() > 0:
            return intercept, weights, kept.tolist()
        wrong = np.flatnonzero(found <= 0)
        worst = wrong[np.argsort(found[wrong])][: max(1, len(wrong) // 2)]
        kept[np.flatnonzero(kept)[worst]] = False
        if not kept.any():
            kept[int(np.argmax(weights))] = True


def _penalty(features: Features, y: Ints, names: list[str], rules: BinningRules, seed: int) -> float:
    """Return the ridge penalty with the best inner cross-validated log-loss; bins are learned anew in each inner fold."""
    if len(y) > _MOST_TRIED:
        tried = np.flatnonzero(stratified_places(y, int(np.ceil(len(y) / _MOST_TRIED)), seed) == 0)
        features, y = subset(features, tried), y[tried]
    folds = min(5, int(y.sum()), int((1 - y).sum()))
    if folds < 2:
        return 10.0
    place = stratified_places(y, folds, seed)
    by_name = {column.name: column for column in features.columns}
    losses = np.zeros(len(_PENALTIES))
    for fold in range(folds):
        inside, outside = place != fold, place == fold
        bins = [bins_fit(by_name[name], features.values[name][inside], y[inside], rules) for name in names]
        train = np.column_stack([one.evidence(features.values[one.column.name][inside]) for one in bins])
        test = np.column_stack([one.evidence(features.values[one.column.name][outside]) for one in bins])
        for index, penalty in enumerate(_PENALTIES):
            intercept, weights, _ = _signed(train, y[inside], penalty)
            losses[index] += _log_loss(y[outside], intercept + test @ weights)
    return _PENALTIES[int(np.argmin(losses))]


def stratified_places(y: Ints, folds: int, seed: int) -> Ints:
    """Return each row's fold; good and bad rows are dealt out evenly."""
    random = np.random.default_rng(seed)
    place = np.zeros(len(y), dtype=np.int64)
    for label in (0, 1):
        rows = random.permutation(np.flatnonzero(y == label))
        place[rows] = np.arange(len(rows)) % folds
    return place


def _log_loss(y: Ints, log_odds: Floats) -> float:
    return float(np.sum(np.logaddexp(0, log_odds) - y * log_odds))


def auc_of_points(y: Ints, points: Ints) -> float:
    """AUC of points, where fewer points mean more risk."""
    return auc_of(y, -points.astype(float))
