"""How well scores separate, rank and predict (R2.6). Numpy only; a higher score means more risk throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_TINY = 1e-12
PSI_BINS = 10


@dataclass(frozen=True, slots=True)
class Curves:
    """Cumulative counts over score thresholds, highest score first; ties are one step."""

    thresholds: Floats
    bad: Floats  # bad rows at or above the threshold
    good: Floats

    @property
    def true_rate(self) -> Floats:
        """Recall: share of bad rows caught, starting at 0."""
        return np.concatenate([[0.0], self.bad / max(self.bad[-1], _TINY)])

    @property
    def false_rate(self) -> Floats:
        """Share of good rows caught, starting at 0."""
        return np.concatenate([[0.0], self.good / max(self.good[-1], _TINY)])


@dataclass(frozen=True, slots=True)
class Measures:
    """One model on one set of rows."""

    rows: int
    bad: int
    auc: float
    ks: float
    average_precision: float
    recall_at_1pct_fpr: float
    brier: float
    log_loss: float
    calibration_slope: float
    calibration_intercept: float
    ece: float

    def as_dict(self) -> dict[str, float]:
        """Plain numbers for JSON."""
        return asdict(self)


def curves(y: Ints, score: Floats, weight: Floats | None = None) -> Curves:
    """Return cumulative counts by falling score."""
    order = np.argsort(-score, kind="stable")
    ordered, hits = score[order], y[order].astype(float)
    weights = np.ones(len(y)) if weight is None else weight[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return Curves(ordered[last], np.cumsum(hits * weights)[last], np.cumsum((1 - hits) * weights)[last])


def auc_of(y: Ints, score: Floats) -> float:
    """Area under the ROC curve; half for ties. 0.5 when one class is missing."""
    if len(y) == 0 or y.min() == y.max():
        return 0.5
    return _auc(curves(y, score))


def measure(y: Ints, score: Floats, probability: Floats) -> Measures:
    """Return every figure of a model on these rows."""
    drawn = curves(y, score)
    true_rate, false_rate = drawn.true_rate, drawn.false_rate
    clipped = np.clip(probability, 1e-9, 1 - 1e-9)
    intercept, slope = calibration_line(y, clipped)
    return Measures(
        rows=len(y),
        bad=int(y.sum()),
        auc=_auc(drawn),
        ks=float(np.max(true_rate - false_rate)),
        average_precision=average_precision(drawn),
        recall_at_1pct_fpr=float(np.interp(0.01, *_upper(false_rate, true_rate))),
        brier=float(np.mean((clipped - y) ** 2)),
        log_loss=float(-np.mean(y * np.log(clipped) + (1 - y) * np.log(1 - clipped))),
        calibration_slope=slope,
        calibration_intercept=intercept,
        ece=expected_calibration_error(y, clipped),
    )


def average_precision(drawn: Curves) -> float:
    """Mean precision over recall steps."""
    precision = drawn.bad / np.maximum(drawn.bad + drawn.good, _TINY)
    return float(np.sum(np.diff(drawn.true_rate) * precision))


def expected_calibration_error(y: Ints, probability: Floats, *, bins: int = 10) -> float:
    """Mean gap between predicted and seen share over equally filled bins."""
    parts = calibration_points(y, probability, bins=bins)
    return float(np.sum(parts[:, 2] * np.abs(parts[:, 0] - parts[:, 1])) / np.sum(parts[:, 2]))


def calibration_points(y: Ints, probability: Floats, *, bins: int = 10) -> Floats:
    """Return predicted mean, seen share and rows of equally filled bins."""
    order = np.argsort(probability, kind="stable")
    chunks = [part for part in np.array_split(order, bins) if len(part)]
    return np.array([[probability[part].mean(), y[part].mean(), len(part)] for part in chunks])


def calibration_line(y: Ints, probability: Floats) -> tuple[float, float]:
    """Return intercept and slope of the outcome's log-odds on the predicted ones; (0, 1) is perfect."""
    logit = np.log(probability / (1 - probability))
    if len(y) == 0 or y.min() == y.max() or np.ptp(logit) < _TINY:
        return 0.0, 1.0
    design = np.column_stack([np.ones(len(y)), logit])
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        weight = np.maximum(fitted * (1 - fitted), 1e-9)
        step = np.linalg.solve(design.T @ (design * weight[:, None]) + 1e-9 * np.eye(2), design.T @ (y - fitted))
        beta = beta + np.clip(step, -5, 5)
        if np.max(np.abs(step)) < 1e-8:
            break
    return float(beta[0]), float(beta[1])


