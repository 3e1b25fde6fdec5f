"""The decisions of this room that can be made again: final review and limit review; and the runner of golden cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from weidai.assessment import policy as assessment_policy
from weidai.assessment.inputs import AssessmentInputs, CreditFacts
from weidai.assessment.rules import BureauReport, MonthlyPayments, ProfileFacts
from weidai.identity import policy as identity_policy
from weidai.kernel.days import months_later
from weidai.kernel.text import Text
from weidai.limits import policy as limits_policy
from weidai.origination import policy as origination_policy
from weidai.origination import rules
from weidai.policy.pack import Pack
from weidai.policy.registry import Effect, NotDecidable
from weidai.policy.rules import LegalLimits
from weidai.policy.rules.cases import CaseFacts, CaseOutcome
from weidai.policy.services.decisions import KeptKind
from weidai.products import policy as products_policy


@lru_cache(maxsize=32)
def policies_of(pack: Pack, law: LegalLimits) -> rules.Policies:
    """Return the sections final review uses, read and checked once."""
    return rules.Policies(
        assessment=assessment_policy.of_pack(pack, law), identity=identity_policy.of_pack(pack, law),
        limits=limits_policy.of_pack(pack, law), wages=limits_policy.wages_of_pack(pack, law),
        origination=origination_policy.of_pack(pack, law), products=products_policy.of_pack(pack, law))


class VerdictKind(KeptKind):
    """Final review, or the review of an open line: one function, two occasions."""

    def decide(self, inputs: Mapping[str, Any], on: date, pack: Pack, law: LegalLimits) -> dict[str, Any]:  # noqa: ARG002
        """Decide stored facts under a pack."""
        policies = policies_of(pack, law)
        product_of(policies.products, inputs["product"])
        return rules.outcome_json(rules.verdict(rules.facts_from_json(inputs), policies))

    def effect(self, outcome: Mapping[str, Any]) -> Effect:
        """Offered, at which grade, how much."""
        return Effect(is_approved=outcome["decision"] == "offered", grade=outcome["grade"],
                      amount_fen=outcome["amount_fen"])


class ScreeningKind(KeptKind):
    """Screening with the product's eligibility; the texts told to people are no part of what is compared."""

    def decide(self, inputs: Mapping[str, Any], on: date, pack: Pack, law: LegalLimits) -> dict[str, Any]:  # noqa: ARG002
        """Screen stored facts under a pack."""
        policies = policies_of(pack, law)
        return rules.screening_outcome_json(rules.screening(
            rules.screening_facts_from_json(inputs), product_of(policies.products, inputs["product"]), policies))

    def effect(self, outcome: Mapping[str, Any]) -> Effect:
        """Whether the application goes on."""
        return Effect(is_approved=outcome["outcome"] != "refused")


def product_of(policy: products_policy.ProductsPolicy, code: str) -> products_policy.ProductPolicy:
    """Return a product of a pack, or say that the pack cannot decide about it."""
    try:
        return policy.product(code)
    except KeyError:
        raise NotDecidable(code) from None


SCREENING = ScreeningKind("screening", Text("初审与准入", "Screening and eligibility"))
FINAL_REVIEW = VerdictKind("final_review", Text("终审", "Final review"))
LIMIT_REVIEW = VerdictKind("limit_review", Text("额度复核", "Limit review"))


def case_run(case: CaseFacts, on: date, pack: Pack, law: LegalLimits) -> CaseOutcome:
    """Decide a golden case as final review would on its day."""
    found = rules.verdict(_facts_of(case, on), policies_of(pack, law))
    return CaseOutcome(
        score=found.assessment.score, grade=found.grade, segment=found.decision.segment,
        total_fen=found.decision.total_fen, amount_fen=found.amount_fen, daily_rate_e8=found.daily_rate_e8,
        decision="offered" if found.amount_fen else "declined",
        reason=str(found.reasons[0]["code"]) if found.reasons else None)


def _facts_of(case: CaseFacts, on: date) -> rules.VerdictFacts:
    first = on.replace(day=1)
    count = len(case.monthly_spend_fen)
    months = tuple(MonthlyPayments(months_later(first, place - count), spend, case.payments_per_month)
                   for place, spend in enumerate(case.monthly_spend_fen)) if case.has_payment_consent else ()
    payments_on = on if case.has_payment_consent else None
    facts = ProfileFacts(
        months=months, payments_on=payments_on, has_payment_consent=case.has_payment_consent,
        has_social_consent=case.has_social_consent,
        effective_contacts=case.effective_contacts if case.has_social_consent else None,
        contacts_on=on if case.has_social_consent else None,
        mean_daily_balance_fen=case.mean_daily_balance_fen if case.has_payment_consent else None, balance_on=payments_on,
        overdue_events=case.overdue_events,
        bureau=BureauReport(score=case.bureau_score, reported_on=on) if case.has_report else None,
        bureau_absence="not_found", has_type_i_default_card=case.has_type_i_default_card,
        standing_notches=case.standing_notches)
    credit = CreditFacts(
        payment_volume_12m_fen=max(sum(row.spend_fen for row in months[-12:]), 0),
        other_card_limits_fen=case.other_card_limits_fen, wealth_products_fen=case.wealth_products_fen,
        bureau_debt_fen=case.bureau_debt_fen, is_employed_in_report=case.is_employed_in_report,
        own_debt_fen=case.own_debt_fen, is_overdue=case.is_overdue)
    return rules.VerdictFacts(
        product=case.product, assessed=AssessmentInputs(on=on, facts=facts, credit=credit),
        identity_strength=case.identity_strength, is_student=case.is_student, region_code=case.region_code,
        verified_monthly_income_fen=case.verified_monthly_income_fen,
        declared_monthly_income_fen=case.declared_monthly_income_fen,
        other_lines=((case.product, case.other_lines_fen),) if case.other_lines_fen else (),
        requested_fen=case.requested_fen)
