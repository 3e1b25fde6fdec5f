"""Final review 终审: credit report, re-score, limit with every term, offer or decline (R4.2, R5.2, R5.6)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from weidai.assessment import selectors as assessment
from weidai.assessment import services as assessments
from weidai.assessment.errors import CreditReportNotAuthorized
from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.kernel.days import shanghai_date
from weidai.limits import rules as limit_rules
from weidai.limits import selectors as limits
from weidai.limits.selectors import LineRow
from weidai.messaging.services import notice_send
from weidai.origination import reasons, rules
from weidai.origination.decision_kinds import policies_of
from weidai.origination.models import Application, ApplicationEvent, Offer
from weidai.origination.policy import current
from weidai.origination.rules import Verdict, VerdictFacts
from weidai.origination.services.screening import decline
from weidai.origination.services.steps import application_locked, move, product_name
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.policy.services import decision_keep
from weidai.products import policy as products_policy


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
    facts, found = verdict_for(application, row)
    application.assessment_id = row.id
    application.save(update_fields=["assessment_id"])
    outcome, on, moment = rules.outcome_json(found), clock.today(), clock.now()
    version = policy_packs.pack(on).version
    event_record("origination.final_review.concluded", customer_id=application.customer_id,
                 subject_type="origination.application", subject_id=application.id,
                 facts={"assessment_id": str(row.id), "grade": found.grade, "total_fen": found.decision.total_fen,
                        "amount_fen": found.amount_fen, "segment": found.decision.segment,
                        "debt_to_income": outcome["debt_to_income"], "pack_version": version})
    decision_keep("final_review", customer_id=application.customer_id, subject_id=row.id,
                  inputs=rules.facts_json(facts), outcome=outcome)
    if found.reasons:
        decline(application, [dict(one) for one in found.reasons], by="system")
        return
    assert found.daily_rate_e8 is not None, "a product closed to the grade is a reason above"
    offer = Offer.objects.create(
        customer_id=application.customer_id, application=application, amount_fen=found.amount_fen, grade=found.grade,
        daily_rate_e8=found.daily_rate_e8, segment=found.decision.segment, terms=terms_stored(found.decision),
        inputs=_inputs_stored(facts, found, row), pack_version=version, made_at=moment,
        valid_until=moment + timedelta(days=current(on).offer_valid_days))
    move(application, Application.State.OFFERED, by="system")
    notice_send(application.customer_id, template="origination.offered",
                values={"product": product_name(application), "amount_fen": offer.amount_fen,
                        "until_on": shanghai_date(offer.valid_until).isoformat()})


def _inputs_stored(facts: VerdictFacts, found: Verdict, row: assessment.AssessmentRow) -> dict[str, Any]:
    """Return what the offer's page shows of the decision's inputs; the whole of them is kept with the decision."""
    return {**asdict(found.facts), "other_lines_fen": found.other_lines_fen, "requested_fen": facts.requested_fen,
            "own_debt_fen": facts.assessed.credit.own_debt_fen, "assessment_id": str(row.id),
            "points_below": found.points_below, "debt_to_income": rules.ratio_text(found.debt_to_income)}


def verdict_for(
    application: Application, row: assessment.AssessmentRow, *, reviewed: LineRow | None = None,
) -> tuple[VerdictFacts, Verdict]:
    """Gather what a decision rests on and decide under the pack in force; writes nothing.

    With `reviewed` the line itself is looked at again: it is no other line, and what was once asked for does not bind.
    """
    customer_id = application.customer_id
    lines = [line for line in limits.lines_for(customer_id) if reviewed is None or line.id != reviewed.id]
    facts = VerdictFacts(
        product=application.product, assessed=assessment.inputs(customer_id, row.id),
        identity_strength=identity.identity_strength(customer_id).points, is_student=application.occupation == "student",
        region_code=application.region_code, verified_monthly_income_fen=application.verified_monthly_income_fen,
        declared_monthly_income_fen=application.declared_monthly_income_fen,
        other_lines=tuple(sorted((line.product, line.approved_fen) for line in lines)),
        requested_fen=application.requested_fen if reviewed is None else None, is_review=reviewed is not None)
    pack = policy_packs.pack(clock.today())
    return facts, rules.verdict(facts, policies_of(pack, policy_packs.law(clock.today(), pack.licence_type)))


def terms_stored(decision: limit_rules.LimitDecision) -> list[dict[str, Any]]:
    """Return each term of the formula in its stored form (R5.2)."""
    return [{"code": term.code, "label_zh": term.label.zh, "label_en": term.label.en, "amount_fen": term.amount_fen,
             "running_fen": term.running_fen, "detail_zh": term.detail.zh, "detail_en": term.detail.en}
            for term in decision.terms]


def consumer_products(on: date) -> tuple[str, ...]:
    """Return the products whose lines share one total (R5.2)."""
    return tuple(product.code for product in products_policy.current(on).products if product.is_consumer)