def psi(expected: Floats, actual: Floats) -> float:
    """Population stability index of two shares over the same bins; empty bins count as half a row in 10,000."""
    first, second = np.maximum(expected, 5e-5), np.maximum(actual, 5e-5)
    first, second = first / first.sum(), second / second.sum()
    return float(np.sum((second - first) * np.log(second / first)))


def score_edges(score: Floats, *, bins: int = PSI_BINS) -> Floats:
    """Return the inner edges of equally filled score bins."""
    return np.unique(np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1]))


def shares(values: Floats, edges: Floats) -> Floats:
    """Return the share of values in each bin between edges."""
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return counts / max(len(values), 1)


def score_psi(expected: Floats, actual: Floats, *, bins: int = PSI_BINS) -> float:
    """PSI of two score samples over deciles of the first."""
    edges = score_edges(expected, bins=bins)
    return psi(shares(expected, edges), shares(actual, edges))


def crossed_psi(parts: list[tuple[Floats, Floats]], *, bins: int = PSI_BINS) -> float:
    """PSI of tested scores against the same model's training scores, counted over all folds together."""
    expected, actual = np.zeros(bins), np.zeros(bins)
    for learned, tested in parts:
        edges = score_edges(learned, bins=bins)
        expected[: len(edges) + 1] += shares(learned, edges) * len(tested)
        actual[: len(edges) + 1] += shares(tested, edges) * len(tested)
    return psi(expected / expected.sum(), actual / actual.sum())


def interval(draws: Floats, *, level: float = 0.95) -> tuple[float, float]:
    """Return the central interval of bootstrap draws."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def bootstrap(
    y: Ints, scores: list[Floats], figure: Callable[[Curves], float], *, draws: int = 400, seed: int = 20260101
) -> Floats:
    """Return draws × models of a figure over resampled rows; all models see the same rows of a draw (paired).

    Good and bad rows are resampled apart, so that every draw has as many of each as the sample.
    """
    random = np.random.default_rng(seed)
    orders = [np.argsort(-score, kind="stable") for score in scores]
    lasts = [
        np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1) for score, order in zip(scores, orders, strict=True)
    ]
    bad, good = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    out = np.empty((draws, len(scores)))
    for draw in range(draws):
        weight = np.zeros(len(y))
        weight[bad] = np.bincount(random.integers(0, len(bad), len(bad)), minlength=len(bad))
        weight[good] = np.bincount(random.integers(0, len(good), len(good)), minlength=len(good))
        bad_weight, good_weight = weight * y, weight * (1 - y)
        for model, (order, last) in enumerate(zip(orders, lasts, strict=True)):
            out[draw, model] = figure(
                Curves(scores[model][order][last], np.cumsum(bad_weight[order])[last], np.cumsum(good_weight[order])[last])
            )
    return out


def figure_auc(drawn: Curves) -> float:
    """AUC of cumulative counts; for `bootstrap`."""
    return _auc(drawn)


def figure_ks(drawn: Curves) -> float:
    """KS of cumulative counts; for `bootstrap`."""
    return float(np.max(drawn.true_rate - drawn.false_rate))


def lift_table(y: Ints, score: Floats, *, parts: int = 10) -> list[dict[str, float]]:
    """Return, riskiest tenth first: rows, bad, bad rate, lift, cumulative share of bad and KS."""
    order = np.argsort(-score, kind="stable")
    total_bad, total_good, base = max(int(y.sum()), 1), max(int((1 - y).sum()), 1), max(float(y.mean()), _TINY)
    table, seen_bad, seen_good = [], 0, 0
    for part in np.array_split(order, parts):
        if not len(part):
            continue
        bad = int(y[part].sum())
        seen_bad, seen_good = seen_bad + bad, seen_good + len(part) - bad
        table.append(
            {
                "rows": len(part),
                "bad": bad,
                "bad_rate": bad / len(part),
                "lift": bad / len(part) / base,
                "cumulative_bad_share": seen_bad / total_bad,
                "ks": seen_bad / total_bad - seen_good / total_good,
                "score_from": float(score[part].min()),
                "score_to": float(score[part].max()),
            }
        )
    return table


def _auc(drawn: Curves) -> float:
    return float(np.trapezoid(drawn.true_rate, drawn.false_rate))


def _upper(false_rate: Floats, true_rate: Floats) -> tuple[Floats, Floats]:
    """Return the curve's points with one true rate for each false rate: the highest."""
    last = np.append(np.flatnonzero(np.diff(false_rate)), len(false_rate) - 1)
    return false_rate[last], true_rate[last]
