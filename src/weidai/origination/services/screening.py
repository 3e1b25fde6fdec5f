"""Screening 初审: identity, eligibility, lists, fraud, completeness; automatic and resumable (R4.2)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from weidai.audit.services import Actor
from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.messaging.services import notice_send
from weidai.origination import reasons, rules, selectors
from weidai.origination.decision_kinds import policies_of
from weidai.origination.models import OPEN_STATES, Application
from weidai.origination.policy import current
from weidai.origination.services.steps import application_locked, move, product_name, task_open
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.policy.services import decision_keep
from weidai.products import selectors as products
from weidai.risk import services as risk
from weidai.risk.selectors import DecisionRow

_NEW_NUMBER_MONTHS = 3


def screening_run(customer_id: UUID, *, application_id: UUID) -> None:
    """Screen a submitted application and send it on; called again after a crash, it goes on where it stopped."""
    with transaction.atomic():
        application = application_locked(customer_id, application_id)
        if application.state == Application.State.SUBMITTED:
            move(application, Application.State.SCREENING, by="system")
    if application.state != Application.State.SCREENING:
        return
    decision = _risk_decide(application)
    applied = _applied(application, decision)
    with transaction.atomic():
        application = application_locked(customer_id, application_id)
        if application.state == Application.State.SCREENING:
            _apply(application, applied, decision)


def _apply(application: Application, applied: rules.Applied, decision: DecisionRow) -> None:
    pack, on = policy_packs.pack(clock.today()), clock.today()
    outcome = rules.screening(applied, products.product_get(applied.product, on=on),
                              policies_of(pack, policy_packs.law(on, pack.licence_type)))
    decision_keep("screening", customer_id=application.customer_id, subject_id=application.id,
                  inputs=rules.screening_facts_json(applied), outcome=rules.screening_outcome_json(outcome))
    application.risk_decision_id = decision.id
    application.checks = [
        {"code": check.code, "state": check.state, "reasons": list(check.reason_codes), "name_zh": check.name.zh,
         "name_en": check.name.en, "zh": check.text.zh, "en": check.text.en} for check in outcome.checks]
    application.save(update_fields=["risk_decision_id", "checks"])
    if outcome.outcome == "refused":
        decline(application, [reasons.reason(check.reason_codes[0], check.text) for check in outcome.refusals],
                by="system")
    elif outcome.outcome == "to_verification":
        move(application, Application.State.VERIFICATION, by="system", codes=outcome.reason_codes)
        task = task_open(application, stage="verification", reasons=outcome.reason_codes)
        if application.expected_by is None or application.expected_by < task.due_at:
            application.expected_by = task.due_at  # a person takes longer than was told at first (R4.3)
            application.save(update_fields=["expected_by"])
    else:
        move(application, Application.State.FINAL_REVIEW, by="system")


def decline(
    application: Application, why: list[dict[str, object]], *, by: rules.Actor, note: str | None = None,
    actor: Actor | None = None,
) -> None:
    """Decline a locked application with reasons in plain words and tell the customer (R4.5)."""
    application.decline_reasons = why
    application.save(update_fields=["decline_reasons"])
    move(application, Application.State.DECLINED, by=by, codes=[str(one["code"]) for one in why], note=note,
         actor=actor)
    notice_send(application.customer_id, template="origination.declined",
                values={"product": product_name(application), "reason": _without_stop(reasons.joined(why))})


def _without_stop(text: Text) -> Text:
    """The template ends the sentence itself."""
    return Text(zh=text.zh.rstrip("。"), en=text.en.rstrip("."))


def _risk_decide(application: Application) -> DecisionRow:
    customer_id = application.customer_id
    person, customer = identity.customer_private(customer_id, purpose="risk"), identity.customer_get(customer_id)
    signals = set()
    if customer.mobile_months_in_use is not None and customer.mobile_months_in_use < _NEW_NUMBER_MONTHS:
        signals.add("mobile_number_new")
    if customer.mobile_number_status == "suspended":
        signals.add("mobile_suspended")
    return risk.decide(
        customer_id, event="application", subject_id=application.id,
        facts=risk.RiskFacts(amount_fen=application.requested_fen or 0, signals=frozenset(signals),
                             identifiers={"id_number": person.id_number, "mobile": person.mobile}))


def _applied(application: Application, decision: DecisionRow) -> rules.Applied:
    """Gather what the checks look at.

    Two accounts of one person cannot exist (the digest table has one owner per value), so that check only confirms it.
    The registry's answer stands for the ID card's photos. What the papers propose as income is tested, never counted.
    """
    customer_id, on = application.customer_id, clock.today()
    papers = selectors.application_papers(customer_id, application.id)
    twins = Application.objects.filter(customer_id=customer_id, product=application.product).exclude(id=application.id)
    return rules.Applied(
        product=application.product,
        identity_reasons=tuple((one.code, one.text) for one in identity.real_name_gate(customer_id).reasons),
        person=products.facts_for(customer_id, on=on),
        has_used_invitation=application.invitation_id is not None,
        has_other_open_application=twins.filter(state__in=OPEN_STATES).exists(),
        is_blocklisted=any(code.startswith("list_") for code in decision.reasons) and decision.is_blocked,
        risk=decision.outcome,  # type: ignore[arg-type]
        may_be_student=application.occupation == "student",
        wants_person=application.wants_person,
        requested_fen=application.requested_fen,
        papers=tuple(sorted({one.kind for one in papers})),
        corrected_papers=tuple(sorted({f"{one.kind}.{row.code}" for one in papers for row in one.fields if row.is_corrected})),
        papers_income_fen=selectors.papers_found(customer_id, application.id, pages=papers).proposal.monthly_fen,
        region_code=application.region_code, occupation=application.occupation,
        scrutiny=_scrutinized(customer_id),
    )


def _scrutinized(customer_id: UUID) -> rules.Scrutinized:
    """What identity remarked, without what means nothing here: specimens are all a demonstration has."""
    found = identity.identity_remarks(customer_id, days=current(clock.today()).scrutiny.look_back_days)
    card = found.id_card
    return rules.Scrutinized(
        face_signals=found.face_signals, face_consistency_e3=found.face_consistency_e3, other_faces=found.other_faces,
        refused_captures=found.refused_captures,
        id_card_source=card.source if card else "", id_card_corrected=card.corrected if card else (),
        id_card_doubts=tuple(code for code in card.doubts if code != "marked" or not settings.DEMO) if card else (),
        id_card_faults=card.faults if card else (), registry_refusals=found.registry_refusals,
        staff_video=found.staff_video, accounts_on_devices=found.accounts_on_devices)
