"""Final review as one pure function: facts in, offer or refusal out, the same for ever (R4.2, R5.2, R5.6).

The live decision, a replay under any pack version, the version in shadow and the golden cases all go through `verdict`.
The score is worked out here from the facts it rests on, so that a pack that scores differently decides differently.
A fact that is not known never skips a rule: the rule takes the pack's cautious answer, and `missing` names the fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from weidai.assessment import rules as assessment_rules
from weidai.assessment.inputs import AssessmentInputs, inputs_from_json, inputs_to_json
from weidai.assessment.policy import AssessmentPolicy, Grade
from weidai.identity.policy import IdentityPolicy
from weidai.limits import rules as limit_rules
from weidai.limits.policy import LimitsPolicy, WagesPolicy
from weidai.origination import reasons
from weidai.origination.rules.screening import income_test
from weidai.products.policy import ProductPolicy, ProductsPolicy

if TYPE_CHECKING:  # the section itself needs this package's calendar
    from weidai.origination.policy import OriginationPolicy

MOST_ASSESSMENT_REASONS = 3


@dataclass(frozen=True, slots=True)
class Policies:
    """The sections of one pack that final review uses."""

    assessment: AssessmentPolicy
    identity: IdentityPolicy
    limits: LimitsPolicy
    wages: WagesPolicy
    origination: OriginationPolicy
    products: ProductsPolicy


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """Everything final review decides from; numbers, codes and dates only. Amounts in fen."""

    product: str
    assessed: AssessmentInputs
    identity_strength: int
    is_student: bool
    region_code: str
    verified_monthly_income_fen: int | None
    declared_monthly_income_fen: int | None
    other_lines: tuple[tuple[str, int], ...]  # (product, approved) of the customer's other open lines
    requested_fen: int | None
    is_review: bool = False  # of an open line: it is no other line, and what was once asked for does not bind


@dataclass(frozen=True, slots=True)
class Verdict:
    """What final review found; `reasons` is empty when an amount is offered."""

    amount_fen: int
    grade: Grade
    daily_rate_e8: int | None
    assessment: assessment_rules.Assessment
    decision: limit_rules.LimitDecision
    facts: limit_rules.LimitFacts
    line_fen: int
    other_lines_fen: int
    points_below: int  # taken off for income below the wage test (R4.1)
    debt_to_income: Fraction | None  # None without known income
    reasons: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]  # facts that were not known, each with the code of what that led to


def verdict(facts: VerdictFacts, policies: Policies) -> Verdict:
    """Work out score, grade, total, line and debt-to-income."""
    used = facts.assessed
    assessed = assessment_rules.assess(used.facts, policies.assessment, on=used.on)
    grade, below = _grade(facts, assessed, policies)
    income = limit_rules.income_counted(
        verified_fen=facts.verified_monthly_income_fen, declared_fen=facts.declared_monthly_income_fen,
        province_code=facts.region_code, wages=policies.wages)
    limit_facts = limit_rules.LimitFacts(
        grade=grade, income=income, identity_strength=facts.identity_strength,
        strength_for_full_limits=policies.identity.strength_for_full_limits,
        payment_volume_12m_fen=used.credit.payment_volume_12m_fen,
        other_card_limits_fen=used.credit.other_card_limits_fen, wealth_fen=used.credit.wealth_products_fen,
        has_bureau_employment=used.credit.is_employed_in_report, is_student=facts.is_student,
        bureau_debt_fen=used.credit.bureau_debt_fen or 0)
    decision = limit_rules.limit_total(limit_facts, policies.limits)
    offered = policies.products.product(facts.product)
    consumer = {product.code for product in policies.products.products if product.is_consumer}
    others = sum(fen for product, fen in facts.other_lines if product in consumer)
    line_fen = limit_rules.line_limit(
        total_fen=decision.total_fen, other_lines_fen=others, product_minimum_fen=offered.minimum_line_fen,
        product_maximum_fen=offered.maximum_line_fen, policy=policies.limits)
    amount_fen = _at_most_requested(line_fen, facts.requested_fen, policies.limits.formula.rounding_fen)
    ratio = limit_rules.debt_to_income(
        bureau_debt_fen=used.credit.bureau_debt_fen or 0, own_debt_fen=used.credit.own_debt_fen, new_fen=amount_fen,
        income=income)
    rate = offered.daily_rate_e8(grade)
    why = _reasons(assessed, grade=grade, rate=rate, decision=decision, line_fen=line_fen,
                   is_overdue=used.credit.is_overdue,
                   is_over_indebted=limit_rules.is_over_indebted(ratio, policies.limits))
    is_nothing = rate is None if facts.is_review else bool(why)
    return Verdict(
        amount_fen=0 if is_nothing else amount_fen, grade=grade, daily_rate_e8=rate, assessment=assessed,
        decision=decision, facts=limit_facts, line_fen=line_fen, other_lines_fen=others, points_below=below,
        debt_to_income=ratio, reasons=tuple(why), missing=tuple(_missing(facts, income, assessed, offered)))


def outcome_json(found: Verdict) -> dict[str, Any]:
    """Return a verdict in its stored form: what is compared bit for bit when it is decided again."""
    return {
        "decision": "declined" if not found.amount_fen else "offered", "amount_fen": found.amount_fen,
        "score": found.assessment.score, "grade": found.grade, "segment": found.decision.segment,
        "total_fen": found.decision.total_fen, "line_fen": found.line_fen, "other_lines_fen": found.other_lines_fen,
        "daily_rate_e8": found.daily_rate_e8, "points_below": found.points_below,
        "debt_to_income": ratio_text(found.debt_to_income),
        "terms": [[term.code, term.amount_fen, term.running_fen] for term in found.decision.terms],
        "reasons": [one["code"] for one in found.reasons], "missing": list(found.missing)}


def facts_json(facts: VerdictFacts) -> dict[str, Any]:
    """Return the facts in their stored form."""
    return {
        "product": facts.product, "assessed": inputs_to_json(facts.assessed), "is_student": facts.is_student,
        "identity_strength": facts.identity_strength, "region_code": facts.region_code,
        "verified_monthly_income_fen": facts.verified_monthly_income_fen,
        "declared_monthly_income_fen": facts.declared_monthly_income_fen,
        "other_lines": [list(one) for one in facts.other_lines], "requested_fen": facts.requested_fen,
        "is_review": facts.is_review}


def facts_from_json(stored: Mapping[str, Any]) -> VerdictFacts:
    """Return the facts that were stored."""
    return VerdictFacts(**{
        **stored, "assessed": inputs_from_json(stored["assessed"]),
        "other_lines": tuple((product, fen) for product, fen in stored["other_lines"])})


def ratio_text(ratio: Fraction | None) -> str | None:
    """Return a ratio that is exact in millionths as a decimal string: "0.312500"."""
    if ratio is None:
        return None
    millionths = ratio.numerator * 10**6 // ratio.denominator
    return f"{millionths // 10**6}.{millionths % 10**6:06d}"


def _grade(
    facts: VerdictFacts, assessed: assessment_rules.Assessment, policies: Policies,
) -> tuple[Grade, int]:
    """Return the effective grade, lowered by the pack's points when verified income is below the wage test (R4.1)."""
    if facts.verified_monthly_income_fen is None:
        return assessed.grade, 0
    region, test = policies.wages.region(facts.region_code), policies.origination.income_test
    result = income_test(
        income_fen=facts.verified_monthly_income_fen, monthly_wage_fen=policies.wages.monthly_fen(facts.region_code),
        wage_multiple=test.wage_multiple, province_code=facts.region_code, wage_year=region.year,
        wage_source=region.source)
    if result.state != "below":
        return assessed.grade, 0
    base = assessment_rules.grade_at(max(assessed.score - test.points_below, 0), policies.assessment)
    return assessment_rules.grade_lowered(base, notches=assessed.standing_notches), test.points_below


