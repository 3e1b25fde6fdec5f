"""Published results on four public tables, through the command on the raw files (R2.6): AUC within 0.01."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from weidai.assessment.scorecards.binning import BinningRules
from weidai.assessment.scorecards.prepare import TrainRequest, prepared_read
from weidai.assessment.scorecards.scorecard import Scaling, auc_of_points, scorecard_fit, subset
from weidai.cli.main import app

CREDIT = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "credit"
PUBLISHED = [
    ("german_statlog", "kfold10", 0.793, 0.794), ("australian_statlog", "kfold10", 0.928, 0.942),
    ("taiwan_default", "holdout-permutation", 0.761, 0.779), ("heloc_raw", "holdout-sklearn", 0.774, 0.780),
]


def credit_file(name):
    """Return a public table kept beside the checkout, or skip."""
    path = CREDIT / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"the public table {name} is not beside this checkout (shared/data/credit)")
    return path


def test_the_german_scorecard_is_the_published_one():
    prepared = prepared_read(TrainRequest(path=credit_file("german_statlog"), target="y", protocol="kfold10"))
    aucs = []
    for split in prepared.protocol.splits:
        card = scorecard_fit(subset(prepared.features, split.train), prepared.y[split.train], rules=BinningRules(),
                             scaling=Scaling(), seed=42)
        aucs.append(auc_of_points(prepared.y[split.test], card.points(subset(prepared.features, split.test))))
    assert np.mean(aucs) == pytest.approx(0.793, abs=0.01)


@pytest.mark.long
@pytest.mark.parametrize(("name", "protocol", "scorecard", "boosting"), PUBLISHED)
def test_published_results_are_reproduced(name, protocol, scorecard, boosting, tmp_path):
    result = CliRunner().invoke(app, ["model", "train", str(credit_file(name)), "--target", "y", "--protocol", protocol,
                                      "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0, result.output
    models = json.loads(result.stdout)["models"]
    assert models["scorecard"]["auc"] == pytest.approx(scorecard, abs=0.01)
    assert models["boosting"]["auc"] == pytest.approx(boosting, abs=0.01)
