"""A missing input yields a reason code, never a skipped rule: every rule of assessment and final review (R2.1, R5.2)."""

from dataclasses import fields, replace
from datetime import date

import pytest

from weidai.origination import rules
from weidai.origination.decision_kinds import _facts_of, policies_of
from weidai.policy import selectors
from weidai.policy.rules.cases import CaseFacts

ON = date(2026, 11, 23)
PACK = selectors.pack(ON)
POLICIES = policies_of(PACK, selectors.law(ON, PACK.licence_type))
KNOWN = _facts_of(CaseFacts(
    monthly_spend_fen=(350_000,) * 12, payments_per_month=100, effective_contacts=250, mean_daily_balance_fen=600_000,
    bureau_score=700, verified_monthly_income_fen=2_000_000, bureau_debt_fen=0, requested_fen=1_000_000,
    wealth_products_fen=1_200_000), ON)
INDICATORS = [row.code for row in POLICIES.assessment.enabled]


def without(**facts):
    """The known person, without some facts of the assessment."""
    return replace(KNOWN, assessed=replace(KNOWN.assessed, facts=replace(KNOWN.assessed.facts, **facts)))


def rules_run(found):
    """What was looked at: every indicator, every term of the limit."""
    return [row.code for row in found.assessment.indicators], [term.code for term in found.decision.terms]


def test_with_everything_known_nothing_is_missing():
    assert rules.verdict(KNOWN, POLICIES).missing == ()


CASES = [
    (without(months=()), {"payment_activity", "spending_stability"}, {"limits.payment_volume.not_known"}),
    (without(months=(), payments_on=None, has_payment_consent=False, mean_daily_balance_fen=None, balance_on=None),
     {"payment_activity", "spending_stability", "asset_balance"}, {"limits.payment_volume.not_known"}),
    (without(months=KNOWN.assessed.facts.months[-3:]), {"payment_activity", "spending_stability"}, set()),
    (without(mean_daily_balance_fen=None), {"asset_balance"}, set()),
    (without(effective_contacts=None), {"social_ties"}, set()),
    (without(effective_contacts=None, has_social_consent=False), {"social_ties"}, set()),
    (without(bureau=None), {"bureau_score"}, set()),
    (without(bureau=replace(KNOWN.assessed.facts.bureau, score=None)), {"bureau_score"}, set()),
    (without(bureau=replace(KNOWN.assessed.facts.bureau, reported_on=date(2026, 1, 1))), {"bureau_score"}, set()),
]


@pytest.mark.parametrize(("facts", "indicators", "codes"), CASES)
def test_an_indicator_without_its_fact_says_why_and_is_still_there(facts, indicators, codes):
    found = rules.verdict(facts, POLICIES)
    assert rules_run(found)[0] == INDICATORS
    silent = {row.code for row in found.assessment.indicators if row.value is None}
    assert silent == indicators
    assert all(row.reason_code not in ("met", "met_in_part", "below", "above", "too_many")
               for row in found.assessment.indicators if row.code in indicators)
    told = {code.split(".")[1] for code in found.missing if code.startswith("assessment.")}
    assert told == indicators
    assert codes == {code for code in found.missing if not code.startswith("assessment.")}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"verified_monthly_income_fen": None}, {
            "limits.segment.income_not_known", "limits.debt_to_income.income_not_known", "origination.income_test.not_asked"}),
        ({"verified_monthly_income_fen": None, "declared_monthly_income_fen": 600_000}, {"origination.income_test.not_asked"}),
        ({"verified_monthly_income_fen": None, "product": "invited_cash_loan", "declared_monthly_income_fen": 600_000},
         {"origination.income_test.not_asked"}),
        ({"requested_fen": None}, {"origination.requested_amount.not_given"}),
        ({"assessed": replace(KNOWN.assessed, credit=replace(KNOWN.assessed.credit, bureau_debt_fen=None))},
         {"limits.bureau_debt.not_known"}),
    ])
def test_a_rule_of_the_limit_without_its_fact_says_so(changes, codes):
    known, found = (rules.verdict(facts, POLICIES) for facts in (KNOWN, replace(KNOWN, **changes)))
    assert set(found.missing) == codes
    before, after = rules_run(known)[1], rules_run(found)[1]
    assert [code.replace("debt_to_income_not_known", "cap_debt_to_income") for code in after] == before


def test_every_enabled_indicator_is_covered():
    assert {code for _, indicators, _ in CASES for code in indicators} | {"repayment_record"} == set(INDICATORS)
    assert KNOWN.assessed.facts.overdue_events == 0  # our own books: always known


def test_no_optional_fact_of_the_assessment_is_forgotten():
    """A new optional fact must be put into the cases above."""
    optional = {field.name for field in fields(KNOWN.assessed.facts) if "None" in str(field.type)}
    assert optional <= {"payments_on", "effective_contacts", "contacts_on", "mean_daily_balance_fen", "balance_on", "bureau"}