def _reasons(
    assessed: assessment_rules.Assessment, *, grade: str, rate: int | None, decision: limit_rules.LimitDecision,
    line_fen: int, is_overdue: bool, is_over_indebted: bool,
) -> list[dict[str, Any]]:
    """Return why nothing is offered, the deciding reason first, then what raises the score; empty means an offer."""
    if is_overdue:
        return [reasons.final_reason("origination.overdue")]
    if rate is None:
        return [reasons.final_reason("origination.grade_too_low", grade=grade), *_score_reasons(assessed)]
    if is_over_indebted:
        return [reasons.final_reason("origination.debt_to_income")]
    if line_fen > 0:
        return []
    if decision.total_fen > 0:
        return [reasons.final_reason("origination.no_room")]
    capped_by = decision.binding
    if capped_by is not None and capped_by.code == "cap_debt_to_income":
        return [reasons.final_reason("origination.debt_to_income")]
    return [reasons.final_reason("origination.limit_below_minimum"), *_score_reasons(assessed)]


def _score_reasons(assessed: assessment_rules.Assessment) -> list[dict[str, Any]]:
    short = [one for one in assessed.reasons if one.improve is not None][:MOST_ASSESSMENT_REASONS]
    return [reasons.reason(f"assessment.{one.code}", one.improve) for one in short if one.improve is not None]


def _missing(
    facts: VerdictFacts, income: limit_rules.Income, assessed: assessment_rules.Assessment, offered: ProductPolicy,
) -> list[str]:
    """Return a code for every rule that had to decide without its fact (never a skipped rule)."""
    found = [f"assessment.{row.code}.{row.reason_code}" for row in assessed.indicators if row.value is None]
    if not facts.assessed.facts.months:
        found.append("limits.payment_volume.not_known")  # counts as nothing
    if facts.assessed.credit.bureau_debt_fen is None:
        found.append("limits.bureau_debt.not_known")  # counts as none: the report says nothing of it
    if income.monthly_fen is None:
        found += ["limits.segment.income_not_known", "limits.debt_to_income.income_not_known"]  # starter segment
    if facts.verified_monthly_income_fen is None:
        found.append("origination.income_test.income_not_verified" if not offered.skips_verification
                     else "origination.income_test.not_asked")
    if facts.requested_fen is None and not facts.is_review:
        found.append("origination.requested_amount.not_given")  # the whole line is offered
    return found


def _at_most_requested(line_fen: int, requested_fen: int | None, rounding_fen: int) -> int:
    if requested_fen is None:
        return line_fen
    return min(line_fen, requested_fen // rounding_fen * rounding_fen)
