"""The monthly update of the whole population: chunks of 500 people, one batch call and one commit each (R2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from weidai.assessment import rules
from weidai.assessment.models import Assessment
from weidai.assessment.ports import BehaviourProfile, RepaymentFacts, behaviour_data, own_loans
from weidai.assessment.services.gather import HISTORY_MONTHS, Known, inputs_of
from weidai.assessment.services.run import PURPOSE, assessment_build, known_without_profile, policy_for
from weidai.audit.services import NewEvent, events_record
from weidai.identity import selectors as identity

CHUNK = 500  # what one batch call to the data partner may ask for


def assessments_run_monthly(on: date, *, book_id: int = 1) -> int:
    """Assess every customer of a book whose real name is verified, for the month of `on`; return the rows written.

    Restartable: a customer who has this month's row is passed over. A chunk that fails leaves earlier ones committed.
    """
    written, after = 0, None
    while ids := identity.customer_ids(book_id, after=after, limit=CHUNK):
        after = ids[-1]
        written += _chunk(ids, on)
    return written


def _chunk(ids: Sequence[UUID], on: date) -> int:
    done = set(Assessment.objects.filter(customer_id__in=ids, trigger=Assessment.Trigger.MONTHLY, assessed_on=on)
               .values_list("customer_id", flat=True))
    repayments = own_loans().repayment_facts_for(ids, on=on)
    known = [known_without_profile(customer_id, repayments.get(customer_id, RepaymentFacts())) for customer_id in ids
             if customer_id not in done and identity.is_real_name(customer_id)]
    if not known:
        return 0
    profiles = _profiles(known, on)
    version, policy = policy_for(on)
    rows = []
    for one in known:
        whole = replace(one, profile=profiles.get(one.customer_id))
        used = inputs_of(whole, on=on)
        rows.append(assessment_build(whole, used, rules.assess(used.facts, policy, on=on), version=version,
                                     trigger=Assessment.Trigger.MONTHLY))
    return _write(rows)


def _profiles(known: Sequence[Known], on: date) -> dict[UUID, BehaviourProfile]:
    """Ask about the people who agreed to it, all in one call."""
    asked = [one for one in known if one.has_payment_consent or one.has_social_consent]
    if not asked:
        return {}
    numbers = [identity.customer_private(one.customer_id, purpose=PURPOSE).id_number for one in asked]
    answers = behaviour_data().profiles(numbers, as_of=on, months=HISTORY_MONTHS)
    return {one.customer_id: answer for one, answer in zip(asked, answers, strict=True)}


@transaction.atomic
def _write(rows: list[Assessment]) -> int:
    Assessment.objects.bulk_create(rows)
    events_record([
        NewEvent("assessment.assessment.completed", "assessment.assessment", row.id, row.customer_id,
                 {"trigger": row.trigger, "score": row.score, "grade": row.effective_grade,
                  "pack_version": row.pack_version}) for row in rows])
    return len(rows)
