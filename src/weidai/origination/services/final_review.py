"""Final review 终审: credit report, re-score, limit with every term, offer or decline (R4.2, R5.2, R5.6)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import transaction

from weidai.assessment import policy as assessment_policy
from weidai.assessment import rules as assessment_rules
from weidai.assessment import selectors as assessment
from weidai.assessment import services as assessments
from weidai.assessment.errors import CreditReportNotAuthorized
from weidai.assessment.policy import Grade
from weidai.audit.services import event_record
from weidai.identity import policy as identity_policy
from weidai.identity import selectors as identity
from weidai.kernel.days import shanghai_date
from weidai.limits import policy as limits_policy
from weidai.limits import rules as limit_rules
from weidai.limits import selectors as limits
from weidai.limits.selectors import LineRow
from weidai.messaging.services import notice_send
from weidai.origination import reasons, rules
from weidai.origination.models import Application, ApplicationEvent, Offer
from weidai.origination.policy import current
from weidai.origination.services.screening import decline
from weidai.origination.services.steps import application_locked, move, product_name
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.products import policy as products_policy
from weidai.products import selectors as products

MOST_ASSESSMENT_REASONS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What final review found; `reasons` is empty when an amount is offered."""

    amount_fen: int
    grade: str
    daily_rate_e8: int | None
    decision: limit_rules.LimitDecision
    debt_to_income: str | None  # "0.312500"; None without known income
    inputs: dict[str, Any]
    reasons: list[dict[str, Any]]


def final_review_run(customer_id: UUID, *, application_id: UUID) -> None:
    """Decide an application in final review; called again after a crash, it gives the same answer once.

    The bureau and the data partner are asked before the transaction that stores the decision.
    """
    application = Application.objects.filter(customer_id=customer_id, id=application_id).first()
    if application is None or application.state != Application.State.FINAL_REVIEW:
        return
    entered = ApplicationEvent.objects.filter(
        customer_id=customer_id, application=application, to_state=Application.State.FINAL_REVIEW).latest("sequence")
    try:
        row = assessments.assessment_run(customer_id, trigger="application", cause_id=entered.id,
                                         bureau_reason="loan_approval")
    except CreditReportNotAuthorized:
        with transaction.atomic():
            application = application_locked(customer_id, application_id)
            if application.state == Application.State.FINAL_REVIEW:
                decline(application, [reasons.final_reason("origination.credit_report_consent_withdrawn")], by="system")
        return
    with transaction.atomic():
        application = application_locked(customer_id, application_id)
        if application.state == Application.State.FINAL_REVIEW:
            _conclude(application, row)


def _conclude(application: Application, row: assessment.AssessmentRow) -> None:
    found = verdict_for(application, row)
    application.assessment_id = row.id
    application.save(update_fields=["assessment_id"])
    event_record("origination.final_review.concluded", customer_id=application.customer_id,
                 subject_type="origination.application", subject_id=application.id,
                 facts={"assessment_id": str(row.id), "grade": found.grade, "total_fen": found.decision.total_fen,
                        "amount_fen": found.amount_fen, "segment": found.decision.segment,
                        "debt_to_income": found.debt_to_income,
                        "pack_version": policy_packs.pack(clock.today()).version})
    if found.reasons:
        decline(application, found.reasons, by="system")
        return
    assert found.daily_rate_e8 is not None, "a product closed to the grade is a reason above"
    on, moment = clock.today(), clock.now()
    offer = Offer.objects.create(
        customer_id=application.customer_id, application=application, amount_fen=found.amount_fen, grade=found.grade,
        daily_rate_e8=found.daily_rate_e8, segment=found.decision.segment, terms=terms_stored(found.decision),
        inputs=found.inputs, pack_version=policy_packs.pack(on).version, made_at=moment,
        valid_until=moment + timedelta(days=current(on).offer_valid_days))
    move(application, Application.State.OFFERED, by="system")
    notice_send(application.customer_id, template="origination.offered",
                values={"product": product_name(application), "amount_fen": offer.amount_fen,
                        "until_on": shanghai_date(offer.valid_until).isoformat()})


