"""One table through `weidai model train`: what it writes, that it repeats, that every way to score agrees (R2.6)."""

import json
import re
import tomllib

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.scorecards.tables import people, table
from weidai.assessment.scorecards.artefact import bins_from_json
from weidai.assessment.scorecards.artefact_files import artefact_hash, artefact_read
from weidai.assessment.scorecards.columns import features_apply
from weidai.assessment.scorecards.serving import ServedModel
from weidai.cli.main import app
from weidai.kernel.errors import Refusal


def train(*arguments):
    """Run the command and return its JSON; a refusal comes out as itself."""
    result = CliRunner().invoke(app, ["model", "train", *map(str, arguments), "--json"])
    if isinstance(result.exception, Refusal):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A table with missing values, a special code, a date, a leak and an id, trained once."""
    folder = tmp_path_factory.mktemp("model")
    frame = table(900)
    bad = frame["bad"].to_numpy()
    random = np.random.default_rng(2)
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 11 == 0).then(None).otherwise(pl.col("income")).alias("income"),
        pl.Series("months_since", np.where(random.random(900) < 0.2, -9, random.integers(0, 60, 900))),
        pl.Series("customer_no", [f"K{number}" for number in random.permutation(900)]),
        pl.Series("recovered", np.where(bad == 1, random.exponential(900, 900), 0.0)))
    frame.write_parquet(folder / "people.parquet")
    answer = train(folder / "people.parquet", "--target", "bad", "--protocol", "kfold5", "--out", folder / "out")
    return folder, frame, answer


def test_the_answer_names_everything(trained):
    _, _, answer = trained
    assert answer["protocol"]["name"] == "kfold5" and answer["target"]["bad_values"] == ["1"]
    assert {one["name"]: one["reason"] for one in answer["excluded"]} == {"customer_no": "id", "recovered": "leak"}
    assert {"special_codes", "leak", "target_coding"} <= {one["code"] for one in answer["warnings"]}
    for figures in answer["models"].values():
        assert 0.65 < figures["auc_interval"][0] < figures["auc"] < figures["auc_interval"][1] < 0.9
        assert figures["calibration_slope"] == pytest.approx(1, abs=0.35) and figures["psi_train_test"] < 0.1
    assert answer["chosen"] == "scorecard"  # the truth is additive: trees gain nothing beyond noise


def test_the_files_stand_alone(trained):
    folder, _, answer = trained
    out = folder / "out"
    content, trees = artefact_read(out)
    assert artefact_hash(content, trees) == answer["artefact_hash"]
    assert json.loads((out / "report.json").read_text())["artefact_hash"] == answer["artefact_hash"]
    card = tomllib.loads((out / "scorecard.toml").read_text())
    assert [one["name"] for one in card["column"]] == answer["scorecard"]["columns"]
    report = (out / "report.html").read_text()
    assert report.count("<svg") == 7 and not re.search(r"<script|https?://|src=", report)
    assert answer["artefact_hash"] in (out / "card.md").read_text()


@pytest.mark.long
def test_training_again_gives_the_same_model(trained, tmp_path):
    folder, _, answer = trained
    again = train(folder / "people.parquet", "--target", "bad", "--protocol", "kfold5", "--out", tmp_path / "again")
    assert again["artefact_hash"] == answer["artefact_hash"]


def test_one_record_scores_as_the_whole_table(trained):
    folder, frame, _ = trained
    content, trees = artefact_read(folder / "out")
    bins = [bins_from_json(one) for one in content["inputs"]]
    features = features_apply(frame, [one.column for one in bins])
    by_name = {one.column.name: one for one in bins}
    points = np.full(len(frame), content["scorecard"]["constant"])
    for column in content["scorecard"]["columns"]:
        points += np.array(column["points"])[by_name[column["name"]].positions(features.values[column["name"]])]
    records = frame.to_dicts()
    card, boosted = ServedModel(content, kind="scorecard"), ServedModel(content, trees, kind="boosting")
    assert [card.score(one).points for one in records] == points.tolist()
    scored = card.score(records[0])
    assert scored.bins == tuple(int(one.positions(features.values[one.column.name][:1])[0]) for one in bins)
    chances = np.array([boosted.score(one).probability for one in records[:200]])
    assert np.corrcoef(chances, [card.score(one).probability for one in records[:200]])[0, 1] > 0.8
    strange = card.score({"income": "not a number", "work": "宇航员", "age": None})
    assert strange.points == card.score({"work": "宇航员"}).points and 0 < strange.probability < 1
    reasons = card.score({"income": 500.0, "debt_share": 0.9, "work": "学生", "age": 30}).reasons
    assert [one.points for one in reasons] == sorted((one.points for one in reasons), reverse=True)
    assert {one.column for one in reasons[:2]} <= {"income", "debt_share", "work"}


def test_by_time_with_words_for_the_outcome(tmp_path):
    columns, bad = people(1200, seed=4)
    random = np.random.default_rng(4)
    frame = pl.DataFrame({**columns, "issued": np.sort(random.choice([202201, 202204, 202209, 202212, 202303], 1200)),
                          "state": np.where(bad == 1, "Charged Off", "Fully Paid")})
    frame.write_csv(tmp_path / "loans.csv")
    answer = train(tmp_path / "loans.csv", "--target", "state", "--time", "issued", "--out", tmp_path / "out")
    assert answer["protocol"]["name"] == "out-of-time" and answer["target"]["bad_values"] == ["Charged Off"]
    assert {one["period"] for one in answer["periods"]} <= {"2022-12", "2023-03"} and answer["models"]["scorecard"]["auc"] > 0.7


@pytest.mark.parametrize(("arguments", "code"), [
    (["--target", "nope"], "model.column_unknown"), (["--target", "age"], "model.target_not_binary"),
    (["--target", "bad", "--positive", "7"], "model.positive_unknown"),
    (["--target", "bad", "--protocol", "x"], "model.protocol_unknown"),
    (["--target", "bad", "--time", "work"], "model.time_unreadable"),
    (["--target", "bad", "--double-points", "0"], "model.scaling_impossible"),
    (["--target", "bad", "--drop", "income", "--drop", "debt_share", "--drop", "work", "--drop", "age"],
     "model.nothing_to_learn"),
])
def test_what_cannot_be_done_is_refused_by_name(tmp_path, arguments, code):
    table(200).write_csv(tmp_path / "people.csv")
    with pytest.raises(Refusal) as refused:
        train(tmp_path / "people.csv", *arguments, "--out", tmp_path / "out")
    assert refused.value.code == code and not (tmp_path / "out").exists()
