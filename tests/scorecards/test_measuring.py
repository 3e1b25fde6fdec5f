"""Figures against an independent library, splits against their names, bins against their promises (R2.6)."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve
from sklearn.model_selection import train_test_split

from weidai.assessment.scorecards.binning import BinningRules, bins_fit
from weidai.assessment.scorecards.columns import Column
from weidai.assessment.scorecards.errors import ProtocolUnknown, SplitOneSided
from weidai.assessment.scorecards.measures import auc_of, bootstrap, figure_auc, measure, psi
from weidai.assessment.scorecards.protocols import protocol_make
from weidai.assessment.scorecards.scorecard import Scaling, logistic_fit

RANDOM = np.random.default_rng(5)


def test_figures_equal_an_independent_library():
    y = (RANDOM.random(3000) < 0.2).astype(int)
    score = np.clip(np.round(RANDOM.beta(2, 6, 3000) + 0.12 * y, 2), 0.01, 0.99)  # many ties
    found = measure(y, score, score)
    false_rate, true_rate, _ = roc_curve(y, score, drop_intermediate=False)
    assert found.auc == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    assert found.ks == pytest.approx(np.max(true_rate - false_rate), abs=1e-12)
    assert found.average_precision == pytest.approx(average_precision_score(y, score), abs=1e-12)
    assert found.brier == pytest.approx(brier_score_loss(y, score), abs=1e-12)
    assert found.recall_at_1pct_fpr == pytest.approx(np.interp(0.01, false_rate, true_rate), abs=0.02)
    assert measure(y, np.full(3000, 0.2), np.full(3000, 0.2)).auc == 0.5


def test_calibration_line_of_true_probabilities_is_straight():
    probability = RANDOM.uniform(0.05, 0.95, 40000)
    y = (RANDOM.random(40000) < probability).astype(int)
    found = measure(y, probability, probability)
    assert found.calibration_slope == pytest.approx(1, abs=0.05) and found.ece < 0.01
    assert psi(np.array([0.5, 0.5]), np.array([0.5, 0.5])) == 0.0


def test_bootstrap_draws_centre_on_the_figure():
    y = (RANDOM.random(800) < 0.3).astype(int)
    score = RANDOM.random(800) + 0.4 * y
    draws = bootstrap(y, [score, score], figure_auc, draws=200)
    assert draws[:, 0].mean() == pytest.approx(auc_of(y, score), abs=0.01)
    assert (draws[:, 0] == draws[:, 1]).all()  # paired: the same rows


def test_splits_are_what_their_names_say():
    y = (RANDOM.random(1001) < 0.3).astype(int)
    train, test = train_test_split(np.arange(1001), test_size=0.2, random_state=42)
    split = protocol_make("holdout-sklearn", y, days=None, groups=None).splits[0]
    assert split.train.tolist() == train.tolist() and split.test.tolist() == test.tolist()
    order = np.random.default_rng(42).permutation(1001)
    assert protocol_make("holdout-permutation", y, days=None, groups=None).splits[0].test.tolist() == order[:300].tolist()
    folds = protocol_make("kfold10", y, days=None, groups=None).splits
    assert sorted(np.concatenate([one.test for one in folds]).tolist()) == list(range(1001))
    assert max(y[one.test].sum() for one in folds) - min(y[one.test].sum() for one in folds) <= 1
    groups = RANDOM.integers(0, 200, 1001)
    for one in protocol_make("kfold5", y, days=None, groups=groups).splits:
        assert not set(groups[one.train]) & set(groups[one.test])
    days = np.sort(RANDOM.integers(18000, 18400, 1001)).astype(float)
    by_time = protocol_make(None, y, days=days, groups=None).splits[0]
    assert days[by_time.train].max() < days[by_time.test].min()
    with pytest.raises(ProtocolUnknown):
        protocol_make("out-of-time", y, days=None, groups=None)
    with pytest.raises(SplitOneSided):
        protocol_make("out-of-time", np.where(np.arange(1001) < 500, y, 0), days=np.arange(1001.0), groups=None)


@pytest.mark.parametrize("sign", [1, -1])
def test_bins_are_monotone_and_keep_codes_and_missing_apart(sign):
    values = RANDOM.integers(0, 100, 5000).astype(float)
    y = (RANDOM.random(5000) < 1 / (1 + np.exp(2 - sign * 0.03 * (values - 50)))).astype(int)
    values[:300], values[300:500] = -9.0, np.nan
    bins = bins_fit(Column("v", "numeric", specials=(-9.0,)), values, y, BinningRules())
    regular = [bad / (good + bad) for good, bad in list(zip(bins.good, bins.bad, strict=True))[:bins.regular_count]]
    assert 2 <= len(regular) <= 8 and regular == sorted(regular, reverse=sign < 0)
    assert all(good + bad >= 0.04 * 4500 for good, bad in list(zip(bins.good, bins.bad, strict=True))[:bins.regular_count])
    assert bins.good[bins.regular_count] + bins.bad[bins.regular_count] == 300
    assert bins.good[bins.missing_bin] + bins.bad[bins.missing_bin] == 200
    strange = bins.positions(np.array([np.nan, -9.0, -1e9, 1e9])).tolist()
    assert strange == [bins.missing_bin, bins.regular_count, 0, len(regular) - 1]


def test_codes_without_order_are_grouped_as_names():
    values = RANDOM.integers(1, 8, 6000).astype(float)
    y = (RANDOM.random(6000) < np.where(np.isin(values, [2, 5, 7]), 0.5, 0.15)).astype(int)
    bins = bins_fit(Column("region", "coded"), values, y, BinningRules())
    told = zip(bins.groups, bins.weight_of_evidence, strict=False)
    risky = {level for group, evidence in told for level in group if evidence > 0}
    assert bins.is_grouped and risky == {"2", "5", "7"}


def test_points_and_log_odds_are_two_names_of_one_thing():
    scaling = Scaling(600, 20.0, 50)
    assert scaling.points(-np.log(20)) == pytest.approx(600) and scaling.points(-np.log(40)) == pytest.approx(650)
    assert scaling.probability(600.0) == pytest.approx(1 / 21)


def test_ridge_without_penalty_finds_the_true_weights():
    design = RANDOM.normal(size=(20000, 2))
    y = (RANDOM.random(20000) < 1 / (1 + np.exp(1 - design @ np.array([0.8, -0.5])))).astype(int)
    intercept, weights = logistic_fit(design, y, 1e-6)
    assert intercept == pytest.approx(-1, abs=0.06) and weights == pytest.approx([0.8, -0.5], abs=0.06)
