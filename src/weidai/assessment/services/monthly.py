"""Updates of the whole population: chunks of 500 people, a fixed number of statements, one batch call, one commit each.

The monthly update (R2.3), and before it the fast track: who earned it is assessed as soon as the month's data is there
(R2.4). Where the pack's monthly update runs on the day the data arrives, both are the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from weidai.assessment import rules
from weidai.assessment.decision_kinds import ASSESSMENT, outcome_stored
from weidai.assessment.models import Assessment, PopulationRun
from weidai.assessment.policy import current
from weidai.assessment.ports import BehaviourProfile, RepaymentFacts, behaviour_data, own_loans
from weidai.assessment.scorecards.drift import drift_update
from weidai.assessment.scorecards.live import AtWork, models_at_work, scores_record
from weidai.assessment.selectors import newest_reports
from weidai.assessment.services.gather import HISTORY_MONTHS, Known, inputs_of
from weidai.assessment.services.run import assessment_build, policy_for
from weidai.audit.services import NewEvent, events_record
from weidai.identity import selectors as identity
from weidai.identity.selectors import AssessmentPerson
from weidai.kernel.days import months_later
from weidai.messaging.services import NewNotice, notices_send_bulk
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.policy.services import Made, shadow_note

CHUNK = 500  # what one batch call to the data partner may ask for
DATA_DAY = 1  # the extracts of a complete month arrive with the first day of the next one (R2.5)
_LEAST_ID = UUID(int=0)
_Trigger = Assessment.Trigger
ProfilesOf = Callable[[Sequence[AssessmentPerson], date], dict[UUID, BehaviourProfile]]


@dataclass(slots=True)
class Told:
    """What a run over a book did, told while it goes on."""

    people: int = 0  # whose real name is verified
    written: int = 0
    unchanged: int = 0  # had this month's row already
    corrected: int = 0  # had one from other data
    grade_changes: int = 0
    progress: Callable[[Told], None] = lambda _: None


def assessments_run_due(on: date, *, book_id: int = 1) -> int:
    """Run what the month still waits for: from the pack's day on the monthly update, before it the fast track.

    A run that came to its end is not started again in its month; one that was missed or stopped is made up for.
    """
    trigger = _Trigger.MONTHLY if on.day >= current(on).run_day_of_month else _Trigger.FAST_TRACK
    if PopulationRun.objects.filter(book_id=book_id, month=on.replace(day=DATA_DAY), trigger=trigger).exists():
        return 0
    return _run(on, book_id, trigger)


def assessments_run_monthly(on: date, *, book_id: int = 1) -> int:
    """Assess every customer of a book whose real name is verified, for the month of `on`; return the rows written.

    Restartable: a customer who has this month's row is passed over, whatever day it was written on. A chunk that fails
    leaves earlier ones committed.
    """
    return _run(on, book_id, _Trigger.MONTHLY)


def assessments_run_from(on: date, profiles: ProfilesOf, *, told: Told, book_id: int = 1) -> Told:
    """Run the monthly update with profiles from elsewhere, an extract: who has this month's row keeps it if the data say the
    same, and gets a corrected one beside it if not (R2.3, R2.5)."""
    _run(on, book_id, _Trigger.MONTHLY, profiles=profiles, told=told)
    return told


def assessments_run_fast_track(on: date, *, book_id: int = 1) -> int:
    """Assess now, not at the next monthly update, whose last three months average five payments a day or more (R2.4).

    Restartable like the monthly update; return the rows written.
    """
    return _run(on, book_id, _Trigger.FAST_TRACK)


def _run(
    on: date, book_id: int, trigger: str, *, profiles: ProfilesOf | None = None, told: Told | None = None,
) -> int:
    told = told or Told()
    if profiles is None and trigger == _Trigger.MONTHLY:
        from weidai.assessment.services.population import extract_is_ready, extract_profiles

        month = months_later(on.replace(day=DATA_DAY), -1)
        if extract_is_ready(month):  # the month was loaded: nobody needs to be asked
            with extract_profiles(month) as found:
                return _run(on, book_id, trigger, profiles=found, told=told)
    after, at_work = _LEAST_ID, models_at_work()
    while people := identity.assessment_people(book_id=book_id, after=after, limit=CHUNK):
        after = people[-1].customer_id
        verified = [person for person in people if person.is_real_name]
        told.people += len(verified)
        _chunk(verified, on, trigger, at_work, profiles=profiles, told=told)
        told.progress(told)
    PopulationRun.objects.bulk_create(
        [PopulationRun(book_id=book_id, month=on.replace(day=DATA_DAY), trigger=trigger, finished_at=clock.now())],
        ignore_conflicts=True)
    drift_update(on, at_work)
    return told.written


def _chunk(
    people: Sequence[AssessmentPerson], on: date, trigger: str, at_work: Sequence[AtWork], *,
    profiles: ProfilesOf | None, told: Told,
) -> None:
    ids = [person.customer_id for person in people]
    before = _newest_of_month(ids, on) if profiles is not None else {}
    done = set() if profiles is not None else _done(ids, on, trigger)
    waiting = [person for person in people if person.customer_id not in done]
    told.unchanged += len(people) - len(waiting)
    if not waiting:
        return
    version, policy = policy_for(on)
    rows = []
    for known in _known(waiting, on, profiles or _profiles):
        earlier = before.get(known.customer_id)
        used = inputs_of(known, on=earlier.assessed_on if earlier else on)
        if trigger == _Trigger.FAST_TRACK and not rules.is_fast_track(used.facts, policy, on=on):
            continue
        row = assessment_build(known, used, rules.assess(used.facts, policy, on=used.on), version=version, trigger=trigger)
        if earlier is None:
            rows.append(row)
        elif _is_same(earlier, row):
            told.unchanged += 1
        else:  # told differently by now: the earlier row stays, the new one counts
            row.trigger, row.cause_id = _Trigger.CORRECTED, uuid7()
            rows.append(row)
            told.corrected += 1
    told.written += _write(rows, on, trigger, at_work, told=told)


def _newest_of_month(ids: Sequence[UUID], on: date) -> dict[UUID, Assessment]:
    """Return each one's newest monthly row of this month."""
    first = on.replace(day=DATA_DAY)
    rows = Assessment.objects.filter(customer_id__in=ids, trigger__in=(_Trigger.MONTHLY, _Trigger.CORRECTED),
                                     assessed_on__gte=first, assessed_on__lt=months_later(first, 1))
    return {row.customer_id: row for row in rows.order_by("customer_id", "assessed_at", "id")}


