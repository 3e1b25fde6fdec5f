"""A model's life here: registered by one, put to work by another, scoring beside live assessments, watched by month (R2.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.scorecards.tables import live_model, saved
from tests.services.credit_support import AT, customer_make, partners
from tests.web.staff_session import staff_user
from weidai.assessment import services as assessments
from weidai.assessment.models import Assessment, ModelDrift, ModelScore, ScoringModel
from weidai.assessment.scorecards import drift, registry
from weidai.assessment.scorecards.errors import (
    ModelAlreadyRegistered,
    ModelInputsNotLive,
    ModelNotEnoughScores,
    ModelNotFound,
    ModelSecondPersonNeeded,
)
from weidai.assessment.scorecards.live import live_columns, models_at_work
from weidai.audit.models import Event
from weidai.cli.model import app
from weidai.platform import clock
from weidai.staff.rules import Role

__all__ = ["partners"]
pytestmark = pytest.mark.django_db
ANALYST, SENIOR = UUID(int=1), UUID(int=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model over some of the inputs a live assessment has."""
    return live_model(tmp_path_factory.mktemp("live"))


@pytest.fixture(autouse=True)
def _fixed_clock(partners) -> Iterator[None]:
    with clock.travel_to(AT):
        yield


def test_two_persons_bring_a_model_to_work_and_it_scores_beside_assessments(folder):
    model_id = registry.model_register(folder, registered_by=ANALYST)
    first = assessments.assessment_run(customer_make(), trigger="requested")
    assert not ModelScore.objects.exists()  # a candidate scores nobody
    with pytest.raises(ModelSecondPersonNeeded):
        registry.model_promote(model_id, to="shadow", promoted_by=ANALYST, note="看过报告")
    registry.model_promote(model_id, to="shadow", promoted_by=SENIOR, note="看过报告")
    before = assessments.assessment_run(customer_make(), trigger="requested")
    score = ModelScore.objects.get()
    served = registry.model_content(model_id)
    assert (score.assessment_id, score.role, score.model_id) == (before.id, "shadow", model_id)
    assert len(score.bins) == len(served["inputs"]) and 0 < score.probability < 1
    assert {one for one, _ in score.reasons} <= {"bureau_score", "monthly_spend_6m", "overdue_events"}
    assert Assessment.objects.get(id=before.id).score == before.score == first.score  # the points table decides as before
    with pytest.raises(ModelNotEnoughScores):
        registry.model_promote(model_id, to="champion", promoted_by=SENIOR, note="看过报告")
    assert list(Event.objects.filter(name__startswith="assessment.model.").order_by("id").values_list("name", flat=True)) == [
        "assessment.model.registered", "assessment.model.promoted"]
    registry.model_retire(model_id, retired_by=ANALYST, note="不再使用")
    assessments.assessment_run(customer_make(), trigger="requested")
    assert ModelScore.objects.count() == 1


def test_the_same_artefact_twice_and_inputs_nobody_has_are_refused(folder, tmp_path):
    registry.model_register(folder, registered_by=ANALYST)
    with pytest.raises(ModelAlreadyRegistered):
        registry.model_register(folder, registered_by=SENIOR)
    random = np.random.default_rng(1)
    frame = pl.DataFrame({"shoe_size": random.normal(40, 3, 300), "bad": (random.random(300) < 0.4).astype(int)})
    other = registry.model_register(saved(frame, tmp_path, "shoes"), registered_by=ANALYST)
    assert "shoe_size" not in live_columns()
    with pytest.raises(ModelInputsNotLive):
        registry.model_promote(other, to="shadow", promoted_by=SENIOR, note="看过报告")
    assert ScoringModel.objects.get(id=other).state == "candidate"


def test_a_shadow_with_scores_becomes_champion_and_months_show_drift(folder):
    model_id = registry.model_register(folder, registered_by=ANALYST)
    registry.model_promote(model_id, to="shadow", promoted_by=SENIOR, note="看过报告")
    for _ in range(3):
        assessments.assessment_run(customer_make(), trigger="requested")
    like = ModelScore.objects.first()
    ModelScore.objects.bulk_create([
        ModelScore(customer_id=UUID(int=9), assessment_id=UUID(int=number), model_id=model_id, role="shadow", micros=9,
                   scored_on=like.scored_on, points=like.points, probability=like.probability, reasons=[], bins=like.bins)
        for number in range(1, 31)])
    registry.model_promote(model_id, to="champion", promoted_by=SENIOR, note="影子期表现稳定")
    assert drift.drift_update(AT.date(), models_at_work()) == 1
    assert drift.drift_update(AT.date(), models_at_work()) == 1  # again replaces
    month = drift.drift_rows(model_id)[0]
    assert month.rows == 33 and month.score_psi > drift.SHIFTED and month.tone == "danger"  # all alike: far from training
    assert ModelDrift.objects.count() == 1 and registry.model_list()[0].micros_p50 == 9


def test_the_command_line_acts_as_a_staff_account_with_the_permission(folder):
    analyst, senior = staff_user([Role.RISK_ANALYST]), staff_user([Role.SENIOR_REVIEWER])

    def run(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments)])

    assert run("register", folder, "--as", senior.username).exit_code == 2  # lacks the permission
    registered = run("register", folder, "--as", analyst.username)
    assert registered.exit_code == 0 and "live:1" in registered.output
    refused = run("promote", "live", "--note", "看过报告", "--as", analyst.username)
    assert refused.exit_code == 2 and ScoringModel.objects.get().state == "candidate"
    assert run("promote", "live:1", "--note", "看过报告", "--as", senior.username).exit_code == 0
    rows = json.loads(run("list", "--json").stdout)
    assert [(row["name"], row["version"], row["state"]) for row in rows] == [("live", 1, "shadow")]
    shown = json.loads(run("show", rows[0]["artefact_hash"][:10], "--json").stdout)
    assert shown["results"]["target"]["column"] == "bad" and shown["promoted_by"] == str(senior.id)
    assert run("retire", "live", "--note", "不再使用", "--as", senior.username).exit_code == 0
    assert isinstance(run("show", "nothing").exception, ModelNotFound)
    assert run("table", folder / "own.csv").exit_code == 1  # nobody's outcome is old enough
