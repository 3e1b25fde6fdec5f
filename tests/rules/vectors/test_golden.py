"""Every golden vector comes out of its stated conventions, and stops doing so when one of them changes (R7.1)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rules.vectors.files import FILES, document, vector, vectors
from weidai.lending.conventions.running import Result, Verdict, run_file, run_vector

_COLLECTED = 64


def _results(one: dict[str, Any]) -> list[Result]:
    return list(run_vector(one, vector_id=one["id"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_vector_passes(path: Path) -> None:
    wrong = [result for result in run_file(document(path)) if result.verdict is not Verdict.PASS]
    assert wrong == []


def test_the_whole_collection_is_there_with_its_sources() -> None:
    collected = [one for one in vectors() if isinstance(one["source"], dict) and one["source"].get("collection")]
    assert len({one["id"] for one in collected}) == len(collected) == _COLLECTED
    assert all(one["source"]["stated_convention"] for one in collected)
    assert len({one["id"] for one in vectors()}) == len(vectors())


def _mutations(one: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the vector with one thing changed: the rate, the day count, the method, a rounding or a rule."""
    def changed(name: str, *path: str, to: Any) -> tuple[str, dict[str, Any]]:
        mutant = copy.deepcopy(one)
        for layer in (mutant, *mutant.get("variants", ())):
            target = layer
            for step in path[:-1]:
                target = target.setdefault(step, {})
            target[path[-1]] = to
        return name, mutant

    at = ("conventions",)
    yield changed("rate", "rate", "percent", to=f"{one['rate']['percent']}/2")
    yield changed("day count", *at, "day_count", to="ACT/366")
    yield changed("period day count", *at, "day_count", to="PERIOD_30/364")
    yield changed("method", *at, "method", to="interest_only")
    yield changed("other method", *at, "method", to="equal_principal")
    yield changed("installment rounding", *at, "installment", "rounding", to={"mode": "floor", "unit": "ten_yuan"})
    yield changed("interest rounding", *at, "interest_rounding", to={"mode": "floor", "unit": "yuan"})
    yield changed("first period", *at, "periods", "first_period", to="next_due_day")


@pytest.mark.parametrize("one", vectors(), ids=lambda one: one["id"])
def test_a_changed_convention_fails(one: dict[str, Any]) -> None:
    """Each vector is killed by at least one changed convention (a case without interest by its method)."""
    killed = [name for name, mutant in _mutations(one) if any(r.verdict is Verdict.FAIL for r in _results(mutant))]
    assert killed


@pytest.mark.parametrize(("vector_id", "path", "value"), [
    ("fineract-rs02", ("installment", "rounding", "unit"), "fen"),
    ("fineract-rs07", ("grace", "interest_payment_rows"), 0),
    ("fineract-rp01", ("arrears", "bears_on"), "principal"),
    ("fineract-rp03", ("early_repayment", "covers"), "accrued_interest"),
    ("fineract-rp04", ("installment", "basis"), "actual_periods"),
    ("fineract-rp04", ("arrears", "contract_interest"), "none"),
    ("fineract-rp10", ("interest_rounding", "at"), "row"),
    ("fineract-rp12", ("early_repayment", "excess"), "shorter_term"),
    ("fineract-rp13", ("early_repayment", "excess"), "smaller_installments"),
    ("fineract-rp15", ("arrears", "contract_interest"), "on_outstanding"),
    ("fineract-rp16", ("installment", "principal_basis"), "outstanding"),
    ("fineract-loan-l5598-s3", ("early_repayment", "takes_effect"), "payment_date"),
    ("fineract-loan-l5659-s1", ("arrears", "contract_interest"), "none"),
    ("fineract-emi-l1014-s1", ("installment", "spreads_residue"), False),
    ("fineract-emi-l441-s1", ("counted_day",), "first"),
    ("fineract-emi-l397-s1", ("on_rate_change",), "keep"),
    ("fineract-emi-l817-s2", ("on_disbursement",), "keep"),
    ("fineract-emi-l911-s1", ("counted_day",), "first"),
    ("frappe-bpi-first-emi", ("broken_interest",), "in_advance"),
    ("frappe-test_loan-20", ("installment", "rounding", "mode"), "floor"),
    ("corefin-issue32", ("last_row",), "takes_residue"),
    ("annuity-in-advance", ("payment_at",), "period_end"),
    ("pay-later-minimum", ("minimum_payment", "share_percent"), "11"),
])
def test_each_convention_carries_weight(vector_id: str, path: tuple[str, ...], value: object) -> None:
    one = vector(vector_id)
    target = one["conventions"]
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
    assert [result.verdict for result in _results(one)] == [Verdict.FAIL]


def test_the_first_differing_cell_is_named() -> None:
    one = vector("fineract-rs02")
    one["expected"]["rows"][2]["interest"] = "44.88"
    one["expected"]["rows"][5]["interest"] = "1"
    (result,) = _results(one)
    assert result.verdict is Verdict.FAIL
    assert result.difference is not None
    assert (result.difference.row, result.difference.column) == (3, "interest")
    assert (result.difference.expected, result.difference.got) == ("44.88", "44.87")


def test_figures_are_compared_exactly_unless_the_vector_says_otherwise() -> None:
    one = vector("numpy-financial-pmt200k")
    del one["compare"]
    (result,) = _results(one)
    assert result.difference is not None and result.difference.got.startswith("1854.0247200054")


def test_a_missing_row_differs() -> None:
    one = vector("fineract-rs02")
    one["expected"]["rows"].append({"number": 19, "interest": "0"})
    (result,) = _results(one)
    assert result.difference is not None and (result.difference.row, result.difference.got) == (19, "—")


def test_not_computable_and_disputed_vectors_say_why() -> None:
    one = vector("fineract-rs02")
    one["status"] = {"computable": False, "reason": "the rate is not stated"}
    assert [(r.verdict, r.reason) for r in _results(one)] == [(Verdict.NOT_COMPUTABLE, "the rate is not stated")]
    one["status"] = {"disputed": True, "proof": "3,964.59 × 1 % is 39.65"}
    one["expected"]["rows"][4]["interest"] = "39.64"
    (result,) = _results(one)
    assert (result.verdict, result.reason) == (Verdict.DISPUTED, "3,964.59 × 1 % is 39.65")
