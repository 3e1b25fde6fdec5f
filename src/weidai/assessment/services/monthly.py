"""The monthly update of the whole population: chunks of 500 people, one batch call and one commit each (R2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from weidai.assessment import rules
from weidai.assessment.models import Assessment, CreditReport
from weidai.assessment.ports import BehaviourProfile, RepaymentFacts, behaviour_data, own_loans
from weidai.assessment.services.gather import HISTORY_MONTHS, Known, inputs_of
from weidai.assessment.services.run import assessment_build, policy_for
from weidai.audit.services import NewEvent, events_record
from weidai.identity import selectors as identity
from weidai.identity.selectors import AssessmentPerson

CHUNK = 500  # what one batch call to the data partner may ask for
_LEAST_ID = UUID(int=0)


def assessments_run_monthly(on: date, *, book_id: int = 1) -> int:
    """Assess every verified customer of a book for the month of `on` and return how many rows were written.

    Restartable: a customer who has this month's row is passed over. One chunk that fails leaves earlier ones committed.
    """
    assert not connection.in_atomic_block or book_id, "each chunk commits by itself"
    written, after = 0, _LEAST_ID
    while people := identity.assessment_people(book_id=book_id, after=after, limit=CHUNK):
        after = people[-1].customer_id
        written += _chunk(people, on)
    return written


def _chunk(people: Sequence[AssessmentPerson], on: date) -> int:
    ids = [person.customer_id for person in people]
    done = set(Assessment.objects.filter(customer_id__in=ids, trigger=Assessment.Trigger.MONTHLY, assessed_on=on)
               .values_list("customer_id", flat=True))
    wanted = [person for person in people if person.customer_id not in done]
    if not wanted:
        return 0
    profiles = _profiles(wanted, on)
    reports = _newest_reports(ids)
    repayments = own_loans().repayment_facts_for(ids, on=on)
    version, policy = policy_for(on)
    rows = []
    for person in wanted:
        known = Known(
            customer_id=person.customer_id, has_payment_consent=person.has_payment_consent,
            has_social_consent=person.has_social_consent, has_type_i_default_card=person.has_type_i_default_card,
            profile=profiles.get(person.customer_id), report=reports.get(person.customer_id),
            repayment=repayments.get(person.customer_id, RepaymentFacts()))
        used = inputs_of(known, on=on)
        rows.append(assessment_build(known, used, rules.assess(used.facts, policy, on=on), version=version,
                                     trigger=Assessment.Trigger.MONTHLY))
    return _write(rows)


def _profiles(people: Sequence[AssessmentPerson], on: date) -> dict[UUID, BehaviourProfile]:
    """Ask for the people who agreed to it, all in one call."""
    asked = [person for person in people if person.has_payment_consent or person.has_social_consent]
    if not asked:
        return {}
    answers = behaviour_data().profiles([person.id_number for person in asked], as_of=on, months=HISTORY_MONTHS)
    return {person.customer_id: answer for person, answer in zip(asked, answers, strict=True)}


def _newest_reports(ids: Sequence[UUID]) -> dict[UUID, CreditReport]:
    newest = CreditReport.objects.filter(customer_id__in=ids).order_by("customer_id", "-queried_at", "-id")
    return {report.customer_id: report for report in newest.distinct("customer_id")}


@transaction.atomic
def _write(rows: list[Assessment]) -> int:
    Assessment.objects.bulk_create(rows)
    events_record([
        NewEvent("assessment.assessment.completed", "assessment.assessment", row.id, row.customer_id,
                 {"trigger": row.trigger, "score": row.score, "grade": row.effective_grade,
                  "pack_version": row.pack_version}) for row in rows])
    return len(rows)
