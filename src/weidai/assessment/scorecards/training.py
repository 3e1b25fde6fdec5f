"""Training and honest measuring: every choice inside the training part, the test part looked at once (R2.6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.binning import BinningRules
from weidai.assessment.scorecards.boosting import Boosted, boosted_fit
from weidai.assessment.scorecards.measures import (
    Measures,
    auc_of,
    bootstrap,
    crossed_psi,
    figure_auc,
    figure_ks,
    interval,
    measure,
)
from weidai.assessment.scorecards.prepare import Prepared
from weidai.assessment.scorecards.scorecard import Scorecard, scorecard_fit, subset
from weidai.kernel.text import Text

Floats = NDArray[np.float64]
Tell = Callable[[int, int, Text], None]
SCORECARD, BOOSTING = "scorecard", "boosting"
_DRAWS = 400
LEAST_TO_TELL = 50
_MANY_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kind of model, measured: rows tested, their probabilities, and figures with intervals."""

    kind: str
    probability: Floats  # of tested rows, in the order of `Trained.tested`
    train_probability: Floats
    measures: Measures  # over all tested rows together
    auc: float  # mean over folds; the same as measures.auc for one split
    fold_aucs: tuple[float, ...]
    auc_interval: tuple[float, float]
    ks_interval: tuple[float, float]
    train_auc: float
    psi: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model wins: boosting only when its gain in AUC is more than noise."""

    kind: str
    gain: float
    interval: tuple[float, float]
    is_enough: bool = True  # rows of each class to tell a difference at all

    @property
    def text(self) -> Text:
        """Why, in a sentence."""
        low, high = self.interval
        figures = f"{self.gain:+.4f} [{low:+.4f}, {high:+.4f}]"
        if self.kind == BOOSTING:
            return Text(
                f"选择提升树：AUC 增益 {figures},95 % 区间不含零。",
                f"Boosting is chosen: its gain in AUC is {figures}; the 95 % interval leaves out zero.",
            )
        if not self.is_enough:
            return Text(
                f"选择评分卡：每类不足 {LEAST_TO_TELL} 行，差异（{figures}）无从判断，较简单者优先。",
                f"The scorecard is chosen: with fewer than {LEAST_TO_TELL} rows of a class the difference ({figures}) "
                "cannot be told; the simpler model goes first.",
            )
        return Text(
            f"选择评分卡：提升树的 AUC 增益 {figures} 在误差之内，较简单者优先。",
            f"The scorecard is chosen: boosting's gain in AUC, {figures}, is within noise; the simpler model goes first.",
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """Everything one training gave."""

    prepared: Prepared
    scorecard: Scorecard
    boosted: Boosted
    tested: NDArray[np.int64]  # row positions of tested rows
    folds: NDArray[np.int64]  # which fold tested each of them
    outcomes: dict[str, Outcome]
    choice: Choice
    seconds: float
    rules: BinningRules = field(default_factory=BinningRules)


def train(prepared: Prepared, *, tell: Tell | None = None) -> Trained:
    """Fit both kinds on each training part, measure on each test part, and keep the model that was measured.

    With several folds the kept models are learned from all rows by the same recipe.
    """
    started, rules, scaling = time.perf_counter(), BinningRules(), prepared.request.scaling
    splits, y, features = prepared.protocol.splits, prepared.y, prepared.features
    told = tell or (lambda _done, _total, _text: None)
    total = 2 * (len(splits) + prepared.protocol.is_crossed)
    tested = np.concatenate([split.test for split in splits])
    folds = np.concatenate([np.full(len(split.test), number) for number, split in enumerate(splits)])
    parts: dict[str, list[tuple[Floats, Floats]]] = {SCORECARD: [], BOOSTING: []}
    spent = {SCORECARD: 0.0, BOOSTING: 0.0}
    done, card, boosted = 0, None, None

    def step(kind: str, rows: NDArray[np.int64]) -> Scorecard | Boosted:
        nonlocal done
        told(done, total, _STEPS[kind])
        begun, inside = time.perf_counter(), subset(features, rows)
        model: Scorecard | Boosted
        if kind == SCORECARD:
            model = scorecard_fit(inside, y[rows], rules=rules, scaling=scaling, seed=prepared.request.seed)
        else:
            model = boosted_fit(inside, y[rows], seed=prepared.request.seed)
        spent[kind] += time.perf_counter() - begun
        done += 1
        return model

    for split in splits:
        card, boosted = step(SCORECARD, split.train), step(BOOSTING, split.train)
        inside, outside = subset(features, split.train), subset(features, split.test)
        for kind, model in ((SCORECARD, card), (BOOSTING, boosted)):
            parts[kind].append((model.probability(inside), model.probability(outside)))
    learned = splits[0].train
    if prepared.protocol.is_crossed:
        learned = np.arange(len(y))
        card, boosted = step(SCORECARD, learned), step(BOOSTING, learned)
    assert isinstance(card, Scorecard)
    assert isinstance(boosted, Boosted)
    told(total, total, Text("度量", "measuring"))
    insides = {kind: pairs[0][0] for kind, pairs in parts.items()}
    if prepared.protocol.is_crossed:
        insides = {SCORECARD: card.probability(features), BOOSTING: boosted.probability(features)}
    outcomes, choice = _measured(y[tested], folds, parts, y[learned], insides, spent)
    return Trained(prepared, card, boosted, tested, folds, outcomes, choice, time.perf_counter() - started, rules)


_STEPS = {SCORECARD: Text("评分卡", "scorecard"), BOOSTING: Text("提升树", "boosting")}


def _measured(
    y: NDArray[np.int64],
    folds: NDArray[np.int64],
    parts: dict[str, list[tuple[Floats, Floats]]],
    y_inside: NDArray[np.int64],
    inside: dict[str, Floats],
    spent: dict[str, float],
) -> tuple[dict[str, Outcome], Choice]:
    probability = {kind: np.concatenate([tested for _, tested in pairs]) for kind, pairs in parts.items()}
    kinds = list(probability)
    auc_draws, ks_draws = _draws(y, folds, [probability[kind] for kind in kinds])
    outcomes = {}
    for position, kind in enumerate(kinds):
        scores = probability[kind]
        fold_aucs = tuple(auc_of(y[folds == fold], scores[folds == fold]) for fold in np.unique(folds))
        outcomes[kind] = Outcome(
            kind=kind,
            probability=scores,
            train_probability=inside[kind],
            measures=measure(y, scores, scores),
            auc=float(np.mean(fold_aucs)),
            fold_aucs=fold_aucs,
            auc_interval=interval(auc_draws[:, position]),
            ks_interval=interval(ks_draws[:, position]),
            train_auc=auc_of(y_inside, inside[kind]),
            psi=crossed_psi(parts[kind]),
            seconds=spent[kind],
        )
    gain = outcomes[BOOSTING].auc - outcomes[SCORECARD].auc
    bounds = interval(auc_draws[:, kinds.index(BOOSTING)] - auc_draws[:, kinds.index(SCORECARD)])
    is_enough = min(int(y.sum()), int((1 - y).sum())) >= LEAST_TO_TELL
    return outcomes, Choice(BOOSTING if bounds[0] > 0 and is_enough else SCORECARD, gain, bounds, is_enough)


def _draws(y: NDArray[np.int64], folds: NDArray[np.int64], scores: list[Floats]) -> tuple[Floats, Floats]:
    """Return paired bootstrap draws of AUC (resampled within folds, averaged over them) and of KS over all rows."""
    draws = _DRAWS if len(y) <= _MANY_ROWS else _DRAWS // 4
    numbers = np.unique(folds)
    auc = np.mean(
        [
            bootstrap(y[folds == fold], [one[folds == fold] for one in scores], figure_auc, draws=draws, seed=int(fold) + 1)
            for fold in numbers
        ],
        axis=0,
    )
    return auc, bootstrap(y, scores, figure_ks, draws=draws)
