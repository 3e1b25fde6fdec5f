"""One customer's assessment: ask, score, store; and re-run what was stored (R2.2, R2.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from weidai.assessment import rules, selectors
from weidai.assessment.decision_kinds import ASSESSMENT, outcome_stored
from weidai.assessment.errors import AssessmentNotFound, CreditReportNotAuthorized
from weidai.assessment.inputs import AssessmentInputs, inputs_to_json
from weidai.assessment.models import Assessment, CreditReport
from weidai.assessment.policy import AssessmentPolicy, of_pack
from weidai.assessment.ports import RepaymentFacts, behaviour_data, credit_bureau, own_loans
from weidai.assessment.scorecards.live import models_at_work, scores_record
from weidai.assessment.services.gather import (
    CREDIT_REPORT_CONSENT,
    HISTORY_MONTHS,
    PAYMENT_CONSENT,
    SOCIAL_CONSENT,
    Known,
    inputs_of,
)
from weidai.audit.services import event_record
from weidai.identity import selectors as identity
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.policy.services import Made, shadow_note

PURPOSE = "assessment"


def assessment_run(
    customer_id: UUID, *, trigger: str, cause_id: UUID | None = None, bureau_reason: str | None = None,
) -> selectors.AssessmentRow:
    """Assess a customer now and return the stored result; the same trigger and cause again returns the first one.

    Partners are asked first, outside any transaction. `bureau_reason` (loan_approval, limit_review, post_loan) asks the
    bureau for a new report and needs the consent `credit_report`; without it the newest stored report counts.
    """
    if cause_id is not None:
        done = Assessment.objects.filter(customer_id=customer_id, trigger=trigger, cause_id=cause_id).first()
        if done is not None:
            return selectors.assessment_row(done)
    if bureau_reason is not None:
        credit_report_query(customer_id, reason=bureau_reason)
    on = clock.today()
    known = _ask(customer_id, on)
    with transaction.atomic():
        assessment = _store(known, inputs_of(known, on=on), trigger=trigger, cause_id=cause_id)
    return selectors.assessment_row(assessment)


def credit_report_query(customer_id: UUID, *, reason: str) -> CreditReport:
    """Query the bureau under the customer's standing authorization and keep the report once."""
    authorization = identity.consent_in_force(customer_id, CREDIT_REPORT_CONSENT)
    if authorization is None:
        raise CreditReportNotAuthorized
    authorization_id = authorization.id
    person = identity.customer_private(customer_id, purpose="credit_report")
    answer = credit_bureau().report(name=person.name, id_number=person.id_number, authorization_id=authorization_id,
                                    reason=reason)
    with transaction.atomic():
        report, is_new = CreditReport.objects.get_or_create(
            customer_id=customer_id, report_ref=answer.report_id,
            defaults={
                "authorization_id": authorization_id, "reason": reason, "is_found": answer.found, "score": answer.score,
                "total_debt_fen": answer.total_debt_fen, "monthly_payment_fen": answer.monthly_payment_fen,
                "overdue_24m_count": answer.overdue_24m_count, "credit_card_limit_fen": answer.credit_card_limit_fen,
                "inquiries_3m": answer.inquiries_3m, "is_employed": answer.employer is not None,
                "employer": answer.employer, "employed_since": answer.employed_since or "", "as_of": answer.as_of,
                "queried_at": clock.now()})
        if is_new:
            event_record("assessment.credit_report.queried", customer_id=customer_id,
                         subject_type="assessment.credit_report", subject_id=report.id,
                         facts={"reason": reason, "authorization_id": str(authorization_id), "found": answer.found})
    return report


def assessment_replay(customer_id: UUID, *, assessment_id: UUID) -> rules.Assessment:
    """Run the stored inputs through the stored pack version again and return the outcome (R2.2)."""
    stored = Assessment.objects.filter(customer_id=customer_id, id=assessment_id).first()
    if stored is None:
        raise AssessmentNotFound
    return replayed(stored)


def replayed(stored: Assessment) -> rules.Assessment:
    """Return the outcome of a stored assessment's inputs under its own pack version."""
    return selectors.outcome_of(stored)


def policy_for(on: date) -> tuple[str, AssessmentPolicy]:
    """Return version and assessment section of the pack in force on a day."""
    pack = policy_packs.pack(on)
    return pack.version, of_pack(pack, policy_packs.law(on, pack.licence_type))


def known_without_profile(customer_id: UUID, repayment: RepaymentFacts) -> Known:
    """Return what we know ourselves about a customer; the data partner's profile is still to be asked for."""
    card = identity.default_card(customer_id)
    has_report_consent = identity.has_consent(customer_id, CREDIT_REPORT_CONSENT)
    return Known(
        customer_id=customer_id, has_payment_consent=identity.has_consent(customer_id, PAYMENT_CONSENT),
        has_social_consent=identity.has_consent(customer_id, SOCIAL_CONSENT), has_report_consent=has_report_consent,
        has_type_i_default_card=card is not None and card.account_class == "I", profile=None,
        report=selectors.newest_report(customer_id) if has_report_consent else None,
        repayment=repayment)


def _ask(customer_id: UUID, on: date) -> Known:
    known = known_without_profile(customer_id, own_loans().repayment_facts(customer_id, on=on))
    if not (known.has_payment_consent or known.has_social_consent):
        return known
    person = identity.customer_private(customer_id, purpose=PURPOSE)
    return replace(known, profile=behaviour_data().profile(person.id_number, as_of=on, months=HISTORY_MONTHS))


def _store(known: Known, inputs: AssessmentInputs, *, trigger: str, cause_id: UUID | None) -> Assessment:
    version, policy = policy_for(inputs.on)
    outcome = rules.assess(inputs.facts, policy, on=inputs.on)
    row = assessment_build(known, inputs, outcome, version=version, trigger=trigger, cause_id=cause_id)
    if cause_id is not None:  # a twin that was faster keeps its row
        row, is_new = Assessment.objects.get_or_create(
            customer_id=known.customer_id, trigger=trigger, cause_id=cause_id,
            defaults={field.attname: getattr(row, field.attname) for field in Assessment._meta.concrete_fields
                      if field.attname not in ("customer_id", "trigger", "cause_id")})
        if not is_new:
            return row
    else:
        row.save(force_insert=True)
    scores_record([row], models_at_work())
    event_record("assessment.assessment.completed", customer_id=known.customer_id, subject_type="assessment.assessment",
                 subject_id=row.id, facts={"trigger": trigger, "score": row.score, "grade": row.effective_grade,
                                           "pack_version": version})
    shadow_note(ASSESSMENT.code, [Made(row.customer_id, row.id, row.inputs, outcome_stored(row))])
    return row


def assessment_build(
    known: Known, inputs: AssessmentInputs, outcome: rules.Assessment, *, version: str, trigger: str,
    cause_id: UUID | None = None,
) -> Assessment:
    """Return the row of an outcome, not yet saved."""
    return Assessment(
        customer_id=known.customer_id, trigger=trigger, cause_id=cause_id, assessed_on=inputs.on,
        assessed_at=clock.now(), pack_version=version, inputs=inputs_to_json(inputs),
        indicators=[{"code": row.code, "points": row.points, "maximum_points": row.maximum_points, "is_met": row.is_met,
                     "value": None if row.value is None else str(row.value), "reason_code": row.reason_code}
                    for row in outcome.indicators],
        bonuses=[{"code": bonus.code, "points": bonus.points} for bonus in outcome.bonuses],
        score=outcome.score, grade=outcome.base_grade, standing_notches=outcome.standing_notches,
        effective_grade=outcome.grade, credit_report=known.report)
