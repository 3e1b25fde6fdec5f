"""Measures that are one number already: contacts, balance, own overdue events, the bureau's score (R2.1)."""

# ruff: noqa: ARG001 - every measure has the same parameters, used or not

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from weidai.assessment.measures.columns import place_of
from weidai.assessment.measures.payments import without_payments
from weidai.assessment.measures.registry import Measure, Reading, VectorReading, measure_add

if TYPE_CHECKING:
    from weidai.assessment.measures.columns import FactColumns
    from weidai.assessment.policy import AssessmentPolicy
    from weidai.assessment.rules.facts import ProfileFacts


def _contacts_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    if not facts.has_social_consent:
        return Reading(None, None, "no_consent")
    if facts.effective_contacts is None:
        return Reading(None, facts.contacts_on, "no_data")
    return Reading(facts.effective_contacts, facts.contacts_on)


def _contacts_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    has_consent, contacts = facts.fact("has_social_consent"), facts.fact("effective_contacts")
    silence = nw.when(contacts.is_null()).then(nw.lit(place_of("no_data"))).otherwise(nw.lit(0))
    return VectorReading(nw.when(has_consent).then(contacts),
                         nw.when(has_consent).then(silence).otherwise(nw.lit(place_of("no_consent"))))


def _balance_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    if facts.mean_daily_balance_fen is None:
        return without_payments(facts, "no_data")
    return Reading(facts.mean_daily_balance_fen, facts.balance_on)


def _balance_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    balance = facts.fact("mean_daily_balance_fen")
    return VectorReading(
        balance, nw.when(balance.is_null()).then(facts.without_payments("no_data")).otherwise(nw.lit(0)))


def _overdue_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    return Reading(facts.overdue_events, on)


def _overdue_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    events = facts.fact("overdue_events")
    return VectorReading(events, nw.when(events.is_null()).then(nw.lit(place_of("no_data"))).otherwise(nw.lit(0)))


def _bureau_read(facts: ProfileFacts, policy: AssessmentPolicy, on: date) -> Reading:
    report = facts.bureau
    if report is None:
        return Reading(None, None, facts.bureau_absence)
    if (on - report.reported_on).days > policy.bureau_maximum_age_days:
        return Reading(None, report.reported_on, "stale")
    if report.score is None:
        return Reading(None, report.reported_on, "thin_file")
    return Reading(report.score, report.reported_on)


def _bureau_express(facts: FactColumns, policy: AssessmentPolicy) -> VectorReading:
    import narwhals as nw

    age, score = facts.fact("report_age_days"), facts.fact("bureau_score")
    is_fresh = ~age.is_null() & (age <= policy.bureau_maximum_age_days)
    thin = nw.when(score.is_null()).then(nw.lit(place_of("thin_file"))).otherwise(nw.lit(0))
    return VectorReading(
        nw.when(is_fresh).then(score),
        nw.when(age.is_null()).then(facts.fact("bureau_absence")).otherwise(
            nw.when(age <= policy.bureau_maximum_age_days).then(thin).otherwise(nw.lit(place_of("stale")))))


measure_add(Measure("effective_contacts", "count", _contacts_read, _contacts_express))
measure_add(Measure("mean_daily_balance", "fen", _balance_read, _balance_express))
measure_add(Measure("overdue_events", "count", _overdue_read, _overdue_express, counts_events=True))
measure_add(Measure("bureau_score", "score", _bureau_read, _bureau_express))
