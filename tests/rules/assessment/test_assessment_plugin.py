"""An indicator that this project does not know: one module and one row in a pack, nothing else anywhere (R2.7)."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from tests.rules.assessment.histories import people
from tests.rules.assessment.test_assessment_vectorized import ON, differences, polars_frame, run_polars
from weidai.assessment.inputs import AssessmentInputs, CreditFacts, inputs_from_json, inputs_to_json
from weidai.assessment.measures import MonthColumn, measure_add, measures
from weidai.assessment.measures.merchants import merchant_measure
from weidai.assessment.policy import AssessmentPolicy
from weidai.assessment.population.definitions import customer_month, microseconds
from weidai.assessment.rules import MonthlyPayments, ProfileFacts, assess
from weidai.kernel.days import months_later
from weidai.policy.errors import PolicyRefused
from weidai.policy.pack import pack_read

PACKS = Path(__file__).resolve().parents[3] / "policies" / "reference"
ROW = """
[[indicators]]
code = "transit_rides"
name = { zh = "公共交通", en = "Public transport" }
source = { zh = "公共交通出行", en = "Rides paid for" }
measure = "transit_rides"
is_enabled = true
maximum_points = 20
direction = "at_least"
threshold_count = 60
partial_share = "0.8"
advice = { zh = "近 6 个月乘坐 60 次。", en = "Ride 60 times in six months." }
"""


@pytest.fixture
def transit():
    measure = measure_add(merchant_measure("transit_rides", MonthColumn("transit_count", category="transit", of="count")))
    yield measure
    measures().pop(measure.code)


@pytest.fixture
def folder(tmp_path):
    """The reference pack with the new row, its points taken from payments."""
    newest = sorted(path for path in PACKS.iterdir() if path.is_dir())[-1]
    shutil.copytree(newest, tmp_path / newest.name)
    file = tmp_path / newest.name / "assessment.toml"
    text = file.read_text(encoding="utf-8")
    first = tomllib.loads(text)["indicators"][0]["maximum_points"]
    file.write_text(text.replace(f"maximum_points = {first}", f"maximum_points = {first - 20}", 1) + ROW, encoding="utf-8")
    return tmp_path / newest.name


def test_without_its_module_the_pack_is_refused_by_name(folder):
    with pytest.raises(PolicyRefused) as refused:
        pack_read(folder).parse("assessment", AssessmentPolicy)
    assert "transit_rides" in refused.value.message.en
    assert refused.value.rule == "R2.7"


def test_with_its_module_it_is_summed_scored_stored_and_equal_over_a_population(folder, transit):
    policy = pack_read(folder).parse("assessment", AssessmentPolicy)
    first = months_later(ON, -6)
    months = tuple(MonthlyPayments(months_later(first, place), 300_000, 30, (("transit_count", 5),)) for place in range(6))
    result = assess(ProfileFacts(months=months), policy, on=ON)
    told = result.indicators[-1]
    assert (told.code, told.value, told.points, told.maximum_points, told.reason_code) == ("transit_rides", 30, 8, 21, "below")
    stored = inputs_to_json(AssessmentInputs(ON, ProfileFacts(months=months), CreditFacts()))
    assert assess(inputs_from_json(stored).facts, policy, on=ON) == result

    events = pl.LazyFrame({"person_no": [1, 1, 1], "at_us": [microseconds(first)] * 3, "kind": ["payment", "payment", "refund"],
                           "amount_fen": [200, 300, 200], "category": ["transit", "food", "transit"]})
    sums = customer_month(nw.from_native(events), [first]).collect()
    assert sums.select("spend_fen", "payment_count", "transit_count").rows() == [(300, 2, 1)]

    facts = people(300, seed=5, on=ON)
    assert differences(facts, policy, ON, run_polars(polars_frame(facts, policy, ON), policy, ON)) == []