def _is_same(earlier: Assessment, row: Assessment) -> bool:
    """Say whether the data of the month are the same; day of the run, own loans and credit report have their own dates."""
    kept = ("months", "mean_daily_balance_fen", "effective_contacts", "has_payment_consent", "has_social_consent")
    return all(earlier.inputs["facts"].get(name) == row.inputs["facts"][name] for name in kept)


def _done(ids: Sequence[UUID], on: date, trigger: str) -> set[UUID]:
    """Return who has this month's row already; the fast track has nothing to bring forward once the month's is there."""
    counts = [trigger] if trigger == _Trigger.MONTHLY else [_Trigger.MONTHLY, trigger]
    first = on.replace(day=DATA_DAY)
    rows = Assessment.objects.filter(customer_id__in=ids, trigger__in=counts, assessed_on__gte=first,
                                     assessed_on__lt=months_later(first, 1))
    return set(rows.values_list("customer_id", flat=True))


def _known(people: Sequence[AssessmentPerson], on: date, profiles_of: ProfilesOf) -> list[Known]:
    """Return what is known about each: our own facts with two bulk reads, profiles with one call to the partner."""
    ids = [person.customer_id for person in people]
    reports = newest_reports([person.customer_id for person in people if person.has_report_consent])
    repayments, profiles = own_loans().repayment_facts_for(ids, on=on), profiles_of(people, on)
    return [
        Known(customer_id=person.customer_id, has_payment_consent=person.has_payment_consent,
              has_social_consent=person.has_social_consent, has_report_consent=person.has_report_consent,
              has_type_i_default_card=person.has_type_i_default_card, profile=profiles.get(person.customer_id),
              report=reports.get(person.customer_id),
              repayment=repayments.get(person.customer_id, RepaymentFacts()))
        for person in people]


def _profiles(people: Sequence[AssessmentPerson], on: date) -> dict[UUID, BehaviourProfile]:
    """Ask about the people who agreed to it, all in one call."""
    asked = [person for person in people if person.has_payment_consent or person.has_social_consent]
    if not asked:
        return {}
    answers = behaviour_data().profiles([person.id_number for person in asked], as_of=on, months=HISTORY_MONTHS)
    return {person.customer_id: answer for person, answer in zip(asked, answers, strict=True)}


@transaction.atomic
def _write(built: list[Assessment], on: date, trigger: str, at_work: Sequence[AtWork], *, told: Told) -> int:
    """Write a chunk's rows; of two runs at the same time the later one leaves out whom the earlier one wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assessment.population_run'))")
    done = _done([row.customer_id for row in built if row.cause_id is None], on, trigger)
    rows = [row for row in built if row.cause_id is not None or row.customer_id not in done]
    changed = _grade_changes(rows)
    Assessment.objects.bulk_create(rows)
    scores_record(rows, at_work)
    events_record([
        NewEvent("assessment.assessment.completed", "assessment.assessment", row.id, row.customer_id,
                 {"trigger": row.trigger, "score": row.score, "grade": row.effective_grade,
                  "pack_version": row.pack_version}) for row in rows])
    shadow_note(ASSESSMENT.code, [Made(row.customer_id, row.id, row.inputs, outcome_stored(row)) for row in rows])
    told.grade_changes += notices_send_bulk(changed, channels=("in_app",))
    return len(rows)


def _grade_changes(rows: Sequence[Assessment]) -> list[NewNotice]:
    """Return what to tell those whose grade is another one than their last assessment gave (R2.3)."""
    newest = Assessment.objects.filter(customer_id__in=[row.customer_id for row in rows])
    before = dict(newest.order_by("customer_id", "-assessed_at", "-id").distinct("customer_id")
                  .values_list("customer_id", "effective_grade"))
    return [NewNotice(row.customer_id, "assessment.updated", {"score": row.score, "grade": row.effective_grade})
            for row in rows if before.get(row.customer_id, row.effective_grade) != row.effective_grade]