def verdict_for(
    application: Application, row: assessment.AssessmentRow, *, reviewed: LineRow | None = None,
) -> Verdict:
    """Work out grade, total, line and debt-to-income from a stored assessment; writes nothing.

    With `reviewed` the line itself is looked at again: it is no other line, and what was once asked for does not bind.
    """
    on, customer_id = clock.today(), application.customer_id
    policy, wages = limits_policy.current(on), limits_policy.wages(on)
    used = assessment.inputs(customer_id, row.id)
    grade, below = _grade(application, row)
    income = limit_rules.income_counted(
        verified_fen=application.verified_monthly_income_fen, declared_fen=application.declared_monthly_income_fen,
        province_code=application.region_code, wages=wages)
    facts = limit_rules.LimitFacts(
        grade=grade, income=income, identity_strength=identity.identity_strength(customer_id).points,
        strength_for_full_limits=identity_policy.current(on).strength_for_full_limits,
        payment_volume_12m_fen=used.credit.payment_volume_12m_fen,
        other_card_limits_fen=used.credit.other_card_limits_fen, wealth_fen=used.credit.wealth_products_fen,
        has_bureau_employment=used.credit.is_employed_in_report, is_student=application.occupation == "student",
        bureau_debt_fen=used.credit.bureau_debt_fen or 0)
    decision = limit_rules.limit_total(facts, policy)
    offered = products.product_get(application.product, on=on)
    other_lines_fen = limits.approved_total_fen(customer_id, products=consumer_products(on))
    requested_fen = application.requested_fen
    if reviewed is not None:
        other_lines_fen, requested_fen = other_lines_fen - reviewed.approved_fen, None
    line_fen = limit_rules.line_limit(
        total_fen=decision.total_fen, other_lines_fen=other_lines_fen, product_minimum_fen=offered.minimum_line_fen,
        product_maximum_fen=offered.maximum_line_fen, policy=policy)
    amount_fen = _at_most_requested(line_fen, requested_fen, policy.formula.rounding_fen)
    ratio = limit_rules.debt_to_income(bureau_debt_fen=used.credit.bureau_debt_fen or 0,
                                       own_debt_fen=used.credit.own_debt_fen, new_fen=amount_fen, income=income)
    rate = offered.daily_rate_e8(grade)
    why = _reasons(row, grade=grade, rate=rate, decision=decision, line_fen=line_fen, is_overdue=used.credit.is_overdue,
                   is_over_indebted=limit_rules.is_over_indebted(ratio, policy))
    inputs = {**asdict(facts), "other_lines_fen": other_lines_fen, "requested_fen": requested_fen,
              "own_debt_fen": used.credit.own_debt_fen, "assessment_id": str(row.id), "points_below": below,
              "debt_to_income": _ratio_text(ratio)}
    is_nothing = bool(why) if reviewed is None else rate is None
    return Verdict(amount_fen=0 if is_nothing else amount_fen, grade=grade, daily_rate_e8=rate, decision=decision,
                   debt_to_income=_ratio_text(ratio), inputs=inputs, reasons=why)


def terms_stored(decision: limit_rules.LimitDecision) -> list[dict[str, Any]]:
    """Return each term of the formula in its stored form (R5.2)."""
    return [{"code": term.code, "label_zh": term.label.zh, "label_en": term.label.en, "amount_fen": term.amount_fen,
             "running_fen": term.running_fen, "detail_zh": term.detail.zh, "detail_en": term.detail.en}
            for term in decision.terms]


def _grade(application: Application, row: assessment.AssessmentRow) -> tuple[Grade, int]:
    """Return the effective grade, lowered by the pack's points when verified income is below the wage test (R4.1)."""
    on = clock.today()
    policy, wages = current(on), limits_policy.wages(on)
    if application.verified_monthly_income_fen is None:
        return cast(Grade, row.grade), 0
    region = wages.region(application.region_code)
    test = rules.income_test(
        income_fen=application.verified_monthly_income_fen, monthly_wage_fen=wages.monthly_fen(application.region_code),
        wage_multiple=policy.income_test.wage_multiple, province_code=application.region_code, wage_year=region.year,
        wage_source=region.source)
    if test.state != "below":
        return cast(Grade, row.grade), 0
    points = policy.income_test.points_below
    base = assessment_rules.grade_at(max(row.score - points, 0), assessment_policy.current(on))
    return assessment_rules.grade_lowered(base, notches=row.standing_notches), points


def _reasons(
    row: assessment.AssessmentRow, *, grade: str, rate: int | None, decision: limit_rules.LimitDecision, line_fen: int,
    is_overdue: bool, is_over_indebted: bool,
) -> list[dict[str, Any]]:
    """Return why nothing is offered, the deciding reason first, then what raises the score; empty means an offer."""
    if is_overdue:
        return [reasons.final_reason("origination.overdue")]
    if rate is None:
        return [reasons.final_reason("origination.grade_too_low", grade=grade), *_score_reasons(row)]
    if is_over_indebted:
        return [reasons.final_reason("origination.debt_to_income")]
    if line_fen > 0:
        return []
    if decision.total_fen > 0:
        return [reasons.final_reason("origination.no_room")]
    capped_by = decision.binding
    if capped_by is not None and capped_by.code == "cap_debt_to_income":
        return [reasons.final_reason("origination.debt_to_income")]
    return [reasons.final_reason("origination.limit_below_minimum"), *_score_reasons(row)]


def _score_reasons(row: assessment.AssessmentRow) -> list[dict[str, Any]]:
    short = [one for one in row.result.reasons if one.improve is not None][:MOST_ASSESSMENT_REASONS]
    return [reasons.reason(f"assessment.{one.code}", one.improve) for one in short if one.improve is not None]


def _at_most_requested(line_fen: int, requested_fen: int | None, rounding_fen: int) -> int:
    if requested_fen is None:
        return line_fen
    return min(line_fen, requested_fen // rounding_fen * rounding_fen)


def consumer_products(on: date) -> tuple[str, ...]:
    """Return the products whose lines share one total (R5.2)."""
    return tuple(product.code for product in products_policy.current(on).products if product.is_consumer)


def _ratio_text(ratio: Any) -> str | None:
    """Return a ratio that is exact in millionths as a decimal string."""
    if ratio is None:
        return None
    millionths = ratio.numerator * 10**6 // ratio.denominator
    return f"{millionths // 10**6}.{millionths % 10**6:06d}"
