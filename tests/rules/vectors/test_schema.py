"""A wrong vector file is refused with the vector and the field at fault; the reference page knows every word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.rules.vectors.files import FILES, vector
from weidai.cli.vectors import app
from weidai.lending.conventions.fields import Field, Kind, VectorInvalid, json_schema
from weidai.lending.conventions.running import Verdict, run_file, run_vector
from weidai.lending.conventions.schema import FILE

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


def _reason(one: dict[str, Any]) -> str:
    (result,) = run_vector(one, vector_id=one.get("id", "?"))
    assert result.verdict is Verdict.INVALID
    return result.reason


@pytest.mark.parametrize(("path", "value", "reason"), [
    (("loan", "principal"), 5000, 'loan.principal: must be a string such as "1234.50"'),
    (("loan", "principal"), "5,000", "loan.principal: not a decimal number"),
    (("loan", "principal"), "1/0", "loan.principal: a fraction over zero"),
    (("loan", "principal"), "-1", "loan.principal: must be positive"),
    (("loan", "count"), 0, "loan.count: must be 1 to 1200"),
    (("loan", "count"), None, "loan.count: is needed unless"),
    (("loan", "start_date"), "2023-02-29", "loan.start_date: not a date"),
    (("rate", "per"), "fortnight", "rate.per: 'fortnight' is not one of: year, month, day, period, term"),
    (("rate", "per"), "day", "rate.per: does not go with day count PERIOD"),
    (("conventions", "day_count"), "ACT/999", "conventions.day_count: 'ACT/999' is not one of: ACT/365F"),
    (("conventions", "rounding"), "half_up", "conventions.rounding: unknown field; known are: method"),
    (("conventions", "periods"), {"every": 0}, "conventions.periods: lengths must be positive"),
    (("conventions", "periods"), {"dates": ["2023-01-01"]}, "fewer dates than periods"),
    (("conventions", "last_row"), "first_takes_residue", "conventions.last_row: first_takes_residue goes with"),
    (("events",), [{"type": "disbursement", "date": "2022-11-01"}], "events[0].amount: is missing for disbursement"),
    (("events",), [{"type": "repayment", "date": "2024-11-01", "amount": "1"}], "events: an event lies after the as-of date"),
    (("events",), [{"type": "disbursement", "date": "2021-01-01", "amount": "5"}], "lies outside the loan's periods"),
    (("expected",), {}, "expected: is missing"),
    (("expected", "rows"), [{"interest": "1"}], "expected.rows[0].number: is missing"),
    (("status",), {"computable": False}, "status.reason: is missing"),
])
def test_what_is_wrong_and_where(path: tuple[str, ...], value: object, reason: str) -> None:
    one = vector("fineract-rs02")
    target = one
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert reason in _reason(one)


def test_dates_may_only_be_missing_where_nothing_needs_them() -> None:
    one = vector("oca-pr826")
    one["conventions"]["day_count"] = "ACT/365F"
    assert "loan.start_date: is needed by ACT/365F" in _reason(one)


def test_a_file_of_another_schema_is_refused() -> None:
    with pytest.raises(VectorInvalid, match="schema: must be"):
        run_file({"vectors": []})
    with pytest.raises(VectorInvalid, match="vectors: must be a list"):
        run_file({"schema": "weidai-vectors/1", "vectors": {}})


def test_an_id_is_used_once() -> None:
    one = vector("oca-pr826")
    results = run_file({"schema": "weidai-vectors/1", "vectors": [one, one, 7]})
    assert [(r.vector_id, r.verdict) for r in results[1:]] == [
        ("oca-pr826", Verdict.INVALID), ("vectors[2]", Verdict.INVALID)]


def _words(field: Field, name: str = "") -> Iterator[str]:
    if name:
        yield name
    if field.kind is Kind.CHOICE and field.choices is not None:
        yield from (member.value for member in field.choices)
    for inner_name, inner in (field.fields or {}).items():
        yield from _words(inner, inner_name)
    if field.item is not None:
        yield from _words(field.item)


def test_the_reference_page_explains_every_field_and_value() -> None:
    page = (REFERENCE / "vector-schema.md").read_text(encoding="utf-8")
    assert sorted({word for word in _words(FILE) if f"`{word}`" not in page}) == []


def test_the_json_schema_is_the_one_the_code_reads() -> None:
    written = json.loads((REFERENCE / "vector-schema.json").read_text(encoding="utf-8"))
    assert {name: written[name] for name in json_schema(FILE)} == json_schema(FILE)


def test_the_command_passes_and_counts() -> None:
    outcome = CliRunner().invoke(app, ["run", *map(str, FILES), "--json"])
    assert outcome.exit_code == 0
    totals = json.loads(outcome.stdout)["totals"]
    assert totals["pass"] >= 64 and totals["fail"] == totals["invalid"] == 0


def test_the_command_fails_with_the_cell(tmp_path: Path) -> None:
    one = vector("fineract-rs02")
    one["expected"]["rows"][0]["principal"] = "254"
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"schema": "weidai-vectors/1", "vectors": [one]}), encoding="utf-8")
    outcome = CliRunner().invoke(app, ["run", str(path)])
    assert outcome.exit_code == 1
    assert "row 1, principal" in outcome.stdout and "expected 254" in outcome.stdout and "got 255" in outcome.stdout


@pytest.mark.parametrize("content", [None, b"{", b"\xff", b"[]", b'{"schema": "weidai-vectors/1"}', b"[" * 100_000])
def test_the_command_refuses_what_is_no_vector_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    outcome = CliRunner().invoke(app, ["run", str(path)])
    assert outcome.exit_code == 1
    assert not outcome.exception or isinstance(outcome.exception, SystemExit)
