"""Telling customers that the rules which judge them change, before they do (R2.3).

A version published with a day to come is announced up to AHEAD_DAYS before that day, any other one as soon as it holds. A
run that was stopped goes on after the last customer it told.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction

from weidai.assessment import policy, rules
from weidai.assessment.models import Assessment, RulesAnnouncement
from weidai.audit.services import event_record
from weidai.messaging.services import NewNotice, notices_send_bulk
from weidai.platform import clock
from weidai.policy import selectors as packs

AHEAD_DAYS = 14
CHUNK = 1_000
_LEAST_ID = UUID(int=0)


def rules_announce(on: date) -> int:
    """Announce the newest version that holds on `on` or within AHEAD_DAYS, once; return how many customers were told now.

    Told is everybody who was ever assessed, in the app. Versions that change nothing of the assessment are noted silently.
    """
    if _is_told(on + timedelta(days=AHEAD_DAYS)):
        return 0
    for ahead in range(AHEAD_DAYS + 1):
        _begin(on + timedelta(days=ahead))
    waiting = RulesAnnouncement.objects.filter(finished_at=None).order_by("id")
    return sum(_tell_all(row) for row in waiting)


def _is_told(day: date) -> bool:
    """Say with one statement that nothing is to be done: the usual answer of every day."""
    newest = RulesAnnouncement.objects.order_by("-id").first()
    return newest is not None and newest.finished_at is not None and newest.pack_version == packs.pack(day).version


@transaction.atomic
def _begin(day: date) -> None:
    """Note the version of a day when it is another one than the newest noted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assessment.rules_announcement'))")
    version = packs.pack(day).version
    newest = RulesAnnouncement.objects.order_by("-id").first()
    if newest is not None and (newest.pack_version == version or newest.effective_on > day):
        return
    replaces = newest.pack_version if newest else ""
    count = len(changes_between(replaces, version))
    moment = clock.now()
    row = RulesAnnouncement.objects.create(
        pack_version=version, replaces=replaces, effective_on=day, change_count=count, begun_at=moment,
        finished_at=None if count else moment)
    if count:
        event_record("assessment.rules.announced", subject_type="assessment.rules_announcement", subject_id=row.id,
                     facts={"version": version, "replaces": replaces, "effective_on": day, "changes": count})


def changes_between(before: str, after: str) -> tuple[rules.RuleChange, ...]:
    """Return what differs between the assessment sections of two versions; nothing when there is no earlier one."""
    if not before:
        return ()
    return rules.rule_changes(*(policy.of_version(version) for version in (before, after)))


def _tell_all(row: RulesAnnouncement) -> int:
    told = 0
    while count := _tell_chunk(row.id):
        told += count
    return told


@transaction.atomic
def _tell_chunk(announcement_id: UUID) -> int:
    """Tell the next customers and note how far it went, in one transaction; 0 when it is finished."""
    row = RulesAnnouncement.objects.select_for_update().get(id=announcement_id)
    if row.finished_at is not None:
        return 0
    ids = list(Assessment.objects.filter(customer_id__gt=row.told_through or _LEAST_ID).order_by("customer_id")
               .values_list("customer_id", flat=True).distinct()[:CHUNK])
    if ids:
        values = {"effective_on": row.effective_on, "count": row.change_count}
        notices_send_bulk([NewNotice(one, "assessment.rules_changed", values) for one in ids], channels=("in_app",))
        row.told_through, row.told_count = ids[-1], row.told_count + len(ids)
    if len(ids) < CHUNK:
        row.finished_at = clock.now()
    row.save(update_fields=["told_through", "told_count", "finished_at"])
    return len(ids)
