"""One person and a whole population by the same rules: no difference in values, reasons, points, score, grade (R2.3, R2.5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import narwhals as nw
import pytest

from tests.rules.assessment.histories import people, with_optional
from weidai.assessment import policy as assessment_policy
from weidai.assessment.measures import ABSENCES
from weidai.assessment.measures.columns import column_types, row_of
from weidai.assessment.rules import assess
from weidai.assessment.rules.vectorized import assess_all

ON = date(2026, 3, 1)  # the window holds a February, the bureau's age limits fall on known days
LEAP = date(2028, 3, 31)  # fast track over a leap February
POLICY = assessment_policy.current(date(2026, 11, 23))


def polars_frame(facts, policy, on):
    import polars as pl

    types = {name: {"Int64": pl.Int64, "Boolean": pl.Boolean}[kind] for name, kind in column_types(policy).items()}
    return pl.DataFrame([row_of(one, policy, on=on) for one in facts], schema=types).with_row_index("place")


def run_polars(frame, policy, on):
    found = assess_all(nw.from_native(frame).lazy(), policy, on=on, wide=nw.Int128, with_reasons=True)
    return found.collect().to_native().sort("place")


def run_duckdb(frame, policy, on):
    import duckdb
    import polars as pl

    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE facts (" + ", ".join(
            f"{name} {'BOOLEAN' if kind == pl.Boolean else 'BIGINT'}" for name, kind in frame.schema.items()) + ")")
        _load(engine, frame)
        found = assess_all(nw.from_native(engine.table("facts")), policy, on=on, wide=nw.Int128, with_reasons=True)
        relation = found.to_native().order("place")
        return pl.DataFrame(relation.fetchall(), schema=relation.columns, orient="row", infer_schema_length=None)


def _load(engine, frame):
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        frame.write_parquet(file.name)
        engine.execute("INSERT INTO facts SELECT * FROM read_parquet(?)", [file.name])


ENGINES = {"polars": run_polars, "duckdb": run_duckdb}


def differences(facts, policy, on, found):
    wrong = []
    for one, row in zip(facts, found.iter_rows(named=True), strict=True):
        expected = assess(one, policy, on=on)
        told = {"score": expected.score, "base_grade": expected.base_grade, "grade": expected.grade,
                "is_fast_track": expected.is_fast_track}
        got = {key: row[key] for key in told}
        for indicator, terms in zip(expected.indicators, policy.enabled, strict=True):
            code, value = indicator.code, row[f"{terms.code}__value"]
            told[code] = (indicator.value, indicator.points, indicator.reason_code)
            got[code] = (None if value is None else Fraction(value, terms.taken_by.parts(policy)),
                         row[f"{code}__points"], row[f"{code}__reason"])
            absence = row[f"{code}__absence"]
            assert (value is None) is (absence != 0)
            assert value is not None or ABSENCES[absence - 1] == indicator.reason_code
        if told != got:
            wrong.append((told, got))
    return wrong


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("on", "policy"), [(ON, POLICY), (LEAP, with_optional(POLICY))], ids=["reference", "optional"])
def test_no_difference_between_one_and_all(engine, on, policy):
    facts = people(1000, seed=20_261, on=on)
    assert differences(facts, policy, on, ENGINES[engine](polars_frame(facts, policy, on), policy, on)) == []


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_no_difference_over_a_hundred_thousand_people(engine):
    facts = people(100_000, seed=7, on=ON)
    assert differences(facts, POLICY, ON, ENGINES[engine](polars_frame(facts, POLICY, ON), POLICY, ON)) == []
